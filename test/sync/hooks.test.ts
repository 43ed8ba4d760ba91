import { describe, expect, test } from 'vitest';
import { type Desired, parseKey, RECOVERED_ANNOTATION, type StoredOf } from '../../src/model/resource.ts';
import { HOOK_ANNOTATION, HOOK_POLICY_ANNOTATION, HOOK_RUN_ANNOTATION, WAVE_ANNOTATION } from '../../src/model/sync-order.ts';
import { explain } from '../../src/sync/why.ts';
import { aConfigMap, asDesired, aTemplate } from '../support/builders.ts';
import { benchForEach, deploymentOf, jobEndWrite, type SyncBench } from './sync-bench.ts';

const deployment = (image: string): Desired => deploymentOf('web', image);
const config = (value: string): Desired => asDesired(aConfigMap({ name: 'config', data: { key: value } }));

interface HookWish {
  readonly event?: string;
  readonly image?: string;
  readonly policy?: string;
  readonly wave?: number;
  readonly spec?: Partial<StoredOf<'Job'>['spec']>;
}

function hook(name: string, { event = 'pre-sync', image = 'task:1', policy, wave, spec = {} }: HookWish = {}): Desired {
  const annotations = {
    [HOOK_ANNOTATION]: event,
    ...(policy === undefined ? {} : { [HOOK_POLICY_ANNOTATION]: policy }),
    ...(wave === undefined ? {} : { [WAVE_ANNOTATION]: String(wave) }),
  };
  const { spec: podSpec } = aTemplate({ container: { image }, spec: { restartPolicy: 'Never' } });
  const metadata = { name, namespace: 'default', annotations };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec: podSpec }, ...spec } };
}

let bench: SyncBench;
/** Jobs as they are made, and what Deployments are told to run then. */
let made: string[];
let head = '';
benchForEach((each) => {
  bench = each;
  made = [];
  const write = bench.store.write.bind(bench.store);
  bench.store.write = async (writes) => {
    for (const each of writes)
      if (each.op === 'create' && each.resource.kind === 'Job')
        made.push(`${each.resource.metadata.name} beside ${bench.image('web')}`);
    return await write(writes);
  };
});

function push(...resources: readonly Desired[]): string {
  head = bench.push(resources);
  return head;
}

async function live(...resources: readonly Desired[]): Promise<string> {
  const id = push(...resources);
  bench.start();
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(id);
  return id;
}

const job = (name: string): StoredOf<'Job'> | undefined => bench.store.get('Job', 'default', name);
const why = (name: string): string => explain(parseKey(name), bench.store, bench.clock.now()).join('\n');
const told = (): unknown => (bench.status.history?.[0]?.hooks ?? []).map(({ name, event, state }) => `${event} ${name} ${state}`);

