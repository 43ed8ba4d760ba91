// A resource as YAML, for people and for `kubectl`.
import { Document, Scalar, visit } from 'yaml';
import { resolvePlain } from './scalar.ts';

/** Characters that a YAML text may not hold, or that a reader takes for a line break or for the mark of an encoding. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/gu;

/** One YAML document that reads back as the same resource. The values of a Secret are printed as they are: redact first. */
export function printManifest(resource: unknown): string {
  const document = new Document(resource, { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value !== 'string') return;
      // Text that Kubernetes would take for something else, or could not read.
      const isMisread = node.value === '<<' || resolvePlain(node.value) !== node.value;
      if (isMisread || node.value.search(unprintable) !== -1) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // They are in double quotes, so that an escape means what it says.
  return document.toString({ lineWidth: 0 }).replace(unprintable, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
