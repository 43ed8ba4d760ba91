// What people call kinds, and which name they may have meant.
import type { Kind } from '../model/resource.ts';
import { UsageFault } from './parts.ts';

interface KindName {
  readonly kind: Kind;
  readonly plural: string;
  readonly shortNames: readonly string[];
  /** API group, as `get -o name` writes it; empty for the core group. */
  readonly group: string;
}

/** All kinds that can be asked for, with kubectl's names. */
export const kindNames: readonly KindName[] = [
  { kind: 'Application', plural: 'applications', shortNames: ['app', 'apps'], group: 'holdfast.dev' },
  { kind: 'ApplicationRevision', plural: 'applicationrevisions', shortNames: ['revision', 'revisions'], group: 'holdfast.dev' },
  { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'], group: '' },
  { kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], group: 'apps' },
  { kind: 'Event', plural: 'events', shortNames: ['ev'], group: '' },
  { kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], group: '' },
  { kind: 'Node', plural: 'nodes', shortNames: ['no'], group: '' },
  { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'], group: '' },
  { kind: 'Pod', plural: 'pods', shortNames: ['po'], group: '' },
  { kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], group: 'apps' },
  { kind: 'Secret', plural: 'secrets', shortNames: [], group: '' },
];

/** Kinds of Kubernetes that people ask for and that are not there: in the plural, and kubectl's short names. */
const otherKinds: Readonly<Record<string, readonly string[]>> = {
  services: ['svc'],
  ingresses: ['ing'],
  endpoints: ['ep'],
  statefulsets: ['sts'],
  daemonsets: ['ds'],
  jobs: [],
  cronjobs: ['cj'],
  serviceaccounts: ['sa'],
  networkpolicies: ['netpol'],
  persistentvolumes: ['pv'],
  storageclasses: ['sc'],
  horizontalpodautoscalers: ['hpa'],
  poddisruptionbudgets: ['pdb'],
  resourcequotas: ['quota'],
  limitranges: ['limits'],
  roles: [],
  rolebindings: [],
  customresourcedefinitions: ['crd', 'crds'],
};

function otherKind(wanted: string): string | undefined {
  return Object.entries(otherKinds).find(
    ([plural, shortNames]) =>
      plural === wanted ||
      plural === `${wanted}s` ||
      plural === `${wanted}es` ||
      plural === wanted.replace(/y$/, 'ies') ||
      shortNames.includes(wanted),
  )?.[0];
}

const namesOf = (entry: KindName): readonly string[] => [entry.kind.toLowerCase(), entry.plural, ...entry.shortNames];

/** `deploy`, `Deployment`, `deployments` or `deployments.apps` → `Deployment`. Throws UsageFault with the nearest name. */
export function parseKind(text: string): Kind {
  const wanted = text.toLowerCase();
  const found = kindNames.find((entry) =>
    namesOf(entry).some((name) => name === wanted || (entry.group !== '' && `${name}.${entry.group}` === wanted)),
  );
  if (found !== undefined) return found.kind;
  const all = `Known kinds: ${kindNames.map((entry) => entry.plural).join(', ')}`;
  const other = otherKind(wanted);
  if (other !== undefined) throw new UsageFault(`${other} are not supported yet. ${all}`);
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
