// What an API server checks beyond types, kind by kind. Knows neither files nor places: faults are told by path.
import type { Resource } from '../../model/resource.ts';
import type { Report } from '../report.ts';
import { checkClaim } from './claim.ts';
import { checkConfigMap } from './data.ts';
import { checkObjectMeta } from './metadata.ts';
import { checkPodSpec } from './pod.ts';
import { checkDeployment, checkReplicaSet } from './workload.ts';

/** All rules of an object that fits its schema and has its defaults. Secrets have theirs beside `stringData`, in data.ts. */
export function checkRules(resource: Resource, report: Report): void {
  checkObjectMeta(resource, report);
  switch (resource.kind) {
    case 'Pod':
      return checkPodSpec(resource.spec, ['spec'], report);
    case 'Deployment':
      return checkDeployment(resource, report);
    case 'ReplicaSet':
      return checkReplicaSet(resource, report);
    case 'PersistentVolumeClaim':
      return checkClaim(resource, report);
    case 'ConfigMap':
      return checkConfigMap(resource, report);
    case 'Application':
    case 'ApplicationRevision':
    case 'Event':
    case 'Namespace':
    case 'Node':
    case 'Secret':
      return;
  }
}
