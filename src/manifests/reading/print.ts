// A resource as YAML, for people and for `kubectl`.
import { Document, Scalar, visit } from 'yaml';
import { resolvePlain } from './scalar.ts';

/** One YAML document that reads back as the same resource. The values of a Secret are printed as they are: redact first. */
export function printManifest(resource: unknown): string {
  const document = new Document(resource, { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      // Text that Kubernetes would take for something else.
      if (typeof node.value !== 'string') return;
      if (node.value === '<<' || resolvePlain(node.value) !== node.value) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
