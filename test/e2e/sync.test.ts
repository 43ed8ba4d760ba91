// A pipeline on the host asks the controller that runs there, and waits for how its commit ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

let shop: Scene;
beforeAll(async () => {
  shop = await scene('sync');
});
afterAll(() => shop.close());

test('sync --wait ends as the commit ends, and says what to do when nobody is there to ask', async () => {
  const first = await shop.repo.commit({ 'app.yaml': yaml(deployment('web')) }, 'One');
  const nobody = await shop.holdfast(['sync', '--wait']);
  expect(nobody).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no controller is running') });
  const controller = shop.controller(['--interval', '1h']);
  await shop.untilLive(first);
  // The controller sees the commit by itself, too, and must not be done with it before it is asked.
  const two = deployment('web', { replicas: 2, spec: { minReadySeconds: 3 } });
  const commit = await shop.repo.commit({ 'app.yaml': yaml(two) }, 'Two');
  const good = await shop.holdfast(['sync', '--wait', '--commit', commit, '-o', 'json']);
  expect(good).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(good.stdout)).toMatchObject({ outcome: 'live', commit: { id: commit }, actions: [{ name: 'web' }] });
  const broken = await shop.repo.commit({ 'app.yaml': 'kind: [' }, 'Three');
  const bad = await shop.holdfast(['sync', '--wait', '-o', 'json']);
  expect(bad).toMatchObject({ exitCode: 1 });
  expect(JSON.parse(bad.stdout)).toMatchObject({ outcome: 'invalid', commit: { id: broken }, problems: [{ file: 'app.yaml' }] });
  await shop.stop(controller);
});
