// Whether the store holds what the files of a commit say, told by comparing the files themselves with the stored objects: without any part of
// the product that reads or compares manifests.
import { kindNaming } from '../../src/model/kinds.generated.ts';
import { APPLICATION_ANNOTATION, controllerOf, type Kind, type Stored } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/store/store.ts';

interface Written {
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The objects of a commit that are to be there: those that are no hooks, and nothing that is only for the reader. */
function objectsIn(files: Readonly<Record<string, string>>): readonly Written[] {
  return Object.values(files)
    .map((text) => JSON.parse(text) as Written)
    .filter(({ kind, metadata }) => kind !== 'Application' && metadata.annotations?.['holdfast.dev/hook'] === undefined);
}

const nameOf = ({ kind, metadata: { namespace, name } }: Written | Stored): string =>
  `${kind} ${kindNaming[kind].isNamespaced ? (namespace ?? 'default') : ''}/${name}`;

/** The first field that differs; what is written must be there, and more may be: defaults, what was admitted, status. */
function difference(written: unknown, live: unknown, path: string): string | undefined {
  // An empty list or map and none are the same to Kubernetes.
  if (typeof written === 'object' && written !== null && Object.keys(written).length === 0) return undefined;
  if (Array.isArray(written)) {
    if (!Array.isArray(live) || live.length < written.length) return `${path}: ${written.length} entries are not there`;
    return firstOf(written.map((entry, index) => difference(entry, live[index], `${path}[${index}]`)));
  }
  if (typeof written === 'object' && written !== null) {
    if (typeof live !== 'object' || live === null) return `${path} is not there`;
    return firstOf(Object.entries(written).map(([key, value]) => difference(value, Reflect.get(live, key), `${path}.${key}`)));
  }
  return written === live ? undefined : `${path} is ${String(live)}, the commit says ${String(written)}`;
}

function firstOf(found: readonly (string | undefined)[]): string | undefined {
  return found.find((each) => each !== undefined);
}

/** Claims that a StatefulSet made stay when it goes: they hold data. */
function isClaimOfSet({ kind, metadata }: Stored): boolean {
  return kind === 'PersistentVolumeClaim' && /^data-.+-\d+$/.test(metadata.name);
}

/** The first thing that is not as these files say: an object or a field that is missing or other, or an object too many. */
export function differenceFromFiles(
  files: Readonly<Record<string, string>>,
  store: StoreReader,
  application: string,
  isGone: (object: Written) => boolean,
): string | undefined {
  const wanted = objectsIn(files);
  const names = new Set(wanted.map(nameOf));
  const kinds = Object.keys(kindNaming) as Kind[];
  const live = kinds.flatMap((kind): readonly Stored[] => store.list(kind));
  const byName = new Map(live.map((object) => [nameOf(object), object]));
  const extra = live.find(
    (object) =>
      object.metadata.annotations?.[APPLICATION_ANNOTATION] === application &&
      controllerOf(object) === undefined &&
      !isClaimOfSet(object) &&
      object.metadata.annotations['holdfast.dev/hook'] === undefined &&
      !names.has(nameOf(object)),
  );
  if (extra !== undefined) return `${nameOf(extra)} is there, the commit does not have it`;
  for (const object of wanted) {
    const found = byName.get(nameOf(object));
    if (found === undefined && isGone(object)) continue;
    if (found === undefined) return `${nameOf(object)} is not there`;
    const other = difference(object, found, nameOf(object));
    if (other !== undefined) return other;
  }
  return undefined;
}
