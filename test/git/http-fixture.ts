// One http and one https server for a test file, and a new repository on them for every test.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { cloneDirectory } from '../../src/git/clone.ts';
import { type CommitSourceOptions, createCommitSource } from '../../src/git/commit-source.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { contents, notAborted } from '../contract/commit-source-reading.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';

export const ACCESS = { username: 'ada', password: 's3cret' };
export const LISTING = /info\/refs/;
export const POST = /git-upload-pack$/;

export let root: Awaited<ReturnType<typeof temporaryFolder>>;
export let server: GitHttpServer;
export let tls: GitHttpServer;
export let dir: string;
export let place: string;
export let repo: GitRepo;
let opened: CommitSource[];
export let count = 0;

beforeAll(async () => {
  root = await temporaryFolder();
  server = await startGitHttpServer({ dir: root.dir, ...ACCESS });
  tls = await startGitHttpServer({ dir: root.dir, ...ACCESS, tls: true });
});
afterAll(async () => {
  await server.close();
  await tls.close();
  await root.remove();
});
beforeEach(async () => {
  count += 1;
  dir = join(root.dir, `case-${count}`);
  place = await bareGitRepo(join(dir, 'app.git'));
  repo = await gitRepo(join(dir, 'work'));
  await repo.commit({ 'a.yaml': 'a: 1\n', 'noise.bin': 'x'.repeat(5000) }, 'First');
  await repo.push(place);
  opened = [];
  server.forgetRequests();
});
afterEach(async () => {
  server.misbehave(undefined);
  await Promise.all(opened.map((source) => source.close()));
});

/** A source of this test's repository, closed after the test. */
export function open(options: Partial<CommitSourceOptions> = {}): CommitSource {
  const source = createCommitSource({
    repo: `${server.url}/case-${count}/app.git`,
    revision: undefined,
    path: '',
    workingTree: false,
    cacheDir: join(dir, 'cache'),
    clock: systemClock(),
    credentials: ACCESS,
    ...options,
  });
  opened.push(source);
  return source;
}

export const read = async (source: CommitSource): Promise<string> => {
  const id = await source.head(notAborted());
  const { files } = await source.snapshot(id, notAborted());
  return (await contents(files))['a.yaml'] ?? '';
};
export const publish = async (content: string): Promise<void> => {
  await repo.commit({ 'a.yaml': content }, 'Next');
  await repo.push(place);
};
export const cacheFolder = (): string => cloneDirectory(join(dir, 'cache'), `${server.url}/case-${count}/app.git`);
