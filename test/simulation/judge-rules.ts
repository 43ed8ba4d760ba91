// What must hold of rules and storage: quotas, priorities, namespaces on their way out, claims and their volumes.
import { isFinished } from '../../src/controllers/pods.ts';
import { type Kind, RECOVERED_ANNOTATION, type Stored, type StoredOf } from '../../src/model/resource.ts';
import type { Store } from '../../src/store/store.ts';
import { type Change, type Court, changesOf, isAskedToGo, isMade, type Judge } from './judge.ts';

const isRecovered = ({ metadata }: Stored): boolean => metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
/** What is made in a namespace on its way out: records, and what is only written down. */
const records: ReadonlySet<Kind> = new Set<Kind>(['Event', 'ControllerRevision']);
const contents: readonly Kind[] = [
  'Pod',
  'ReplicationController',
  'StatefulSet',
  'Job',
  'PersistentVolumeClaim',
  'ControllerRevision',
];

export class RulesJudge implements Judge {
  readonly #court: Court;
  /** The claim that each volume was first for. */
  readonly #claimOf = new Map<string, string>();

  constructor(court: Court) {
    this.#court = court;
  }

  wrote(changes: readonly Change[], store: Store): void {
    for (const change of changes) {
      const { now } = change;
      if (now !== undefined && isMade(change) && !isRecovered(now)) this.#judgeNamespace(now, store);
    }
    for (const change of changesOf(changes, 'Pod')) {
      if (change.now !== undefined && isMade(change) && !isRecovered(change.now)) this.#judgeQuota(change.now, store);
      if (isAskedToGo(change) && change.now !== undefined) this.#judgePreemption(change.now, store);
    }
    for (const { old, now } of changesOf(changes, 'Namespace'))
      if (now === undefined && old !== undefined) this.#judgeEmpty(old, store);
    for (const { old, now } of changesOf(changes, 'PersistentVolumeClaim')) if (now !== undefined) this.#judgeClaim(old, now);
    for (const { now } of changesOf(changes, 'PersistentVolume')) if (now !== undefined) this.#judgeVolume(now);
  }

  #judgeQuota(pod: StoredOf<'Pod'>, store: Store): void {
    const { namespace = 'default', name } = pod.metadata;
    const used = store.list('Pod', namespace).filter((each) => !isFinished(each)).length;
    for (const quota of store.list('ResourceQuota', namespace)) {
      const allowed = Number(quota.spec?.hard?.['pods'] ?? Number.POSITIVE_INFINITY);
      if (used > allowed) this.#court.report(`pod ${name} is admitted: ${used} pods, ${allowed} are allowed`);
    }
  }

  #judgePreemption(pod: StoredOf<'Pod'>, store: Store): void {
    const isVictim = pod.status?.conditions?.some(({ reason }) => reason === 'PreemptionByScheduler') === true;
    if (!isVictim) return;
    const waiting = store
      .list('Pod')
      .filter((each) => each.spec.nodeName === undefined && each.metadata.deletionTimestamp === undefined);
    const highest = Math.max(...waiting.map(({ spec }) => spec.priority ?? 0), Number.NEGATIVE_INFINITY);
    if (highest <= (pod.spec.priority ?? 0))
      this.#court.report(`pod ${pod.metadata.name} makes room for nobody of higher priority`);
  }

  #judgeNamespace(object: Stored, store: Store): void {
    const { namespace, name } = object.metadata;
    if (namespace === undefined || records.has(object.kind)) return;
    const its = store.get('Namespace', '', namespace);
    if (its?.metadata.deletionTimestamp !== undefined)
      this.#court.report(`${object.kind} ${name} is made in the namespace ${namespace}, which is on its way out`);
  }

  #judgeEmpty({ metadata }: StoredOf<'Namespace'>, store: Store): void {
    const left = contents.flatMap((kind): readonly Stored[] => store.list(kind, metadata.name))[0];
    if (left !== undefined)
      this.#court.report(`the namespace ${metadata.name} is gone, and ${left.kind} ${left.metadata.name} is not`);
  }

  /** A claim that has its volume keeps it. */
  #judgeClaim(old: StoredOf<'PersistentVolumeClaim'> | undefined, now: StoredOf<'PersistentVolumeClaim'>): void {
    const before = old?.metadata.uid === now.metadata.uid ? (old.spec.volumeName ?? '') : '';
    if (before !== '' && before !== now.spec.volumeName)
      this.#court.report(`claim ${now.metadata.name} had the volume ${before} and gets ${now.spec.volumeName ?? 'none'}`);
    if (now.status?.phase === 'Lost' && old?.status?.phase !== 'Lost')
      this.#court.report(`claim ${now.metadata.name} has lost its volume`);
  }

  /** A volume is for the claim of one name, for ever. */
  #judgeVolume({ metadata, spec }: StoredOf<'PersistentVolume'>): void {
    if (spec.claimRef === undefined) return;
    const claim = `${spec.claimRef.namespace}/${spec.claimRef.name}`;
    const first = this.#claimOf.get(metadata.name) ?? claim;
    this.#claimOf.set(metadata.name, first);
    if (first !== claim) this.#court.report(`the volume ${metadata.name} of the claim ${first} is given to ${claim}`);
  }
}
