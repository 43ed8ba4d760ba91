// Gets the image of the network container onto an engine, wherever it is to be had, and says how: the engine has it, an archive or a registry
// that the user names has it, or it is put together from the programs of this machine. Without any of these it says what would help.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, open, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import type { DockerHost } from '../docker/docker-host.ts';
import { ImageShelf } from '../docker/network-container-image.ts';
import { EngineError } from '../kubelet/engine/container-engine.ts';
import { NetworkUnavailable } from '../network/agent/agent.ts';

/** What the image is called on an engine. The tag counts the versions of the list of programs in images/network/collect.sh. */
export const NETWORK_IMAGE = 'holdfast-network:1';

const REPOSITORY = 'holdfast-network';
const HASH_LENGTH = 12;
const COLLECT_TIMEOUT_MS = 120_000;
/** Exit code of collect.sh when programs are missing. */
const PROGRAMS_MISSING = 3;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** What an archive of `docker save` begins with, and a root file system does not. */
const OF_SAVED_IMAGE = /^(\.\/)?(blobs|manifest\.json|index\.json|oci-layout|repositories|[0-9a-f]{64})(\/|\.json|$)/;
/** What Node calls architectures, to what images call them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface NetworkImageOptions {
  readonly host: DockerHost;
  /** Of the engine: `amd64`, `arm64`. */
  readonly architecture: string;
  /** HOLDFAST_NETWORK_IMAGE: an archive (`docker save` or `docker export`, also gzipped), or a reference to pull. Absent or empty for neither. */
  readonly source: string | undefined;
  /** What it is called when it is made here: NETWORK_IMAGE when absent. */
  readonly reference?: string;
  /** The script that collects this machine's programs, and what this machine is called where Node does not say: images/network/collect.sh. */
  readonly collect: { readonly script: string; readonly architecture?: string };
}

/** The image, which the engine has now. */
export interface NetworkImage {
  readonly reference: string;
  /** How it came there, for people. */
  readonly how: string;
}

/**
 * The engine has the image afterwards. Throws NetworkUnavailable when it cannot be had, which says what would help; EngineError when the engine fails. What was named
 * by the user is taken or refused, and nothing else in its place.
 */
export async function ensureNetworkImage(options: NetworkImageOptions, signal: AbortSignal): Promise<NetworkImage> {
  const shelf = new ImageShelf(options.host);
  const source = options.source?.trim() ?? '';
  if (source === '') return await ownImage(shelf, options, signal);
  return isFile(source) ? await archivedImage(shelf, resolve(source), signal) : await pulledImage(shelf, source, signal);
}

function isFile(source: string): boolean {
  return isAbsolute(source) || /^\.{1,2}\//.test(source) || /\.(tar|tar\.gz|tgz)$/.test(source);
}

async function pulledImage(shelf: ImageShelf, reference: string, signal: AbortSignal): Promise<NetworkImage> {
  if ((await shelf.find(reference, signal)) !== undefined) return { reference, how: `the engine has ${reference}` };
  try {
    await shelf.pull(reference, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof EngineError)) throw error;
    // Pods can do without it: that a registry is away must not keep them from running.
    throw new NetworkUnavailable(`HOLDFAST_NETWORK_IMAGE: ${error.message}`, error);
  }
  return { reference, how: `pulled ${reference}` };
}

/** Named by its content, so that another archive at the same place is another image. */
async function archivedImage(shelf: ImageShelf, file: string, signal: AbortSignal): Promise<NetworkImage> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new NetworkUnavailable(`HOLDFAST_NETWORK_IMAGE: ${file} cannot be read: ${messageOf(error)}`, error);
  }
  const reference = `${REPOSITORY}:${hash.digest('hex').slice(0, HASH_LENGTH)}`;
  if ((await shelf.find(reference, signal)) !== undefined) return { reference, how: `the engine has the image of ${file}` };
  if (await isSavedImage(file)) {
    const [loaded, ...others] = await shelf.loadArchive(await contentOf(file), signal);
    if (loaded === undefined || others.length > 0)
      throw new NetworkUnavailable(`HOLDFAST_NETWORK_IMAGE: ${file} has ${others.length === 0 ? 'no' : 'several'} images`);
    await shelf.tag(loaded, reference, signal);
  } else await shelf.importArchive(reference, await contentOf(file), signal);
  return { reference, how: `loaded from ${file}` };
}

