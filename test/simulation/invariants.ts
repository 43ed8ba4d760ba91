// What must hold at every moment, whatever goes wrong. Told of every transaction of the store, every call to the engine and every change
// in it; keeps what it needs beyond the store, which may be lost. Tolerances are those of the faults that were really injected: a pod
// that chaos broke counts as serving until it serves again, and a decision counts with the spec that it was made for.
import { isActive, isAvailable, isFinished, isReady, readySinceMs } from '../../src/controllers/pods.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import {
  type ApplicationStatus,
  controllerOf,
  type Kind,
  keyOf,
  keyString,
  RECOVERED_ANNOTATION,
  type Stored,
  type StoredOf,
} from '../../src/model/resource.ts';
import { rolloutLimits } from '../../src/model/rollout.ts';
import { fromRfc3339 } from '../../src/model/time.ts';
import type { Store, Write, WriteResult } from '../../src/store/store.ts';
import { isApplied } from '../../src/sync/decide.ts';
import type { Clock } from '../../src/system/clock.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import { type Change, type Court, isDisrupted, type Judge } from './judge.ts';
import { JobsJudge } from './judge-jobs.ts';
import { OrderJudge } from './judge-order.ts';
import { RulesJudge } from './judge-rules.ts';
import { SetsJudge } from './judge-sets.ts';
import { SlotsJudge } from './judge-slots.ts';
import { isHookName } from './order-wishes.ts';
import { programOf, type SimulatedEngine, slotOf } from './simulated-engine.ts';
import { differenceFrom, wishedImage } from './target.ts';
import { APP_LABEL, imagesOf, mayBeOlder, noWishes, type SimulatedCommit } from './wishes.ts';

/** The longest back-off of anything, which is that of a Job: so long may a fault have consequences. */
const FAULT_ECHO_MS = 600_000;

export interface Watched {
  readonly clock: Clock;
  readonly engine: SimulatedEngine;
  readonly application: string;
  /** Ids of containers that are somebody else's. */
  readonly foreign: readonly string[];
  readonly store: () => Store;
  readonly commit: (id: string) => SimulatedCommit | undefined;
  readonly tell: (line: string) => void;
}

/** What a ReplicaSet was told to be, and the promises that were in force then. */
interface Decision {
  /** Pods that were available then, when it was about a size: others may go even if they have become available since. */
  readonly available?: ReadonlySet<string>;
  readonly minAvailable: number;
  readonly maxPods: number;
  readonly isRecreate: boolean;
}

type Pod = StoredOf<'Pod'>;

/** Kinds in which a commit says what it wants. */
const targetKinds: ReadonlySet<Kind> = new Set<Kind>([
  'Application',
  'Deployment',
  'ConfigMap',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
  'Job',
  'CronJob',
]);
const appOf = (object: Stored): string => object.metadata.labels?.[APP_LABEL] ?? '';
const imageOf = (pod: Pod): string => pod.spec.containers[0].image;
const sizeOf = (set: StoredOf<'ReplicaSet'>): number => set.spec.replicas ?? 1;

/** The commit that is to run, by an application's status. */
function targetId(status: ApplicationStatus): string | undefined {
  const { attempt, lastGood, quarantined } = status;
  // What was half applied is left alone while the hooks of a newer commit run.
  if (attempt?.phase === 'pre-sync' && attempt.replaces !== undefined) return undefined;
  if (isApplied(attempt) && attempt.phase !== 'rolling-back') return attempt.commit.id;
  return lastGood?.id ?? (quarantined?.nothingApplied === true ? undefined : quarantined?.commit.id);
}