describe('hooks of a good commit', () => {
  test('run once each, in their order, around its objects, and are told', async () => {
    const id = await live(
      hook('announce', { event: 'post-sync' }),
      hook('seed', { event: 'sync' }),
      hook('later', { wave: 1 }),
      hook('migrate', { wave: -1 }),
      hook('alarm', { event: 'sync-fail' }),
      deployment('web:1'),
    );
    expect(made).toEqual(['migrate beside undefined', 'later beside undefined', 'seed beside web:1', 'announce beside web:1']);
    expect(told()).toEqual([
      'pre-sync migrate succeeded',
      'pre-sync later succeeded',
      'sync seed succeeded',
      'post-sync announce succeeded',
    ]);
    expect(job('migrate')?.metadata.annotations?.[HOOK_RUN_ANNOTATION]).toMatch(new RegExp(`^${id}\\.`));
    expect(bench.status.inventory?.map(({ name, hook: event }) => [name, event])).toEqual([
      ['web', undefined],
      ['migrate', 'pre-sync'],
      ['later', 'pre-sync'],
      ['seed', 'sync'],
      ['announce', 'post-sync'],
    ]);
    const revision = bench.store.revision();
    await bench.advance(600_000);
    await bench.restart();
    await bench.settle();
    expect([bench.store.revision(), made.length]).toEqual([revision, 4]);
  });

  test('run again with the next commit that changes anything, and not for drift or a commit that changes nothing', async () => {
    await live(hook('migrate'), deployment('web:1'), config('a'));
    push(hook('migrate'), deployment('web:1'), config('a'));
    await bench.settle();
    const live1 = bench.store.get('ConfigMap', 'default', 'config');
    await bench.store.write([{ op: 'remove', key: parseKey('ConfigMap/default/config'), uid: live1?.metadata.uid ?? '' }]);
    await bench.settle();
    expect(bench.data('config')).toEqual({ key: 'a' });
    expect(made).toEqual(['migrate beside undefined']);
    push(hook('migrate'), deployment('web:2'), config('a'));
    await bench.settle();
    push(hook('migrate', { image: 'task:2' }), deployment('web:2'), config('a'));
    await bench.settle();
    expect(made).toEqual(['migrate beside undefined', 'migrate beside web:1', 'migrate beside web:2']);
    expect(bench.status.lastGood?.id).toBe(head);
  });

  test('are taken away by their policy, and are no drift then; `why` knows what became of them', async () => {
    await live(hook('migrate', { policy: 'hook-succeeded' }), deployment('web:1'));
    expect(job('migrate')).toBeUndefined();
    expect(bench.status.inventory?.map(({ name }) => name)).toEqual(['web']);
    expect(why('Job/default/migrate')).toMatch(
      /^pre-sync hook job\/migrate succeeded in \d+s, for commit \w{7} of application shop\n {2}its Job is gone/,
    );
    const revision = bench.store.revision();
    await bench.advance(600_000);
    expect([bench.store.revision(), made.length]).toEqual([revision, 1]);
  });

  test('live on for as long as they may after their end', async () => {
    await live(hook('migrate', { spec: { ttlSecondsAfterFinished: 0 } }), deployment('web:1'));
    expect(job('migrate')?.spec.ttlSecondsAfterFinished).toBe(0);
    const { metadata } = job('migrate') ?? {};
    await bench.store.write([{ op: 'remove', key: parseKey('Job/default/migrate'), uid: metadata?.uid ?? '' }]);
    await bench.settle();
    expect(bench.status.inventory?.map(({ name }) => name)).toEqual(['web']);
    expect(made).toHaveLength(1);
  });

  test('stay until a commit without them is live, and are never too much to prune', async () => {
    await live(hook('a'), hook('b'), hook('c'), hook('d'), deployment('web:1'));
    push(deployment('web:2'));
    await bench.settle();
    expect([bench.store.list('Job').length, bench.status.lastGood?.id]).toEqual([0, head]);
  });

  test('of another attempt are stopped by a newer commit, which runs its own', async () => {
    await live(deployment('web:1'));
    push(hook('migrate', { image: 'slow:1' }), hook('other', { image: 'slow:1' }), deployment('web:2'));
    await bench.settle();
    const before = job('migrate')?.metadata.uid;
    push(hook('migrate'), deployment('web:3'));
    await bench.settle();
    expect(job('migrate')?.metadata.uid).not.toBe(before);
    expect([job('other'), bench.image('web')]).toEqual([undefined, 'web:3']);
    expect(bench.status.lastGood?.id).toBe(head);
  });

  test('that ran for this very commit before the store was lost are not run again', async () => {
    const id = push(hook('migrate'), deployment('web:1'));
    const ran = hook('migrate');
    const annotations = { ...ran.metadata.annotations, [HOOK_RUN_ANNOTATION]: `${id}.before`, [RECOVERED_ANNOTATION]: 'true' };
    await bench.store.write([{ op: 'create', resource: { ...ran, metadata: { ...ran.metadata, annotations } } as Desired }]);
    made.length = 0;
    bench.start();
    await bench.settle();
    expect([made, bench.status.lastGood?.id, told()]).toEqual([[], id, ['pre-sync migrate succeeded']]);
    expect(job('migrate')?.metadata.annotations?.[RECOVERED_ANNOTATION]).toBeUndefined();
  });
});