async function isSavedImage(file: string): Promise<boolean> {
  const content = await contentOf(file);
  try {
    for await (const { header } of content.pipe(tar.extract())) return OF_SAVED_IMAGE.test(header.name);
    return false;
  } catch (error) {
    throw new NetworkUnavailable(`HOLDFAST_NETWORK_IMAGE: ${file} is no archive of an image: ${messageOf(error)}`, error);
  } finally {
    content.destroy();
  }
}

async function contentOf(file: string): Promise<Readable> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(GZIP_MAGIC.length), 0, GZIP_MAGIC.length, 0);
  await handle.close();
  const isGzip = bytesRead === GZIP_MAGIC.length && buffer.equals(GZIP_MAGIC);
  const through = isGzip ? createGunzip() : new PassThrough();
  createReadStream(file)
    .on('error', (error) => through.destroy(error))
    .pipe(through);
  return through;
}

async function ownImage(shelf: ImageShelf, options: NetworkImageOptions, signal: AbortSignal): Promise<NetworkImage> {
  const { reference = NETWORK_IMAGE } = options;
  if ((await shelf.find(reference, signal)) !== undefined) return { reference, how: `the engine has ${reference}` };
  const { script, architecture = ARCHITECTURES[process.arch] ?? process.arch } = options.collect;
  if (process.platform !== 'linux' || architecture !== options.architecture)
    throw unavailable(`this machine is ${process.platform}/${architecture} and the engine linux/${options.architecture}`);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-network-'));
  try {
    await collect(script, join(folder, 'root'), signal);
    await shelf.importArchive(reference, packed(join(folder, 'root')), signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { reference, how: 'put together from the programs of this machine' };
}

function collect(script: string, target: string, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    execFile('sh', [script, target], { signal, timeout: COLLECT_TIMEOUT_MS }, (error, _stdout, stderr) => {
      const said = stderr.trim().split('\n').slice(-1)[0] ?? '';
      if (error === null) done();
      else if (signal.aborted) fail(signal.reason as Error);
      else if (error.code === PROGRAMS_MISSING) fail(unavailable(said, error));
      else fail(unavailable(`its files cannot be copied from this machine: ${said === '' ? error.message : said}`, error));
    });
  });
}

/** A folder as an archive whose files all belong to root. */
function packed(root: string): Readable {
  const pack = tar.pack();
  const add = async (path: string): Promise<void> => {
    for (const entry of (await readdir(join(root, path), { withFileTypes: true })).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      const file = join(root, name);
      const header = { name, mode: (await lstat(file)).mode & 0o7777, uid: 0, gid: 0, mtime: new Date(0) };
      if (entry.isDirectory()) {
        pack.entry({ ...header, type: 'directory' });
        await add(name);
      } else if (entry.isSymbolicLink()) pack.entry({ ...header, type: 'symlink', linkname: await readlink(file) });
      else {
        const content = await readFile(file);
        await new Promise<void>((done, fail) => {
          pack.entry(header, content, (error) => (error instanceof Error ? fail(error) : done()));
        });
      }
    }
  };
  add('').then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  // Who reads it learns of a failure; when nobody does any more, nobody wants to.
  pack.on('error', () => {});
  return Readable.from(pack);
}

function unavailable(why: string, cause?: unknown): NetworkUnavailable {
  return new NetworkUnavailable(
    `the image of the network container cannot be made here: ${why}. Other ways: name an archive or a reference with ` +
      'HOLDFAST_NETWORK_IMAGE (images/network/Dockerfile makes the image), or go without Services and policies by --network none',
    cause,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
