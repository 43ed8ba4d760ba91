// A dry run of the scheduler for a commit: seats on paper the pods that it would bring, and says which objects have none. Pods that
// stay as they are keep their nodes; pods that the commit replaces make room, and so do less important ones. Nothing is changed by asking.
import { isConditionTrue } from '../model/conditions.ts';
import { isFinished } from '../model/pod-phase.ts';
import { type Desired, keyOf, keyString, type StoredOf } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { candidateOf } from './candidate.ts';
import { choose, type NoPlace } from './choose.ts';
import { type Claimant, claimOf, type TemplatePolicies, type Wanted } from './claimants.ts';
import { choosePreemption } from './preempt.ts';
import { hasNode } from './queue.ts';
import { type Rooms, roomsWith } from './room.ts';
import { namespaceLabels } from './seating.ts';
import { Volumes } from './volume-fit.ts';

type StoredPod = StoredOf<'Pod'>;

/** What else of the cluster bears on places. What is left out is taken to be empty. */
export interface Surroundings {
  readonly namespaces?: readonly StoredOf<'Namespace'>[];
  readonly claims?: readonly StoredOf<'PersistentVolumeClaim'>[];
  readonly volumes?: readonly StoredOf<'PersistentVolume'>[];
  readonly classes?: readonly StoredOf<'StorageClass'>[];
  readonly priorityClasses?: readonly StoredOf<'PriorityClass'>[];
  readonly limitRanges?: readonly StoredOf<'LimitRange'>[];
  readonly runtimeClasses?: readonly StoredOf<'RuntimeClass'>[];
  readonly budgets?: readonly StoredOf<'PodDisruptionBudget'>[];
  readonly jobs?: readonly StoredOf<'Job'>[];
}

/** Whether a pod holds its seat: not ended, and not on its way out; one that should be gone by now and is not does. */
function isSeated(pod: StoredPod, now: number): boolean {
  const { deletionTimestamp } = pod.metadata;
  const isLeaving = deletionTimestamp !== undefined && fromRfc3339(deletionTimestamp) > now;
  return hasNode(pod) && !isLeaving && !isFinished(pod);
}

/** An object of which not all pods have a place, and why. */
export interface NoPlaceFor {
  readonly key: string;
  readonly message: string;
  readonly isLasting?: boolean;
}

/** One attempt to seat everything. */
class Paper {
  readonly #rooms: Rooms;
  readonly #volumes: Volumes;
  readonly #budgets: readonly StoredOf<'PodDisruptionBudget'>[];
  /** Whose pod it is that may have to give way, by its uid. */
  readonly #holders: ReadonlyMap<string, Claimant>;

  constructor(rooms: Rooms, volumes: Volumes, around: Surroundings, holders: ReadonlyMap<string, Claimant>) {
    this.#rooms = rooms;
    this.#volumes = volumes;
    this.#budgets = around.budgets ?? [];
    this.#holders = holders;
  }

