// Where a world must come to rest once nothing goes wrong any more.
import { isFinished } from '../../src/controllers/pods.ts';
import { isConditionTrue } from '../../src/model/conditions.ts';
import { isAlive } from '../support/fake-container.ts';
import { slotOf } from './simulated-engine.ts';
import { APP_LABEL, wishedContainers } from './wishes.ts';
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
  // After the store was lost, the good commits before HEAD are not known, and what runs is held as it is.
  if (status.lastGood === undefined) return world.invariants.knowsNoGood || isGivenUp ? undefined : 'no commit is live';
  const target = commits.get(status.lastGood.id);
  if (target === undefined) return 'the live commit was never pushed';
  if (status.health !== 'Healthy') return `health is ${status.health}`;
  const wanted = wishedContainers(target.wishes);
  const running = runningContainers(world);
  if (String(wanted) !== String(running)) return `should run: ${wanted.join(', ')}; runs: ${running.join(', ')}`;
  const stopping = world.invariants.stopping();
  return stopping === undefined ? unsettled(world) : `${stopping.settings.name} is being stopped`;
}

function runningContainers({ engine, store }: World): string[] {
  const apps = new Map(store.list('Pod').map((pod) => [pod.metadata.uid, pod.metadata.labels?.[APP_LABEL] ?? '']));
  return engine
    .ourContainers()
    .filter(isAlive)
    .map((each) => {
      const { uid, container } = slotOf(each);
      const what = `${apps.get(uid) ?? `unknown pod ${uid}`} ${container}`;
      return `${what}${container === '_sandbox' ? '' : ` ${each.spec.image}`}${each.state === 'running' ? '' : ` ${each.state}`}`;
    })
    .sort();
}

function unsettled({ store }: World): string | undefined {
  const going = store.list('Pod').find((pod) => pod.metadata.deletionTimestamp !== undefined);
  if (going !== undefined) return `pod ${going.metadata.name} is on its way out`;
  for (const { metadata, spec, status } of store.list('Deployment')) {
    const { observedGeneration, replicas = 0, availableReplicas = 0, updatedReplicas = 0 } = status ?? {};
    const isDone = [replicas, availableReplicas, updatedReplicas].every((count) => count === (spec.replicas ?? 1));
    if (observedGeneration !== metadata.generation || !isDone) return `deployment ${metadata.name} is not complete`;
  }
  const node = store.list('Node').find(({ status }) => !isConditionTrue(status?.conditions, 'Ready'));
  if (node !== undefined) return `node ${node.metadata.name} is not ready`;
  const task = store.list('Pod').find((pod) => pod.spec.restartPolicy === 'Never' && !isFinished(pod));
  return task === undefined ? undefined : `pod ${task.metadata.name} has not ended`;
}
