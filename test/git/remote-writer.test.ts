// A commit that brings a folder back, pushed to real servers over http and ssh, and judged by the real git.
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RemoteWriter, type RemoteWriterOptions } from '../../src/git/remote-writer.ts';
import { systemClock } from '../../src/system/clock.ts';
import { faultOf, notAborted } from '../contract/commit-source-reading.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';
import { type GitSshServer, startGitSshServer } from '../support/git-server-ssh.ts';

const ACCESS = { username: 'ada', password: 's3cret' };
const BY = { name: 'Holdfast', email: 'holdfast@localhost', seconds: 1_767_225_600 };
const MESSAGE = 'Revert "Bad"\n\nHoldfast-Reverts: x';

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let http: GitHttpServer;
let ssh: GitSshServer;
let count = 0;
let dir: string;
let place: string;
let repo: GitRepo;
let good: string;
let bad: string;

beforeAll(async () => {
  root = await temporaryFolder();
  http = await startGitHttpServer({ dir: root.dir, ...ACCESS });
  ssh = await startGitSshServer({ dir: root.dir });
  repo = await gitRepo(join(root.dir, 'work'));
  await repo.write({ 'run.sh': 'x\n' });
  await chmod(join(repo.dir, 'run.sh'), 0o755);
  const before = {
    'apps/shop/web.yaml': 'a: 1\n',
    'apps/shop/old/x.yaml': 'x\n',
    'apps/shop.yaml': 's\n',
    'apps/zoo/b.yaml': 'b: 1\n',
  };
  good = await repo.commit(before, 'Good');
  const after = { 'apps/shop/web.yaml': 'a: 2\n', 'apps/shop/old/x.yaml': null, 'apps/shop/new.yaml': 'n\n' };
  bad = await repo.commit({ ...after, 'apps/zoo/b.yaml': 'b: 2\n', 'ünï.txt': 'u\n' }, 'Bad');
  await repo.push(await bareGitRepo(join(root.dir, 'case-0', 'app.git')));
});
afterAll(async () => {
  await Promise.all([http.close(), ssh.close()]);
  await root.remove();
});
beforeEach(async () => {
  count += 1;
  dir = join(root.dir, `case-${count}`);
  place = join(dir, 'app.git');
  await cp(join(root.dir, 'case-0'), dir, { recursive: true });
  await repo.git('reset', '--quiet', '--hard', bad);
});
afterEach(() => http.misbehave(undefined));

const overHttp = (options: Partial<RemoteWriterOptions> = {}): RemoteWriter =>
  new RemoteWriter({
    repo: `${http.url}/case-${count}/app.git`,
    revision: { type: 'branch', name: 'main' },
    path: 'apps/shop',
    cacheDir: join(dir, 'cache'),
    clock: systemClock(),
    credentials: ACCESS,
    ...options,
  });
const overSsh = (options: Partial<RemoteWriterOptions> = {}): RemoteWriter =>
  overHttp({
    repo: `${ssh.url}/case-${count}/app.git`,
    credentials: {},
    sshKeyFile: ssh.keyFile,
    knownHostsFile: ssh.knownHostsFile,
    ...options,
  });

const git = (...args: string[]): Promise<string> => repo.git(`--git-dir=${place}`, ...args);

/** Makes the revert of the bad commit and pushes it. */
async function revert(writer: RemoteWriter, branch = 'main', from: string | null = bad, onto = bad): Promise<string> {
  const id = await writer.make('main', { onto, good, by: BY, message: MESSAGE }, notAborted());
  expect(await writer.push(branch, from ?? undefined, id ?? '', notAborted())).toBe(undefined);
  return id ?? '';
}

