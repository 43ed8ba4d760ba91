// A person takes over for a while: what is done by hand stays until the suspension ends, and a commit that could not be applied is tried
// again when the person says so.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { inspectContainer } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type ApplicationSeen, type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let shop: Scene;
beforeAll(async () => {
  shop = await scene('suspend');
});
afterAll(() => shop.close());

test('a container that is stopped by hand stays stopped until the application is followed again', async () => {
  const commit = await shop.repo.commit({ 'app.yaml': yaml(deployment('web')) }, 'One');
  const controller = shop.controller();
  await shop.untilLive(commit);
  const [web] = await shop.untilRunning('web runs', 'web-', (all) => all.length === 1);
  if (web === undefined) throw new Error('web does not run');
  const said = await shop.holdfast(['suspend', '--for', '10m', '--reason', 'the data is moved by hand']);
  expect(said.stdout).toMatch(/^application\/repo is suspended until .*: the data is moved by hand\. Nothing of it is changed/);
  await byHand('POST', `/containers/${web.id}/stop?t=1`);
  const next = await shop.repo.commit({ 'app.yaml': yaml(deployment('web', { replicas: 2 })) }, 'Two');
  const isWaiting = ({ status }: ApplicationSeen): boolean =>
    status.attempt?.phase === 'waiting' && status.attempt.commit.id === next;
  await until('the commit waits', () => shop.application(), isWaiting);
  await shop.stop(controller);
  expect((await inspectContainer(web.id))?.state).toBe('exited');
  // One that starts anew keeps to it, too: it has looked at all containers when it says anew that the commit waits.
  const again = await shop.once();
  expect(again.outcome.outcome).toBe('held');
  expect((await inspectContainer(web.id))?.state).toBe('exited');
  shop.controller();
  expect((await shop.ask(['why', 'application/repo'])).stdout).toContain(': the data is moved by hand');
  expect((await shop.holdfast(['resume'])).stdout).toContain('application/repo is followed again.');
  await shop.untilLive(next);
  await shop.untilRunning('two run', 'web-', (all) => all.length === 2);
});

test('a commit without its image is applied when the image is there and a person says so', async () => {
  const image = 'holdfast-test/late:1';
  await byHand('DELETE', `/images/${image}`).catch(() => undefined);
  const late = deployment('late', { image, container: { imagePullPolicy: 'Never' } });
  const commit = await shop.repo.commit({ 'late.yaml': yaml(late) }, 'Late');
  const isHeld = ({ status }: ApplicationSeen): boolean => status.held?.commit.id === commit;
  await until('the commit is held', () => shop.application(), isHeld);
  await byHand('POST', `/images/${encodeURIComponent(BUSYBOX)}/tag?repo=holdfast-test/late&tag=1`);
  expect((await shop.holdfast(['retry'])).exitCode).toBe(0);
  await shop.untilLive(commit);
  await byHand('DELETE', `/images/${image}`).catch(() => undefined);
});
