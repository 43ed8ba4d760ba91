// What every CommitSource does, whatever the repository is reached through.
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Revision } from '../../src/git/revision.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import { type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { contents, faultOf, notAborted, type RemoteFactory, type TestRemote } from './commit-source-reading.ts';

const FIRST = {
  'README.md': 'the root\n',
  'deploy/web.yaml': 'kind: Deployment\n',
  'deploy/config/settings.yaml': 'kind: ConfigMap\n',
};

/** Registers the suite. */
export function commitSourceContract(name: string, factory: RemoteFactory): void {
  describe(`CommitSource over ${name}`, () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let remote: TestRemote;
    let repo: GitRepo;
    let opened: CommitSource[];

    beforeAll(() => factory.start());
    afterAll(() => factory.stop());
    beforeEach(async () => {
      folder = await temporaryFolder();
      opened = [];
      repo = await gitRepo(join(folder.dir, 'work'));
      remote = await factory.make(folder.dir);
    });
    afterEach(async () => {
      await Promise.all(opened.map((source) => source.close()));
      await folder.remove();
    });

    const open = (revision?: Revision, path = 'deploy'): CommitSource => {
      const source = remote.open({ revision, path, cacheDir: join(folder.dir, 'cache') });
      opened.push(source);
      return source;
    };
    const push = (refspec = 'main', force = false): Promise<void> =>
      repo.push(remote.pushUrl, { refspec, force, env: remote.pushEnv ?? {} });
    const publish = async (files: Parameters<GitRepo['commit']>[0], message: string): Promise<string> => {
      const id = await repo.commit(files, message);
      await push();
      return id;
    };

    test('gives the pushed commit, as people know it', async () => {
      await repo.write(FIRST);
      await repo.git('add', '.');
      await repo.git(
        'commit',
        '--quiet',
        '--author=Zoë Ünal <zoe@example.org>',
        '--date=2026-01-02T03:04:05+02:00',
        '-m',
        'Add the web\nserver\n\nBody.\n\nHoldfast-Allow-Prune: true',
      );
      await push();
      const source = open();
      const id = await source.head(notAborted());
      expect(id).toBe(await repo.git('rev-parse', 'HEAD'));
      const { commit } = await source.snapshot(id, notAborted());
      expect(commit).toMatchObject({
        id,
        subject: 'Add the web server',
        author: 'Zoë Ünal <zoe@example.org>',
        message: 'Add the web\nserver\n\nBody.\n\nHoldfast-Allow-Prune: true\n',
      });
      expect(commit.time).toBe(await repo.git('log', '-1', '--format=%cd', '--date=format-local:%Y-%m-%dT%H:%M:%SZ'));
    });

    test('lists the files below the path, in order, with what Git knows of them', async () => {
      const id = await publish(FIRST, 'First');
      const { files } = await open().snapshot(id, notAborted());
      expect(files.map(({ path, sizeBytes, type }) => ({ path, sizeBytes, type }))).toEqual([
        { path: 'deploy/config/settings.yaml', sizeBytes: 16, type: 'file' },
        { path: 'deploy/web.yaml', sizeBytes: 17, type: 'file' },
      ]);
      expect(files[1]?.blobId).toBe(await repo.git('rev-parse', 'HEAD:deploy/web.yaml'));
      const expected = { 'deploy/config/settings.yaml': 'kind: ConfigMap\n', 'deploy/web.yaml': 'kind: Deployment\n' };
      expect(await contents(files)).toEqual(expected);
      // A second reading is as good as the first.
      expect(await contents(files)).toEqual(expected);
    });

    test('reads the whole repository when the path is empty', async () => {
      const id = await publish(FIRST, 'First');
      const { files } = await open(undefined, '').snapshot(id, notAborted());
      expect(files.map((file) => file.path)).toEqual(['README.md', 'deploy/config/settings.yaml', 'deploy/web.yaml']);
    });

    test('sees a push, and still has the commit before', async () => {
      const first = await publish(FIRST, 'First');
      const source = open();
      expect(await source.head(notAborted())).toBe(first);
      await source.snapshot(first, notAborted());
      const second = await publish(
        { 'deploy/web.yaml': 'kind: Job\n', 'deploy/new.yaml': 'kind: Pod\n', 'deploy/config': null },
        'Second',
      );
      expect(await source.head(notAborted())).toBe(second);
      expect(await contents((await source.snapshot(second, notAborted())).files)).toEqual({
        'deploy/new.yaml': 'kind: Pod\n',
        'deploy/web.yaml': 'kind: Job\n',
      });
      expect(await contents((await source.snapshot(first, notAborted())).files)).toMatchObject({
        'deploy/web.yaml': 'kind: Deployment\n',
      });
    });

    test('a source that was just opened reads an old commit without asking where the branch is', async () => {
      const first = await publish(FIRST, 'First');
      await publish({ 'deploy/web.yaml': 'kind: Job\n' }, 'Second');
      expect((await open().snapshot(first, notAborted())).commit.subject).toBe('First');
    });

    test('follows the branch that is the default, and says which', async () => {
      await publish(FIRST, 'First');
      const source = open();
      await source.head(notAborted());
      expect(source.revision).toBe('branch main');
    });

    test.each([
      ['a branch', { type: 'branch', name: 'release' }, 'branch release'],
      ['a branch by its full name', { type: 'branch', name: 'refs/heads/release' }, 'branch release'],
      ['a branch with a slash', { type: 'branch', name: 'team/a' }, 'branch team/a'],
      ['a tag', { type: 'tag', name: 'v1' }, 'tag v1'],
      ['an annotated tag', { type: 'tag', name: 'v1-signed' }, 'tag v1-signed'],
    ] as const)('follows %s', async (_, revision, label) => {
      const wanted = await repo.commit(FIRST, 'First');
      await repo.git('branch', 'release');
      // A name that starts as another one does.
      await repo.git('branch', 'release-2');
      await repo.git('branch', 'team/a');
      await repo.git('tag', 'v1');
      await repo.git('tag', '-a', '-m', 'One', 'v1-signed');
      await publish({ 'deploy/web.yaml': 'kind: Job\n' }, 'Second');
      for (const ref of ['release', 'release-2', 'team/a', 'v1', 'v1-signed']) await push(ref);
      const source = open(revision);
      expect(await source.head(notAborted())).toBe(wanted);
      expect(source.revision).toBe(label);
      expect(await contents((await source.snapshot(wanted, notAborted())).files)).toMatchObject({
        'deploy/web.yaml': 'kind: Deployment\n',
      });
    });

    test('follows a commit by its hash, though no ref is at it', async () => {
      const wanted = await publish(FIRST, 'First');
      await publish({ 'deploy/web.yaml': 'kind: Job\n' }, 'Second');
      const source = open({ type: 'commit', name: wanted });
      expect(await source.head(notAborted())).toBe(wanted);
      expect(source.revision).toBe(`commit ${wanted.slice(0, 7)}`);
      expect((await source.snapshot(wanted, notAborted())).commit.subject).toBe('First');
    });

    test('follows a commit by a short hash', async () => {
      const wanted = await publish(FIRST, 'First');
      expect(await open({ type: 'commit', name: wanted.slice(0, 10) }).head(notAborted())).toBe(wanted);
    });

    test('says that there is no such commit', async () => {
      await publish(FIRST, 'First');
      const id = '0123456789abcdef0123456789abcdef01234567';
      const source = open({ type: 'commit', name: id });
      const call = source.head(notAborted()).then((head) => source.snapshot(head, notAborted()));
      expect(await faultOf(call, 'RevisionNotFound')).toContain('0123456');
    });

    test('follows a force-push', async () => {
      await publish(FIRST, 'First');
      const second = await publish({ 'deploy/web.yaml': 'kind: Job\n' }, 'Second');
      const source = open();
      await source.snapshot(await source.head(notAborted()), notAborted());
      await repo.git('reset', '--quiet', '--hard', 'HEAD~1');
      const other = await repo.commit({ 'deploy/web.yaml': 'kind: CronJob\n' }, 'Instead');
      await push('main', true);
      expect(other).not.toBe(second);
      expect(await source.head(notAborted())).toBe(other);
      expect(await contents((await source.snapshot(other, notAborted())).files)).toMatchObject({
        'deploy/web.yaml': 'kind: CronJob\n',
      });
    });

    test('says which branches there are when the wanted one was deleted, and recovers when it is back', async () => {
      await publish(FIRST, 'First');
      await push('main:production');
      const source = open({ type: 'branch', name: 'production' });
      const id = await source.head(notAborted());
      await push(':production');
      await push('main:productoin');
      const message = await faultOf(source.head(notAborted()), 'RevisionNotFound');
      expect(message).toContain('has no branch "production"');
      expect(message).toContain('main, productoin');
      expect(message).toContain('Did you mean "productoin"?');
      // What was read stays readable.
      expect((await source.snapshot(id, notAborted())).commit.id).toBe(id);
      await push('main:production');
      expect(await source.head(notAborted())).toBe(id);
    });

    test('says that a name is a tag and not a branch', async () => {
      await publish(FIRST, 'First');
      await repo.git('tag', 'v1');
      await push('v1');
      expect(await faultOf(open({ type: 'branch', name: 'v1' }).head(notAborted()), 'RevisionNotFound')).toContain('--tag');
      expect(await faultOf(open({ type: 'tag', name: 'main' }).head(notAborted()), 'RevisionNotFound')).toContain('--branch');
    });

    test.each([undefined, { type: 'branch', name: 'main' } as const])(
      'says that a repository is empty, following %o',
      async (revision) => {
        expect(await faultOf(open(revision).head(notAborted()), 'RevisionNotFound')).toContain('no commits yet');
      },
    );

    test('says what is beside a path that does not exist', async () => {
      const id = await publish({ 'apps/staging/a.yaml': 'a', 'apps/production/a.yaml': 'a' }, 'First');
      const message = await faultOf(open(undefined, 'apps/producton').snapshot(id, notAborted()), 'PathNotFound');
      expect(message).toContain('The folder apps has production, staging. Did you mean "production"?');
      expect(await faultOf(open(undefined, 'deploy').snapshot(id, notAborted()), 'PathNotFound')).toContain(
        'The repository has apps',
      );
      expect(await faultOf(open(undefined, 'apps/staging/a.yaml').snapshot(id, notAborted()), 'PathNotFound')).toContain(
        'not a folder',
      );
    });

    test('lists symbolic links without following them', async () => {
      await repo.write(FIRST);
      await symlink('../README.md', join(repo.dir, 'deploy/link.yaml'));
      const id = await publish({}, 'First');
      const { files } = await open().snapshot(id, notAborted());
      const link = files.find((file) => file.path === 'deploy/link.yaml');
      expect(link).toMatchObject({ type: 'symlink', sizeBytes: 12 });
      expect(Buffer.from((await link?.read()) ?? []).toString()).toBe('../README.md');
    });

    test('refuses a submodule below the path, and not one beside it', async () => {
      await repo.commit(FIRST, 'First');
      await repo.git('update-index', '--add', '--cacheinfo', `160000,${await repo.git('rev-parse', 'HEAD')},deploy/vendor`);
      await repo.git('commit', '--quiet', '-m', 'Submodule');
      await push();
      const source = open();
      const id = await source.head(notAborted());
      expect(await faultOf(source.snapshot(id, notAborted()), 'Misconfigured')).toBe(
        'deploy/vendor is a Git submodule: submodules are not supported yet',
      );
      expect((await open(undefined, 'deploy/config').snapshot(id, notAborted())).files).toHaveLength(1);
    });

    test('lists what lies beside the path when it is asked for, without reading it', async () => {
      await repo.write({ ...FIRST, 'base/a.yaml': 'a\n', 'base/sub/b.yaml': 'b\n' });
      await symlink('sub/b.yaml', join(repo.dir, 'base/link.yaml'));
      await symlink('sub', join(repo.dir, 'base/to-sub'));
      await repo.commit({}, 'First');
      await repo.git('update-index', '--add', '--cacheinfo', `160000,${await repo.git('rev-parse', 'HEAD')},base/vendor`);
      await repo.git('commit', '--quiet', '-m', 'Submodule');
      await push();
      const source = open();
      const snapshot = await source.snapshot(await source.head(notAborted()), notAborted());
      const listed = async (folder: string): Promise<string[]> =>
        ((await snapshot.filesBelow?.(folder, notAborted())) ?? []).map(({ path, type }) => `${type} ${path}`);
      expect(await listed('base')).toEqual([
        'file base/a.yaml',
        'symlink base/link.yaml',
        'file base/sub/b.yaml',
        'symlink base/to-sub',
        'submodule base/vendor',
      ]);
      expect(await listed('')).toEqual(expect.arrayContaining(['file README.md', 'file base/a.yaml', 'file deploy/web.yaml']));
      expect(await listed('base/sub/b.yaml')).toEqual(['file base/sub/b.yaml']);
      expect(await listed('base/to-sub/b.yaml')).toEqual(['symlink base/to-sub']);
      expect(await listed('base/a.yaml/x')).toEqual(['file base/a.yaml']);
      expect(await listed('base/vendor/x')).toEqual(['submodule base/vendor']);
      expect(await listed('no/such')).toEqual([]);
      const [file] = (await snapshot.filesBelow?.('base/sub', notAborted())) ?? [];
      expect(file?.blobId).toBe(await repo.git('rev-parse', 'HEAD:base/sub/b.yaml'));
      expect(Buffer.from((await file?.read()) ?? []).toString()).toBe('b\n');
      const reason = new Error('enough');
      await expect(snapshot.filesBelow?.('base', AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test('says that the repository has vanished, and recovers when it is back', async () => {
      const id = await publish(FIRST, 'First');
      const source = open();
      await source.snapshot(await source.head(notAborted()), notAborted());
      await remote.hide();
      expect(await faultOf(source.head(notAborted()), 'RepositoryNotFound')).toContain('does not exist');
      await remote.unhide();
      expect(await source.head(notAborted())).toBe(id);
    });

    test('reads many files at first, and later only what has changed', async () => {
      const names = Array.from({ length: 700 }, (_, index) => `deploy/part-${index % 20}/file-${index}.yaml`);
      const first = await publish(Object.fromEntries(names.map((name, index) => [name, `number: ${index}\n`])), 'Many');
      const source = open();
      const before = (await source.snapshot(first, notAborted())).files;
      expect(before).toHaveLength(700);
      expect(await contents(before)).toMatchObject({ [names[607] ?? '']: 'number: 607\n', [names[0] ?? '']: 'number: 0\n' });
      const second = await publish({ 'deploy/part-7/file-607.yaml': 'number: one\n' }, 'One');
      await source.head(notAborted());
      const after = (await source.snapshot(second, notAborted())).files;
      const known = new Map(before.map((file) => [file.path, file.blobId]));
      const changed = after.filter((file) => known.get(file.path) !== file.blobId);
      expect(await contents(changed)).toEqual({ 'deploy/part-7/file-607.yaml': 'number: one\n' });
    });

    test('ends at once when it is aborted', async () => {
      const id = await publish(FIRST, 'First');
      const source = open();
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      await expect(source.head(signal)).rejects.toBe(reason);
      await expect(source.snapshot(id, signal)).rejects.toBe(reason);
      expect((await source.snapshot(id, notAborted())).commit.id).toBe(id);
    });

    test('its changes end with the signal', async () => {
      await publish(FIRST, 'First');
      const stop = new AbortController();
      const seen = (async () => {
        for await (const _ of open().changes(stop.signal)) stop.abort();
      })();
      stop.abort();
      await expect(seen).resolves.toBeUndefined();
    });
  });
}
