// Rules for names, namespaces, labels, annotations and selectors.
import { isNamespaced, type LabelSelector, type ObjectMeta, type Resource } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required, tooLong } from '../report.ts';
import { checkObjectName } from './names.ts';
import { checkDnsLabel, checkLabelValue, checkQualifiedName } from './syntax.ts';

const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** The metadata of an object: it needs a name; a namespace is dropped where the kind has none. */
export function checkObjectMeta({ kind, metadata }: Resource, report: Report): void {
  const { name, generateName, namespace } = metadata;
  if (name === undefined) {
    // A prefix for a name is refused as a field; the name is then not missed as well.
    if (generateName === undefined) report(['metadata', 'name'], 'Required', required());
  } else {
    const fault = checkObjectName(kind, name);
    if (fault !== undefined) report(['metadata', 'name'], 'Invalid', invalid(name, fault));
  }
  if (namespace !== undefined) {
    const fault = checkDnsLabel(namespace);
    if (!isNamespaced(kind)) {
      // As an API server does.
      delete metadata.namespace;
      report(['metadata', 'namespace'], 'NoEffect', `accepted without effect: ${kind} is a kind without namespaces`, 'note');
    } else if (fault !== undefined) report(['metadata', 'namespace'], 'Invalid', invalid(namespace, fault));
  }
  checkLabelsAndAnnotations(metadata, ['metadata'], report);
}

/** Labels and annotations, of an object or of a template. */
export function checkLabelsAndAnnotations({ labels, annotations }: ObjectMeta, path: Path, report: Report): void {
  checkLabels(labels, [...path, 'labels'], report);
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
    // Kubernetes compares annotation keys without regard to case.
    const fault = checkQualifiedName(key.toLowerCase());
    if (fault !== undefined) report([...path, 'annotations', key], 'Invalid', invalid(key, fault));
  }
  if (size > MAX_ANNOTATIONS_BYTES) report([...path, 'annotations'], 'Invalid', tooLong(MAX_ANNOTATIONS_BYTES));
}

/** Names and values of labels: of an object, or those that a selector asks for. */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, path: Path, report: Report): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const keyFault = checkQualifiedName(key);
    const valueFault = checkLabelValue(value);
    if (keyFault !== undefined) report([...path, key], 'Invalid', invalid(key, keyFault));
    else if (valueFault !== undefined) report([...path, key], 'Invalid', invalid(value, valueFault));
  }
}

/** The form of a selector; whether it selects anything is for the caller. */
export function checkSelector(selector: LabelSelector, path: Path, report: Report): void {
  checkLabels(selector.matchLabels, [...path, 'matchLabels'], report);
  for (const [index, { key, operator, values }] of (selector.matchExpressions ?? []).entries()) {
    const here = [...path, 'matchExpressions', index];
    const needsValues = operator === 'In' || operator === 'NotIn';
    const keyFault = checkQualifiedName(key);
    if (keyFault !== undefined) report([...here, 'key'], 'Invalid', invalid(key, keyFault));
    if (needsValues && (values ?? []).length === 0)
      report([...here, 'values'], 'Required', required("must be specified when `operator` is 'In' or 'NotIn'"));
    if (!needsValues && (values ?? []).length > 0)
      report([...here, 'values'], 'Invalid', forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    for (const [position, value] of (values ?? []).entries()) {
      const fault = checkLabelValue(value);
      if (fault !== undefined) report([...here, 'values', position], 'Invalid', invalid(value, fault));
    }
  }
}