export class Invariants {
  readonly violations: string[] = [];
  readonly #watched: Watched;
  /** Containers that chaos laid hands on. */
  readonly #touched = new Set<string>();
  /** Pods that served until chaos broke them, and when it did. */
  readonly #broken = new Map<string, number>();
  /** Pods that were asked to go. */
  readonly #ended = new Set<string>();
  /** Pods of Deployments that a commit took away. */
  readonly #condemned = new Set<string>();
  readonly #decisions = new Map<string, Decision>();
  /** Promises of each generation of a Deployment, by its uid. */
  readonly #promises = new Map<string, Map<number, Decision>>();
  readonly #claims = new Map<string, number>();
  /** What was first written into each volume of a claim. */
  readonly #contents = new Map<string, string>();
  /** Pods that did not answer for a while: their probes may have them restarted. */
  readonly #deafened = new Set<string>();
  readonly #judges: readonly Judge[];
  #lastFaultMs = Number.NEGATIVE_INFINITY;
  /** Containers that were told to end. */
  readonly #stopping = new Set<string>();
  /** Nothing that was ever live is known: at the very start, and after the store was lost. */
  #knowsNoGood = true;

  constructor(watched: Watched) {
    this.#watched = watched;
    const court: Court = {
      clock: watched.clock,
      engine: watched.engine,
      store: watched.store,
      target: (store) => this.#target(store),
      report: (message) => this.report(message),
      isTouched: ({ id }) => this.#touched.has(id),
      isAvailable: (pod, store) => this.#isAvailable(pod, store),
    };
    const order = new OrderJudge(court, watched.commit);
    this.#judges = [new SlotsJudge(court), new SetsJudge(court), new JobsJudge(court), new RulesJudge(court), order];
  }

  /** Something was made to go wrong. */
  faultHappened(what: string): void {
    this.#lastFaultMs = this.#watched.clock.now();
    this.#watched.tell(`   fault ${what}`);
  }

