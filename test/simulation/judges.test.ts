// Each judge is worth something only if it can condemn: each test plants a fault in a world that is well, and asks whether it is seen.
import { describe, expect, test } from 'vitest';
import { POD_UID_LABEL, SANDBOX_LABEL } from '../../src/kubelet/labels.ts';
import { JOB_INDEX_ANNOTATION, SCHEDULED_TIMESTAMP_ANNOTATION } from '../../src/model/job.ts';
import {
  type ApplicationStatus,
  controllerReference,
  type Job,
  type Kind,
  keyOf,
  type Pod,
  type PodTemplateSpec,
  type Resource,
  type Stored,
  type StoredOf,
} from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import type { Write } from '../../src/store/store.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import { Dice } from './dice.ts';
import { filesOf } from './manifests.ts';
import { slotOf } from './simulated-engine.ts';
import {
  APP_LABEL,
  type ControllerWish,
  type CronJobWish,
  type DaemonSetWish,
  type DeploymentWish,
  type HookWish,
  type JobWish,
  noWishes,
  type StatefulSetWish,
  type Wishes,
} from './wishes.ts';
import { World } from './world.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const set: StatefulSetWish = {
  image: 'app:1',
  extras: {},
  replicas: 3,
  nature: { isParallel: false, startOrdinal: 0, claims: '' },
  update: 'RollingUpdate',
  partition: 0,
  maxUnavailable: 1,
  minReadySeconds: 0,
  releasesClaims: false,
};
const daemon: DaemonSetWish = { image: 'app:1', extras: {}, maxSurge: 0, update: 'RollingUpdate' };
const farm: ControllerWish = { image: 'slow:1', extras: {}, replicas: 2 };
const job: JobWish = {
  image: 'long:1',
  extras: {},
  completions: 3,
  parallelism: 1,
  isIndexed: true,
  restartPolicy: 'Never',
  isLimitedPerIndex: false,
  backoffLimit: 6,
  isSuspended: false,
};
const cron: CronJobWish = { image: 'longer:1', extras: {}, policy: 'Forbid', schedule: '* * * * *', isSuspended: false };

function push(world: World, change: Partial<Wishes>): void {
  const wishes = { ...noWishes, ...change };
  world.push({ class: 'good', wishes, files: filesOf(wishes), about: 'planted' });
}

/** A world in which this was asked for so many seconds ago. */
async function aWorld(wishes: Partial<Wishes>, seconds = 90): Promise<World> {
  const world = new World({ seed: 1, dice: new Dice(1), isSlow: false });
  push(world, wishes);
  world.start();
  await world.clock.advance(seconds * 1000);
  world.engine.writeData();
  world.invariants.lookAtRest();
  expect(world.invariants.violations).toEqual([]);
  return world;
}

/** Written as by the product: it is judged. */
async function plant(world: World, ...writes: readonly Write[]): Promise<void> {
  await world.invariants.writing(writes, () => world.store.write(writes));
}

function the<K extends Kind>(world: World, kind: K, name: string, namespace = 'default'): StoredOf<K> {
  const found = world.store
    .list(kind)
    .find(({ metadata }) => metadata.name === name && (metadata.namespace ?? namespace) === namespace);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

function main(world: World, app: string): FakeContainer {
  const found = world.engine
    .ourContainers()
    .find((each) => slotOf(each).container === 'main' && each.spec.name.includes(`.${app}`));
  if (found === undefined) throw new Error(`no container of ${app}`);
  return found;
}

const firstPod = (world: World, app: string): StoredOf<'Pod'> => {
  const found = world.store.list('Pod').find(({ metadata }) => metadata.labels?.[APP_LABEL] === app);
  if (found === undefined) throw new Error(`no pod of ${app}`);
  return found;
};
const creating = (resource: Resource & { metadata: { name: string } }): Write => ({ op: 'create', resource });
const updating = (resource: Stored): Write => ({ op: 'update', resource });
const removing = (object: Stored): Write => ({ op: 'remove', key: keyOf(object), uid: object.metadata.uid });
const status = (object: Stored, its: unknown): Write => ({
  op: 'updateStatus',
  key: keyOf(object),
  uid: object.metadata.uid,
  status: its,
});
const ending = <R extends Stored>(object: R): R => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:10:00Z', deletionGracePeriodSeconds: 5 },
});

