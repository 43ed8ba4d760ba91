import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CommitSourceOptions, createCommitSource } from '../../src/git/commit-source.ts';
import { complaint, parseListing } from '../../src/git/ssh-remote.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { contents, faultOf, notAborted } from '../contract/commit-source-reading.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { type GitSshServer, startGitSshServer } from '../support/git-server-ssh.ts';
import { hurriedClock } from './hurried-clock.ts';

let server: GitSshServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let place: string;
let repo: GitRepo;

beforeAll(async () => {
  server = await startGitSshServer({ dir: '/' });
});
afterAll(async () => {
  await server.close();
});
beforeEach(async () => {
  folder = await temporaryFolder('holdfast with spaces %h ');
  place = await bareGitRepo(join(folder.dir, 'app.git').replaceAll(' ', '-'));
  repo = await gitRepo(join(folder.dir, 'work'));
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  await repo.push(place);
});
afterEach(async () => {
  await folder.remove();
  await rm(join(place, '..'), { recursive: true, force: true });
});

function withoutKnownHosts(): CommitSourceOptions {
  return {
    repo: `${server.url}${place}`,
    revision: { type: 'branch', name: 'main' },
    path: '',
    workingTree: false,
    cacheDir: join(folder.dir, 'cache'),
    clock: systemClock(),
    sshKeyFile: server.keyFile,
  };
}

const open = (options: Partial<CommitSourceOptions> = {}): CommitSource =>
  createCommitSource({ ...withoutKnownHosts(), knownHostsFile: server.knownHostsFile, ...options });

const read = async (source: CommitSource): Promise<string> => {
  const id = await source.head(notAborted());
  return (await contents((await source.snapshot(id, notAborted())).files))['a.yaml'] ?? '';
};

test('an unchanged remote costs one connection', async () => {
  const source = open();
  await read(source);
  const before = await server.connections();
  await read(source);
  expect((await server.connections()) - before).toBe(1);
});

test('without known hosts the first host key is accepted, and kept', async () => {
  const options = withoutKnownHosts();
  expect(await read(createCommitSource(options))).toBe('a: 1\n');
  expect(await readFile(join(folder.dir, 'cache', 'known_hosts'), 'utf8')).toContain('ssh-ed25519');
  await writeFile(join(folder.dir, 'cache', 'known_hosts'), await readFile(server.wrongKnownHostsFile));
  expect(await faultOf(createCommitSource(options).head(notAborted()), 'HostKeyRejected')).toContain('has changed');
});

test('an unknown host key', async () => {
  const knownHostsFile = join(folder.dir, 'empty');
  await writeFile(knownHostsFile, '');
  expect(await faultOf(open({ knownHostsFile }).head(notAborted()), 'HostKeyRejected')).toContain('not in the known hosts file');
});

test('a host key that has changed', async () => {
  const knownHostsFile = server.wrongKnownHostsFile;
  expect(await faultOf(open({ knownHostsFile }).head(notAborted()), 'HostKeyRejected')).toContain('has changed');
});

test('a key that the server does not know', async () => {
  expect(await faultOf(open({ sshKeyFile: server.wrongKeyFile }).head(notAborted()), 'AuthenticationFailed')).toContain(
    'does not accept the ssh key',
  );
});

test('a key that others may read', async () => {
  const sshKeyFile = join(folder.dir, 'key');
  await writeFile(sshKeyFile, await readFile(server.keyFile));
  await chmod(sshKeyFile, 0o644);
  expect(await faultOf(open({ sshKeyFile }).head(notAborted()), 'Misconfigured')).toContain('chmod 600');
});

test.each(['sshKeyFile', 'knownHostsFile'])('%s is not there', async (option) => {
  expect(await faultOf(open({ [option]: '/nonexistent/file' }).head(notAborted()), 'Misconfigured')).toContain(
    '/nonexistent/file',
  );
});

