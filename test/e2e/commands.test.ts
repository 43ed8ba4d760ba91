// The commands that tell and look, beside a running controller and without one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandResult, type RunningCommand, startCommand } from '../support/e2e-command.ts';
import { configMap, deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const files = {
  'web.yaml': yaml(deployment('web', { replicas: 2, script: 'echo to standard output; echo to standard error >&2' })),
  'words.yaml': yaml(configMap('words', { greeting: 'hello' })),
};

let at: Scene;
let commit: string;
let controller: RunningCommand;
beforeAll(async () => {
  at = await scene('tell');
  commit = await at.repo.commit(files, 'Two web pods');
  controller = at.controller();
  await at.untilLive(commit);
});
afterAll(async () => {
  await at.close();
});

async function says(...args: readonly string[]): Promise<CommandResult> {
  const result = await at.holdfast(args);
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toMatchObject({ exitCode: 0 });
  return result;
}

/** What must be the same whether a controller runs or not. */
function tellings(): void {
  test('status', async () => {
    const { stdout } = await says('status');
    expect(stdout).toMatch(/application\/repo +Healthy/);
    expect(stdout).toMatch(new RegExp(`commit +${commit.slice(0, 7)}`));
    expect(stdout).toMatch(/deployment\/web +2\/2 +web\.yaml:1/);
    expect(stdout).toMatch(/NODE +STATUS +VERSION\n\S+ +Ready +docker:/);
    const { applications } = JSON.parse((await says('status', '--output', 'json')).stdout) as { applications: unknown[] };
    expect(applications).toHaveLength(1);
  });

  test('why', async () => {
    const { stdout } = await says('why', 'deployment/web');
    expect(stdout).toContain('deployment/web is healthy');
    expect(stdout).toContain(
      `application repo wants it: web.yaml:1, last changed by commit ${commit.slice(0, 7)} of Ada Example`,
    );
    const missing = await at.holdfast(['why', 'deployment/nowhere']);
    expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(missing.stderr).toContain('nowhere');
  });

  test('history', async () => {
    expect((await says('history')).stdout).toMatch(new RegExp(`${commit.slice(0, 7)} +live .*Ada Example +Two web pods`));
  });

  test('get', async () => {
    const { stdout } = await says('get', 'pods');
    expect(stdout.split('\n')[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE/);
    expect(stdout.match(/^web-\S+ +1\/1 +Running +0 /gm)).toHaveLength(2);
    const whole = JSON.parse((await says('get', 'deploy/web', '-o', 'json')).stdout) as { status: object };
    expect(whole.status).toMatchObject({ readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 });
  });

  test('logs', async () => {
    const { stdout } = await says('logs', 'deploy/web');
    expect(stdout.split('\n').toSorted()).toEqual(['', 'to standard error', 'to standard output']);
    expect((await says('logs', 'deploy/web', '--tail', '1', '--timestamps')).stdout).toMatch(/^\d{4}-\d\d-\d\dT.* to standard/);
  });

  test('exec: output and exit code are those of the command', async () => {
    expect((await says('exec', 'deploy/web', '--', 'hostname')).stdout).toMatch(/^web-/);
    expect(await at.holdfast(['exec', 'deploy/web', '--', 'sh', '-c', 'exit 7'])).toMatchObject({ exitCode: 7 });
  });

  test('diff: nothing to do', async () => {
    expect((await says('diff', '--repo', at.repo.dir)).stdout).toContain('No changes, 2 objects as wanted');
  });
}

describe('beside a running controller', () => {
  tellings();
});

describe('without a controller', () => {
  beforeAll(async () => {
    expect((await at.stop(controller)).exitCode).toBe(0);
  });
  tellings();

  test('diff and --dry-run print what a commit would change, and touch nothing', async () => {
    await at.repo.commit({ 'web.yaml': files['web.yaml'].replace('replicas: 2', 'replicas: 3') }, 'Three');
    const before = await at.engine();
    const diff = await at.holdfast(['diff', '--repo', at.repo.dir]);
    expect(diff.exitCode).toBe(2);
    expect(diff.stdout).toMatch(/update deployment\/web.*web\.yaml:1/);
    expect(diff.stdout).toMatch(/spec\.replicas.*2.*3/s);
    expect(diff.stdout).toContain('0 to create, 1 to change, 0 to delete, 1 unchanged');
    const dry = await at.holdfast(['reconcile', '--dry-run', '--repo', at.repo.dir, '--output', 'json']);
    expect(dry.exitCode).toBe(2);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      outcome: 'changes',
      actions: [{ kind: 'Deployment', name: 'web', action: 'update' }],
    });
    expect(await at.engine()).toEqual(before);
  });

  test('validate needs neither git nor Docker', async () => {
    const env = { DOCKER_HOST: 'unix:///no/such.sock', PATH: '/no/such/folder' };
    expect(await at.holdfast(['validate', at.repo.dir], { env })).toMatchObject({ exitCode: 0 });
    await at.repo.write({ 'bad.yaml': 'kind: Pod\n' });
    expect(await at.holdfast(['validate', at.repo.dir], { env })).toMatchObject({ exitCode: 1 });
  });
});

test('logs --follow goes on until Ctrl-C', async () => {
  const [pod] = await at.untilRunning('two pods', 'web', ({ length }) => length === 2);
  const following = startCommand(['logs', `pod/${pod?.pod}`, '--follow'], at.place());
  await until(
    'the first lines',
    () => following.stdout,
    (text) => text.includes('to standard output'),
  );
  await at.holdfast(['exec', `pod/${pod?.pod}`, '--', 'sh', '-c', 'echo later > /proc/1/fd/1']);
  await until(
    'a later line',
    () => following.stdout,
    (text) => text.includes('later'),
  );
  following.signal('SIGINT');
  expect((await following.ended).exitCode).toBe(130);
});

test('--output json: one object on standard output, progress on standard error', async () => {
  const other = await scene('json');
  try {
    const id = await other.repo.commit(files, 'Two web pods');
    const { stdout, stderr, exitCode } = await other.once();
    expect(exitCode).toBe(0);
    const outcome = JSON.parse(stdout) as object;
    expect(Object.keys(outcome).toSorted()).toEqual(['actions', 'application', 'commit', 'message', 'outcome', 'problems']);
    expect(outcome).toMatchObject({
      application: 'repo',
      commit: { id, subject: 'Two web pods', author: 'Ada Example <ada@example.org>' },
      outcome: 'live',
      problems: [],
    });
    expect(outcome).toHaveProperty('actions', [
      expect.objectContaining({
        kind: 'ConfigMap',
        namespace: 'default',
        name: 'words',
        action: 'create',
        file: 'words.yaml',
        line: 1,
      }),
      expect.objectContaining({
        kind: 'Deployment',
        namespace: 'default',
        name: 'web',
        action: 'create',
        file: 'web.yaml',
        line: 1,
      }),
    ]);
    expect(stderr).toMatch(/fetched [0-9a-f]{7} "Two web pods"/);
    expect(stderr).not.toContain('{');
  } finally {
    await other.close();
  }
});