/** A pod of an owner, as a controller that miscounts would make it. */
function podFor(owner: Stored & { spec: { template?: PodTemplateSpec } }, name: string, annotations = {}): Write {
  const { metadata, spec } = owner.spec.template ?? { spec: { containers: [{ name: 'main', image: 'app:1' }] } };
  const { labels = {} } = metadata ?? {};
  const pod: Pod & { metadata: { name: string } } = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: owner.metadata.namespace ?? 'default',
      labels,
      annotations,
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
  return creating(pod);
}

function jobFor(world: World, name: string, atMs: number): Write {
  const cronJob = the(world, 'CronJob', 'tick');
  const resource: Job & { metadata: { name: string } } = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: 'default',
      annotations: { [SCHEDULED_TIMESTAMP_ANNOTATION]: toRfc3339(atMs) },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: cronJob.spec.jobTemplate.spec,
  };
  return creating(resource);
}

type Row = [string, Partial<Wishes>, (world: World) => void | Promise<void>, string];

function holds(rows: readonly Row[]): void {
  test.each(rows)('%s', async (_title, wishes, act, seen) => {
    const world = await aWorld(wishes);
    await act(world);
    world.invariants.lookAtRest();
    expect(world.invariants.violations.join('\n')).toContain(seen);
  });
}

describe('StatefulSets', () => {
  const db = (change: Partial<StatefulSetWish> = {}): Partial<Wishes> => ({ statefulSets: { db: { ...set, ...change } } });
  const deleting = (name: string) => (world: World) => plant(world, updating(ending(the(world, 'Pod', name))));
  holds([
    [
      'a pod is made before the one below it is up',
      db({ image: 'never:1' }),
      (world) => plant(world, podFor(the(world, 'StatefulSet', 'db'), 'db-1')),
      'db-1 is made although db-0 is not up',
    ],
    ['a pod too many', db(), (world) => plant(world, podFor(the(world, 'StatefulSet', 'db'), 'db-7')), 'ordinal is not wanted'],
    [
      'a pod without its claim',
      db(),
      (world) => plant(world, podFor(the(world, 'StatefulSet', 'db'), 'db-7')),
      'without its claim data-db-7',
    ],
    ['a pod goes that is as it should be', db(), deleting('db-1'), 'db-1 is taken away, which is of the new revision'],
    ['a pod goes below the partition', db({ partition: 2 }), deleting('db-1'), 'db-1 is taken away below the partition'],
    ['a pod goes that waits for a hand', db({ update: 'OnDelete' }), deleting('db-1'), 'although its set is updated on deletion'],
    [
      'a lower pod goes first',
      db(),
      async (world) => {
        const stored = the(world, 'StatefulSet', 'db');
        await world.store.write([updating({ ...stored, spec: { ...stored.spec, replicas: 1 } })]);
        await deleting('db-1')(world);
      },
      'db-1 is taken away before db-2',
    ],
    [
      'more go than may be unavailable',
      db(),
      async (world) => {
        push(world, db({ image: 'slow:2' }));
        await world.clock.advance(10_000);
        await deleting('db-1')(world);
      },
      'db-1 is taken away, which makes 2 of at most 1 unavailable',
    ],
    [
      'a rollout that begins at the wrong end',
      db(),
      async (world) => {
        world.tamper = (writes) =>
          writes.map((write) => {
            const isGoing = write.op === 'update' && write.resource.metadata.name === 'db-2' && write.resource.kind === 'Pod';
            return isGoing ? updating(ending(the(world, 'Pod', 'db-0'))) : write;
          });
        push(world, db({ image: 'app:2' }));
        await world.clock.advance(1_000);
      },
      'db-0 is replaced before db-',
    ],
    [
      'a set that says something else than the commit',
      db(),
      (world) => {
        const stored = the(world, 'StatefulSet', 'db');
        return plant(world, updating({ ...stored, spec: { ...stored.spec, replicas: 5 } }));
      },
      'set db is 5,app:1, the target says 3,app:1',
    ],
    [
      'two pods of one name live at once',
      db(),
      (world) => world.engine.double(main(world, 'db-0'), { [POD_UID_LABEL]: 'another' }),
      'db-0 runs twice',
    ],
  ]);
});

