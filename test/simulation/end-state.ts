// Where a world must come to rest once nothing goes wrong any more.
import { isDeepStrictEqual } from 'node:util';
import { isFinished, isReady } from '../../src/controllers/pods.ts';
import { isConditionTrue } from '../../src/model/conditions.ts';
import { jobEnd } from '../../src/model/job.ts';
import { kindNaming } from '../../src/model/kinds.generated.ts';
import type { Kind, Stored } from '../../src/model/resource.ts';
import { HOOK_RUN_ANNOTATION } from '../../src/model/sync-order.ts';
import { type FakeContainer, isAlive, settingsAsked } from '../support/fake-container.ts';
import { slotOf } from './simulated-engine.ts';
import { APP_LABEL, containerLine, imagesOf, isScheduled, mayBeOlder, type Wishes, wishedContainers } from './wishes.ts';
import { APPLICATION, type World } from './world.ts';

/** What is not yet as it must be; undefined when all is. */
export function disagreement(world: World): string | undefined {
  const { store, commits } = world;
  const status = store.get('Application', '', APPLICATION)?.status;
  const head = world.head;
  const commit = commits.get(head);
  if (!world.isIdle || status === undefined || commit === undefined) return 'somebody is at work';
  if (status.attempt !== undefined)
    return `commit ${status.attempt.commit.id.slice(0, 7)} is ${status.attempt.phase}: ${status.attempt.waitingFor?.join('; ') ?? ''}`;
  if (status.source?.ready !== true) return 'the source is not read';
  const isGivenUp = status.quarantined?.commit.id === head;
  if (commit.class === 'good' && status.lastGood?.id !== head && !isGivenUp) return `commit ${head.slice(0, 7)} is not live`;
  if (commit.class === 'unhealthy' && !isGivenUp) return `commit ${head.slice(0, 7)} is not given up`;
  const isHeld = status.held?.commit.id === head;
  if ((commit.class === 'invalid' || commit.class === 'refused') && !isHeld) return `commit ${head.slice(0, 7)} is not held`;
  // Where its pods have no place, its images are asked for all the same, until they are there.
  const missing = imagesOf(commit.wishes).find((image) => !world.engine.images().includes(image));
  if (isHeld && status.held?.message.includes('have no place') === true && missing !== undefined)
    return `commit ${head.slice(0, 7)} is held, and ${missing} is asked for`;
  // After the store was lost, the good commits before HEAD are not known, and what runs is held as it is.
  if (status.lastGood === undefined) return world.invariants.knowsNoGood || isGivenUp ? undefined : 'no commit is live';
  const target = commits.get(status.lastGood.id);
  if (target === undefined) return 'the live commit was never pushed';
  if (status.health !== 'Healthy') return `health is ${status.health}`;
  return contradiction(world, target.wishes) ?? unsettled(world, target.wishes);
}

function contradiction(world: World, wishes: Wishes): string | undefined {
  const wanted = wishedContainers(wishes);
  const running = runningContainers(world, wishes);
  if (String(wanted) !== String(running)) return `should run: ${wanted.join(', ')}; runs: ${running.join(', ')}`;
  const edited = world.engine.ourContainers().find((each) => isAlive(each) && isEdited(each));
  if (edited !== undefined) return `${edited.spec.name} has other settings than it was made with`;
  const stopping = world.invariants.stopping();
  return stopping === undefined ? undefined : `${stopping.settings.name} is being stopped`;
}

/** Whether somebody changed what a container may use, where it is connected or what it is called. */
function isEdited({ spec, settings }: FakeContainer): boolean {
  return !isDeepStrictEqual(settings, settingsAsked(spec));
}

function runningContainers({ engine, store }: World, wishes: Wishes): string[] {
  const apps = new Map(store.list('Pod').map((pod) => [pod.metadata.uid, pod.metadata.labels?.[APP_LABEL] ?? '']));
  return engine
    .ourContainers()
    .filter(isAlive)
    .flatMap((each) => {
      const { uid, container } = slotOf(each);
      const app = apps.get(uid) ?? `unknown pod ${uid}`;
      if (isScheduled(wishes, app) || (mayBeOlder(wishes, app) && container === 'helper')) return [];
      return [`${containerLine(wishes, app, container, each.spec.image)}${each.state === 'running' ? '' : ` ${each.state}`}`];
    })
    .sort();
}

function unsettled(world: World, wishes: Wishes): string | undefined {
  const { store } = world;
  const isTicking = ({ metadata }: Stored): boolean => isScheduled(wishes, metadata.labels?.[APP_LABEL] ?? '');
  const pods = store.list('Pod').filter((pod) => !isTicking(pod));
  const going = pods.find((pod) => pod.metadata.deletionTimestamp !== undefined);
  if (going !== undefined) return `pod ${going.metadata.name} is on its way out`;
  for (const { metadata, spec, status } of store.list('Deployment')) {
    const { observedGeneration, replicas = 0, availableReplicas = 0, updatedReplicas = 0 } = status ?? {};
    const isDone = [replicas, availableReplicas, updatedReplicas].every((count) => count === (spec.replicas ?? 1));
    if (observedGeneration !== metadata.generation || !isDone) return `deployment ${metadata.name} is not complete`;
  }
  const node = store.list('Node').find(({ status }) => !isConditionTrue(status?.conditions, 'Ready'));
  if (node !== undefined) return `node ${node.metadata.name} is not ready`;
  const task = pods.find(
    (pod) => pod.spec.restartPolicy !== undefined && pod.spec.restartPolicy !== 'Always' && !isFinished(pod),
  );
  if (task !== undefined) return `pod ${task.metadata.name} has not ended`;
  const unfinished = unfinishedSets(world) ?? unfinishedJobs(world, wishes) ?? miscounted(world);
  return unfinished ?? (world.isTicking ? undefined : leftovers(world, wishes));
}

