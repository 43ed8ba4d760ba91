// Which pods of a set a selector picks. Pods with equal labels are looked at once, and only those that have the rarest label that is asked
// for. Labels that Kubernetes itself gives to pods count as there, since selectors use them.
import type { LabelSelector } from '../../model/resource.ts';
import { type Facts, ownsPods } from './facts.ts';
import { laterKeys, type PodLook } from './pod-look.ts';

/** Pods that no selector tells apart. */
export interface PodGroup {
  readonly look: PodLook;
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

export class PodIndex {
  readonly #members: readonly Facts[];
  #corners: Map<string, Corner> | undefined;
  #comparisons = 0;

  constructor(members: readonly Facts[]) {
    this.#members = members;
  }

  /**
   * The groups of pods in its namespace that an object's selector picks; an empty selector picks all of them. `undefined` when the set is so
   * large and so odd that finding out would take too long.
   */
  select({ key: { namespace }, selector, selectorText }: Facts): readonly PodGroup[] | undefined {
    const corner = this.#all.get(namespace);
    if (corner === undefined || selector === undefined) return [];
    if (corner.answers.has(selectorText)) return corner.answers.get(selectorText);
    const answer = this.#find(corner, selector);
    corner.answers.set(selectorText, answer);
    return answer;
  }

  /** The group of an object's pods. */
  groupOf(facts: Facts): PodGroup | undefined {
    return this.#all.get(facts.key.namespace)?.groups.get(facts.pods?.look.id ?? '');
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
    for (const facts of this.#members) if (facts.pods !== undefined) addTo(this.#corners, facts, facts.pods.look);
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

function addTo(corners: Map<string, Corner>, facts: Facts, look: PodLook): void {
  const { namespace } = facts.key;
  let corner = corners.get(namespace);
  if (corner === undefined) {
    corner = { groups: new Map(), byLabel: new Map(), answers: new Map() };
    corners.set(namespace, corner);
  }
  const isWorkload = ownsPods(facts);
  const group = corner.groups.get(look.id);
  if (group !== undefined) {
    group.members.push(facts);
    if (isWorkload) group.workloads.push(facts);
    return;
  }
  const made: PodGroup = { look, members: [facts], workloads: isWorkload ? [facts] : [] };
  corner.groups.set(look.id, made);
  for (const label of look.texts) {
    const having = corner.byLabel.get(label);
    if (having === undefined) corner.byLabel.set(label, [made]);
    else having.push(made);
  }
}

function picks(selector: LabelSelector, { look: { labels, later } }: PodGroup): boolean {
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

/** Whether any of the pods has a port of that name. */
export function hasPort(groups: readonly PodGroup[], protocol: string, name: string): boolean {
  const wanted = `${protocol} ${name}`;
  return groups.some((group) => {
    const [first] = group.members;
    if (first?.pods?.portNames.has(wanted) === true) return true;
    if (group.members.length === 1) return false;
    group.portNames ??= new Set(group.members.flatMap(({ pods }) => [...(pods?.portNames ?? [])]));
    return group.portNames.has(wanted);
  });
}
