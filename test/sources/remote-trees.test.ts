// Bases of other repositories, over a real server.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FileTree, RemoteBase } from '../../src/manifests/file-tree.ts';
import { type OpenRemoteTrees, openRemoteTrees, type RemoteTreesOptions } from '../../src/sources/remote-trees.ts';
import { systemClock } from '../../src/system/clock.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';

const ACCESS = { username: 'ada', password: 's3cret' };

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let server: GitHttpServer;
let other: GitHttpServer;
let dir: string;
let repo: GitRepo;
let url: string;
let count = 0;
let opened: OpenRemoteTrees[];

beforeAll(async () => {
  root = await temporaryFolder();
  server = await startGitHttpServer({ dir: root.dir, ...ACCESS });
  other = await startGitHttpServer({ dir: root.dir, ...ACCESS });
});
afterAll(async () => {
  await server.close();
  await other.close();
  await root.remove();
});
beforeEach(async () => {
  count += 1;
  opened = [];
  dir = join(root.dir, `case-${count}`);
  const place = await bareGitRepo(join(dir, 'base.git'));
  url = `${server.url}/case-${count}/base.git`;
  repo = await gitRepo(join(dir, 'work'));
  await repo.commit({ 'deploy/a.yaml': 'a: 1\n', 'shared/b.yaml': 'b: 1\n' }, 'First');
  await repo.git('tag', 'v1');
  await repo.commit({ 'deploy/a.yaml': 'a: 2\n' }, 'Second');
  await repo.push(place);
  await repo.push(place, { refspec: 'v1' });
});
afterEach(async () => {
  server.misbehave(undefined);
  await Promise.all(opened.map((each) => each.close()));
});

function open(options: Partial<RemoteTreesOptions> = {}): OpenRemoteTrees {
  const trees = openRemoteTrees({
    cacheDir: join(dir, 'cache'),
    clock: systemClock(),
    signal: new AbortController().signal,
    application: { repo: `${server.url}/app.git`, credentials: ACCESS },
    isEveryFaultFinal: false,
    ...options,
  });
  opened.push(trees);
  return trees;
}
const base = (rest: Partial<RemoteBase> = {}): RemoteBase => ({ url, ref: 'v1', folder: 'deploy', ...rest });
async function read(tree: FileTree, path: string): Promise<string> {
  const entry = await tree.entry(path);
  return entry?.type === 'file' ? Buffer.from(await entry.file.read()).toString() : String(entry?.type);
}

test.each([
  ['a tag', 'v1', 'a: 1\n'],
  ['a branch', 'main', 'a: 2\n'],
  ['a full name', 'refs/tags/v1', 'a: 1\n'],
  ['the default branch', '', 'a: 2\n'],
])('a base at %s', async (_what, ref, expected) => {
  const tree = await open().remoteTrees(base({ ref }));
  expect(await read(tree, 'deploy/a.yaml')).toBe(expected);
  expect(await read(tree, 'shared/b.yaml')).toBe('b: 1\n');
  expect(await tree.filesBelow('shared')).toEqual(['shared/b.yaml']);
});

test('a base at a commit is not asked for twice', async () => {
  const ref = await repo.git('rev-parse', 'v1');
  const { remoteTrees } = open();
  expect(await read(await remoteTrees(base({ ref })), 'deploy/a.yaml')).toBe('a: 1\n');
  server.forgetRequests();
  expect(await read(await remoteTrees(base({ ref, folder: '' })), 'deploy/a.yaml')).toBe('a: 1\n');
  expect(server.requests).toEqual([]);
});

test('what was fetched once is there while the server does not answer', async () => {
  await open().remoteTrees(base());
  server.misbehave({ kind: 'status', status: 503 });
  expect(await read(await open().remoteTrees(base()), 'deploy/a.yaml')).toBe('a: 1\n');
});

test.each<[string, Partial<RemoteBase>, RegExp]>([
  ['a revision that does not exist', { ref: 'v9' }, /^the base http:\/\/.*base\.git at v9 cannot be fetched: .* has no tag "v9"/],
  ['a folder that does not exist', { folder: 'deplo' }, /the path deplo does not exist.*Did you mean "deploy"/s],
  ['a folder of this machine', { url: '/etc' }, /^\/etc is no server: a base of another repository is fetched from https/],
  ['a file URL', { url: 'file:///etc' }, /^file:\/\/\/etc is no server/],
  ['something that git takes for an option', { url: '--upload-pack=x' }, /a repository cannot start with "-"/],
  ['another transport', { url: 'ext::sh -c id' }, /remote helpers are not supported/],
])('%s is for the user to mend', async (_what, rest, message) => {
  await expect(open().remoteTrees(base(rest))).rejects.toMatchObject({ code: 'REMOTE_BASE_FAULT' });
  await expect(open().remoteTrees(base(rest))).rejects.toThrow(message);
});

test('a server that does not answer is tried again, unless nobody will', async () => {
  server.misbehave({ kind: 'status', status: 503 });
  await expect(open().remoteTrees(base())).rejects.toMatchObject({ code: 'SOURCE_ERROR', fault: 'Unreachable' });
  await expect(open({ isEveryFaultFinal: true }).remoteTrees(base())).rejects.toMatchObject({ code: 'REMOTE_BASE_FAULT' });
});

test("credentials go to the application's own host and to no other", async () => {
  const foreign = base({ url: url.replace(server.url, other.url) });
  await expect(open().remoteTrees(foreign)).rejects.toMatchObject({ code: 'REMOTE_BASE_FAULT' });
  expect(other.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  await expect(open({ application: { repo: '/a/folder', credentials: ACCESS } }).remoteTrees(base())).rejects.toMatchObject({
    code: 'REMOTE_BASE_FAULT',
  });
  const inUrl = `${server.url.replace('://', `://${ACCESS.username}:${ACCESS.password}@`)}/app.git`;
  const tree = await open({ application: { repo: inUrl, credentials: {} } }).remoteTrees(base());
  expect(await read(tree, 'deploy/a.yaml')).toBe('a: 1\n');
});