function unfinishedSets({ store }: World): string | undefined {
  for (const { metadata, spec, status } of store.list('StatefulSet')) {
    const wanted = spec.replicas ?? 1;
    const { observedGeneration, replicas = 0, availableReplicas = 0 } = status ?? {};
    if (observedGeneration !== metadata.generation || replicas !== wanted || availableReplicas !== wanted)
      return `statefulset ${metadata.name} is not complete`;
  }
  for (const { metadata, spec, status } of store.list('ReplicationController')) {
    const { observedGeneration, replicas = 0, availableReplicas = 0 } = status ?? {};
    if (observedGeneration !== metadata.generation || replicas !== spec.replicas || availableReplicas !== spec.replicas)
      return `replicationcontroller ${metadata.name} is not complete`;
  }
  for (const { metadata, status } of store.list('DaemonSet'))
    if (status?.observedGeneration !== metadata.generation || status.numberAvailable !== status.desiredNumberScheduled)
      return `daemonset ${metadata.name} is not complete`;
  return undefined;
}

/** Budgets, quotas and claims whose status is not what there is. */
function miscounted(world: World): string | undefined {
  const { store } = world;
  for (const { metadata, status } of store.list('PodDisruptionBudget')) {
    const healthy = store
      .list('Pod', metadata.namespace)
      .filter((pod) => pod.metadata.labels?.[APP_LABEL] === metadata.name && isReady(pod)).length;
    if (status?.currentHealthy !== healthy) return `the budget of ${metadata.name} says ${status?.currentHealthy} of ${healthy}`;
  }
  for (const { metadata, status } of world.isTicking ? [] : store.list('ResourceQuota')) {
    const pods = store.list('Pod', metadata.namespace).filter((pod) => !isFinished(pod)).length;
    if (Number(status?.used?.['pods']) !== pods) return `the quota says ${status?.used?.['pods']} of ${pods} pods`;
  }
  for (const { metadata, spec, status } of store.list('PersistentVolumeClaim')) {
    const volume = spec.volumeName === undefined ? undefined : store.get('PersistentVolume', '', spec.volumeName);
    if (status?.phase === 'Bound' && volume?.spec.claimRef?.uid !== metadata.uid)
      return `claim ${metadata.name} is bound to nothing`;
  }
  return undefined;
}

function unfinishedJobs({ store }: World, wishes: Wishes): string | undefined {
  for (const job of store.list('Job')) {
    const { name, labels, ownerReferences = [] } = job.metadata;
    const app = job.spec.template.metadata?.labels?.[APP_LABEL] ?? labels?.[APP_LABEL] ?? '';
    if (isScheduled(wishes, app)) continue;
    const isSuspended = wishes.jobs[name]?.isSuspended === true;
    const end = jobEnd(job)?.type;
    // How a CronJob's end is nobody's business.
    const isHook = job.metadata.annotations?.[HOOK_RUN_ANNOTATION] !== undefined;
    // How a hook ended has been judged; it stays to be looked at.
    const isDone =
      (isHook && end !== undefined) || end === 'Complete' || isSuspended || (ownerReferences.length > 0 && end !== undefined);
    if (!isDone) return `job ${name} is not complete`;
    if (job.spec.ttlSecondsAfterFinished !== undefined && !isSuspended) return `job ${name} is to go by itself`;
  }
  return undefined;
}

const allKinds = Object.keys(kindNaming) as Kind[];
/** What is not a commit's and stays after those whom it is about. */
const records: ReadonlySet<Kind> = new Set<Kind>(['Event', 'Lease']);

/** What is there and has nobody: containers, pods, dependents, objects of namespaces that are gone. */
function leftovers({ store, engine }: World, wishes: Wishes): string | undefined {
  const pods = new Set(store.list('Pod').map(({ metadata }) => metadata.uid));
  const container = engine.ourContainers().find((each) => !pods.has(slotOf(each).uid));
  if (container !== undefined) return `container ${container.settings.name} has no pod`;
  const namespaces = new Set(['', 'default', ...wishes.namespaces]);
  const objects = allKinds.filter((kind) => !records.has(kind)).flatMap((kind): readonly Stored[] => store.list(kind));
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  for (const { kind, metadata } of objects) {
    const name = `${kind} ${metadata.name}`;
    if (metadata.ownerReferences?.some(({ uid }) => !uids.has(uid))) return `${name} is there, its owner is not`;
    if (!namespaces.has(metadata.namespace ?? '')) return `${name} is in the namespace ${metadata.namespace}, which is gone`;
    if (kind === 'Namespace' && !namespaces.has(metadata.name)) return `${name} is there`;
    if (metadata.deletionTimestamp !== undefined) return `${name} is on its way out`;
  }
  return undefined;
}
