// Images of a private registry: who has the password gets them, who has not is told, and what runs goes on.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { REGISTRY_USER, type Registry, startRegistry } from '../support/registry.ts';

let at: Scene;
let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry({ isPrivate: true });
});
afterAll(async () => {
  await registry.close();
});
beforeEach(async () => {
  // Whoever runs the tests may be logged in somewhere; that must not help.
  at = await scene('private', { env: { DOCKER_CONFIG: '/nowhere' } });
});
afterEach(async () => {
  await at.close();
});

const secret = (name: string, password: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type: 'kubernetes.io/dockerconfigjson',
  stringData: {
    '.dockerconfigjson': JSON.stringify({ auths: { [registry.address]: { username: REGISTRY_USER.username, password } } }),
  },
});
const account = (name: string, ...secrets: string[]): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name },
  imagePullSecrets: secrets.map((each) => ({ name: each })),
});
const app = (image: string, pod: object): object => deployment('app', { image, pod });

async function imageOf(pod: string): Promise<string | undefined> {
  return (await runningContainers(at.cluster)).find((container) => container.pod.startsWith(pod))?.image;
}

test("the pod's own secret, one of several, lets it in", { timeout: 60_000 }, async () => {
  const image = await registry.push('own:1', 'one');
  const pod = { imagePullSecrets: [{ name: 'old' }, { name: 'new' }] };
  const manifests = [secret('old', 'forgotten'), secret('new', REGISTRY_USER.password), app(image, pod)];
  await at.repo.commit({ 'app.yaml': yaml(...manifests) }, 'Private image');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  expect(await imageOf('app')).toBe(image);
});

test("the secret of the pod's account does", { timeout: 60_000 }, async () => {
  const image = await registry.push('account:1', 'one');
  const manifests = [secret('key', REGISTRY_USER.password), account('builder', 'key')];
  const files = { 'app.yaml': yaml(...manifests, app(image, { serviceAccountName: 'builder' })) };
  await at.repo.commit(files, 'Private image');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  expect(await imageOf('app')).toBe(image);
});

test('without a secret, or with a wrong one, nothing that runs is touched, and the reason is told', {
  timeout: 90_000,
}, async () => {
  await at.repo.commit({ 'app.yaml': yaml(app('busybox:1.36', {})) }, 'Public image');
  expect(await at.once()).toMatchObject({ exitCode: 0 });
  const before = await runningContainers(at.cluster);
  const image = await registry.push('closed:1', 'one');
  const wrong = [secret('key', 'guessed'), app(image, { imagePullSecrets: [{ name: 'key' }] })];
  for (const manifests of [wrong, [app(image, {})]]) {
    await at.repo.commit({ 'app.yaml': yaml(...manifests) }, 'Private image');
    const { exitCode, outcome } = await at.once(['--timeout', '5s']);
    expect(exitCode).toBe(1);
    expect(outcome.problems).toContainEqual(expect.objectContaining({ reason: 'ImageUnavailable', file: 'app.yaml' }));
    expect(JSON.stringify(outcome)).not.toContain('guessed');
    expect(await runningContainers(at.cluster)).toEqual(before);
  }
});
