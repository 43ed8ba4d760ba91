// Every waiting pod seated on paper, the most important and oldest first: what one pass over one pod may take for itself. Passes over
// different pods ask the same seating, so that no seat is given twice, and the queue is not gone through anew for each of them: binding a
// pod where the paper says changes nothing on the paper. Anything that is not as foreseen starts a new one.
import { canonicalJson } from '../model/hash.ts';
import { podClaims } from '../model/pod-claims.ts';
import { isFinished } from '../model/pod-phase.ts';
import type { StoredOf } from '../model/resource.ts';
import { type Candidate, storedCandidate } from './candidate.ts';
import { type Choice, choose } from './choose.ts';
import type { NamespaceLabels } from './crowd.ts';
import { outlookOf, refusalOf } from './filters.ts';
import { choosePreemption, type PreemptionChoice } from './preempt.ts';
import { compareQueue, hasNode, isOver, isWaiting } from './queue.ts';
import { Rooms, type Seat, seatStored } from './room.ts';
import { type VolumeFit, Volumes } from './volume-fit.ts';

type StoredPod = StoredOf<'Pod'>;

/** What placing depends on. Lists of the store, which are the same arrays as long as nothing in them has changed. */
export interface SchedulingFacts {
  readonly nodes: readonly StoredOf<'Node'>[];
  readonly pods: readonly StoredPod[];
  readonly namespaces?: readonly StoredOf<'Namespace'>[];
  readonly claims?: readonly StoredOf<'PersistentVolumeClaim'>[];
  readonly volumes?: readonly StoredOf<'PersistentVolume'>[];
  readonly classes?: readonly StoredOf<'StorageClass'>[];
}

/** One pod on the paper. */
interface Entry {
  pod: StoredPod;
  /** Where it is, or would be; undefined when it has no place, or needs none. */
  seat: Seat | undefined;
  /** What was decided for a pod that waits. */
  choice: Choice | undefined;
}

/** The labels of all namespaces that have any. */
export function namespaceLabels(namespaces: readonly StoredOf<'Namespace'>[] = []): NamespaceLabels {
  return new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
}

/** The paper. */
export class Seating {
  #facts: SchedulingFacts;
  #rooms = new Rooms([]);
  #volumes = new Volumes({ claims: [], volumes: [], classes: [], pods: [] });
  #entries = new Map<string, Entry>();
  /** The last in the queue. */
  #last: StoredPod | undefined;
  /** How many waiting pods look at more than their node: spreading; claims. */
  #spreading = 0;
  #claiming = 0;
  /** Claims, volumes or classes have changed while nobody looked at them: the next one who does cannot be seated on this paper. */
  #isStorageOld = false;
  /** Pods without a place that may get one because another pod has got its own: they want company, or evenness. */
  #hopeful: Entry[] = [];
  #hasNews = false;

  constructor(facts: SchedulingFacts) {
    this.#facts = facts;
    this.#startAnew();
  }

  /** What was decided for a pod that waits. Undefined for any other. */
  choiceOf(pod: StoredPod): Choice | undefined {
    this.#reconsider();
    return this.#entries.get(pod.metadata.uid)?.choice;
  }

  /** The pod of this uid, as it is on the paper. */
  podOf(uid: string): StoredPod | undefined {
    return this.#entries.get(uid)?.pod;
  }

  /** Who would have to go for a pod that has no place. */
  preemptionFor(pod: StoredPod, budgets: readonly StoredOf<'PodDisruptionBudget'>[]): PreemptionChoice | undefined {
    const entry = this.#entries.get(pod.metadata.uid);
    if (entry?.choice === undefined || entry.choice.room !== undefined) return undefined;
    const { seat, choice } = entry;
    // Its own reservation is not in its way.
    if (seat !== undefined) this.#rooms.vacate(seat);
    const result = choosePreemption({
      candidate: storedCandidate(pod),
      rooms: this.#rooms,
      refusals: choice.refusals,
      budgets,
      volumes: this.#volumes.fitOf(pod),
      nominated: pod.status?.nominatedNodeName,
    });
    if (seat !== undefined) this.#rooms.restore(seat);
    return result;
  }

