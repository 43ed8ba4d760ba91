// Wrong input of every kind: a clear message, an exit code that is not zero, and nothing touched.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineState } from '../support/e2e-engine.ts';
import { claim, configMap, deployment, yaml } from '../support/e2e-manifests.ts';
import { type JsonOutcome, type Scene, scene } from '../support/e2e-scene.ts';
import { freePort, type Registry, startRegistry } from '../support/registry.ts';

const good = {
  'web.yaml': yaml(
    deployment('web', {
      container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    }),
  ),
  'data.yaml': yaml(claim('data')),
  'more.yaml': yaml(configMap('one', { a: '1' }), configMap('two', { b: '2' })),
};

let at: Scene;
let registry: Registry;
let before: EngineState;
let live: string;
beforeAll(async () => {
  at = await scene('wrong');
  registry = await startRegistry();
  live = await at.repo.commit(good, 'Good');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  before = await at.engine();
});
afterAll(async () => {
  await registry.close();
  await at.close();
});

interface Wrong {
  /** Of the outcome. */
  readonly outcome: string;
  readonly reason: string;
  readonly file: string;
  readonly line: number;
  readonly message: RegExp;
}

/** Applies a commit that must be refused, takes the commit back, and looks at what runs. */
async function refused(files: Record<string, string | null>, args: readonly string[] = []): Promise<JsonOutcome> {
  await at.repo.commit(files, 'Wrong');
  const result = await at.once(['--timeout', '5s', ...args]);
  await at.repo.git('reset', '--quiet', '--hard', live);
  expect(result.exitCode).toBe(1);
  expect(await at.engine()).toEqual(before);
  return result.outcome;
}

describe('a commit that is wrong', () => {
  const web = deployment('web');
  const image = (reference: string): Record<string, string> => ({
    'extra.yaml': yaml(deployment('extra', { image: reference })),
  });
  test.each<[string, () => Promise<Record<string, string>>, Wrong]>([
    [
      'bad YAML',
      async () => ({ 'web.yaml': 'kind: Deployment\nmetadata:\n  name: [web\n' }),
      { outcome: 'invalid', reason: 'InvalidYaml', file: 'web.yaml', line: 4, message: /\[ above is not closed with \]/ },
    ],
    [
      'an unknown field',
      async () => ({ 'web.yaml': yaml(web).replace('replicas:', 'replica:') }),
      { outcome: 'invalid', reason: 'UnknownField', file: 'web.yaml', line: 6, message: /Did you mean "replicas"/ },
    ],
    [
      'a key that is there twice',
      async () => ({ 'web.yaml': yaml(web).replace('  replicas: 1\n', '  replicas: 1\n  replicas: 2\n') }),
      { outcome: 'invalid', reason: 'DuplicateKey', file: 'web.yaml', line: 7, message: /replicas/ },
    ],
    [
      'a wrong type',
      async () => ({ 'web.yaml': yaml(web).replace('replicas: 1', 'replicas: many') }),
      {
        outcome: 'invalid',
        reason: 'WrongType',
        file: 'web.yaml',
        line: 6,
        message: /^must be a whole number, not the string "many"$/,
      },
    ],
    [
      'a kind that is not supported',
      async () => ({
        'extra.yaml': yaml({
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name: 'web' },
          spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 2 },
        }),
      }),
      {
        outcome: 'invalid',
        reason: 'UnsupportedKind',
        file: 'extra.yaml',
        line: 2,
        message: /^HorizontalPodAutoscaler is not supported yet: /,
      },
    ],
    [
      'two objects of one name',
      async () => ({ 'extra.yaml': yaml(configMap('one', { c: '3' })) }),
      {
        outcome: 'invalid',
        reason: 'Duplicate',
        file: 'more.yaml',
        line: 4,
        message: /configmap\/one is declared twice; first at extra\.yaml:1/,
      },
    ],
    [
      'a ConfigMap that is missing',
      async () => ({
        'extra.yaml': yaml(deployment('extra', { container: { envFrom: [{ configMapRef: { name: 'nowhere' } }] } })),
      }),
      {
        outcome: 'preflight-failed',
        reason: 'NotFound',
        file: 'extra.yaml',
        line: 26,
        message: /^ConfigMap "nowhere" is not declared/,
      },
    ],
    [
      'an image that the registry does not have',
      async () => image(`${registry.address}/no/such:1`),
      { outcome: 'preflight-failed', reason: 'ImageUnavailable', file: 'extra.yaml', line: 19, message: /no\/such:1/ },
    ],
    [
      'an image of a registry that does not answer',
      async () => image(`127.0.0.1:${await freePort()}/app:1`),
      { outcome: 'preflight-failed', reason: 'ImageUnavailable', file: 'extra.yaml', line: 19, message: /connection refused/ },
    ],
  ])('%s', { timeout: 60_000 }, async (_what, files, { outcome, message, ...place }) => {
    const told = await refused(await files());
    expect(told).toMatchObject({ outcome, actions: [] });
    expect(told.problems).toContainEqual(expect.objectContaining({ ...place, message: expect.stringMatching(message) }));
  });

  test('more than half of the objects gone', async () => {
    const told = await refused({ 'more.yaml': null, 'data.yaml': null, 'web.yaml': yaml(web) });
    expect(told.outcome).toBe('preflight-failed');
    expect(told.message).toMatch(/would delete 3 of 4 objects.*Holdfast-Allow-Prune: true/);
  });

  test('everything gone', async () => {
    const told = await refused({ 'more.yaml': null, 'data.yaml': null, 'web.yaml': null });
    expect(told.outcome).toBe('preflight-failed');
    expect(told.message).toMatch(/no manifests; all 4 objects would be deleted.*Holdfast-Allow-Prune: true/);
  });

  test('in text, the message names file, line and column, and what to do next', async () => {
    await at.repo.commit({ 'web.yaml': yaml(web).replace('replicas:', 'replica:') }, 'Wrong');
    const { exitCode, stdout } = await at.holdfast(['reconcile', '--once', '--repo', at.repo.dir]);
    await at.repo.git('reset', '--quiet', '--hard', live);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/web\.yaml:6:3 spec\.replica: .*Did you mean "replicas"\?/);
    expect(stdout).toContain('Nothing that runs was touched');
    expect(await at.engine()).toEqual(before);
  });
});

