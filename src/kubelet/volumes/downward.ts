// Fields of a pod, and resources of its containers, as the text of files. Kubernetes, "Downward API". Pure.
import { byteCount, milliCpu, parseQuantity } from '../../model/quantity.ts';
import type {
  Container,
  DownwardAPIVolumeFile,
  FieldSelector,
  Quantity,
  ResourceFieldSelector,
  ResourceList,
  StoredOf,
} from '../../model/resource.ts';
import { allContainersOf } from '../../model/workload.ts';
import type { NodeCapacity } from '../spec/resources.ts';

/** What is unset as a limit is all that the node can give (Kubernetes, "Downward API", fallback information for resource limits). */
export type Allocatable = Pick<NodeCapacity, 'cpus' | 'memoryBytes'>;

export type FieldText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** What a pod shows of its own labels and annotations in its volumes: when that changes, the volumes do. Empty for most pods. */
export function shownMetadata({ metadata, spec }: StoredOf<'Pod'>): string {
  const shows = (spec.volumes ?? []).some(
    ({ downwardAPI, projected }) =>
      downwardAPI !== undefined || projected?.sources?.some((source) => source.downwardAPI) === true,
  );
  return shows ? JSON.stringify([metadata.labels, metadata.annotations]) : '';
}

/** The text of one file. */
export function fileText(file: DownwardAPIVolumeFile, pod: StoredOf<'Pod'>, node: Allocatable): FieldText {
  if (file.fieldRef !== undefined) return fieldText(file.fieldRef, pod);
  if (file.resourceFieldRef !== undefined) return resourceText(file.resourceFieldRef, pod, node);
  return { ok: true, text: '' };
}

function fieldText({ fieldPath }: FieldSelector, { metadata }: StoredOf<'Pod'>): FieldText {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (subscript !== null)
    return { ok: true, text: metadata[subscript[1] === 'labels' ? 'labels' : 'annotations']?.[subscript[2] ?? ''] ?? '' };
  switch (fieldPath) {
    case 'metadata.name':
      return { ok: true, text: metadata.name };
    case 'metadata.namespace':
      return { ok: true, text: metadata.namespace ?? 'default' };
    case 'metadata.uid':
      return { ok: true, text: metadata.uid };
    case 'metadata.labels':
      return { ok: true, text: mapText(metadata.labels) };
    case 'metadata.annotations':
      return { ok: true, text: mapText(metadata.annotations) };
    default:
      return { ok: false, message: `unsupported fieldPath: ${fieldPath}` };
  }
}

/** A map as Kubernetes writes it: a line `key="value"` for each, sorted by key, the values quoted as Go does. */
function mapText(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((key) => `${key}=${quoted(map[key] ?? '')}`)
    .join('\n');
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
/** Everything that Go's `%q` does not leave as it is: controls, formats, separators other than the space, private and unassigned ones. */
const unprintable = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

function quoted(text: string): string {
  const escaped = text.replaceAll(unprintable, (character) => {
    const known = escapes[character];
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

function resourceText(selector: ResourceFieldSelector, pod: StoredOf<'Pod'>, node: Allocatable): FieldText {
  const { containerName = '', resource, divisor } = selector;
  const container = allContainersOf(pod.spec).find(({ name }) => name === containerName);
  if (container === undefined) return { ok: false, message: `container ${containerName} not found` };
  const value = resourceValue(container, resource, divisor === undefined ? undefined : String(divisor), node);
  if (value === undefined) return { ok: false, message: `unsupported container resource : ${resource}` };
  return { ok: true, text: String(value) };
}

function amountOf(amounts: ResourceList | undefined, resource: string): Quantity | undefined {
  return new Map<string, Quantity>(Object.entries(amounts ?? {})).get(resource);
}

/**
 * A request or limit of a container in units of the divisor, rounded up (Kubernetes, ExtractContainerResourceValue). A limit that is not
 * set is what the node has; a request that is not set is the limit, else 0. Undefined for what is no such resource.
 */
export function resourceValue(
  { resources = {} }: Pick<Container, 'resources'>,
  path: string,
  divisor: string | undefined,
  node: Allocatable,
): number | undefined {
  const [kind = '', resource = ''] = path.split(/\.(.*)/);
  if (kind !== 'limits' && kind !== 'requests') return undefined;
  const limit = amountOf(resources.limits, resource);
  const set = kind === 'limits' ? limit : (amountOf(resources.requests, resource) ?? limit);
  const unit = divisor === undefined || parseQuantity(divisor) === 0 ? '1' : divisor;
  if (resource === 'cpu') {
    const milli = set === undefined && kind === 'limits' ? node.cpus * 1000 : milliCpu(set);
    return Math.ceil(milli / milliCpu(unit));
  }
  if (resource === 'memory') {
    const bytes = set === undefined && kind === 'limits' ? node.memoryBytes : byteCount(set);
    return Math.ceil(bytes / byteCount(unit));
  }
  if (resource === 'ephemeral-storage' || resource.startsWith('hugepages-')) return Math.ceil(byteCount(set) / byteCount(unit));
  return undefined;
}
