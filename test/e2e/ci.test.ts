// Pipelines without a controller: the engine over ssh, from a runner with an empty disk; and the workflow files of docs/ci.md as they stand there, each
// command in a fresh clone with the environment of its runner.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { type DockerOverSsh, dockerOverSsh } from '../support/docker-over-ssh.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/ci.md', import.meta.url));

let at: Scene;
let ssh: DockerOverSsh;
let commit = '';
beforeAll(async () => {
  at = await scene('ci');
  ssh = await dockerOverSsh(hostOfEnvironment().replace('unix://', ''));
});
afterAll(async () => {
  await at.close();
  await ssh.close();
});

const running = async (): Promise<readonly string[]> =>
  (await at.engine()).containers
    .filter(({ state }) => state === 'running')
    .map(({ id }) => id)
    .toSorted();

describe('over ssh', () => {
  const runner = (disk: string) => ({
    env: { DOCKER_HOST: ssh.address, PATH: ssh.searchPath('right'), HOLDFAST_DATA_DIR: join(at.dir, disk) },
  });

  test('a runner with an empty disk makes the host match, and the next one finds that nothing is to be done', async () => {
    commit = await at.repo.commit({ 'deploy/app.yaml': yaml(deployment('web')) }, 'One');
    const first = await at.once(['--path', 'deploy'], runner('one'));
    expect(first.outcome.outcome).toBe('live');
    const before = await running();
    const second = await at.once(['--path', 'deploy'], runner('two'));
    expect(second.outcome).toMatchObject({ outcome: 'live' });
    expect(await running()).toEqual(before);
  });

  test('commands go into containers, and what they say comes back whole', async () => {
    const pods = await at.holdfast(['get', 'pods', '-o', 'json'], runner('two'));
    const [pod] = (JSON.parse(pods.stdout) as { items: { metadata: { name: string } }[] }).items;
    const said = await at.holdfast(
      ['exec', `pod/${pod?.metadata.name ?? ''}`, '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'],
      runner('two'),
    );
    expect(said).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('holds the lock of the engine: another runner is told who is at work', async () => {
    const controller = at.controller(['--path', 'deploy'], { env: { DOCKER_HOST: ssh.address, PATH: ssh.searchPath('right') } });
    await at.untilLive(commit);
    const other = await at.once(['--path', 'deploy'], runner('three'));
    await at.stop(controller);
    expect(other.exitCode).toBe(1);
    expect(other.stderr).toContain('cluster');
  });

  test('a key that is refused ends the run with the reason', async () => {
    const refused = { env: { ...runner('four').env, PATH: ssh.searchPath('wrong-key') } };
    const ended = await at.once(['--path', 'deploy'], refused);
    expect(ended).toMatchObject({ exitCode: 1, outcome: { outcome: 'failed' } });
    expect(ended.outcome.message).toContain('Permission denied (publickey). (the key is not accepted');
  });
});

/** A step of a workflow, or one script of a GitLab job. */
interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}
type GitLabFile = Readonly<Record<string, { readonly script?: readonly string[]; readonly before_script?: readonly string[] }>>;

/** The YAML below a heading of the page. */
async function blockBelow(heading: string): Promise<unknown> {
  const text = await readFile(PAGE, 'utf8');
  const block = /```yaml\n([\s\S]*?)```/.exec(text.slice(text.indexOf(`## ${heading}`)))?.[1];
  if (block === undefined) throw new Error(`${PAGE} has no block below ${heading}`);
  return parse(block);
}

describe('the workflow files of the page', () => {
  let bin: string;
  beforeAll(async () => {
    bin = join(at.dir, 'bin');
    await mkdir(bin, { recursive: true });
    const scripts = {
      npx: `#!/bin/sh\n[ "$1" = holdfast ] || exit 9\nshift\nexec ${process.execPath} ${MAIN} "$@"\n`,
      // They say what they were called with, and whether what they are to send is there. All of it is read: who writes it does not run into a closed pipe.
      gh: '#!/bin/sh\necho "gh $*" >> "$CALLS"\nfor last; do :; done\n[ -s "$last" ]\n',
      curl: '#!/bin/sh\necho "curl $*" >> "$CALLS"\ncase "$*" in *body@*) [ -s plan.md ];; *) grep body >/dev/null;; esac\n',
      jq: '#!/bin/sh\nprintf \'{"body": "\' && cat "$3" && echo \'"}\'\n',
    };
    for (const [name, text] of Object.entries(scripts)) {
      await writeFile(join(bin, name), text);
      await chmod(join(bin, name), 0o755);
    }
  });

  /** A fresh clone of one commit, as runners make it: without a branch, without a past, on a disk of its own. */
  async function runner(
    name: string,
    id: string,
  ): Promise<{ readonly dir: string; readonly env: Readonly<Record<string, string>> }> {
    const dir = join(at.dir, name);
    const temp = join(dir, 'temp');
    const work = join(dir, 'work');
    await mkdir(temp, { recursive: true });
    await mkdir(work);
    const git = (...args: string[]) => execa('git', args, { cwd: work });
    await git('init', '-q');
    await git('fetch', '-q', '--depth=1', `file://${at.repo.dir}`, id);
    await git('checkout', '-q', '--detach', 'FETCH_HEAD');
    const own = { HOME: dir, TMPDIR: temp, CALLS: join(dir, 'calls'), HOLDFAST_CLUSTER: at.cluster, HOLDFAST_NETWORK: 'none' };
    return { dir, env: { ...own, DOCKER_HOST: ssh.address, PATH: `${bin}:${ssh.searchPath('home')}`, CI: 'true' } };
  }

  /** Runs a script as the runner does, and ends with its exit code. */
  async function shell(script: string, { dir, env }: { dir: string; env: Readonly<Record<string, string>> }) {
    const { exitCode, stdout, stderr } = await execa('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: join(dir, 'work'),
      env,
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    return { exitCode, stdout, stderr };
  }

  const values: Readonly<Record<string, () => Promise<string>>> = {
    'secrets.SSH_KEY': () => readFile(ssh.keyFile, 'utf8'),
    'vars.KNOWN_HOSTS': () => readFile(ssh.knownHostsFile, 'utf8'),
    'github.token': () => Promise.resolve('token'),
    'github.event.number': () => Promise.resolve('7'),
  };

  /** What the runner of GitHub and Forgejo puts in the place of expressions. */
  async function expanded(text: string): Promise<string> {
    let result = text;
    for (const [whole, name = ''] of text.matchAll(/\$\{\{ ([\w.]+) \}\}/g))
      result = result.replace(whole, (await values[name]?.()) ?? '?');
    expect(result).not.toContain('${{');
    return result;
  }

  async function steps(list: readonly Step[], job: { dir: string; env: Readonly<Record<string, string>> }): Promise<void> {
    for (const { run, env = {} } of list) {
      if (run === undefined) continue;
      const entries = await Promise.all(Object.entries(env).map(async ([name, value]) => [name, await expanded(value)] as const));
      const ended = await shell(await expanded(run), { dir: job.dir, env: { ...job.env, ...Object.fromEntries(entries) } });
      expect({ run, ...ended }).toMatchObject({ run, exitCode: 0 });
    }
  }

  const github = (dir: string, id: string) => ({
    GITHUB_ACTIONS: 'true',
    GITHUB_SHA: id,
    GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
    GITHUB_WORKSPACE: join(dir, 'work'),
    GITHUB_REPOSITORY: 'ada/shop',
    GITHUB_SERVER_URL: 'https://forge.example.org',
    RUNNER_TEMP: join(dir, 'temp'),
  });

  test('GitHub: a pull request is told what it would change, a push is applied', async () => {
    const id = await at.repo.commit({ 'deploy/app.yaml': yaml(deployment('web', { replicas: 2 })) }, 'Two');
    const { jobs } = (await blockBelow('GitHub Actions')) as Workflow;
    const check = await runner('github-check', id);
    await steps(jobs['check']?.steps ?? [], { ...check, env: { ...check.env, ...github(check.dir, id) } });
    expect(await readFile(join(check.dir, 'summary.md'), 'utf8')).toContain('web');
    expect(await readFile(join(check.dir, 'calls'), 'utf8')).toBe(
      'gh pr comment 7 --edit-last --create-if-none --body-file plan.md\n',
    );
    const apply = await runner('github-apply', id);
    await steps(jobs['apply']?.steps ?? [], { ...apply, env: { ...apply.env, ...github(apply.dir, id) } });
    expect(await running()).toHaveLength(2 * 2);
    const forgejo = (await blockBelow('Forgejo Actions')) as readonly Step[];
    await steps(forgejo, { ...check, env: { ...check.env, ...github(check.dir, id) } });
    expect(await readFile(join(check.dir, 'calls'), 'utf8')).toContain(
      'https://forge.example.org/api/v1/repos/ada/shop/issues/7/comments',
    );
  });

  test('GitLab: a merge request is told what it would change, the branch is applied', async () => {
    const id = await at.repo.commit({ 'deploy/app.yaml': yaml(deployment('web', { replicas: 1 })) }, 'One again');
    const file = (await blockBelow('GitLab CI')) as GitLabFile;
    for (const name of ['check', 'apply']) {
      const job = await runner(`gitlab-${name}`, id);
      const env = {
        ...job.env,
        GITLAB_CI: 'true',
        CI_COMMIT_SHA: id,
        CI_PROJECT_DIR: join(job.dir, 'work'),
        CI_API_V4_URL: 'https://forge.example.org/api/v4',
        CI_PROJECT_ID: '3',
        CI_MERGE_REQUEST_IID: '7',
        NOTES_TOKEN: 'token',
        SSH_KEY: ssh.keyFile,
        KNOWN_HOSTS: ssh.knownHostsFile,
      };
      const lines = [...(file['default']?.before_script ?? []), ...(file[name]?.script ?? [])];
      const ended = await shell(lines.join('\n'), { dir: job.dir, env });
      expect(ended).toMatchObject({ exitCode: 0 });
    }
    const calls = await readFile(join(at.dir, 'gitlab-check', 'calls'), 'utf8');
    expect(calls).toContain('https://forge.example.org/api/v4/projects/3/merge_requests/7/notes');
    expect(await readFile(join(at.dir, 'gitlab-check', 'work', 'report.xml'), 'utf8')).toContain('<testsuite');
    expect(await running()).toHaveLength(2);
  });
});