describe('a pre-sync hook', () => {
  test('that fails means that nothing of the commit was applied, and the commit is held as failed', async () => {
    const good = await live(deployment('web:1'));
    const bad = push(
      hook('migrate', { image: 'crash:1' }),
      hook('alarm', { event: 'sync-fail' }),
      deployment('web:2'),
      config('b'),
    );
    await bench.settle();
    expect([bench.image('web'), bench.data('config'), bench.status.lastGood?.id]).toEqual(['web:1', undefined, good]);
    expect(bench.status).toMatchObject({
      held: { commit: { id: bad }, outcome: 'failed', nothingApplied: true },
      quarantined: { message: expect.stringMatching(/^pre-sync hook job\/migrate failed: BackoffLimitExceeded/) },
    });
    expect(made).toEqual(['migrate beside web:1', 'alarm beside web:1']);
    expect(why('Application//shop')).toContain('nothing of it is applied; it is not tried again until HEAD moves');
    const revision = bench.store.revision();
    await bench.advance(600_000);
    await bench.restart();
    await bench.settle();
    expect(bench.store.revision()).toBe(revision);
    expect(job('migrate')).toBeDefined();
    const fixed = push(hook('migrate'), deployment('web:3'));
    await bench.settle();
    expect([bench.image('web'), bench.status.lastGood?.id, bench.status.held]).toEqual(['web:3', fixed, undefined]);
  });

  test('that fails in a first commit is not run again and again', async () => {
    push(hook('migrate', { image: 'crash:1' }), deployment('web:1'));
    bench.start();
    await bench.settle();
    await bench.advance(600_000);
    expect([made, bench.image('web'), bench.status.held?.outcome]).toEqual([['migrate beside undefined'], undefined, 'failed']);
    const fixed = push(hook('migrate'), deployment('web:1'));
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(fixed);
  });

  test('that hangs ends with the deadline of the commit, by its name', async () => {
    await live(deployment('web:1'));
    push(hook('migrate', { image: 'slow:1' }), deployment('web:2'));
    await bench.settle();
    expect(bench.status.attempt).toMatchObject({
      phase: 'pre-sync',
      waitingFor: [expect.stringMatching(/^pre-sync hook job\/migrate: /)],
    });
    expect(why('Application//shop')).toMatch(/is running its pre-sync hooks, until .* left; nothing of it is applied yet/);
    await bench.advance(299_000);
    expect(bench.status.attempt?.phase).toBe('pre-sync');
    await bench.advance(1_000);
    expect(bench.status.held).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/^not done in time: pre-sync hook job\/migrate: /),
    });
    expect([job('migrate'), bench.image('web')]).toEqual([undefined, 'web:1']);
  });

  test('that vanishes is an error, never a wait', async () => {
    await live(deployment('web:1'));
    push(hook('migrate', { image: 'slow:1' }), deployment('web:2'));
    await bench.settle();
    const { metadata } = job('migrate') ?? {};
    await bench.store.write([{ op: 'remove', key: parseKey('Job/default/migrate'), uid: metadata?.uid ?? '' }]);
    await bench.settle();
    expect(bench.status.held?.message).toBe('pre-sync hook job/migrate vanished: its Job was deleted while it was waited for');
    expect(bench.image('web')).toBe('web:1');
  });

  test('leaves alone what a half-applied commit before it did, until it knows better', async () => {
    await live(deployment('web:1'));
    push(deployment('web:slow'), config('b'));
    await bench.settle();
    push(hook('migrate', { image: 'slow:1' }), deployment('web:3'));
    await bench.settle();
    expect([bench.image('web'), bench.data('config')]).toEqual(['web:slow', { key: 'b' }]);
    const running = job('migrate');
    if (running === undefined) throw new Error('no hook');
    await bench.store.write([jobEndWrite(running, 'Failed')]);
    await bench.settle();
    expect([bench.image('web'), bench.data('config'), bench.status.held?.outcome]).toEqual(['web:1', undefined, 'rolled-back']);
  });

  test('that needs what comes with the same commit is refused before anything is touched', async () => {
    const reader = hook('migrate');
    const { spec } = aTemplate({
      container: { envFrom: [{ configMapRef: { name: 'config' } }] },
      spec: { restartPolicy: 'Never' },
    });
    push({ ...reader, spec: { template: { spec } } } as Desired, config('a'));
    bench.start();
    await bench.settle();
    expect(bench.status.held?.message).toContain(
      'configmap/config comes with this very commit, after its pre-sync hooks: make this',
    );
    push(config('a'));
    await bench.settle();
    push({ ...reader, spec: { template: { spec } } } as Desired, config('b'));
    await bench.settle();
    expect([bench.status.lastGood?.id, made]).toEqual([head, ['migrate beside undefined']]);
  });

  test('whose name is taken is refused before anything is touched', async () => {
    const other = hook('migrate');
    const annotations = { 'holdfast.dev/application': 'bank' };
    await bench.store.write([{ op: 'create', resource: { ...other, metadata: { ...other.metadata, annotations } } as Desired }]);
    push(hook('migrate'), deployment('web:1'));
    bench.start();
    await bench.settle();
    expect(bench.status.held?.message).toContain('job/migrate belongs to the application "bank"; choose another name');
  });
});