async function hook(name: string, script: string): Promise<void> {
  await mkdir(join(place, 'hooks'), { recursive: true });
  await writeFile(join(place, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

describe.each([
  ['http', overHttp],
  ['ssh', overSsh],
])('over %s', (_name, open) => {
  test('the folder is as it was at the good commit, and all else as at the bad one', async () => {
    const writer = open();
    expect(await writer.heads('other', notAborted())).toEqual({ branch: 'main', head: bad });
    const id = await revert(writer);
    expect(await writer.heads('main', notAborted())).toEqual({ branch: 'main', head: id, other: id });
    expect(await git('diff', '--name-only', good, id)).toBe('apps/zoo/b.yaml\n"\\303\\274n\\303\\257.txt"');
    expect(await git('diff', good, id, '--', 'apps/shop')).toBe('');
    expect(await git('ls-tree', id, 'run.sh')).toMatch(/^100755 /);
    expect(await git('log', '-1', '--format=%P|%an <%ae>|%cn|%at|%B', id)).toBe(
      `${bad}|Holdfast <holdfast@localhost>|Holdfast|1767225600|${MESSAGE}`,
    );
    expect(await git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  test('what somebody else has pushed meanwhile is not touched', async () => {
    const writer = open();
    const id = await writer.make('main', { onto: bad, good, by: BY, message: MESSAGE }, notAborted());
    const mended = await repo.commit({ 'apps/shop/web.yaml': 'a: 3\n' }, 'Mended');
    await repo.push(place);
    expect(await writer.push('main', bad, id ?? '', notAborted())).toEqual(expect.any(String));
    expect(await git('rev-parse', 'main')).toBe(mended);
  });

  test('a branch that was taken back meanwhile is not moved forward again', async () => {
    const writer = open();
    const id = await writer.make('main', { onto: bad, good, by: BY, message: MESSAGE }, notAborted());
    await repo.push(place, { refspec: `${good}:main`, force: true });
    expect(await writer.push('main', bad, id ?? '', notAborted())).toEqual(expect.any(String));
    expect(await git('rev-parse', 'main')).toBe(good);
  });

  test('another branch is made once, and only if there is none', async () => {
    const writer = open();
    const id = await revert(writer, 'holdfast/revert-1234567', null);
    expect(await git('rev-parse', 'main', 'holdfast/revert-1234567')).toBe(`${bad}\n${id}`);
    const again = await open().make('main', { onto: bad, good, by: BY, message: MESSAGE }, notAborted());
    expect(again).toBe(id);
    const other = await writer.make('main', { onto: bad, good, by: BY, message: 'Other' }, notAborted());
    expect(await writer.push('holdfast/revert-1234567', undefined, other ?? '', notAborted())).toEqual(expect.any(String));
    expect(await git('rev-parse', 'holdfast/revert-1234567')).toBe(id);
  });

  test('a server that protects the branch says why', async () => {
    await hook('pre-receive', 'echo "GH006: Protected branch update failed" >&2; exit 1');
    const writer = open();
    const id = await writer.make('main', { onto: bad, good, by: BY, message: MESSAGE }, notAborted());
    expect(await writer.push('main', bad, id ?? '', notAborted())).toMatch(
      /pre-receive hook declined.* \(it says: GH006: Protected branch update failed/,
    );
    expect(await git('rev-parse', 'main')).toBe(bad);
  });

  test('the commits on top of a commit are told, by first parents', async () => {
    const writer = open();
    const id = await revert(writer);
    expect(await writer.since('main', id, bad, notAborted())).toEqual([{ id, message: `${MESSAGE}\n` }]);
    expect(await writer.since('main', bad, bad, notAborted())).toEqual([]);
    expect(await writer.since('main', bad, id, notAborted())).toBe(undefined);
  });

  test('a revert that changes nothing is none', async () => {
    const writer = open();
    const id = await revert(writer);
    expect(await writer.make('main', { onto: id, good, by: BY, message: MESSAGE }, notAborted())).toBe(undefined);
  });

  test('a folder that the bad commit took away comes back in its place, and the whole repository can', async () => {
    const gone = await repo.commit({ 'apps/shop': null, apps: null }, 'Gone');
    await repo.push(place);
    const id = await revert(open(), 'main', gone, gone);
    expect(await git('ls-tree', '-r', '--name-only', id, 'apps')).toBe('apps/shop/old/x.yaml\napps/shop/web.yaml');
    expect(await git('fsck', '--strict', '--no-dangling')).toBe('');
    const whole = await revert(open({ path: '' }), 'main', id, id);
    expect(await git('diff', good, whole)).toBe('');
  });
});

test('credentials that may not push are told as such, and a server that is gone too', async () => {
  const writer = overHttp();
  const id = (await writer.make('main', { onto: bad, good, by: BY, message: MESSAGE }, notAborted())) ?? '';
  http.misbehave({ kind: 'status', status: 403, only: /receive-pack/ });
  const told = await faultOf(writer.push('main', bad, id, notAborted()), 'AuthenticationFailed');
  expect(told).toMatch(/does not let these credentials push$/);
  http.misbehave({ kind: 'status', status: 503, only: /receive-pack/ });
  await faultOf(writer.push('main', bad, id, notAborted()), 'Unreachable');
  // It has taken the push, and nobody hears of it.
  http.misbehave({ kind: 'cut', afterBytes: 10, isClean: true, only: /receive-pack/ });
  await faultOf(writer.push('main', bad, id, notAborted()), 'Unreachable');
  expect(await writer.heads(undefined, notAborted())).toEqual({ branch: 'main', head: id });
});

test('the branch that HEAD names is followed when none is said', async () => {
  expect(await overHttp({ revision: undefined }).heads(undefined, notAborted())).toEqual({ branch: 'main', head: bad });
});

test.each<[string, Partial<RemoteWriterOptions>, RegExp]>([
  ['a tag', { revision: { type: 'tag', name: 'v1' } }, /tag v1 is followed, and a commit can be put on a branch alone/],
  ['a repository on this machine', { repo: '/srv/app.git' }, /\/srv\/app.git is a repository on this machine/],
])('%s is refused', (_name, options, message) => {
  expect(() => overHttp(options)).toThrow(message);
});