describe('DaemonSets and ReplicationControllers', () => {
  const agent = (change: Partial<DaemonSetWish> = {}): Partial<Wishes> => ({ daemonSets: { agent: { ...daemon, ...change } } });
  holds([
    [
      'a second pod on a node',
      agent(),
      (world) => plant(world, podFor(the(world, 'DaemonSet', 'agent'), 'agent-x')),
      'daemon pod agent-x is made beside',
    ],
    [
      'a pod goes for nothing',
      agent(),
      (world) => plant(world, updating(ending(firstPod(world, 'agent')))),
      'and nobody wanted that',
    ],
    [
      'a pod goes before another is available',
      agent({ maxSurge: 1 }),
      (world) => plant(world, updating(ending(firstPod(world, 'agent')))),
      'is taken away before another is available',
    ],
    [
      'a pod too many',
      { controllers: { farm } },
      (world) => plant(world, podFor(the(world, 'ReplicationController', 'farm'), 'farm-x')),
      'is made for farm, which has enough',
    ],
    [
      'a pod goes that is wanted',
      { controllers: { farm } },
      (world) => plant(world, updating(ending(firstPod(world, 'farm')))),
      'is taken away from farm, which has too few',
    ],
    [
      'a ready pod goes instead of one that is not',
      { controllers: { farm } },
      async (world) => {
        const [one, other] = world.store.list('Pod');
        if (one === undefined || other === undefined) throw new Error('no pods');
        world.engine.deaf.add(one.metadata.uid);
        await world.clock.advance(20_000);
        const stored = the(world, 'ReplicationController', 'farm');
        await world.store.write([updating({ ...stored, spec: { ...stored.spec, replicas: 1 } })]);
        await plant(world, updating(ending(the(world, 'Pod', other.metadata.name))));
      },
      'is not even ready',
    ],
  ]);
});

describe('Jobs', () => {
  const pi = (change: Partial<JobWish> = {}): Partial<Wishes> => ({ jobs: { pi: { ...job, ...change } } });
  const extra = (index: string) => (world: World) =>
    plant(world, podFor(the(world, 'Job', 'pi'), 'pi-x', { [JOB_INDEX_ANNOTATION]: index }));
  const done = pi({ image: 'task:1', isIndexed: false, completions: 1 });
  holds([
    ['more pods than may run at once', pi(), extra('2'), 'job pi has 2 pods, 1 are allowed'],
    [
      'more pods than are left to complete',
      pi({ completions: 1, parallelism: 3 }),
      extra('0'),
      'more pods than are left to complete',
    ],
    ['an index that is complete', pi(), extra('0'), 'index 0 of pi was complete'],
    ['an index that has succeeded, whoever knows', pi(), extra('0'), 'index 0 of pi has succeeded and is run again'],
    ['two pods of one index', pi({ image: 'longer:1' }), extra('0'), 'index 0 of pi gets pi-x beside'],
    ['a pod of a Job that has ended', done, extra('0'), 'is made for a job that has ended'],
    ['a success that is not enough', done, extra('0'), 'job pi has succeeded 1 times and is run again'],
    ['a pod of a Job that is suspended', pi({ isSuspended: true }), extra('0'), 'is made for a job that is suspended'],
    [
      'a pod of a Job that is not there',
      pi(),
      (world) => {
        const stored = the(world, 'Job', 'pi');
        return plant(world, podFor({ ...stored, metadata: { ...stored.metadata, uid: 'another' } }, 'pi-x'));
      },
      'is made for a job that is not there',
    ],
    ['a Job that goes on', done, (world) => plant(world, status(the(world, 'Job', 'pi'), {})), 'job pi had ended and goes on'],
    [
      'a Job that is made again',
      done,
      async (world) => {
        const stored = the(world, 'Job', 'pi');
        await world.store.write([removing(stored)]);
        const { name, annotations = {} } = stored.metadata;
        await plant(world, creating({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, annotations }, spec: stored.spec }));
      },
      'job pi was complete and is made again',
    ],
    [
      'a program that has succeeded',
      done,
      (world) => world.engine.double(main(world, 'pi')),
      'has succeeded and is started again',
    ],
    [
      'a program that must not run twice',
      pi(),
      (world) => world.engine.double(main(world, 'pi')),
      'starts again, which must never',
    ],
    ['a program of a pod that has ended', done, (world) => world.engine.double(main(world, 'pi')), 'starts, whose pod has ended'],
    [
      'a Job that runs beside the one before it',
      pi({ image: 'longer:1' }),
      async (world) => {
        const stored = the(world, 'Job', 'pi');
        await plant(world, podFor({ ...stored, metadata: { ...stored.metadata, uid: 'another' } }, 'pi-x'));
        const uid = the(world, 'Pod', 'pi-x').metadata.uid;
        world.engine.double(main(world, 'pi'), { [POD_UID_LABEL]: uid });
      },
      'job pi runs while the one before it still does',
    ],
  ]);
});

