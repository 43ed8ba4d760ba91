// Requests to forges over http(s). Redirects are not followed: the token goes to the address that was named, or nowhere.
import { readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { NotDelivered } from '../signals/notify/courier.ts';
import type { ForgeAnswer, ForgeClient, ForgeRequest } from '../signals/statuses/forge-client.ts';
import { whyOf } from './courier.ts';

/** Of an answer that is looked at, where nobody wants more. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** A client that trusts the authorities of the system, and those of a PEM file. */
export function httpForgeClient({ caFile }: { readonly caFile?: string } = {}): ForgeClient {
  return {
    send: async (request, signal) => {
      try {
        return await send(request, caFile, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error instanceof NotDelivered ? error : new NotDelivered(whyOf(error));
      }
    },
  };
}

function send(request: ForgeRequest, caFile: string | undefined, signal: AbortSignal): Promise<ForgeAnswer> {
  const { url, headers, body, method = 'POST', maxAnswerBytes = MAX_ANSWER_BYTES } = request;
  const isPlain = new URL(url).protocol === 'http:';
  const ca = isPlain || caFile === undefined ? {} : { ca: [...rootCertificates, certificates(caFile)] };
  const length = method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) };
  const options = { method, headers: { ...headers, ...length }, signal, agent: false as const, ...ca };
  return new Promise((resolve, reject) => {
    const sending = (isPlain ? overHttp : overHttps)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const done = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
          ),
          body: Buffer.concat(chunks).toString('utf8'),
        });
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxAnswerBytes) {
          chunks.push(chunk);
          return;
        }
        // What it means has been said by then.
        done();
        response.destroy();
      });
      response.on('end', done);
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

function certificates(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch {
    throw new NotDelivered('the file of --ca-file cannot be read');
  }
}