  /** Takes over how things are now. */
  update(facts: SchedulingFacts): void {
    const before = this.#facts;
    const areOthersSame = this.#areOthersSame(before, facts);
    this.#facts = facts;
    if (!areOthersSame) this.#startAnew();
    else if (before.pods !== facts.pods && !this.#follow(facts.pods)) this.#startAnew();
  }

  #areOthersSame(before: SchedulingFacts, after: SchedulingFacts): boolean {
    if (before.nodes !== after.nodes || before.namespaces !== after.namespaces) return false;
    const areVolumesSame = before.claims === after.claims && before.volumes === after.volumes && before.classes === after.classes;
    this.#isStorageOld ||= !areVolumesSame;
    return areVolumesSame || this.#claiming === 0;
  }

  #startAnew(): void {
    const { nodes, pods, namespaces, claims = [], volumes = [], classes = [] } = this.#facts;
    this.#rooms = new Rooms(nodes, namespaceLabels(namespaces));
    this.#volumes = new Volumes({ claims, volumes, classes, pods: [] });
    this.#entries = new Map();
    this.#last = undefined;
    this.#spreading = 0;
    this.#claiming = 0;
    this.#isStorageOld = false;
    this.#hopeful = [];
    this.#hasNews = false;
    for (const pod of pods) {
      const seat = seatStored(this.#rooms, pod);
      if (seat !== undefined) this.#volumes.settle(pod, seat.room);
      this.#entries.set(pod.metadata.uid, { pod, seat, choice: undefined });
    }
    for (const pod of pods.filter(isWaiting).toSorted(compareQueue)) this.#seatOnPaper(pod);
  }

  #seatOnPaper(pod: StoredPod): void {
    const candidate = storedCandidate(pod);
    const volumes = this.#volumes.fitOf(pod);
    if (candidate.spread.length > 0) this.#spreading += 1;
    if (volumes !== undefined) this.#claiming += 1;
    const choice = choose(candidate, this.#rooms, volumes);
    const seat =
      choice.room === undefined
        ? this.#reserve(pod, candidate, volumes)
        : this.#rooms.occupy(choice.room, candidate, { isPaper: true });
    if (choice.room !== undefined) this.#volumes.settle(pod, choice.room);
    const entry: Entry = { pod, seat, choice };
    this.#entries.set(pod.metadata.uid, entry);
    const isSociable = candidate.affinity !== undefined || candidate.spread.length > 0;
    if (choice.room === undefined && isSociable) this.#hopeful.push(entry);
    this.#last = pod;
  }

  /** Asks again for the pods to which it matters that others have been bound since. */
  #reconsider(): void {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    const isStill = ({ pod, choice }: Entry): boolean => choice !== undefined && choice.room === undefined && isWaiting(pod);
    this.#hopeful = this.#hopeful.filter((entry) => this.#entries.get(entry.pod.metadata.uid) === entry && isStill(entry));
    for (const entry of this.#hopeful) {
      const { pod, seat } = entry;
      const candidate = storedCandidate(pod);
      if (seat !== undefined) this.#rooms.vacate(seat);
      const choice = choose(candidate, this.#rooms, this.#volumes.fitOf(pod));
      entry.choice = choice;
      if (choice.room !== undefined) {
        entry.seat = this.#rooms.occupy(choice.room, candidate, { isPaper: true });
        this.#volumes.settle(pod, choice.room);
      } else if (seat !== undefined) this.#rooms.restore(seat);
    }
  }