describe('surroundings that are wrong', () => {
  /** Ends with exit code 1 and one line that matches, and touches nothing. */
  async function failsWith(message: RegExp, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
    const { exitCode, stdout, stderr } = await at.holdfast(['reconcile', '--once', '--timeout', '20s', ...args], { env });
    expect({ exitCode, said: `${stdout}${stderr}` }).toEqual({ exitCode: 1, said: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/unexpected error|\n\s+at /);
    expect(await at.engine()).toEqual(before);
  }

  test('an empty repository', async () => {
    const empty = join(at.dir, 'empty');
    await mkdir(empty);
    await at.repo.git('init', '--quiet', '--initial-branch=main', empty);
    await failsWith(/no commit/i, ['--repo', empty]);
  });

  test('no repository', async () => {
    await failsWith(/nowhere.*(does not exist|not a git repository|no git repository|no such)/i, [
      '--repo',
      join(at.dir, 'nowhere'),
    ]);
  });

  test('no such branch', async () => {
    await failsWith(/branch "?nowhere"?/i, ['--repo', at.repo.dir, '--branch', 'nowhere']);
  });

  test('no such folder in the repository', async () => {
    await failsWith(/nowhere/, ['--repo', at.repo.dir, '--path', 'nowhere']);
  });

  test('Docker is stopped', async () => {
    const socket = join(at.dir, 'dead.sock');
    await failsWith(/no Docker Engine answers at unix:\/\/.*dead\.sock.*is it running\?/, ['--repo', at.repo.dir], {
      DOCKER_HOST: `unix://${socket}`,
    });
  });

  test('the data folder cannot be written', async () => {
    const file = join(at.dir, 'file');
    await writeFile(file, '');
    await failsWith(/the data folder .* cannot be written.*--data-dir/, [
      '--repo',
      at.repo.dir,
      '--data-dir',
      join(file, 'data'),
    ]);
  });

  test('with --output json these are one object too', async () => {
    const result = await at.once([], { env: { DOCKER_HOST: `unix://${join(at.dir, 'dead.sock')}` } });
    expect(result).toMatchObject({ exitCode: 1, outcome: { commit: null, outcome: 'failed', actions: [] } });
    expect(result.outcome.message).toContain('no Docker Engine answers');
  });
});