describe('CronJobs', () => {
  const tick = (change: Partial<CronJobWish> = {}): Partial<Wishes> => ({ cronJobs: { tick: { ...cron, ...change } } });
  holds([
    ['one time is met twice', tick(), (world) => plant(world, jobFor(world, 'tick-x', START_MS + 60_000)), 'starts twice for'],
    ['a start while another runs', tick(), (world) => plant(world, jobFor(world, 'tick-x', START_MS)), 'runs (Forbid)'],
    [
      'a start before its time',
      tick(),
      (world) => plant(world, jobFor(world, 'tick-x', START_MS + 600_000)),
      'is started before its time',
    ],
    [
      'a start between its times',
      tick(),
      (world) => plant(world, jobFor(world, 'tick-x', START_MS + 7_000)),
      'no time of its schedule',
    ],
    [
      'a start while it is suspended',
      tick({ isSuspended: true }),
      (world) => plant(world, jobFor(world, 'tick-x', START_MS)),
      'is started by a CronJob that is suspended',
    ],
    [
      'programs of two starts at once',
      tick(),
      async (world) => {
        await plant(world, jobFor(world, 'tick-x', START_MS));
        await plant(world, podFor(the(world, 'Job', 'tick-x'), 'tick-x-y'));
        world.engine.double(main(world, 'tick'), { [POD_UID_LABEL]: the(world, 'Pod', 'tick-x-y').metadata.uid });
      },
      'tick-x runs while tick-29453761 does (Forbid)',
    ],
  ]);
});

describe('pods and what they mount', () => {
  const withInit = { statefulSets: { db: { ...set, extras: { init: 'init:1', hasHelper: true } } } };
  const dataOf = (world: World): string => world.engine.volumes().find(({ name }) => name.includes('db-0'))?.name ?? '';
  holds([
    [
      'a main container before its init container',
      withInit,
      (world) => world.engine.double(main(world, 'db-0'), { [SANDBOX_LABEL]: 'another' }),
      'main of db-0 starts before init',
    ],
    [
      'a main container before its sidecar',
      withInit,
      (world) => world.engine.double(main(world, 'db-0'), { [SANDBOX_LABEL]: 'another' }),
      'main of db-0 starts before helper',
    ],
    [
      'the volume of a claim in the pod of another',
      { statefulSets: { db: set } },
      (world) => world.engine.double(main(world, 'db-0'), { [POD_UID_LABEL]: the(world, 'Pod', 'db-1').metadata.uid }),
      'of the claim data-db-0',
    ],
    [
      'data that are not those that were written',
      { statefulSets: { db: set } },
      (world) => world.engine.overwrite(dataOf(world)),
      'held the data of default/data-db-0 and holds those of something else',
    ],
  ]);
});

describe('rules and storage', () => {
  const db = { statefulSets: { db: { ...set, replicas: 1 } } };
  const side = { namespaces: ['side'], controllers: { guest: { ...farm, namespace: 'side' } } };
  holds([
    [
      'more pods than the quota',
      { ...db, policies: { ...noWishes.policies, quotaPods: 1 } },
      (world) =>
        plant(
          world,
          creating({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'x', namespace: 'default' },
            spec: { containers: [{ name: 'main', image: 'app:1' }] },
          }),
        ),
      'pod x is admitted: 2 pods, 1 are allowed',
    ],
    [
      'room is made for nobody',
      db,
      async (world) => {
        const pod = the(world, 'Pod', 'db-0');
        const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
        await world.store.write([status(pod, { ...pod.status, conditions: [...(pod.status?.conditions ?? []), condition] })]);
        await plant(world, updating(ending(the(world, 'Pod', 'db-0'))));
      },
      'pod db-0 makes room for nobody of higher priority',
    ],
    [
      'something new in a namespace that is on its way out',
      side,
      async (world) => {
        await world.store.write([updating(ending(the(world, 'Namespace', 'side', 'default')))]);
        await plant(world, creating({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: 'side' } }));
      },
      'ConfigMap late is made in the namespace side, which is on its way out',
    ],
    [
      'a namespace that goes before what is in it',
      side,
      (world) => plant(world, removing(the(world, 'Namespace', 'side', 'default'))),
      'the namespace side is gone, and Pod',
    ],
    [
      'a claim that gets another volume',
      db,
      (world) => {
        const claim = the(world, 'PersistentVolumeClaim', 'data-db-0');
        return plant(world, updating({ ...claim, spec: { ...claim.spec, volumeName: 'another' } }));
      },
      'claim data-db-0 had the volume',
    ],
    [
      'a claim that loses its volume',
      db,
      (world) => plant(world, status(the(world, 'PersistentVolumeClaim', 'data-db-0'), { phase: 'Lost' })),
      'claim data-db-0 has lost its volume',
    ],
    [
      'a volume that is given to another claim',
      db,
      (world) => {
        const [volume] = world.store.list('PersistentVolume');
        if (volume === undefined) throw new Error('no volume');
        return plant(world, updating({ ...volume, spec: { ...volume.spec, claimRef: { namespace: 'default', name: 'mine' } } }));
      },
      'is given to default/mine',
    ],
  ]);
});

