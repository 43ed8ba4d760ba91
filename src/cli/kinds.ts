// What people call kinds, and which name they may have meant.
import { kindNaming } from '../model/kinds.generated.ts';
import type { Kind } from '../model/resource.ts';
import { UsageFault } from './usage-fault.ts';

interface KindName {
  readonly kind: Kind;
  readonly plural: string;
  readonly shortNames: readonly string[];
  /** API group, as `get -o name` writes it; empty for the core group. */
  readonly group: string;
}

const allKinds = (Object.entries(kindNaming) as [Kind, (typeof kindNaming)[Kind]][]).map(([kind, naming]) => ({
  kind,
  plural: naming.plural,
  shortNames: naming.shortNames,
  group: naming.apiVersion.includes('/') ? (naming.apiVersion.split('/')[0] ?? '') : '',
  isSupported: naming.isSupported,
}));

/** All kinds that can be asked for, with kubectl's names. */
export const kindNames: readonly KindName[] = allKinds.filter((entry) => entry.isSupported);

/** Kinds that people ask for and that nothing can be of yet. */
const otherKinds: readonly KindName[] = allKinds.filter((entry) => !entry.isSupported);

const namesOf = (entry: KindName): readonly string[] => [entry.kind.toLowerCase(), entry.plural, ...entry.shortNames];

/** `deploy`, `Deployment`, `deployments` or `deployments.apps` → `Deployment`. Throws UsageFault with the nearest name. */
export function parseKind(text: string): Kind {
  const wanted = text.toLowerCase();
  const isMeant = (entry: KindName): boolean =>
    namesOf(entry).some((name) => name === wanted || (entry.group !== '' && `${name}.${entry.group}` === wanted));
  const found = kindNames.find(isMeant);
  if (found !== undefined) return found.kind;
  const all = `Known kinds: ${kindNames.map((entry) => entry.plural).join(', ')}`;
  const other = otherKinds.find(isMeant);
  if (other !== undefined) throw new UsageFault(`${other.plural} are not supported yet. ${all}`);
  const [near] = nearest(wanted, kindNames.flatMap(namesOf), 1);
  const hint = near === undefined ? all : `Did you mean ${near}?`;
  throw new UsageFault(`there is no kind "${text}". ${hint}`);
}

/** The names that resemble `wanted`, the most similar first. */
export function nearest(wanted: string, names: readonly string[], most: number): string[] {
  const reach = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: name.startsWith(wanted) || name.includes(`-${wanted}`) ? 1 : editDistance(wanted, name) }))
    .filter(({ distance }) => distance <= reach)
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}

/** How many letters have to be put in, taken out, changed or swapped with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_value, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change, isSwap ? (before[j - 2] ?? 0) + 1 : change));
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
