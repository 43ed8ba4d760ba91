// From a name alone to what has it: what people declare and what runs, not what was made of that for other parts to read.
import { type Kind, keyOf, keyString, type ResourceKey } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { keyOfEntry } from '../sync/order.ts';
import { kindNames, nearest } from './kinds.ts';
import { objectPhrase } from './phrases.ts';
import { UsageFault } from './usage-fault.ts';

const MAX_SUGGESTIONS = 3;
const SHOWN = 5;

/** Notes and records, which have names that nobody asks for, or those of what they are about. */
const aside: ReadonlySet<Kind> = new Set<Kind>([
  'ApplicationRevision',
  'DeletedObject',
  'Endpoints',
  'EndpointSlice',
  'Event',
  'IPAddress',
  'Lease',
]);

/** What has a name. */
export interface Named {
  readonly key: ResourceKey;
  /** What has it too. */
  readonly others: readonly ResourceKey[];
}

/**
 * What has this name in the namespace or in none: the application, as with `status`; else the one object. Throws UsageFault that gives the
 * commands when several have it or none does.
 */
export function findNamed(reader: StoreReader, namespace: string, name: string): Named {
  const known = knownKeys(reader);
  const all = known.filter((key) => key.name === name);
  const found = all.filter((key) => key.namespace === '' || key.namespace === namespace);
  const key = found.find(({ kind }) => kind === 'Application') ?? (found.length === 1 ? found[0] : undefined);
  if (key !== undefined) return { key, others: found.filter((each) => each !== key) };
  if (found.length > 0)
    throw new UsageFault(`${found.map(objectPhrase).join(' and ')} have the name "${name}": give ${commandsFor(found)}`);
  const nothing = `nothing in namespace ${namespace} has the name "${name}"`;
  if (all.length > 0) throw new UsageFault(`${nothing}, but there is ${objectPhrases(all)}: give ${commandsFor(all)}`);
  const isKind = kindNames.some(({ kind, plural, shortNames }) => [kind.toLowerCase(), plural, ...shortNames].includes(name));
  if (isKind) throw new UsageFault(`${nothing}. It is a kind: say which one, as in "holdfast why ${name} NAME"`);
  const here = known.filter((key) => key.namespace === '' || key.namespace === namespace).map((key) => key.name);
  const near = nearest(name, here, MAX_SUGGESTIONS);
  throw new UsageFault(near.length === 0 ? nothing : `${nothing}. Did you mean ${near.join(' or ')}?`);
}

/** `"holdfast why deployment/web -n shop" or "…"`. */
export function commandsFor(keys: readonly ResourceKey[]): string {
  const commands = keys.slice(0, SHOWN).map(({ kind, namespace, name }) => {
    const place = namespace === '' || namespace === 'default' ? '' : ` -n ${namespace}`;
    return `"holdfast why ${kind.toLowerCase()}/${name}${place}"`;
  });
  return commands.join(' or ');
}

function objectPhrases(keys: readonly ResourceKey[]): string {
  const rest = keys.length - SHOWN;
  return `${keys.slice(0, SHOWN).map(objectPhrase).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Everything that can be asked about: also what a commit wants and is not there, and what one has removed lately. Each once, by kind. */
function knownKeys(reader: StoreReader): readonly ResourceKey[] {
  const live = kindNames.filter(({ kind }) => !aside.has(kind)).flatMap(({ kind }) => reader.list(kind).map(keyOf));
  const wanted = [
    ...reader.list('Application').flatMap(({ status }) => status?.inventory ?? []),
    ...reader.list('DeletedObject').map(({ spec }) => spec.entry),
  ].map(keyOfEntry);
  const keys = new Map([...wanted, ...live].map((key) => [keyString(key), key]));
  return [...keys.values()].toSorted((a, b) => a.kind.localeCompare(b.kind) || a.namespace.localeCompare(b.namespace));
}
