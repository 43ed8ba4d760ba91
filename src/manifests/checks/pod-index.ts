// Which pods of a set a selector picks. Pods with equal labels are looked at once, and only those that have the rarest label that is asked
// for. Labels that Kubernetes itself gives to pods count as there, since selectors use them.
import type { LabelSelector, Labels } from '../../model/resource.ts';
import { TEMPLATE_HASH_LABEL } from '../../model/resource.ts';
import type { Facts } from './facts.ts';
import { ownsPods, runningPorts } from './facts.ts';

/** Pods that no selector tells apart. */
export interface PodGroup {
  readonly labels: Labels;
  /** Labels with values that are not known before the pods are there, and what the values look like. */
  readonly later: ReadonlyMap<string, RegExp>;
  /** The objects whose pods they are, in order. */
  readonly members: Facts[];
  /** Those among them that find their pods by a selector. */
  readonly workloads: Facts[];
  /** Names of ports of all of them, such as `TCP http`; collected when they are asked for. */
  portNames?: ReadonlySet<string>;
}

/** The pods of one namespace. */
interface Corner {
  readonly groups: Map<string, PodGroup>;
  /** By label, such as `app=web`. */
  readonly byLabel: Map<string, PodGroup[]>;
  readonly answers: Map<string, readonly PodGroup[] | undefined>;
  /** The values of each label; collected when they are asked for. */
  values?: Map<string, string[]>;
}

/** How many labels of groups may be compared for one set: enough for every set that people write. */
const MAX_COMPARISONS = 3_000_000;

const anything = /^/;
const ordinal = /^\d+$/;
const ofJobs: readonly (readonly [string, RegExp])[] = [
  ['controller-uid', anything],
  ['batch.kubernetes.io/controller-uid', anything],
  ['batch.kubernetes.io/job-completion-index', ordinal],
];
const laterByKind: Readonly<Record<string, ReadonlyMap<string, RegExp>>> = {
  Deployment: new Map([[TEMPLATE_HASH_LABEL, anything]]),
  DaemonSet: new Map([
    ['controller-revision-hash', anything],
    ['pod-template-generation', ordinal],
  ]),
  Job: new Map(ofJobs),
  CronJob: new Map([...ofJobs, ['job-name', anything], ['batch.kubernetes.io/job-name', anything]]),
};
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
const laterKeys: ReadonlySet<string> = new Set([
  ...Object.values(laterByKind).flatMap((later) => [...later.keys()]),
  POD_NAME,
  POD_INDEX,
]);
const noLater: ReadonlyMap<string, RegExp> = new Map();

export class PodIndex {
  readonly #members: readonly Facts[];
  #corners: Map<string, Corner> | undefined;
  #comparisons = 0;

  constructor(members: readonly Facts[]) {
    this.#members = members;
  }

  /**
   * The groups of pods in a namespace that a selector picks; an empty selector picks all of them. `undefined` when the set is so large and
   * so odd that finding out would take too long.
   */
  select(namespace: string, selector: LabelSelector): readonly PodGroup[] | undefined {
    const corner = this.#all.get(namespace);
    if (corner === undefined) return [];
    const question = textOf(selector);
    if (corner.answers.has(question)) return corner.answers.get(question);
    const answer = this.#find(corner, selector);
    corner.answers.set(question, answer);
    return answer;
  }

  /** The group of an object's pods. */
  groupOf(facts: Facts): PodGroup | undefined {
    return this.#all.get(facts.key.namespace)?.groups.get(lookOf(facts).id);
  }

  /** Whether pods of a namespace have a label. It counts as there when Kubernetes gives it. */
  hasLabel(namespace: string, key: string, value: string): boolean {
    return laterKeys.has(key) || this.#all.get(namespace)?.byLabel.has(`${key}=${value}`) === true;
  }

  /** The values that a label has on the pods of a namespace. */
  valuesOf(namespace: string, key: string): readonly string[] {
    const corner = this.#all.get(namespace);
    if (corner === undefined) return [];
    if (corner.values === undefined) {
      corner.values = new Map();
      for (const label of corner.byLabel.keys()) {
        const [name = '', value = ''] = label.split('=', 2);
        const values = corner.values.get(name);
        if (values === undefined) corner.values.set(name, [value]);
        else values.push(value);
      }
    }
    return corner.values.get(key) ?? [];
  }

