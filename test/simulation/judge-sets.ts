// What must hold of the pods of StatefulSets, DaemonSets and ReplicationControllers, whatever goes wrong around them.
import { isActive, isFinished, isReady, isTerminating } from '../../src/controllers/pods.ts';
import { isConditionTrue } from '../../src/model/conditions.ts';
import { RECOVERED_ANNOTATION, type StoredOf } from '../../src/model/resource.ts';
import { REVISION_HASH_LABEL } from '../../src/model/revision.ts';
import type { Store } from '../../src/store/store.ts';
import { type Change, type Court, changesOf, isAskedToGo, isDisrupted, isMade, type Judge, managerOf } from './judge.ts';

type Pod = StoredOf<'Pod'>;
type StatefulSet = StoredOf<'StatefulSet'>;

const isRecovered = ({ metadata }: Pod): boolean => metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
const isUp = (pod: Pod | undefined): boolean => pod?.status?.phase === 'Running' && isReady(pod);

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.name.split('-').at(-1));
}

/** Whether a pod goes with the commit that made it, from a set that replaces no pods by itself. */
function isTakenBack(pod: Pod, set: StatefulSet | StoredOf<'DaemonSet'> | undefined, store: Store): boolean {
  const { type, rollingUpdate = {} } = set?.spec.updateStrategy ?? {};
  const isByHand = type === 'OnDelete' || ('partition' in rollingUpdate && rollingUpdate.partition > 0);
  const born = Date.parse(pod.metadata.creationTimestamp ?? '');
  return store.list('Application').some(({ status: { attempt } = {} }) => {
    const isGoingBack = attempt?.phase === 'rolling-back' && born >= Date.parse(attempt.startedAt);
    return isGoingBack && isByHand && !isReady(pod);
  });
}

export class SetsJudge implements Judge {
  readonly #court: Court;

  constructor(court: Court) {
    this.#court = court;
  }

  wrote(changes: readonly Change[], store: Store): void {
    for (const change of changesOf(changes, 'Pod')) {
      if (isMade(change) && change.now !== undefined && !isRecovered(change.now)) this.#judgeNew(change.now, store);
      if (isAskedToGo(change) && change.old !== undefined && !isFinished(change.old) && !isDisrupted(change.now))
        this.#judgeGoing(change.old, store);
    }
  }

