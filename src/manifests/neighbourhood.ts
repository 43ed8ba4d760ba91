// What may be there beside a set of objects that nothing is known to run beside: what other sets of the same load have, and what could not
// be read. A set is never told to lack what may only be hidden.

import { kindNaming } from '../model/kinds.generated.ts';
import { type Kind, keyOf, keyString } from '../model/resource.ts';
import type { AdmittedSet } from './admitted-set.ts';
import { keysOf } from './checks/facts.ts';
import type { ExistingObject, Surroundings } from './checks/object-set.ts';
import type { Manifest } from './load.ts';
import type { LostObject } from './object.ts';
import type { Problem } from './problem.ts';

/** Kinds that make pods. */
const podKinds: ReadonlySet<string> = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

const LIMITS = 'LimitRange';

/** Which sets have something in a namespace; undefined stands for what has faults. */
type Presence = Map<string, Set<AdmittedSet | undefined>>;

/** All sets of one load. */
export class Neighbourhood {
  readonly #isPartial: boolean;
  /** By name. */
  readonly #lost = new Map<string, LostObject[]>();
  /** Of all sets, by key. */
  readonly #manifests = new Map<string, Manifest>();
  readonly #withPods: Presence = new Map();
  readonly #withLimits: Presence = new Map();

  /** `problems` are those of no set. */
  constructor(sets: readonly AdmittedSet[], problems: readonly Problem[]) {
    let isPartial = [...problems, ...sets.flatMap((set) => set.problems)].some(({ severity }) => severity === 'error');
    for (const set of sets) {
      for (const admission of set.admissions) {
        if (admission.isPartial === true) isPartial = true;
        for (const lost of admission.lost) {
          if (lost === undefined) isPartial = true;
          else this.#remember(lost);
        }
        // Alone a set has no neighbours.
        if (sets.length > 1) for (const manifest of admission.manifests) this.#meet(manifest, set);
      }
    }
    this.#isPartial = isPartial;
  }

  /** What may be there beside one of the sets. */
  of(set: AdmittedSet): Surroundings {
    const mayHave = (presence: Presence, namespace: string): boolean =>
      this.#isPartial || [...(presence.get(namespace) ?? [])].some((other) => other !== set);
    return {
      exists: (kind, namespace, name) => this.#find(kind, namespace, name),
      hasPods: (namespace) => mayHave(this.#withPods, namespace),
      hasLimits: (namespace) => mayHave(this.#withLimits, namespace),
    };
  }

  #remember(lost: LostObject): void {
    const { kind, namespace, name } = lost;
    const others = this.#lost.get(name);
    if (others === undefined) this.#lost.set(name, [lost]);
    else others.push(lost);
    if (podKinds.has(kind) || !isKnown(kind)) note(this.#withPods, namespace, undefined);
    if (kind === LIMITS || !isKnown(kind)) note(this.#withLimits, namespace, undefined);
  }

  #meet(manifest: Manifest, set: AdmittedSet): void {
    const key = keyOf(manifest.resource);
    this.#manifests.set(keyString(key), manifest);
    if (podKinds.has(key.kind)) note(this.#withPods, key.namespace, set);
    if (key.kind === LIMITS) note(this.#withLimits, key.namespace, set);
  }

  #find(kind: Kind, namespace: string, name: string): ExistingObject | undefined {
    if (this.#isPartial) return {};
    const other = this.#manifests.get(keyString({ kind, namespace, name }));
    if (other !== undefined) return { keys: keysOf(other.resource) };
    const isLost = this.#lost
      .get(name)
      ?.some((lost) => (lost.kind === kind || !isKnown(lost.kind)) && (namespace === '' || lost.namespace === namespace));
    return isLost === true ? {} : undefined;
  }
}

function note(presence: Presence, namespace: string, where: AdmittedSet | undefined): void {
  const places = presence.get(namespace);
  if (places === undefined) presence.set(namespace, new Set([where]));
  else places.add(where);
}

/** A word that is no kind may be a misspelt one. */
function isKnown(kind: string): boolean {
  return Object.hasOwn(kindNaming, kind);
}
