// A push over http(s): one stateless request to receive-pack (gitprotocol-pack), with the old id of the ref in it, so that the server compares.
import { SourceError } from '../sync/commit-source.ts';
import type { HttpSession } from './http-client.ts';
import { packOf } from './pack.ts';
import { flush, packetsOf, pktLine, refused } from './pkt-line.ts';
import { refusalOf } from './push-refusal.ts';
import type { RefUpdate } from './remote.ts';

const NO_OBJECT = '0'.repeat(40);
const CAPABILITIES = 'report-status side-band-64k agent=holdfast';

/** Asks the server to move the ref. Resolves to why it does not, undefined when it is done. Throws SourceError when nobody knows. */
export async function sendUpdate(session: HttpSession, url: string, update: RefUpdate): Promise<string | undefined> {
  const command = pktLine(`${update.from ?? NO_OBJECT} ${update.to} ${update.ref}\0 ${CAPABILITIES}\n`);
  const body = Buffer.concat([Buffer.from(command + flush()), packOf(update.objects)]);
  const response = await request(session, url, body);
  const report: Buffer[] = [];
  let said = '';
  for await (const bytes of response.body ?? []) {
    for (const packet of packetsOf(Buffer.from(bytes), url)) {
      if (packet[0] === 1) report.push(packet.subarray(1));
      if (packet[0] === 2) said += packet.subarray(1).toString('utf8');
      if (packet[0] === 3) throw refused(url, packet.subarray(1));
    }
  }
  const lines = [...packetsOf(Buffer.concat(report), url)].map((line) => line.toString('utf8').trimEnd());
  const unpack = lines.find((line) => line.startsWith('unpack '))?.slice('unpack '.length);
  if (lines.includes(`ok ${update.ref}`)) return undefined;
  const no = lines.find((line) => line.startsWith(`ng ${update.ref} `))?.slice(`ng ${update.ref} `.length);
  if (no !== undefined) return refusalOf(no, said);
  if (unpack !== undefined && unpack !== 'ok') return refusalOf(`the server cannot store it: ${unpack}`, said);
  throw new SourceError('Unreachable', `${url} does not say whether it has taken the push`);
}

async function request(session: HttpSession, url: string, body: Buffer): ReturnType<HttpSession['request']> {
  try {
    return await session.request({
      url: `${url}/git-receive-pack`,
      method: 'POST',
      headers: { 'content-type': 'application/x-git-receive-pack-request', accept: 'application/x-git-receive-pack-result' },
      body: one(body),
    });
  } catch (error) {
    if (error instanceof SourceError && error.fault === 'AuthenticationFailed')
      throw new SourceError('AuthenticationFailed', `${url} does not let these credentials push`, { cause: error });
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}
