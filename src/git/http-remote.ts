// A repository behind http(s). Listings are the library's; the fetch is one stateless request of our own, because the library writes refs before the
// pack has arrived, fails where the server's HEAD names a missing branch, and dies of a broken answer.
import { createHash, randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import * as git from 'isomorphic-git';
import { SourceError } from '../sync/commit-source.ts';
import { authorization, type Credentials } from './credentials.ts';
import type { GitBinary } from './git-binary.ts';
import { type HttpSession, openHttpSession } from './http-client.ts';
import { sendUpdate } from './http-push.ts';
import { cutShort, flush, packetsOf, pktLine, refused } from './pkt-line.ts';
import type { Remote, RemoteRef, Wanted } from './remote.ts';

/** Bigger packs are indexed by the git program, when there is one. */
const BIG_PACK_BYTES = 8 * 1024 * 1024;
const CHECKSUM_BYTES = 20;
/** What an empty repository lists in the old protocol. */
const NO_OBJECT = '0'.repeat(40);
/** Of a pack without objects: header and checksum. */
const EMPTY_PACK_BYTES = 12 + CHECKSUM_BYTES;

/** How to reach the repository. `url` holds no credentials. */
export interface HttpRemoteOptions {
  readonly url: string;
  readonly credentials: Credentials;
  readonly urlCredentials: Credentials;
  readonly caFile: string | undefined;
  readonly binary: GitBinary | undefined;
}

/** A repository behind http(s). */
export function httpRemote(options: HttpRemoteOptions): Remote {
  let movedTo: string | undefined;
  let isDiscovered = false;
  const withSession = async <T>(signal: AbortSignal, use: (session: HttpSession) => Promise<T>): Promise<T> => {
    const header = await authorization(options.credentials, options.urlCredentials);
    const session = await openHttpSession({ url: options.url, authorization: header, caFile: options.caFile, signal, movedTo });
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  };
  const list = (prefix: string, signal: AbortSignal): Promise<readonly RemoteRef[]> => {
    // A repository that moved back must be found again.
    movedTo = undefined;
    return withSession(signal, async (session) => {
      const refs = await git.listServerRefs({
        http: session,
        url: options.url,
        prefix,
        symrefs: true,
        peelTags: true,
        protocolVersion: 2,
      });
      movedTo = session.movedTo;
      isDiscovered = true;
      const existing = refs.filter(({ oid }) => oid !== NO_OBJECT);
      return existing.map(({ ref, oid, target, peeled }) => ({
        ref,
        id: oid,
        ...(target === undefined ? {} : { target }),
        ...(peeled === undefined ? {} : { peeledId: peeled }),
      }));
    });
  };
  return {
    list,
    async fetch(gitdir, wanted, signal) {
      // Only a listing follows redirects.
      if (!isDiscovered) await list('HEAD', signal);
      const pack = await withSession(signal, (session) => requestPack(session, options.url, wanted));
      if (pack !== undefined) await storePack(gitdir, pack, options, signal);
    },
    async push(_gitdir, update, signal) {
      if (!isDiscovered) await list('HEAD', signal);
      return await withSession(signal, (session) => sendUpdate(session, options.url, update));
    },
  };
}

/** Protocol version 0, which every server speaks: it needs no negotiation when all is said in one request. */
async function requestPack(session: HttpSession, url: string, wanted: Wanted): Promise<Buffer | undefined> {
  const text = [
    pktLine(`want ${wanted.commitId} ofs-delta side-band-64k no-progress agent=holdfast\n`),
    flush(),
    ...wanted.haves.map((id) => pktLine(`have ${id}\n`)),
    pktLine('done\n'),
  ].join('');
  const response = await session.request({
    url: `${url}/git-upload-pack`,
    method: 'POST',
    headers: { 'content-type': 'application/x-git-upload-pack-request', accept: 'application/x-git-upload-pack-result' },
    body: one(Buffer.from(text)),
  });
  const chunks: Buffer[] = [];
  for await (const bytes of response.body ?? []) {
    for (const packet of packetsOf(Buffer.from(bytes), url)) {
      const band = packet[0];
      if (band === 1) chunks.push(packet.subarray(1));
      if (band === 3) throw refused(url, packet.subarray(1));
    }
  }
  const pack = Buffer.concat(chunks);
  if (pack.length === 0) throw cutShort(url);
  return pack.length <= EMPTY_PACK_BYTES ? undefined : checked(pack, url);
}

function checked(pack: Buffer, url: string): Buffer {
  const content = pack.subarray(0, pack.length - CHECKSUM_BYTES);
  const checksum = createHash('sha1').update(content).digest();
  if (!checksum.equals(pack.subarray(pack.length - CHECKSUM_BYTES))) {
    throw new SourceError('Corrupt', `the pack that ${url} sent is damaged. Nothing of it was kept`);
  }
  return pack;
}

/** Indexes the pack aside and moves it in only then, so that whoever reads meanwhile, or a kill at any moment, sees a whole pack or none. */
async function storePack(gitdir: string, pack: Buffer, options: HttpRemoteOptions, signal: AbortSignal): Promise<void> {
  const name = `pack-${pack.toString('hex', pack.length - CHECKSUM_BYTES)}`;
  const aside = join(gitdir, `incoming-${randomBytes(6).toString('hex')}`);
  try {
    await fs.mkdir(aside, { recursive: true });
    await fs.writeFile(join(aside, `${name}.pack`), pack);
    const isIndexed = pack.length > BIG_PACK_BYTES && (await indexByProgram(options.binary, aside, name, signal));
    if (!isIndexed) await git.indexPack({ fs: { promises: fs }, dir: aside, gitdir, filepath: `${name}.pack` });
    signal.throwIfAborted();
    const packs = join(gitdir, 'objects', 'pack');
    await fs.mkdir(packs, { recursive: true });
    await fs.rename(join(aside, `${name}.pack`), join(packs, `${name}.pack`));
    await fs.rename(join(aside, `${name}.idx`), join(packs, `${name}.idx`));
  } finally {
    await fs.rm(aside, { recursive: true, force: true });
  }
}

async function indexByProgram(
  binary: GitBinary | undefined,
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (binary === undefined) return false;
  try {
    const run = await binary.run(['index-pack', join(folder, `${name}.pack`)], { signal });
    return run.exitCode === 0;
  } catch (error) {
    if (error instanceof SourceError && error.fault === 'ToolMissing') return false;
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}