describe('the order within a commit', () => {
  const web: DeploymentWish = {
    replicas: 1,
    image: 'slow:1',
    strategy: { type: 'Recreate' },
    minReadySeconds: 0,
    hasSidecar: false,
    probe: 'exec',
    graceSeconds: 5,
    progressDeadlineSeconds: 600,
  };
  const hook: HookWish = { event: 'pre-sync', image: 'task:1', wave: 0, policy: 'before-hook-creation', backoffLimit: 6 };
  const two: Partial<Wishes> = {
    deployments: { api: web, web: { ...web, image: 'slow:2' } },
    waves: { web: 1 },
    hooks: { migration: hook, seed: { ...hook, event: 'sync' } },
  };
  const tampering =
    (change: (status: ApplicationStatus) => ApplicationStatus) =>
    (writes: readonly Write[]): readonly Write[] =>
      writes.map((write) =>
        write.op === 'updateStatus' && write.key.kind === 'Application'
          ? { ...write, status: change(write.status as ApplicationStatus) }
          : write,
      );

  test('two waves and hooks break no rule, and their hooks run', async () => {
    const world = await aWorld(two, 120);
    expect(world.store.list('Application')[0]?.status?.history?.[0]).toMatchObject({
      outcome: 'live',
      hooks: [
        { name: 'migration', state: 'succeeded' },
        { name: 'seed', state: 'succeeded' },
      ],
    });
  });

  test.each<[string, (status: ApplicationStatus) => ApplicationStatus, string]>([
    [
      'a wave that begins before the one below it is healthy',
      (status) =>
        status.attempt?.phase === 'applying' && status.attempt.nextWave !== undefined && status.attempt.waitingFor !== undefined
          ? { ...status, attempt: { ...status.attempt, wave: 1 } }
          : status,
      'begins, and deployment api of wave 0 is not healthy',
    ],
    [
      'an object that is written before its wave',
      (status) =>
        status.attempt?.wave === undefined ? status : { ...status, attempt: { ...status.attempt, phase: 'applying', wave: -1 } },
      'of wave 0 was written in wave -1',
    ],
    [
      'a commit that is applied before its hooks have succeeded',
      (status) =>
        status.attempt?.phase === 'pre-sync' ? { ...status, attempt: { ...status.attempt, phase: 'applying' } } : status,
      'and its pre-sync hooks have not succeeded',
    ],
  ])('%s', async (_title, change, seen) => {
    const world = new World({ seed: 1, dice: new Dice(1), isSlow: false });
    world.tamper = tampering(change);
    push(world, two);
    world.start();
    await world.clock.advance(60_000);
    expect(world.invariants.violations.join('\n')).toContain(seen);
  });

  test('a hook that runs twice for one attempt', async () => {
    const world = await aWorld(two, 120);
    const { metadata, spec } = the(world, 'Job', 'migration');
    await world.store.write([removing(the(world, 'Job', 'migration'))]);
    const { name, namespace = 'default', annotations = {} } = metadata;
    const again: Job & { metadata: { name: string } } = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace, annotations },
      spec,
    };
    await plant(world, creating(again));
    expect(world.invariants.violations.join('\n')).toContain('hook migration is run twice for');
  });
});

test('and none is seen where there is none: all of it at once, through a rollout', async () => {
  const all = (image: string, task: string): Partial<Wishes> => ({
    namespaces: ['side'],
    statefulSets: { db: { ...set, image, extras: { init: 'init:1', hasHelper: true, hooks: ['preStop', 'postStart'] } } },
    daemonSets: { agent: { ...daemon, image, maxSurge: 1 } },
    controllers: { farm, guest: { ...farm, namespace: 'side' } },
    jobs: { pi: { ...job, image: task } },
    cronJobs: { tick: cron },
  });
  const world = await aWorld(all('app:1', 'task:1'));
  push(world, all('slow:2', 'flaky:2'));
  await world.clock.advance(240_000);
  world.invariants.lookAtRest();
  expect(world.invariants.violations).toEqual([]);
  expect(world.engine.ourContainers().filter((each) => isAlive(each) && each.spec.image === 'slow:2')).toHaveLength(4);
});
