// DaemonSets on a real engine: one pod on the host, its updates, and a lost store.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runningContainers } from '../support/e2e-engine.ts';
import { type ContainerOptions, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('ds');
});
afterEach(async () => {
  await at.close();
});

interface DaemonOptions extends ContainerOptions {
  readonly spec?: object;
  /** An environment variable, so that the template differs. */
  readonly version?: string;
}

function daemon(name: string, { spec = {}, version = 'one', ...options }: DaemonOptions = {}): object {
  const container = { env: [{ name: 'VERSION', value: version }], ...options.container };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: podSpec({ ...options, container }) },
      ...spec,
    },
  };
}

async function live(files: Record<string, string | null>): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}

const owners = async (): Promise<string[]> =>
  (await runningContainers(at.cluster)).map(({ pod }) => pod.replace(/-[^-]*$/, '')).toSorted();

test('one pod on the host, none where no host fits; and it follows the template, or waits to be deleted', {
  timeout: 120_000,
}, async () => {
  const surge = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
  const files = (version: string): Record<string, string> => ({
    'agent.yaml': yaml(daemon('agent', { version })),
    'surge.yaml': yaml(daemon('surge', { version, spec: surge })),
    'hand.yaml': yaml(daemon('hand', { version, spec: { updateStrategy: { type: 'OnDelete' } } })),
    'nowhere.yaml': yaml(daemon('nowhere', { version, pod: { nodeSelector: { disk: 'of-glass' } } })),
  });
  await live(files('one'));
  expect(await owners()).toEqual(['agent', 'hand', 'surge']);
  const before = await runningContainers(at.cluster);
  const { stdout } = await at.ask(['get', 'ds']);
  expect(stdout).toMatch(/agent +1 +1 +1 +1 +1 +<none>/);
  expect(stdout).toMatch(/nowhere +0 +0 +0 +0 +0 +disk=of-glass/);

  await live(files('two'));
  expect(await owners()).toEqual(['agent', 'hand', 'surge']);
  const after = await runningContainers(at.cluster);
  const kept = after.filter(({ id }) => before.some((old) => old.id === id)).map(({ pod }) => pod.replace(/-[^-]*$/, ''));
  expect(kept).toEqual(['hand']);
  const agent = after.find(({ pod }) => pod.startsWith('agent-'));
  expect((await at.ask(['exec', agent?.pod ?? '', '--', 'sh', '-c', 'echo $VERSION'])).stdout).toBe('two\n');
});

test('a lost store restarts nothing, and what the commit no longer has goes', { timeout: 90_000 }, async () => {
  await live({ 'agent.yaml': yaml(daemon('agent')), 'other.yaml': yaml(daemon('other')) });
  const before = await at.engine();
  await rm(at.dataDir, { recursive: true });
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live' });
  expect(await at.engine()).toEqual(before);
  await rm(at.dataDir, { recursive: true });
  await live({ 'other.yaml': null });
  await live({});
  expect(await owners()).toEqual(['agent']);
});

test('a template that cannot become ready is taken back', { timeout: 90_000 }, async () => {
  await live({ 'agent.yaml': yaml(daemon('agent')) });
  const readinessProbe = { exec: { command: ['false'] }, periodSeconds: 1 };
  await at.repo.commit({ 'agent.yaml': yaml(daemon('agent', { version: 'bad', container: { readinessProbe } })) }, 'Bad');
  const { exitCode, outcome } = await at.once(['--timeout', '10s']);
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back' } });
  expect(outcome.message).toMatch(/daemonset\/agent: pod agent-\w{5}/);
  const [pod] = await runningContainers(at.cluster);
  expect((await at.ask(['exec', pod?.pod ?? '', '--', 'sh', '-c', 'echo $VERSION'])).stdout).toBe('one\n');
});
