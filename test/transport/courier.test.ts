// Notifications over real connections.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpCourier } from '../../src/transport/courier.ts';

const TOKEN = 'T0K3N';
const post = { headers: { 'content-type': 'application/json', title: 'Holdfast: shop' }, body: '{"text":"é"}' };

let server: Server;
let url: string;
let seen: { method: string | undefined; title: unknown; body: string }[];
let answer: (response: ServerResponse) => void;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  seen.push({ method: request.method, title: request.headers['title'], body: Buffer.concat(chunks).toString('utf8') });
  answer(response);
}

beforeEach(async () => {
  seen = [];
  answer = (response) => void response.writeHead(204).end();
  server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=${TOKEN}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const deliver = (to = url, signal = new AbortController().signal): Promise<void> => httpCourier().deliver(to, post, signal);

test('a message arrives as it is', async () => {
  await deliver();
  expect(seen).toEqual([{ method: 'POST', title: 'Holdfast: shop', body: '{"text":"é"}' }]);
});

test.each([302, 400, 404, 429, 500])(
  'an answer of %i is a failure, and nothing of it or of the address is told',
  async (status) => {
    answer = (response) => void response.writeHead(status, { location: url }).end(`your token ${TOKEN} is bad`);
    await expect(deliver()).rejects.toMatchObject({ code: 'NOT_DELIVERED', message: `the receiver answered ${status}` });
    expect(seen).toHaveLength(1);
  },
);

test('nobody there', async () => {
  await new Promise((resolve) => server.close(resolve));
  await expect(deliver()).rejects.toMatchObject({ code: 'NOT_DELIVERED', message: 'nobody listens there' });
});

test('a connection that is cut', async () => {
  answer = (response) => void response.socket?.destroy();
  await expect(deliver()).rejects.toMatchObject({ code: 'NOT_DELIVERED' });
});

test('who never answers is left when the time is over', async () => {
  const aborter = new AbortController();
  answer = () => aborter.abort(new Error('over'));
  await expect(deliver(url, aborter.signal)).rejects.toThrow('over');
});
