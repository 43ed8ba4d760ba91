// Who has to have signed the commits of another repository, as its declaration says: from the store to real commits.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ReconcileOptions } from '../../src/cli/parts.ts';
import type { ApplicationSpec } from '../../src/model/resource.ts';
import { sourceOf } from '../../src/sources/declared-source.ts';
import { declaredSources } from '../../src/sources/sources.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { loadText, told } from '../support/manifest-text.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { openSigningDesk, type SigningDesk, type SshKeyPair, signWithSsh } from '../support/signing.ts';

const clock = systemClock();
let desk: SigningDesk;
let ours: SshKeyPair;
let theirs: SshKeyPair;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repo: GitRepo;
let store: ReturnType<typeof openMemoryStore>;

beforeAll(async () => {
  desk = openSigningDesk();
  ours = await desk.sshKey('ours');
  theirs = await desk.sshKey('theirs');
});
afterAll(async () => {
  await desk.close();
});
beforeEach(async () => {
  folder = await temporaryFolder();
  repo = await gitRepo(join(folder.dir, 'theirs'));
  await signWithSsh(repo, theirs);
  await repo.commit({ 'a.yaml': 'a', 'deep/b.yaml': 'b' }, 'Add a');
  store = openMemoryStore({ clock, ids: seededIds(1) });
  await add('root', undefined, {});
});
afterEach(async () => {
  await folder.remove();
});

/** An application; `parent` declares it. */
async function add(name: string, parent: string | undefined, spec: Partial<ApplicationSpec>): Promise<void> {
  const annotations: Record<string, string> = parent === undefined ? {} : { 'holdfast.dev/application': parent };
  const whole = { repo: '', revision: '', path: '', timeoutSeconds: 300, ...spec };
  await store.write([
    {
      op: 'create',
      resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name, annotations }, spec: whole },
    },
  ]);
}

async function keys(name: string, key: SshKeyPair): Promise<void> {
  const data = { signers: Buffer.from(`ada@example.org ${key.line}\n`).toString('base64') };
  await store.write([
    {
      op: 'create',
      resource: { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, type: 'Opaque', data },
    },
  ]);
}

/** The files of its newest commit, or why there are none. */
async function read(name: string, options: Partial<ReconcileOptions> = {}): Promise<string> {
  const application = store.get('Application', '', name);
  if (application === undefined) throw new Error('not stored');
  const found = sourceOf(application, store);
  if ('fault' in found) return found.fault;
  const whole = { repo: repo.dir, path: '', workingTree: false, dataDir: join(folder.dir, 'data'), ...options };
  const open = await declaredSources(whole as ReconcileOptions, clock);
  const source = open(found.wanted);
  const { signal } = new AbortController();
  const { refusal, files } = await source.snapshot(await source.head(signal), signal);
  await source.close();
  return refusal ?? files.map(({ path }) => path).join(' ');
}

const source = () => ({ repository: `file://${repo.dir}` });
const verify = { secretRef: { name: 'signers' } };

test('a commit is read when one of the keys of the declaration has signed it, and no other', async () => {
  await add('db', 'root', { source: source(), verify });
  expect(await read('db')).toBe('there is no Secret signers in namespace default, which spec.verify.secretRef names');
  await keys('signers', theirs);
  expect(await read('db')).toBe('a.yaml deep/b.yaml');
  await repo.git('config', 'commit.gpgsign', 'false');
  await repo.commit({ 'c.yaml': 'c' }, 'Add c');
  expect(await read('db')).toMatch(/is not trusted: it is not signed\..*have its key added to the Secret of spec.verify$/);
});

test('the keys of the declaration take the place of those of the command line', async () => {
  const file = join(folder.dir, 'signers');
  writeFileSync(file, `ada@example.org ${ours.line}\n`);
  const options = { verify: { mode: 'head' as const, keys: [file] } };
  await keys('signers', theirs);
  await add('db', 'root', { source: source(), verify });
  await add('other', 'root', { source: source() });
  expect(await read('db', options)).toBe('a.yaml deep/b.yaml');
  expect(await read('other', options)).toMatch(/which is not among those that may sign.*added to --verify-keys$/);
});

test('what it declares is trusted by the same keys, unless that says otherwise', async () => {
  await keys('signers', ours);
  await keys('others', theirs);
  await add('db', 'root', { source: source(), verify });
  await add('follower', 'db', { path: 'deep' });
  await add('elsewhere', 'db', { source: source() });
  await add('own', 'db', { source: source(), verify: { mode: 'all', secretRef: { name: 'others' } } });
  for (const name of ['db', 'follower', 'elsewhere']) expect(await read(name)).toMatch(/not among those that may sign/);
  expect(await read('own')).toBe('a.yaml deep/b.yaml');
});

test('keys that cannot be read trust nobody, and are named without what they hold', async () => {
  await add('db', 'root', { source: source(), verify });
  const data = { signers: Buffer.from('S3CRET\n').toString('base64') };
  await store.write([
    {
      op: 'create',
      resource: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'signers', namespace: 'default' }, type: 'Opaque', data },
    },
  ]);
  const fault = await read('db').catch((error: unknown) => String(error));
  expect(fault).toMatch(/keys that may sign: signers of the Secret signers:1: a line has principals/);
  expect(fault).not.toContain('S3CRET');
});

const declared = (spec: string): string =>
  `apiVersion: holdfast.dev/v1\nkind: Application\nmetadata: {name: db}\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`;

test('a declaration with keys is of another repository, to which nothing unsigned is written', () => {
  const elsewhere = 'source: {repository: "https://git.example/db"}\npath: x\n';
  const keysOf = 'verify: {secretRef: {name: signers}}\n';
  expect(told(loadText(declared(`${elsewhere}${keysOf}`)))).toEqual([]);
  expect(told(loadText(declared(`path: x\n${keysOf}`)))).toEqual([
    'error Invalid a.yaml:6:3 spec.verify: Forbidden: may only be specified with `source.repository`: a commit cannot say who may sign it. Give the keys to "holdfast reconcile" with --verify-keys',
  ]);
  expect(told(loadText(declared(`${elsewhere}${keysOf}rollback: {revert: {push: {}}}`)))).toEqual([
    'error Invalid a.yaml:8:14 spec.rollback.revert: Forbidden: Holdfast signs no commits, and spec.verify wants them signed',
  ]);
  expect(
    told(loadText(declared('source: {repository: "https://git.example/db", tag: v1}\npath: x\nrollback: {revert: {push: {}}}'))),
  ).toEqual([
    'error Invalid a.yaml:7:14 spec.rollback.revert: Forbidden: spec.source.tag is followed, and a commit can be put on a branch alone',
  ]);
});