describe('a later hook that fails', () => {
  test.each(['sync', 'post-sync'])('%s: the commit goes back as a whole, then its sync-fail hooks run', async (event) => {
    const good = await live(hook('migrate'), deployment('web:1'));
    made.length = 0;
    const bad = push(
      hook('migrate'),
      hook('check', { event, image: 'crash:1' }),
      hook('alarm', { event: 'sync-fail', image: 'crash:2' }),
      deployment('web:2'),
      config('b'),
    );
    await bench.settle();
    expect([bench.image('web'), bench.data('config'), bench.status.lastGood?.id]).toEqual(['web:1', undefined, good]);
    expect(made).toEqual(['migrate beside web:1', 'check beside web:2', 'alarm beside web:1']);
    expect(bench.status.quarantined).toMatchObject({ commit: { id: bad }, outcome: 'rolled-back' });
    expect(bench.status.quarantined?.message).toMatch(
      new RegExp(
        `^${event} hook job/check failed: BackoffLimitExceeded.*; sync-fail hook job/alarm failed: BackoffLimitExceeded`,
      ),
    );
    expect(told()).toEqual(['pre-sync migrate succeeded', `${event} check failed`, 'sync-fail alarm failed']);
    expect(bench.status.attempt).toBeUndefined();
    expect(bench.store.list('ApplicationRevision').map(({ spec }) => spec.commit.id)).toEqual([good]);
    const revision = bench.store.revision();
    await bench.advance(600_000);
    expect(bench.store.revision()).toBe(revision);
  });

  test('of a first commit: there is nothing to go back to, and what runs is held', async () => {
    push(hook('check', { event: 'post-sync', image: 'crash:1' }), deployment('web:1'));
    bench.start();
    await bench.settle();
    expect([bench.image('web'), bench.status.held?.outcome]).toEqual(['web:1', 'failed']);
    await bench.advance(600_000);
    expect(made).toEqual(['check beside web:1']);
  });
});

describe('a controller that is killed', () => {
  const commit = (image: string): readonly Desired[] => [
    hook('migrate', { policy: 'hook-succeeded' }),
    hook('seed', { event: 'sync', wave: 1 }),
    hook('check', { event: 'post-sync', image }),
    hook('alarm', { event: 'sync-fail' }),
    deployment('web:2'),
    { ...config('b'), metadata: { ...config('b').metadata, annotations: { [WAVE_ANNOTATION]: '1' } } },
  ];

  test.each(Array.from({ length: 22 }, (_, writes) => writes))('after %i writes runs no hook twice', async (writes) => {
    await live(deployment('web:1'));
    const id = push(...commit('task:1'));
    bench.writesLeft = writes;
    await bench.settle();
    await bench.restart();
    await bench.settle();
    expect(made.map((line) => line.split(' ')[0])).toEqual(['migrate', 'seed', 'check']);
    expect([bench.status.lastGood?.id, bench.status.health]).toEqual([id, 'Healthy']);
  });

  test.each(Array.from({ length: 26 }, (_, writes) => writes))(
    'after %i writes of a bad commit goes back, and runs no hook twice',
    async (writes) => {
      const good = await live(deployment('web:1'));
      push(...commit('crash:1'));
      bench.writesLeft = writes;
      await bench.settle();
      await bench.restart();
      await bench.settle();
      expect(made.map((line) => line.split(' ')[0])).toEqual(['migrate', 'seed', 'check', 'alarm']);
      expect([bench.status.lastGood?.id, bench.image('web'), bench.status.attempt]).toEqual([good, 'web:1', undefined]);
    },
  );
});

test('a Job that was replaced, has ended and is gone is not run again by a rollback', async () => {
  const migrate = (image: string): Desired => {
    const { metadata, ...rest } = hook('migrate', { image });
    return { ...rest, metadata: { ...metadata, annotations: { 'holdfast.dev/replace': 'true' } } };
  };
  await live(migrate('task:1'), deployment('web:1'));
  await bench.settle();
  const good = push(migrate('task:2'), deployment('web:1'));
  await bench.settle();
  await bench.store.write([{ op: 'remove', key: parseKey('Job/default/migrate'), uid: job('migrate')?.metadata.uid ?? '' }]);
  await bench.settle();
  made.length = 0;
  push(migrate('task:2'), deployment('web:crash'));
  await bench.settle();
  expect([bench.status.lastGood?.id, bench.image('web'), made]).toEqual([good, 'web:1', []]);
});
