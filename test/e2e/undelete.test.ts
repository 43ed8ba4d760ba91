// What a commit removed comes back by one command, on an engine, with and without a controller that runs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

let shop: Scene;
beforeAll(async () => {
  shop = await scene('undelete');
});
afterAll(() => shop.close());

test('a removed deployment is stopped, and runs again without a commit until the next one', async () => {
  const soft = { ...deployment('web'), metadata: { name: 'web', annotations: { 'holdfast.dev/soft-delete': '30m' } } };
  const api = deployment('api');
  await shop.repo.commit({ 'api.yaml': yaml(api), 'web.yaml': yaml(soft) }, 'Two programs');
  expect((await shop.once()).outcome.outcome).toBe('live');
  await shop.repo.commit({ 'web.yaml': null, 'api.yaml': yaml(api) }, 'One program');
  expect((await shop.once()).outcome.outcome).toBe('live');
  await shop.untilRunning('web is stopped', 'web-', (all) => all.length === 0);
  const asked = await shop.holdfast(['undelete', 'deployment/web']);
  expect(asked.stdout).toContain('Asked for: deployment/web. ');
  expect(asked.stdout).toContain('No controller is running: the next one will follow it.');
  expect((await shop.once()).outcome.outcome).toBe('live');
  await shop.untilRunning('web is back', 'web-', (all) => all.length === 1);
  const next = await shop.repo.commit({ 'api.yaml': yaml(deployment('api', { replicas: 2 })) }, 'Two of them');
  shop.controller();
  await shop.untilLive(next);
  await shop.untilRunning('web is stopped again', 'web-', (all) => all.length === 0);
  expect((await shop.holdfast(['undelete', 'deployment/web'])).stdout).toContain('Brought back: deployment/web. ');
  await shop.untilRunning('web is back again', 'web-', (all) => all.length === 1);
});
