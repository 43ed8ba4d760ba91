// Images from a real registry, by pull policy.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { clusterContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

let at: Scene;
let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry.close();
});
beforeEach(async () => {
  at = await scene('pull');
});
afterEach(async () => {
  await at.close();
});

/** The Deployment with this image; `change` makes its pods new ones. */
const app = (image: string, policy: string, change: string): Record<string, string> => ({
  'app.yaml': yaml(
    deployment('app', { image, container: { imagePullPolicy: policy, env: [{ name: 'CHANGE', value: change }] } }),
  ),
});

async function live(files: Record<string, string>): Promise<void> {
  await at.repo.commit(files, 'Change');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}

async function version(): Promise<string> {
  return (await at.ask(['exec', 'deploy/app', '--', 'sh', '-c', 'echo $VERSION'])).stdout.trim();
}

test('IfNotPresent: pulled once, and what is there is good enough', { timeout: 60_000 }, async () => {
  const image = await registry.push('present:1', 'one');
  await live(app(image, 'IfNotPresent', 'a'));
  expect(await version()).toBe('one');
  expect((await clusterContainers(at.cluster)).map((container) => container.image)).toContain(image);
  const pulls = await registry.pulls('present:1');
  expect(pulls).toBeGreaterThan(0);
  await live(app(image, 'IfNotPresent', 'b'));
  expect(await registry.pulls('present:1')).toBe(pulls);
});

test('Always: a new pod has what the registry has now', { timeout: 60_000 }, async () => {
  const image = await registry.push('always:1', 'one');
  await live(app(image, 'Always', 'a'));
  expect(await version()).toBe('one');
  await registry.push('always:1', 'two');
  await live(app(image, 'Always', 'b'));
  expect(await version()).toBe('two');
});

test('an image that was not there is applied once somebody has pushed it', { timeout: 60_000 }, async () => {
  const image = `${registry.address}/late:1`;
  await at.repo.commit(app(image, 'IfNotPresent', 'a'), 'Too early');
  expect(await at.once(['--timeout', '10s'])).toMatchObject({ exitCode: 1, outcome: { outcome: 'preflight-failed' } });
  await registry.push('late:1', 'one');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  expect(await version()).toBe('one');
});
