// A small ACME server (RFC 8555): accounts, orders, HTTP-01, certificates signed by a root of its own. It believes every signature, and asks
// for each proof as a real one does.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Order {
  readonly hosts: readonly string[];
  readonly valid: Set<string>;
  /** Hosts that were asked. */
  readonly tried: Set<string>;
  certificate?: string;
}

export interface AcmeServer {
  readonly directoryUrl: string;
  /** Hosts whose proofs were asked for. */
  readonly asked: string[];
  /** Certificates that were issued. */
  issued(): number;
  close(): Promise<void>;
}

/** Starts one. `httpPort`: where the hosts are asked for their proofs, on this machine. `days`: how long its certificates live. */
export async function startAcmeServer({
  httpPort,
  days = 90,
}: {
  readonly httpPort: number;
  readonly days?: number;
}): Promise<AcmeServer> {
  const directory = mkdtempSync(join(tmpdir(), 'acme-'));
  const openssl = (...words: string[]): string => execFileSync('openssl', words, { cwd: directory, stdio: 'pipe' }).toString();
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test Root',
  );
  const orders: Order[] = [];
  const asked: string[] = [];
  let nonces = 0;
  let issued = 0;

  const certify = (csr: string): string => {
    issued += 1;
    writeFileSync(join(directory, 'csr.der'), Buffer.from(csr, 'base64url'));
    openssl(
      'x509',
      '-req',
      '-inform',
      'DER',
      '-in',
      'csr.der',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-copy_extensions',
      'copy',
      '-days',
      String(days),
      '-out',
      'crt.pem',
    );
    return openssl('x509', '-in', 'crt.pem') + openssl('x509', '-in', 'ca.pem');
  };

  const prove = async (order: Order, host: string): Promise<void> => {
    asked.push(host);
    const body = await fetched(httpPort, host, `/.well-known/acme-challenge/${tokenOf(orders.indexOf(order), host)}`);
    if (body.startsWith(`${tokenOf(orders.indexOf(order), host)}.`)) order.valid.add(host);
    order.tried.add(host);
  };

  const server = createServer((incoming, answer) => {
    void respond(incoming, answer);
  });
  const respond = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const payload = await payloadOf(incoming);
    const [, what = '', number = '', host = ''] = (incoming.url ?? '').split('/');
    const order = orders[Number(number)];
    nonces += 1;
    answer.setHeader('Replay-Nonce', `nonce${nonces}`);
    const reply = (status: number, body: unknown, location?: string): void => {
      if (location !== undefined) answer.setHeader('Location', `${base}${location}`);
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const challenge = (of: Order, name: string): unknown => ({
      type: 'http-01',
      url: `${base}/challenge/${number}/${name}`,
      token: tokenOf(number, name),
      status: statusOf(of, name),
      ...(statusOf(of, name) === 'invalid'
        ? { error: { type: 'urn:ietf:params:acme:error:unauthorized', detail: `${name} gave no answer` } }
        : {}),
    });
    const shown = (of: Order, index: number | string): unknown => ({
      status: of.certificate !== undefined ? 'valid' : of.hosts.every((name) => of.valid.has(name)) ? 'ready' : 'pending',
      identifiers: of.hosts.map((value) => ({ type: 'dns', value })),
      authorizations: of.hosts.map((name) => `${base}/authz/${index}/${name}`),
      finalize: `${base}/finalize/${index}`,
      ...(of.certificate === undefined ? {} : { certificate: `${base}/certificate/${index}` }),
    });
    if (what === 'directory')
      reply(200, {
        newNonce: `${base}/nonce`,
        newAccount: `${base}/account`,
        newOrder: `${base}/order`,
        meta: { termsOfService: `${base}/terms` },
      });
    else if (what === 'nonce') answer.writeHead(200).end();
    else if (what === 'account') reply(201, { status: 'valid' }, '/account/1');
    else if (what === 'order' && number === '') {
      const { identifiers = [] } = payload as { identifiers?: readonly { readonly value: string }[] };
      orders.push({ hosts: identifiers.map(({ value }) => value), valid: new Set(), tried: new Set() });
      const index = orders.length - 1;
      reply(201, shown(orders[index] as Order, index), `/order/${index}`);
    } else if (order === undefined)
      reply(404, { type: 'urn:ietf:params:acme:error:malformed', detail: 'there is no such order' });
    else if (what === 'order') reply(200, shown(order, number));
    else if (what === 'authz')
      reply(200, {
        status: statusOf(order, host),
        identifier: { type: 'dns', value: host },
        challenges: [challenge(order, host)],
      });
    else if (what === 'challenge') {
      if (statusOf(order, host) === 'pending') await prove(order, host);
      reply(200, challenge(order, host));
    } else if (what === 'finalize') {
      order.certificate = certify((payload as { csr: string }).csr);
      reply(200, shown(order, number), `/order/${number}`);
    } else answer.writeHead(200, { 'content-type': 'application/pem-certificate-chain' }).end(order.certificate);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    directoryUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/directory`,
    asked,
    issued: () => issued,
    async close() {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Letters of base64url alone. */
function tokenOf(order: number | string, host: string): string {
  return `token-${order}-${host.replaceAll('.', '-')}`;
}

function statusOf({ valid, tried }: Order, host: string): 'valid' | 'invalid' | 'pending' {
  if (valid.has(host)) return 'valid';
  return tried.has(host) ? 'invalid' : 'pending';
}

async function payloadOf(incoming: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  const { payload = '' } = (text === '' ? {} : JSON.parse(text)) as { payload?: string };
  return payload === '' ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString());
}

function fetched(port: number, host: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve(text));
    });
    asked.on('error', () => resolve(''));
    asked.end();
  });
}
