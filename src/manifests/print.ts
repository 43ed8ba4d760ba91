// A resource as YAML, for people and for `kubectl`.
import { stringify } from 'yaml';
import type { Resource } from '../model/resource.ts';

/** One YAML document that reads back as the same resource. The values of a Secret are printed as they are: redact first. */
export function printManifest(resource: Resource): string {
  // The notation of YAML 1.1 makes the printer quote what Kubernetes would take for booleans and octal numbers.
  return stringify(resource, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}