test('no git program', async () => {
  const message = await faultOf(open({ gitProgram: '/nonexistent/git' }).head(notAborted()), 'ToolMissing');
  expect(message).toContain('apt-get install git openssh-client');
});

test('a repository that does not exist', async () => {
  const message = await faultOf(open({ repo: `${server.url}${place}-gone` }).head(notAborted()), 'RepositoryNotFound');
  expect(message).toContain('does not exist on the server');
});

async function listening(onConnection: () => void): Promise<{ silent: Server; url: string; close: () => Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  };
  return { silent, url: `ssh://git@127.0.0.1:${(silent.address() as AddressInfo).port}/app.git`, close };
}

test('a server that is down', async () => {
  const { url, close } = await listening(() => {});
  await close();
  expect(await faultOf(open({ repo: url }).head(notAborted()), 'Unreachable')).toContain('connection refused');
});

test('a server that never greets', async () => {
  const { url, close } = await listening(() => {});
  expect(await faultOf(open({ repo: url, clock: hurriedClock() }).head(notAborted()), 'TimedOut')).toContain('60 s');
  await close();
});

test('an abort in the middle ends the programs, ssh too', async () => {
  const stop = new AbortController();
  const reason = new Error('a newer commit');
  let hasClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    hasClosed = resolve;
  });
  const { silent, url, close } = await listening(() => stop.abort(reason));
  silent.on('connection', (socket) => {
    socket.resume();
    socket.once('close', hasClosed);
  });
  await expect(open({ repo: url }).head(stop.signal)).rejects.toBe(reason);
  await closed;
  await close();
});

test('hooks and settings of the user take no part', async () => {
  const marker = join(folder.dir, 'ran');
  const home = join(folder.dir, 'home');
  await mkdir(home);
  await writeFile(
    join(home, '.gitconfig'),
    `[core]\n\tsshCommand = touch '${marker}'\n[url "ext::touch ${marker}"]\n\tinsteadOf = ssh://\n`,
  );
  const before = process.env['HOME'];
  process.env['HOME'] = home;
  try {
    expect(await read(open())).toBe('a: 1\n');
  } finally {
    process.env['HOME'] = before;
  }
  expect((await readdir(folder.dir)).includes('ran')).toBe(false);
});

test('parseListing', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
  const text = `ref: refs/heads/main\tHEAD\n${a}\tHEAD\n${a}\trefs/heads/main\n${b}\trefs/tags/v1\n${c}\trefs/tags/v1^{}\n`;
  expect(parseListing(text)).toEqual([
    { ref: 'HEAD', id: a, target: 'refs/heads/main' },
    { ref: 'refs/heads/main', id: a },
    { ref: 'refs/tags/v1', id: b, peeledId: c },
  ]);
  expect(parseListing('')).toEqual([]);
});

test.each([
  ['error: cannot run ssh: No such file or directory', 'ToolMissing'],
  ['git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'AuthenticationFailed'],
  ['ssh: Could not resolve hostname nowhere: Name or service not known', 'Unreachable'],
  ['ssh: connect to host h port 22: Connection timed out', 'Unreachable'],
  ['ssh: connect to host h port 22: No route to host', 'Unreachable'],
  ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', 'RepositoryNotFound'],
  ["fatal: '/x' does not appear to be a git repository", 'RepositoryNotFound'],
  ['fatal: remote error: upload-pack: not our ref 12', 'RevisionNotFound'],
  ["fatal: couldn't find remote ref refs/heads/x", 'RevisionNotFound'],
  [
    'fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output',
    'Unreachable',
  ],
  ['error: object file objects/ab/cd is empty\nfatal: loose object abcd is corrupt', 'Corrupt'],
  ['fatal: write error: No space left on device', 'Misconfigured'],
  ['kex_exchange_identification: Connection closed by remote host', 'Unreachable'],
  ['something new', 'Unreachable'],
] as const)('git says %j', (stderr, fault) => {
  expect(complaint('ssh://h/x', { stderr, exitCode: 128 })).toMatchObject({ fault });
});