  /** Seats one pod, at the expense of less important ones if need be; else says why not. `isKept` to leave it there. */
  seat({ candidate, pod }: Wanted, isKept = true): NoPlace | undefined {
    const volumes = this.#volumes.fitOf(pod);
    const choice = choose(candidate, this.#rooms, volumes);
    if (choice.room !== undefined) {
      if (isKept) this.#rooms.occupy(choice.room, candidate);
      return undefined;
    }
    // A pod that names its node goes past the scheduler, which alone makes room.
    if (candidate.nodeName !== undefined) return choice;
    const { refusals } = choice;
    const { found } = choosePreemption({ candidate, rooms: this.#rooms, refusals, budgets: this.#budgets, volumes });
    if (found === undefined) return choice;
    if (!isKept) return undefined;
    for (const victim of found.victims) {
      this.#rooms.vacate(victim);
      const holder = this.#holders.get(victim.candidate.uid);
      holder?.wanted.push(holder.sample);
    }
    this.#rooms.occupy(found.room, candidate);
    return undefined;
  }

  /** Seats what is missing; a sentence when not all of it has a place that needs one. */
  seatAll(claimant: Claimant): string | undefined {
    const { wanted, replicas, needs, kept } = claimant;
    let seated = 0;
    for (const pod of wanted) {
      const refused = this.seat(pod, needs !== 'trial');
      if (refused === undefined) {
        seated += 1;
        continue;
      }
      if (needs === 'any' && seated + kept.length > 0) return undefined;
      const missing = wanted.length - seated;
      const which = replicas === 1 ? 'Its pod has' : `${missing} of its ${replicas} pods have`;
      return `${which} no place: ${this.#explain(pod, refused)}`;
    }
    return undefined;
  }

  /** Whether one pod more fits while all old ones are there; a sentence when it does not. */
  checkSurge({ sample }: Claimant): string | undefined {
    const refused = this.seat(sample, false);
    if (refused === undefined) return undefined;
    return (
      `A rolling update with maxUnavailable 0 starts a new pod before it stops an old one, and the new pod has no place: ${this.#explain(sample, refused)} ` +
      'Use strategy Recreate, or maxUnavailable 1.'
    );
  }

  #explain({ candidate: { nodeName } }: Wanted, { message, details }: NoPlace): string {
    if (nodeName !== undefined && this.#rooms.named(nodeName) === undefined) {
      const names = this.#rooms.all.map((room) => room.name).slice(0, 10);
      return `it names node "${nodeName}", which does not exist; there ${names.length === 0 ? 'are no nodes' : `is ${names.join(', ')}`}.`;
    }
    return [message, ...details].join(' ');
  }
}

/** What pods will be given: by what the commit says, before what is there. */
function policiesOf(wanted: readonly Desired[], around: Surroundings): TemplatePolicies {
  return {
    priorityClasses: withThose(
      wanted.filter((resource) => resource.kind === 'PriorityClass'),
      around.priorityClasses,
    ),
    limitRanges: withThose(
      wanted.filter((resource) => resource.kind === 'LimitRange'),
      around.limitRanges,
    ),
    runtimeClasses: withThose(
      wanted.filter((resource) => resource.kind === 'RuntimeClass'),
      around.runtimeClasses,
    ),
  };
}

function withThose<R extends Desired>(own: readonly R[], there: readonly R[] = []): readonly R[] {
  const keys = new Set(own.map((resource) => keyString(keyOf(resource))));
  return [...own, ...there.filter((resource) => !keys.has(keyString(keyOf(resource))))];
}

/**
 * Where the pods of a commit would go. One entry per object of which not all pods have a place, with its key (`Deployment/shop/web`)
 * and a sentence; empty when all have. Two states are tried: the end of the commit, when every old pod is gone; and, for a rolling
 * update that may not miss a pod, its beginning, with one new pod beside the old ones.
 *
 * Objects are seated in the order of their priority. A Job gets on when one of its pods has a place; a CronJob's pod is only tried.
 * Claims that are not bound yet keep no pod from anywhere. Pods with scheduling gates want no place.
 *
 * `isLasting`: whoever else leaves the nodes, there is no place: the commit has to change, or the nodes.
 *
 * `pods` are all pods of the cluster. Those that belong to the wanted objects do not stand in the way of their successors; those that have
 * ended or are leaving by their deletionTimestamp do not count; a pod that ought to be gone at `now` and is not, does.
 */
export function checkPlacement(
  wanted: readonly Desired[],
  nodes: readonly StoredOf<'Node'>[],
  pods: readonly StoredPod[],
  now: number,
  around: Surroundings = {},
): NoPlaceFor[] {
  const seated = pods.filter((pod) => isSeated(pod, now));
  const present = seated.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const context = { nodes, present, pods, jobs: around.jobs ?? [], policies: policiesOf(wanted, around) };
  const claimants = wanted
    .flatMap((resource) => claimOf(resource, context) ?? [])
    .toSorted((a, b) => b.sample.candidate.priority - a.sample.candidate.priority);
  const holders = new Map(claimants.flatMap((claimant) => claimant.kept.map((pod) => [pod.metadata.uid, claimant] as const)));
  const owned = new Set(claimants.flatMap((claimant) => [...claimant.kept, ...claimant.outdated]));
  const staying = seated.filter((pod) => !owned.has(pod) || holders.has(pod.metadata.uid));
  const { claims = [], volumes = [], classes = [], namespaces } = around;
  const paperWith = (there: readonly StoredPod[]): Paper => {
    const facts = { claims, volumes, classes, pods: there, isDryRun: true };
    return new Paper(roomsWith(nodes, there, namespaceLabels(namespaces)), new Volumes(facts), around, holders);
  };

  // Seating adds to what is wanted: whoever has to give way wants a seat anew.
  const asked = claimants.map((claimant) => ({ ...claimant, wanted: [...claimant.wanted] }));
  const problems = seatOn(claimants, staying, paperWith);
  if (problems.length === 0 || nodes.length === 0 || !nodes.every(isNodeReady)) return problems;
  const lasting = lastingAmong(asked, nodes, staying);
  return problems.map((problem) => (lasting.has(problem.key) ? { ...problem, isLasting: true } : problem));
}

type PaperWith = (there: readonly StoredPod[]) => Paper;

function seatOn(claimants: readonly Claimant[], staying: readonly StoredPod[], paperWith: PaperWith): NoPlaceFor[] {
  const end = paperWith(staying);
  return claimants.flatMap((claimant) => {
    const isRolling = claimant.needsSurge && claimant.wanted.length > 0;
    // A rollout that also scales down has shrunk to the wanted number before it starts.
    const beside = claimant.outdated.slice(0, claimant.wanted.length);
    const message = end.seatAll(claimant) ?? (isRolling ? paperWith([...staying, ...beside]).checkSurge(claimant) : undefined);
    return message === undefined ? [] : [{ key: claimant.key, message }];
  });
}

/**
 * The keys of those that have no place even where nothing but amounts and ports is asked for, and nobody is there but what the commit itself keeps for
 * ever. On several nodes each is tried alone: who sits where could always be otherwise.
 */
function lastingAmong(
  asked: readonly Claimant[],
  nodes: readonly StoredOf<'Node'>[],
  staying: readonly StoredPod[],
): ReadonlySet<string> {
  const open = nodes.map((node) => ({ ...node, spec: { ...node.spec, taints: [], unschedulable: false } }));
  const kept = new Set(asked.flatMap((claimant) => claimant.kept));
  const forever =
    nodes.length > 1 ? [] : staying.filter((pod) => kept.has(pod) && (pod.spec.restartPolicy ?? 'Always') === 'Always');
  const paperWith: PaperWith = (there) =>
    new Paper(
      roomsWith(open, there, namespaceLabels([])),
      new Volumes({ claims: [], volumes: [], classes: [], pods: there, isDryRun: true }),
      {},
      new Map(),
    );
  const plain = asked.map((claimant) => ({
    ...claimant,
    sample: plainly(claimant.sample),
    wanted: claimant.wanted.map(plainly),
  }));
  const groups = nodes.length > 1 ? plain.map((claimant) => [claimant]) : [plain];
  return new Set(groups.flatMap((group) => seatOn(group, forever, paperWith)).map(({ key }) => key));
}

/** A pod that asks for nothing but amounts and ports. */
function plainly({ candidate, pod }: Wanted): Wanted {
  const { affinity: _a, topologySpreadConstraints: _t, nodeSelector: _s, nodeName: _n, volumes: _v, ...spec } = pod.spec;
  const bare = { ...pod, spec };
  return { candidate: candidateOf({ kind: 'Pod', ...bare }, { group: candidate.group, name: candidate.name }), pod: bare };
}

function isNodeReady({ status }: StoredOf<'Node'>): boolean {
  return isConditionTrue(status?.conditions, 'Ready');
}