  /** Chaos is about to lay hands on a container. */
  touching(container: FakeContainer): void {
    const { uid } = slotOf(container);
    this.faultHappened(`on ${container.settings.name}`);
    this.#touched.add(container.id);
    if (slotOf(container).container === '_sandbox')
      for (const each of this.#watched.engine.livingOf(uid)) this.#touched.add(each.id);
    this.breaking(uid);
  }

  /** Chaos is about to make a pod unfit to serve. */
  breaking(uid: string): void {
    this.faultHappened(`pod ${uid.slice(0, 8)} broken`);
    this.#deafened.add(uid);
    const store = this.#watched.store();
    const pod = store.list('Pod').find((each) => each.metadata.uid === uid);
    if (pod !== undefined && this.#isServing(pod, store)) this.#broken.set(uid, this.#watched.clock.now());
  }

  storeLost(): void {
    this.#knowsNoGood = true;
    for (const judge of this.#judges) judge.storeLost?.();
    this.faultHappened('store lost');
  }

  /** Whether no commit was seen live since the start, or since the store was lost. */
  get knowsNoGood(): boolean {
    return this.#knowsNoGood;
  }

  /** A container that lives and was told to end. */
  stopping(): FakeContainer | undefined {
    return this.#watched.engine.ourContainers().find((each) => isAlive(each) && this.#stopping.has(each.id));
  }

  /** Something that must hold does not. */
  report(message: string): void {
    this.#watched.tell(`!! ${message}`);
    this.violations.push(message);
  }

  // The engine.

  /** A call is about to reach the engine. */
  engineCalled(call: string, args: readonly unknown[]): void {
    const { engine, foreign, store, tell } = this.#watched;
    const id = String(args[0]);
    if (foreign.includes(id)) this.report(`${call} of a container that is not ours`);
    if (call === 'removeVolume' && this.#claims.has(id)) this.report(`the volume ${id} of a claim is to be removed`);
    const container = engine.container(id);
    if (call !== 'kill' && call !== 'remove') return;
    tell(`   ${call} ${container?.settings.name ?? id} ${args[1] === 'stop' ? 'stop' : ''}`);
    if (container === undefined || !isAlive(container)) return;
    this.#stopping.add(id);
    const { uid } = slotOf(container);
    const pod = store()
      .list('Pod')
      .find((each) => each.metadata.uid === uid);
    const what = `${call} of ${container.settings.name} (pod ${uid.slice(0, 8)})`;
    if (pod === undefined && !this.#ended.has(uid) && !this.#touched.has(container.id))
      this.report(`${what}, whose pod nobody asked to go`);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return;
    const sandbox = engine.livingOf(uid).find((each) => slotOf(each).container === '_sandbox');
    if (this.#touched.has(container.id) || sandbox === undefined || this.#touched.has(sandbox.id)) return;
    if (!this.#isOver(pod) && !this.#isUnwell(container, pod))
      this.report(`${what}, which is wanted and which nobody has touched`);
  }

  /** Whether a pod that ends by itself has: what serves its main container goes then. */
  #isOver({ spec, metadata }: Pod): boolean {
    const living = this.#watched.engine.livingOf(metadata.uid).map((each) => slotOf(each).container);
    return spec.restartPolicy !== undefined && spec.restartPolicy !== 'Always' && !living.includes('main');
  }

  /** Whether a container is one that its own probes or hooks may end. */
  #isUnwell(container: FakeContainer, { spec, metadata }: Pod): boolean {
    const { livenessProbe, startupProbe, lifecycle } = spec.containers[0];
    if (slotOf(container).container !== 'main') return false;
    const isFaulty = this.#watched.clock.now() - this.#lastFaultMs < FAULT_ECHO_MS;
    if (lifecycle?.postStart !== undefined && isFaulty) return true;
    const isProbed = livenessProbe !== undefined || startupProbe !== undefined;
    return isProbed && (this.#deafened.has(metadata.uid) || ['never', 'crash'].includes(programOf(container)));
  }

  /** Something happened to a container. */
  engineChanged(container: FakeContainer, action: string): void {
    const { engine, tell } = this.#watched;
    tell(`   engine: ${action} ${container.settings.name} ${container.spec.image}`);
    const { uid, container: name } = slotOf(container);
    for (const judge of this.#judges) judge.engineChanged?.(container, action);
    const isSandbox = name === '_sandbox';
    if (action !== 'start' && !(isSandbox && action === 'create')) return;
    const others = engine.ourContainers().filter((each) => {
      const slot = slotOf(each);
      return each !== container && slot.uid === uid && slot.container === name && (isSandbox || isAlive(each));
    });
    if (others.length > 0) this.report(`a second ${name} for pod ${uid.slice(0, 8)} beside ${others[0]?.settings.name}`);
    this.#lookAtVolumes();
  }

  /** Volumes of claims stay, with what is in them; what is not ours stays as it is. */
  lookAtRest(): void {
    const { engine, foreign } = this.#watched;
    this.#lookAtVolumes();
    for (const id of foreign) {
      const container = engine.container(id);
      if (container === undefined || container.state !== 'created') this.report('a container that is not ours was changed');
    }
  }

  #lookAtVolumes(): void {
    const { engine } = this.#watched;
    const present = new Set<string>();
    for (const { name, labels } of engine.volumes()) {
      if (labels[ROLE_LABEL] !== 'claim') continue;
      if (labels[CLUSTER_LABEL] === undefined) this.report(`volume ${name} has no cluster`);
      present.add(name);
      const files = engine.volumeFiles(name).size;
      if (files < (this.#claims.get(name) ?? 0)) this.report(`files of the volume ${name} are gone`);
      this.#claims.set(name, files);
      this.#lookInto(name);
    }
    for (const name of this.#claims.keys()) if (!present.has(name)) this.report(`the volume ${name} of a claim is gone`);
  }

  /** What was written into a volume stays as it was written. */
  #lookInto(name: string): void {
    const { content } = this.#watched.engine.volumeFiles(name).get('/precious') ?? {};
    if (content === undefined) return;
    const text = Buffer.from(content).toString();
    const first = this.#contents.get(name) ?? text;
    this.#contents.set(name, first);
    if (text !== first) this.report(`the volume ${name} held the data of ${first} and holds those of ${text}`);
  }

  // The store.

  /** Stands around a transaction. */
  writing(writes: readonly Write[], perform: () => Promise<WriteResult>): Promise<WriteResult> {
    const store = this.#watched.store();
    const before = new Map<string, Stored | undefined>();
    for (const write of writes) {
      const key = 'key' in write ? write.key : keyOf(write.resource);
      if (key.kind !== 'Event') before.set(keyString(key), store.get(key.kind, key.namespace, key.name));
    }
    const result = perform();
    // The store in memory has decided by now.
    const changes = [...before].map(([key, old]) => {
      const [kind = '', namespace = '', name = ''] = key.split('/');
      return { old, now: store.get(kind as Kind, namespace, name) };
    });
    const real = changes.filter(({ old, now }) => old !== now);
    if (real.length > 0) this.#judge(real, store);
    return result;
  }

  #judge(changes: readonly Change[], store: Store): void {
    for (const judge of this.#judges) judge.wrote?.(changes, store);
    for (const { old, now } of changes) if ((now ?? old)?.kind === 'Deployment') this.#judgeDeployment(old, now, store);
    for (const { old, now } of changes) {
      const { kind, metadata } = now ?? old ?? {};
      if (kind === 'ReplicaSet')
        this.#judgeSize(old as StoredOf<'ReplicaSet'> | undefined, now as StoredOf<'ReplicaSet'> | undefined, store);
      if (kind === 'Pod') this.#judgePod(old as Pod | undefined, now as Pod | undefined, store);
      // Of others than the first nobody has told what they are to be.
      if (kind === 'Application' && metadata?.name === this.#watched.application)
        this.#judgeStatus(old as StoredOf<'Application'> | undefined, now as StoredOf<'Application'> | undefined, store);
    }
    if (changes.some(({ old, now }) => targetKinds.has((now ?? old)?.kind ?? 'Event'))) this.#judgeTarget(store);
  }

  #target(store: Store): SimulatedCommit | undefined {
    const id = targetId(store.get('Application', '', this.#watched.application)?.status ?? {});
    return id === undefined ? undefined : this.#watched.commit(id);
  }

  #judgeDeployment(old: Stored | undefined, now: Stored | undefined, store: Store): void {
    if (now?.kind === 'Deployment') {
      const { replicas, maxSurge, minAvailable } = rolloutLimits(now);
      const isRecreate = now.spec.strategy?.type === 'Recreate';
      const promises = this.#promises.get(now.metadata.uid) ?? new Map<number, Decision>();
      promises.set(now.metadata.generation, {
        minAvailable: isRecreate ? 0 : minAvailable,
        maxPods: replicas + maxSurge,
        isRecreate,
      });
      this.#promises.set(now.metadata.uid, promises);
      return;
    }
    if (old?.kind !== 'Deployment') return;
    const { name } = old.metadata;
    if (this.#target(store)?.wishes.deployments[name] !== undefined)
      this.report(`deployment ${name} is removed, but the target has it`);
    for (const pod of store.list('Pod')) if (appOf(pod) === name) this.#condemned.add(pod.metadata.uid);
  }

  /** Promises that may be acted upon now: of the spec, and of those before it back to the one that the controller has seen. */
  #promisesOf(deployment: StoredOf<'Deployment'>): readonly Decision[] {
    const seen = deployment.status?.observedGeneration ?? 0;
    return [...(this.#promises.get(deployment.metadata.uid) ?? [])]
      .filter(([generation]) => generation >= seen && generation <= deployment.metadata.generation)
      .map(([, promise]) => promise);
  }

  #ownerOf(object: Stored, store: Store): StoredOf<'Deployment'> | undefined {
    const owner = controllerOf(object);
    const found = owner?.kind === 'Deployment' ? store.get('Deployment', 'default', owner.name) : undefined;
    return found?.metadata.uid === owner?.uid ? found : undefined;
  }

  /** A ReplicaSet got another size: the rollout's promises hold for what is known in that moment. */
  #judgeSize(old: StoredOf<'ReplicaSet'> | undefined, now: StoredOf<'ReplicaSet'> | undefined, store: Store): void {
    const set = now ?? old;
    if (set === undefined || (now !== undefined && old !== undefined && sizeOf(now) === sizeOf(old))) return;
    const deployment = this.#ownerOf(set, store);
    if (deployment === undefined) return;
    const { replicas, maxSurge, minAvailable } = rolloutLimits(deployment);
    const isRecreate = deployment.spec.strategy?.type === 'Recreate';
    this.#watched.tell(
      `   set ${set.metadata.name}: ${old === undefined ? '-' : sizeOf(old)} → ${now === undefined ? '-' : sizeOf(now)}`,
    );
    const available = store.listOwned('Pod', set.metadata.uid).filter((pod) => this.#isAvailable(pod, store));
    this.#decisions.set(set.metadata.uid, {
      available: new Set(available.map(({ metadata }) => metadata.uid)),
      minAvailable: isRecreate ? 0 : minAvailable,
      maxPods: replicas + maxSurge,
      isRecreate,
    });
    const sizeBefore = old === undefined ? 0 : sizeOf(old);
    const sizeNow = now === undefined ? 0 : sizeOf(now);
    if (isRecreate || sizeNow >= sizeBefore) return;
    const availableIn = (each: StoredOf<'ReplicaSet'>): number =>
      store.listOwned('Pod', each.metadata.uid).filter((pod) => this.#isAvailable(pod, store)).length;
    const others = store
      .listOwned('ReplicaSet', deployment.metadata.uid)
      .filter((each) => each.metadata.uid !== set.metadata.uid);
    const rest = others.reduce((sum, each) => sum + Math.min(sizeOf(each), availableIn(each)), 0);
    const left = rest + Math.min(sizeNow, availableIn(set));
    if (left < minAvailable && left < rest + Math.min(sizeBefore, availableIn(set)))
      this.report(
        `${set.metadata.name} goes from ${sizeBefore} to ${sizeNow}, which leaves ${left} available of at least ${minAvailable}`,
      );
  }

  /** Available, as far as is known: ready for as long as its ReplicaSet asks for. */
  #isAvailable(pod: Pod, store: Store): boolean {
    const owner = controllerOf(pod);
    const kind = owner?.kind;
    const namespace = pod.metadata.namespace ?? 'default';
    const set =
      owner !== undefined && (kind === 'ReplicaSet' || kind === 'StatefulSet')
        ? store.get(kind, namespace, owner.name)
        : undefined;
    return isActive(pod) && isAvailable(pod, set?.spec.minReadySeconds ?? 0, this.#watched.clock.now());
  }

  /** Available, or it would be if chaos had let it. */
  #isServing(pod: Pod, store: Store): boolean {
    if (!isActive(pod)) return false;
    const brokenAt = this.#broken.get(pod.metadata.uid);
    const isBack = brokenAt !== undefined && (readySinceMs(pod) ?? 0) > brokenAt;
    if (isBack) this.#broken.delete(pod.metadata.uid);
    return (brokenAt !== undefined && !isBack) || this.#isAvailable(pod, store);
  }

  #judgePod(old: Pod | undefined, now: Pod | undefined, store: Store): void {
    if (old === undefined && now !== undefined) return this.#judgeNewPod(now, store);
    if (old === undefined) return;
    if (now !== undefined && now.metadata.uid === old.metadata.uid) this.#judgeReady(old, now);
    const isEnding = now?.metadata.uid !== old.metadata.uid || now.metadata.deletionTimestamp !== undefined;
    if (!isEnding) return;
    const isNew = old.metadata.deletionTimestamp === undefined && !isFinished(old);
    this.#ended.add(old.metadata.uid);
    if (isNew && !isDisrupted(now)) this.#judgeTakingAway(old, store);
    const isGone = now?.metadata.uid !== old.metadata.uid;
    if (isGone && this.#watched.engine.livingOf(old.metadata.uid).length > 0)
      this.report(`pod ${old.metadata.name} is gone, its containers live`);
  }

  #judgeReady(old: Pod, now: Pod): void {
    const program = imageOf(now).split(':')[0] ?? '';
    if (!isReady(old) && isReady(now) && ['crash', 'never', 'unstartable', 'gone'].includes(program))
      this.report(`pod ${now.metadata.name} is called ready, which it can never be`);
  }

  #judgeNewPod(pod: Pod, store: Store): void {
    this.#watched.tell(`   new pod ${pod.metadata.name} ${imageOf(pod)}`);
    const isRecovered = pod.metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet' || isRecovered) return;
    const set = store.get('ReplicaSet', 'default', owner.name);
    const deployment = set === undefined ? undefined : this.#ownerOf(set, store);
    if (set === undefined || deployment === undefined) {
      const size = set === undefined ? 0 : sizeOf(set);
      const active = store.listOwned('Pod', owner.uid).filter(isActive).length;
      if (active > size) this.report(`pod ${pod.metadata.name} is made for a ReplicaSet that has enough`);
      return;
    }
    const isOfDeployment = (each: Pod): boolean =>
      appOf(each) === deployment.metadata.name && !this.#condemned.has(each.metadata.uid);
    const pods = store.list('Pod').filter(isOfDeployment);
    const decision = this.#decisions.get(set.metadata.uid);
    const allowed = Math.max(
      ...[...this.#promisesOf(deployment), ...(decision === undefined ? [] : [decision])].map((each) => each.maxPods),
    );
    const active = pods.filter(isActive).length;
    if (active > allowed) this.report(`${deployment.metadata.name} has ${active} pods, ${allowed} are allowed`);
    const isRecreate = decision?.isRecreate === true && deployment.spec.strategy?.type === 'Recreate';
    const older = pods.find((each) => controllerOf(each)?.uid !== set.metadata.uid && !isFinished(each));
    if (isRecreate && older !== undefined)
      this.report(`${pod.metadata.name} is made while ${older.metadata.name} is there (Recreate)`);
  }

  /** A pod is asked to go. Somebody must have wanted that, and enough others must serve. */
  #judgeTakingAway(pod: Pod, store: Store): void {
    const { name, uid } = pod.metadata;
    this.#watched.tell(`   end pod ${name} ${imageOf(pod)}`);
    if (this.#condemned.has(uid)) return;
    const owner = controllerOf(pod);
    if (owner === undefined) {
      const target = this.#target(store);
      if (target === undefined || target.wishes.pods[name]?.image === imageOf(pod))
        this.report(`pod ${name} is taken away, but it is wanted`);
      return;
    }
    if (owner.kind !== 'ReplicaSet') return;
    const set = store.get('ReplicaSet', 'default', owner.name);
    const deployment = set?.metadata.uid === owner.uid ? this.#ownerOf(set, store) : undefined;
    if (set === undefined || deployment === undefined) {
      // What was rebuilt after the store was lost goes when the target does not have it.
      const target = this.#target(store);
      const isUnwanted = target !== undefined && target.wishes.deployments[appOf(pod)] === undefined;
      if (!isUnwanted) this.report(`pod ${name} is taken away, and no Deployment wanted that`);
      return;
    }
    const rest = store.listOwned('Pod', set.metadata.uid).filter(isActive);
    if (rest.length < sizeOf(set)) this.report(`pod ${name} is taken away from a ReplicaSet that has too few`);
    const idle = isReady(pod) ? rest.find((each) => !isReady(each)) : undefined;
    if (idle !== undefined) this.report(`pod ${name} is taken away, although ${idle.metadata.name} is not even ready`);
    const decision = this.#decisions.get(set.metadata.uid);
    const promises = [...this.#promisesOf(deployment), ...(decision === undefined ? [] : [decision])];
    const needed = Math.min(...promises.map((each) => each.minAvailable));
    const serving = store
      .list('Pod')
      .filter((each) => appOf(each) === deployment.metadata.name && this.#isServing(each, store)).length;
    const wasAvailable = decision?.available?.has(uid) ?? true;
    if (wasAvailable && this.#isAvailable(pod, store) && serving < needed)
      this.report(`pod ${name} is taken away, which leaves ${serving} serving of at least ${needed}`);
  }

  #judgeStatus(old: StoredOf<'Application'> | undefined, now: StoredOf<'Application'> | undefined, store: Store): void {
    const before = old?.status ?? {};
    const after = now?.status ?? {};
    const { attempt, lastGood, quarantined } = after;
    const { tell, commit, engine } = this.#watched;
    if (attempt?.phase !== before.attempt?.phase || attempt?.commit.id !== before.attempt?.commit.id)
      tell(`   attempt ${attempt?.commit.id.slice(0, 7) ?? '-'} ${attempt?.phase ?? ''} ${attempt?.cause ?? ''}`);
    if (lastGood !== undefined && lastGood.id !== before.lastGood?.id) {
      tell(`   live ${lastGood.id.slice(0, 7)}`);
      this.#knowsNoGood = false;
      if (commit(lastGood.id)?.class !== 'good') this.report(`commit ${lastGood.id.slice(0, 7)} is called good, which it is not`);
    }
    if (isApplied(attempt) && (!isApplied(before.attempt) || before.attempt.commit.id !== attempt.commit.id)) {
      const missing = imagesOf(commit(attempt.commit.id)?.wishes ?? noWishes).filter((image) => !engine.images().includes(image));
      if (missing.length > 0) this.report(`commit ${attempt.commit.id.slice(0, 7)} is applied without the image ${missing[0]}`);
    }
    if (quarantined !== undefined && quarantined.commit.id !== before.quarantined?.commit.id)
      this.#judgeFailure(quarantined, before, store);
  }

  /** A commit was given up. */
  #judgeFailure(failed: NonNullable<ApplicationStatus['quarantined']>, before: ApplicationStatus, store: Store): void {
    const { clock, commit, tell } = this.#watched;
    tell(`   ${failed.outcome} ${failed.commit.id.slice(0, 7)}: ${failed.message}`);
    const sinceMs = fromRfc3339(failed.startedAt) - FAULT_ECHO_MS;
    if (commit(failed.commit.id)?.class === 'good' && this.#lastFaultMs < sinceMs)
      this.report(`the good commit ${failed.commit.id.slice(0, 7)} failed, and nothing had gone wrong: ${failed.message}`);
    if (failed.outcome !== 'rolled-back') return;
    const wishes = this.#target(store)?.wishes;
    const isLate = clock.now() >= fromRfc3339(before.attempt?.deadline ?? failed.startedAt);
    // What somebody has brought back stays until another commit is live.
    const broughtBack = new Set(before.inventory?.flatMap(({ name, undeleted }) => (undeleted === true ? [name] : [])));
    for (const pod of store.list('Pod')) {
      const app = appOf(pod);
      if (broughtBack.has(app)) continue;
      const wanted = wishes === undefined ? undefined : wishedImage(wishes, app);
      if (isHookName(app)) continue;
      if (wishes !== undefined && (mayBeOlder(wishes, app) || wishes.cronJobs[app] !== undefined)) continue;
      const isGoing = pod.metadata.deletionTimestamp !== undefined;
      if (wanted !== imageOf(pod) && !(isGoing && isLate))
        this.report(`${failed.commit.id.slice(0, 7)} was rolled back, and its pod ${pod.metadata.name} is still there`);
    }
  }

  /** What the store asks for is what one commit asks for, as a whole; and never what preflight forbids. */
  #judgeTarget(store: Store): void {
    const target = this.#target(store);
    if (target === undefined) return;
    if (target.class === 'invalid' || target.class === 'refused')
      this.report(`a commit was applied that is ${target.class}: ${target.about}`);
    const { attempt } = store.get('Application', '', this.#watched.application)?.status ?? {};
    const difference = differenceFrom(target.wishes, store, attempt?.phase === 'applying' ? attempt.wave : undefined);
    if (difference !== undefined) this.report(difference);
  }
}
