// What people ask of the health of objects, while commits come and go.
import { describe, expect, test } from 'vitest';
import type { Desired, HealthCheckExpr } from '../../src/model/resource.ts';
import { keyOf } from '../../src/model/resource.ts';
import { WAVE_ANNOTATION } from '../../src/model/sync-order.ts';
import { explain } from '../../src/sync/why.ts';
import { aConfigMap, aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench, settings } from './sync-bench.ts';

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const mode = (value: string): Desired => asDesired(aConfigMap({ name: 'mode', data: { mode: value } }));
const ofMode = (check: Partial<HealthCheckExpr>): Desired =>
  settings({ healthCheckExprs: [{ apiVersion: 'v1', kind: 'ConfigMap', current: 'true', ...check }] });
const web = deploymentOf('web', 'web:1');
const ofWeb = (check: Partial<HealthCheckExpr>): Desired =>
  settings({ healthCheckExprs: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', current: 'true', ...check }] });

async function live(...resources: readonly Desired[]): Promise<string> {
  const id = bench.push(resources);
  bench.start();
  await bench.settle();
  expect(bench.status).toMatchObject({ lastGood: { id }, health: 'Healthy' });
  return id;
}

async function pushed(...resources: readonly Desired[]): Promise<string> {
  const id = bench.push(resources);
  await bench.settle();
  return id;
}

describe('a commit', () => {
  test('is live once its checks hold too, and a second pass writes nothing', async () => {
    await live(mode('a'), web, ofWeb({ current: 'status.availableReplicas >= 1' }));
    const revision = bench.store.revision();
    await bench.advance(600_000);
    await bench.restart();
    await bench.settle();
    expect(bench.store.revision()).toBe(revision);
  });

  test('that a check calls failed is taken back at once, with the words of the check', async () => {
    const first = await live(mode('good'));
    const check = ofMode({ failed: "data.mode == 'bad'", messageExpression: "'the mode is ' + data.mode" });
    const bad = await pushed(mode('bad'), web, check);
    expect(bench.status).toMatchObject({
      lastGood: { id: first },
      quarantined: {
        commit: { id: bad },
        outcome: 'rolled-back',
        message: "it cannot become healthy: configmap/mode: the mode is bad (its health check says failed: data.mode == 'bad')",
      },
      health: 'Healthy',
    });
    expect([bench.data('mode'), bench.names()]).toEqual([{ mode: 'good' }, ['ConfigMap/mode']]);
  });

  test('waits for a check until its deadline; the one before it is judged by what that one asked', async () => {
    const first = await live(web);
    const asking = await pushed(web, ofWeb({ current: 'status.shards > 3' }));
    const line = 'deployment/web: its health check cannot be evaluated: current: field not found: shards';
    expect(bench.status.attempt).toMatchObject({ commit: { id: asking }, phase: 'verifying', waitingFor: [line] });
    await bench.advance(299_000);
    expect(bench.status.attempt?.phase).toBe('verifying');
    await bench.advance(1_000);
    expect(bench.status).toMatchObject({
      lastGood: { id: first },
      quarantined: { outcome: 'rolled-back', message: `not healthy in time: ${line}` },
      health: 'Healthy',
    });
    await bench.restart();
    await bench.settle();
    expect(bench.status.health).toBe('Healthy');
  });

  test('mends what had failed before it came, and has its time for that', async () => {
    const broken = { type: 'Works', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const check = ofWeb({ failed: "status.?conditions.orValue([]).exists(c, c.type == 'Works' && c.status == 'False')" });
    await live(mode('a'), web, check);
    await bench.advance(60_000);
    await say({ conditions: [broken] });
    expect(bench.status.health).toBe('Degraded');
    const mend = bench.push([mode('b'), web, check]);
    await bench.settleSyncer();
    expect(bench.status.attempt).toMatchObject({ commit: { id: mend }, phase: 'verifying' });
    await say({ conditions: [] });
    expect(bench.status).toMatchObject({ lastGood: { id: mend }, health: 'Healthy' });
  });

  test('goes on with its next wave when the checks of the one before hold', async () => {
    const spec = { template: aTemplate({ container: { image: 'db:1' } }) };
    const late = asDesired(aDeployment({ name: 'db', replicas: 1, annotations: { [WAVE_ANNOTATION]: '1' }, spec }));
    bench.push([web, late, ofWeb({ current: "metadata.?annotations['seeded'].orValue('') == 'yes'", message: 'no data' })]);
    bench.start();
    await bench.settle();
    expect(bench.names()).toEqual(['Deployment/web']);
    expect(bench.status.attempt?.waitingFor).toEqual([
      `deployment/web: no data (its health check says not current: metadata.?annotations['seeded'].orValue('') == 'yes')`,
    ]);
  });
});

describe('at rest', () => {
  test('health follows the checks, and nothing is done about it', async () => {
    const first = await live(
      mode('a'),
      web,
      ofWeb({ current: '!has(status.collisionCount)', failed: 'status.?collisionCount.orValue(0) > 5' }),
    );
    await say({ collisionCount: 2 });
    expect(bench.status).toMatchObject({ lastGood: { id: first }, health: 'Progressing' });
    await say({ collisionCount: 6 });
    expect(bench.status).toMatchObject({ lastGood: { id: first }, health: 'Degraded' });
    await say({});
    expect(bench.status).toMatchObject({ lastGood: { id: first }, health: 'Healthy' });
  });

  test('`why` says what does not hold', async () => {
    await live(web, ofWeb({ current: '!has(status.collisionCount)', message: 'names collide' }));
    await say({ collisionCount: 2 });
    const line = 'names collide (its health check says not current: !has(status.collisionCount))';
    const key = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expect(explain(key, bench.store, bench.clock.now())[0]).toBe(`deployment/web is progressing: ${line}`);
    const shop = explain({ kind: 'Application', namespace: '', name: 'shop' }, bench.store, bench.clock.now());
    expect(shop).toContain(`  deployment/web: ${line}`);
  });

  test('without the checks of a commit that takes them out', async () => {
    await live(web, ofWeb({ current: '!has(status.collisionCount)' }));
    await say({ collisionCount: 2 });
    const id = bench.push([web]);
    await bench.settleSyncer();
    expect(bench.status).toMatchObject({ lastGood: { id }, health: 'Healthy' });
  });
});

/** Something changes the status of the Deployment; the controllers of the bench do not look. */
async function say(status: object): Promise<void> {
  const found = bench.store.get('Deployment', 'default', 'web');
  if (found === undefined) throw new Error('there is no deployment');
  const all = { ...found.status, collisionCount: undefined, conditions: undefined, ...status };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  await bench.store.write([{ op: 'updateStatus', key: keyOf(found), uid: found.metadata.uid, status: given }]);
  await bench.settleSyncer();
}