  #judgeNew(pod: Pod, store: Store): void {
    const set = managerOf(pod, 'StatefulSet', store);
    if (set !== undefined) this.#judgeNewSeat(pod, set, store);
    const daemonSet = managerOf(pod, 'DaemonSet', store);
    if (daemonSet !== undefined) {
      const beside = store.listOwned('Pod', daemonSet.metadata.uid).filter((each) => each !== pod && !isFinished(each));
      const surge = Number(daemonSet.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0);
      const allowed = surge === 0 ? beside.length === 0 : beside.filter((each) => !isTerminating(each)).length <= surge;
      if (!allowed) this.#court.report(`daemon pod ${pod.metadata.name} is made beside ${beside[0]?.metadata.name}`);
    }
    const controller = managerOf(pod, 'ReplicationController', store);
    if (controller === undefined) return;
    const active = store.listOwned('Pod', controller.metadata.uid).filter(isActive).length;
    if (active > (controller.spec.replicas ?? 1))
      this.#court.report(`pod ${pod.metadata.name} is made for ${controller.metadata.name}, which has enough`);
  }

  /** In order, each after all before it; and never without its claims. */
  #judgeNewSeat(pod: Pod, set: StatefulSet, store: Store): void {
    const { report } = this.#court;
    const { name } = pod.metadata;
    const start = set.spec.ordinals?.start ?? 0;
    const ordinal = ordinalOf(pod);
    if (ordinal < start || ordinal >= start + (set.spec.replicas ?? 1))
      report(`pod ${name} is made, whose ordinal is not wanted`);
    for (const { metadata } of set.spec.volumeClaimTemplates ?? []) {
      const claim = `${metadata?.name}-${name}`;
      if (store.get('PersistentVolumeClaim', set.metadata.namespace ?? 'default', claim) === undefined)
        report(`pod ${name} is made without its claim ${claim}`);
    }
    if (set.spec.podManagementPolicy === 'Parallel') return;
    const pods = new Map(store.listOwned('Pod', set.metadata.uid).map((each) => [ordinalOf(each), each]));
    for (let below = start; below < ordinal; below += 1) {
      const other = pods.get(below);
      if (!isUp(other) || other === undefined || isTerminating(other))
        report(`pod ${name} is made although ${set.metadata.name}-${below} is not up (OrderedReady)`);
    }
  }

  #judgeGoing(pod: Pod, store: Store): void {
    const { report, isAvailable } = this.#court;
    const set = managerOf(pod, 'StatefulSet', store);
    const daemonSet = managerOf(pod, 'DaemonSet', store);
    // A rollback takes away what the bad commit made and does not serve, whoever replaces pods otherwise.
    if (isTakenBack(pod, set ?? daemonSet, store)) return;
    if (set !== undefined && !isTerminating(set as unknown as Pod)) this.#judgeLeftSeat(pod, set, store);
    if (daemonSet !== undefined && daemonSet.metadata.deletionTimestamp === undefined) this.#judgeDaemon(pod, daemonSet, store);
    const controller = managerOf(pod, 'ReplicationController', store);
    if (controller === undefined || controller.metadata.deletionTimestamp !== undefined) return;
    const rest = store.listOwned('Pod', controller.metadata.uid).filter(isActive);
    if (rest.length < (controller.spec.replicas ?? 1))
      report(`pod ${pod.metadata.name} is taken away from ${controller.metadata.name}, which has too few`);
    const idle = isAvailable(pod, store) ? rest.find((each) => !isReady(each)) : undefined;
    if (idle !== undefined) report(`pod ${pod.metadata.name} is taken away, although ${idle.metadata.name} is not even ready`);
  }

  #judgeDaemon(pod: Pod, daemonSet: StoredOf<'DaemonSet'>, store: Store): void {
    const { report, isAvailable } = this.#court;
    const { name } = pod.metadata;
    const others = store.listOwned('Pod', daemonSet.metadata.uid).filter((each) => each.metadata.uid !== pod.metadata.uid);
    const isAlone = !others.some(isActive);
    const newest = store.listOwned('ControllerRevision', daemonSet.metadata.uid).toSorted((a, b) => b.revision - a.revision)[0]
      ?.metadata.labels?.[REVISION_HASH_LABEL];
    const isCurrent = pod.metadata.labels?.[REVISION_HASH_LABEL] === newest;
    const { type, rollingUpdate } = daemonSet.spec.updateStrategy ?? {};
    if (isAlone && (isCurrent || type === 'OnDelete')) report(`daemon pod ${name} is taken away, and nobody wanted that`);
    // A node that is not ready is to have no pod, and an outdated one that is there goes first, as in Kubernetes.
    const isHome = store.list('Node').every(({ status }) => isConditionTrue(status?.conditions, 'Ready'));
    const surges = isHome && type !== 'OnDelete' && Number(rollingUpdate?.maxSurge ?? 0) > 0;
    if (surges && isAvailable(pod, store) && !others.some((each) => isAvailable(each, store)))
      report(`daemon pod ${name} is taken away before another is available`);
  }

  /** Somebody must have wanted that, enough others must serve, and the order is kept. */
  #judgeLeftSeat(pod: Pod, set: StatefulSet, store: Store): void {
    const { report, isAvailable } = this.#court;
    const { name } = pod.metadata;
    const start = set.spec.ordinals?.start ?? 0;
    const end = start + (set.spec.replicas ?? 1);
    const ordinal = ordinalOf(pod);
    const others = store.listOwned('Pod', set.metadata.uid).filter((each) => each.metadata.uid !== pod.metadata.uid);
    const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    const higher = others.find((each) => ordinalOf(each) > ordinal && ordinalOf(each) >= end);
    if (ordinal < start || ordinal >= end) {
      if (isOrdered && ordinal >= end && higher !== undefined)
        report(`pod ${name} is taken away before ${higher.metadata.name} (OrderedReady)`);
      return;
    }
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    const updated = set.status?.updateRevision;
    if (type === 'OnDelete') return report(`pod ${name} is taken away, although its set is updated on deletion`);
    if (ordinal - start < (rollingUpdate?.partition ?? 0)) return report(`pod ${name} is taken away below the partition`);
    if (pod.metadata.labels?.[REVISION_HASH_LABEL] === updated) report(`pod ${name} is taken away, which is of the new revision`);
    if (!isAvailable(pod, store)) return;
    const missing = Array.from({ length: end - start }, (_, index) => start + index).filter((seat) => {
      const other = others.find((each) => ordinalOf(each) === seat);
      return other === undefined || !isAvailable(other, store);
    }).length;
    const limit = Math.max(1, Number(rollingUpdate?.maxUnavailable ?? 1));
    if (missing > limit) report(`pod ${name} is taken away, which makes ${missing} of at most ${limit} unavailable`);
    const older = others.find(
      (each) => ordinalOf(each) > ordinal && isAvailable(each, store) && each.metadata.labels?.[REVISION_HASH_LABEL] !== updated,
    );
    if (isOrdered && older !== undefined) report(`pod ${name} is replaced before ${older.metadata.name}`);
  }
}