  get #all(): ReadonlyMap<string, Corner> {
    if (this.#corners !== undefined) return this.#corners;
    this.#corners = new Map();
    for (const facts of this.#members) if (facts.pods !== undefined) addTo(this.#corners, facts);
    return this.#corners;
  }

  #find({ groups, byLabel }: Corner, selector: LabelSelector): readonly PodGroup[] | undefined {
    let candidates: Iterable<PodGroup> & { readonly size?: number } = groups.values();
    let fewest = groups.size;
    for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
      if (laterKeys.has(key)) continue;
      const having = byLabel.get(`${key}=${value}`);
      if (having === undefined) return [];
      if (having.length > fewest) continue;
      fewest = having.length;
      candidates = having;
    }
    this.#comparisons += fewest;
    if (this.#comparisons > MAX_COMPARISONS) return undefined;
    return [...candidates].filter((group) => picks(selector, group));
  }
}

function addTo(corners: Map<string, Corner>, facts: Facts): void {
  const { namespace } = facts.key;
  let corner = corners.get(namespace);
  if (corner === undefined) {
    corner = { groups: new Map(), byLabel: new Map(), answers: new Map() };
    corners.set(namespace, corner);
  }
  const { id, labels } = lookOf(facts);
  const group = corner.groups.get(id);
  const isWorkload = ownsPods(facts);
  if (group !== undefined) {
    group.members.push(facts);
    if (isWorkload) group.workloads.push(facts);
    return;
  }
  const workloads = isWorkload ? [facts] : [];
  const made: PodGroup = { labels: labelsOf(facts), later: laterOf(facts), members: [facts], workloads };
  corner.groups.set(id, made);
  for (const label of labels) {
    const having = corner.byLabel.get(label);
    if (having === undefined) corner.byLabel.set(label, [made]);
    else having.push(made);
  }
}

/** What selectors can see of an object's pods: all of it as one text, and label by label. */
interface Look {
  readonly id: string;
  readonly labels: readonly string[];
}

const looks = new WeakMap<Facts, Look>();

function lookOf(facts: Facts): Look {
  const before = looks.get(facts);
  if (before !== undefined) return before;
  const { kind, name } = facts.key;
  const labels = Object.entries(labelsOf(facts))
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  const owner = kind === 'StatefulSet' ? `${kind}/${name}` : Object.hasOwn(laterByKind, kind) ? kind : '';
  const look: Look = { id: JSON.stringify([owner, ...labels]), labels };
  looks.set(facts, look);
  return look;
}

const texts = new WeakMap<LabelSelector, string>();

function textOf(selector: LabelSelector): string {
  const text = texts.get(selector) ?? JSON.stringify(selector);
  texts.set(selector, text);
  return text;
}

function labelsOf({ key, pods }: Facts): Labels {
  const labels = pods?.labels ?? {};
  return key.kind === 'Job' ? { ...labels, 'job-name': key.name, 'batch.kubernetes.io/job-name': key.name } : labels;
}

function laterOf({ key: { kind, name } }: Facts): ReadonlyMap<string, RegExp> {
  if (kind !== 'StatefulSet') return laterByKind[kind] ?? noLater;
  const own = name.replace(/[^a-z0-9]/gi, '\\$&');
  return new Map([
    ['controller-revision-hash', anything],
    [POD_NAME, new RegExp(`^${own}-\\d+$`)],
    [POD_INDEX, ordinal],
  ]);
}

function picks(selector: LabelSelector, { labels, later }: PodGroup): boolean {
  const fits = (key: string, value: string): boolean => later.get(key)?.test(value) ?? labels[key] === value;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (!fits(key, value)) return false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const isThere = later.has(key) || Object.hasOwn(labels, key);
    if (operator === 'In' && !values.some((value) => fits(key, value))) return false;
    if (operator === 'NotIn' && !later.has(key) && values.some((value) => fits(key, value))) return false;
    if (operator === 'Exists' && !isThere) return false;
    if (operator === 'DoesNotExist' && isThere) return false;
  }
  return true;
}

const portNames = new WeakMap<Facts, ReadonlySet<string>>();
const noNames: ReadonlySet<string> = new Set();

/** The names of ports that an object's pods have, with their protocols, such as `TCP http`. */
export function portNamesOf(facts: Facts): ReadonlySet<string> {
  const before = portNames.get(facts);
  if (before !== undefined) return before;
  const names = new Set<string>();
  for (const [, , ports] of facts.pods === undefined ? [] : runningPorts(facts.pods.spec))
    for (const { name, protocol = 'TCP' } of ports) if (name !== undefined) names.add(`${protocol} ${name}`);
  portNames.set(facts, names.size === 0 ? noNames : names);
  return names;
}

/** Whether any of the pods has a port of that name. */
export function hasPort(groups: readonly PodGroup[], protocol: string, name: string): boolean {
  const wanted = `${protocol} ${name}`;
  return groups.some((group) => {
    const [first] = group.members;
    if (first !== undefined && portNamesOf(first).has(wanted)) return true;
    if (group.members.length === 1) return false;
    group.portNames ??= new Set(group.members.flatMap((facts) => [...portNamesOf(facts)]));
    return group.portNames.has(wanted);
  });
}
