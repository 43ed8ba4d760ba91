// A real image registry on loopback: Debian's docker-registry with a folder of its own. Engines trust 127.0.0.0/8 without TLS.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { callEngine, hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { BUSYBOX, byHand } from './docker.ts';
import { until } from './e2e-until.ts';
import { temporaryFolder } from './git-repo.ts';

const REGISTRY = '/usr/bin/docker-registry';
/** Who may use a private registry. */
export const REGISTRY_USER = { username: 'ali', password: 'open sesame' } as const;
/** The password as bcrypt has it, for the registry's file of users. */
const PASSWORD_HASH = '$2b$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK';

/** A running registry. */
export interface Registry {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Pushes an image in which the variable VERSION has this value, and takes it off the engine again. Returns the reference. */
  push(name: string, version: string): Promise<string>;
  /** Manifests that were asked for, `GET` or `HEAD` and path, as the registry logged them. */
  pulls(name: string): Promise<number>;
  /** Harmless twice. Images that were pulled from it are taken off the engine. */
  close(): Promise<void>;
}

/** Starts a registry on a free port; a private one asks for REGISTRY_USER. */
export async function startRegistry({ isPrivate = false }: { readonly isPrivate?: boolean } = {}): Promise<Registry> {
  const folder = await temporaryFolder('holdfast-registry-');
  const port = await freePort();
  const log = join(folder.dir, 'log');
  const config = join(folder.dir, 'config.json');
  // JSON is YAML too.
  const settings = {
    version: 0.1,
    log: { level: 'info', formatter: 'text' },
    storage: { filesystem: { rootdirectory: join(folder.dir, 'images') } },
    http: { addr: `127.0.0.1:${port}` },
    ...(isPrivate ? { auth: { htpasswd: { realm: 'test', path: join(folder.dir, 'users') } } } : {}),
  };
  await writeFile(join(folder.dir, 'users'), `${REGISTRY_USER.username}:${PASSWORD_HASH}\n`);
  await writeFile(config, JSON.stringify(settings));
  const child = spawn('sh', ['-c', `exec ${REGISTRY} serve "$1" >"$2" 2>&1`, 'sh', config, log], { stdio: 'ignore' });
  const address = `127.0.0.1:${port}`;
  const look = async (): Promise<number> => (await fetch(`http://${address}/v2/`)).status;
  await until('the registry answers', look, (status) => status === (isPrivate ? 401 : 200));
  return {
    address,
    async push(name, version) {
      const reference = `${address}/${name}`;
      await pushImage(reference, version, isPrivate ? { ...REGISTRY_USER, serveraddress: address } : {});
      return reference;
    },
    async pulls(name) {
      const [repository, tag] = name.split(':');
      const lines = (await readFile(log, 'utf8')).split('\n');
      return lines.filter((line) => line.includes('response completed') && line.includes(`/v2/${repository}/manifests/${tag}`))
        .length;
    },
    async close() {
      await ended(child);
      await removeImages(`${address}/`);
      await folder.remove();
    },
  };
}

/** Also those whose tag a later pull has taken over. */
async function removeImages(prefix: string): Promise<void> {
  const all = (await byHand('GET', '/images/json')) as { Id: string; RepoTags: string[] | null; RepoDigests: string[] | null }[];
  const names = all.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
  for (const name of names.filter((each) => each.startsWith(prefix) && !each.endsWith(':<none>')))
    await callEngine(hostOfEnvironment(), 'DELETE', `/images/${name}?force=1`);
}

async function pushImage(reference: string, version: string, credentials: object): Promise<void> {
  const [repository, tag] = [reference.slice(0, reference.lastIndexOf(':')), reference.slice(reference.lastIndexOf(':') + 1)];
  const { Id } = (await byHand('POST', '/containers/create', { Image: BUSYBOX, Env: [`VERSION=${version}`] })) as { Id: string };
  try {
    await byHand('POST', `/commit?container=${Id}&repo=${encodeURIComponent(repository)}&tag=${tag}`, {
      Env: [`VERSION=${version}`],
    });
  } finally {
    await byHand('DELETE', `/containers/${Id}?force=1`);
  }
  const { status, body } = await callEngine(hostOfEnvironment(), 'POST', `/images/${repository}/push?tag=${tag}`, {
    body: '{}',
    headers: { 'X-Registry-Auth': urlBase64(JSON.stringify(credentials)) },
  });
  const text = body.toString();
  if (status !== 200 || text.includes('"error"')) throw new Error(`pushing ${reference} failed: ${text}`);
  await byHand('DELETE', `/images/${reference}`);
}

/** A port of loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await exit;
}

/** Base64 for URLs, with padding: older engines take nothing else. */
function urlBase64(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