  /** A pod for which others are leaving keeps their room from whoever comes after it in the queue. */
  #reserve(pod: StoredPod, candidate: Candidate, volumes: VolumeFit | undefined): Seat | undefined {
    const room = this.#rooms.named(pod.status?.nominatedNodeName);
    if (room === undefined) return undefined;
    const leaving = [...room.seats].filter((seat) => seat.isLeaving && seat.candidate.priority < candidate.priority);
    if (leaving.length === 0) return undefined;
    for (const seat of leaving) this.#rooms.vacate(seat);
    const refusal = refusalOf(outlookOf(candidate, this.#rooms, volumes), room);
    for (const seat of leaving) this.#rooms.restore(seat);
    return refusal === undefined ? this.#rooms.occupy(room, candidate, { isPaper: true }) : undefined;
  }

  /** Takes over changes of pods that leave the paper true; false when it has to be started anew. */
  #follow(pods: readonly StoredPod[]): boolean {
    let kept = 0;
    const isNew: StoredPod[] = [];
    const nominated: Entry[] = [];
    for (const pod of pods) {
      const entry = this.#entries.get(pod.metadata.uid);
      if (entry === undefined) isNew.push(pod);
      else {
        kept += 1;
        const before = entry.pod;
        if (before !== pod && !this.#followChange(entry, pod)) return false;
        if (isWaiting(pod) && before.status?.nominatedNodeName !== pod.status?.nominatedNodeName) nominated.push(entry);
      }
    }
    if (kept < this.#entries.size && !this.#followRemovals(pods)) return false;
    // Whoever makes room for them has been followed by now.
    if (!nominated.every((entry) => this.#renominate(entry))) return false;
    return isNew.toSorted(compareQueue).every((pod) => this.#followNew(pod));
  }

  #followRemovals(pods: readonly StoredPod[]): boolean {
    const there = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const [uid, { seat }] of this.#entries) {
      if (there.has(uid)) continue;
      if (seat !== undefined) return false;
      this.#entries.delete(uid);
    }
    return true;
  }

  #followNew(pod: StoredPod): boolean {
    if (hasNode(pod) && !isFinished(pod)) return false;
    if (!isWaiting(pod)) {
      this.#entries.set(pod.metadata.uid, { pod, seat: undefined, choice: undefined });
      return true;
    }
    if (this.#isStorageOld && podClaims(pod).length > 0) return false;
    if (this.#last !== undefined && !isAfter(pod, this.#last)) return false;
    this.#seatOnPaper(pod);
    return true;
  }

  #followChange(entry: Entry, pod: StoredPod): boolean {
    const { pod: before, seat } = entry;
    if (!isSamePlacing(before, pod)) return false;
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    if (isWaiting(before) !== isWaiting(pod)) {
      if (!isWaiting(before) || !this.#followBound(entry, pod)) return false;
    } else if (!isWaiting(pod) && seat !== undefined) {
      if (isFinished(pod) || pod.spec.nodeName !== seat.room.name) return false;
      if (isLeaving !== seat.isLeaving) {
        if (this.#spreading > 0) return false;
        this.#rooms.vacate(seat);
        entry.seat = seatStored(this.#rooms, pod);
      }
    }
    entry.pod = pod;
    return true;
  }

  /** A pod waits no longer: it was bound where the paper says, or it had no place and gave up. */
  #followBound(entry: Entry, pod: StoredPod): boolean {
    const { seat, choice } = entry;
    if (seat === undefined) {
      if (!isOver(pod)) return false;
    } else {
      if (isOver(pod) || pod.spec.nodeName !== seat.room.name || choice?.room === undefined) return false;
      seat.isPaper = false;
      this.#hasNews ||= this.#hopeful.length > 0;
    }
    entry.choice = undefined;
    return true;
  }

  /** A nomination takes room from those behind it; where there are none, it is merely written down. */
  #renominate(entry: Entry): boolean {
    const { pod } = entry;
    const candidate = storedCandidate(pod);
    const room = this.#rooms.named(pod.status?.nominatedNodeName);
    if (entry.seat !== undefined || entry.choice?.room !== undefined) return false;
    if (room === undefined) return true;
    const isBehind = (seat: Seat): boolean => {
      const other = seat.isPaper ? this.podOf(seat.candidate.uid) : undefined;
      return other !== undefined && compareQueue(pod, other) < 0;
    };
    if ([...room.seats].some(isBehind)) return false;
    entry.seat = this.#reserve(pod, candidate, this.#volumes.fitOf(pod));
    return true;
  }
}

/** Whether a pod that is new comes after the last one: not more important, and not older. */
function isAfter(pod: StoredPod, last: StoredPod): boolean {
  const [priority, lastPriority] = [pod.spec.priority ?? 0, last.spec.priority ?? 0];
  if (priority !== lastPriority) return priority < lastPriority;
  // Within one second the order of arrival is as good as any.
  return pod.metadata.creationTimestamp >= last.metadata.creationTimestamp;
}

/** Whether nothing changed that placing looks at, but for the node. */
function isSamePlacing(before: StoredPod, after: StoredPod): boolean {
  if (before.metadata.labels !== after.metadata.labels)
    if (canonicalJson(before.metadata.labels ?? {}) !== canonicalJson(after.metadata.labels ?? {})) return false;
  if (before.spec === after.spec) return true;
  const { nodeName: _before, ...left } = before.spec;
  const { nodeName: _after, ...right } = after.spec;
  return canonicalJson(left) === canonicalJson(right);
}
