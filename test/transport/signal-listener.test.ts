// The port for webhooks and metrics, with real connections: what it answers, what it does with clients that are slow, greedy or gone.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonAnswer, type SignalRoute, textAnswer } from '../../src/signals/desk.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { type ListenerLimits, listenForSignals, type SignalListener } from '../../src/transport/signal-listener.ts';

const MAX_BYTES = 1_000;

let listener: SignalListener;
let bodies: string[];
let isFailing: boolean;
let release: () => void;
let held: Promise<void>;

const routes: readonly SignalRoute[] = [
  { path: '/text', methods: ['GET', 'HEAD'], open: () => textAnswer(200, 'ok') },
  {
    path: '/held',
    methods: ['GET'],
    open: async () => {
      await held;
      return textAnswer(200, 'late');
    },
  },
  {
    path: '/body',
    methods: ['POST'],
    open: () => ({
      maxBytes: MAX_BYTES,
      tooLong: () => jsonAnswer(413, { result: 'too-long' }),
      answer: (body) => {
        if (isFailing) throw new Error('broken');
        bodies.push(new TextDecoder().decode(body));
        return jsonAnswer(200, { result: 'read' });
      },
    }),
  },
];

function listen(limits: Partial<ListenerLimits> = {}, port = 0): Promise<SignalListener> {
  return listenForSignals({ host: '127.0.0.1', port, routes, logger: silentLogger, limits });
}

beforeEach(async () => {
  bodies = [];
  isFailing = false;
  held = new Promise((resolve) => {
    release = resolve;
  });
  listener = await listen();
});
afterEach(async () => {
  release();
  await listener.close();
});

/** Sends bytes over a bare connection and returns what comes back, up to a word, or until the other side ends it. */
async function raw(url: string, text: string, upTo?: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (upTo !== undefined && Buffer.concat(chunks).includes(upTo)) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

describe('an answer', () => {
  test('has its type and its length, and is not kept by anybody', async () => {
    const response = await fetch(`${listener.url}/text?x=1`);
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: 'ok\n' });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '3',
      'cache-control': 'no-store',
    });
    const head = await fetch(`${listener.url}/text`, { method: 'HEAD' });
    expect({ status: head.status, text: await head.text() }).toEqual({ status: 200, text: '' });
  });

  test('to an unknown path is 404, to a wrong method 405 with those that are right', async () => {
    expect((await fetch(`${listener.url}/`)).status).toBe(404);
    const wrong = await fetch(`${listener.url}/body`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('of a part that breaks is 500, and the next one is right again', async () => {
    isFailing = true;
    const post = (): Promise<Response> => fetch(`${listener.url}/body`, { method: 'POST', body: 'x' });
    expect((await post()).status).toBe(500);
    isFailing = false;
    expect((await post()).status).toBe(200);
  });
});

describe('a body', () => {
  test('is read whole, up to its limit', async () => {
    const body = 'x'.repeat(MAX_BYTES);
    expect((await fetch(`${listener.url}/body`, { method: 'POST', body })).status).toBe(200);
    expect(bodies).toEqual([body]);
  });

  test('that says it is longer is answered before it comes', async () => {
    const head = `POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: ${MAX_BYTES + 1}\r\n\r\n`;
    expect(await raw(listener.url, head, 'too-long')).toMatch(/^HTTP\/1\.1 413 /);
    expect(bodies).toEqual([]);
  });

  test('that says it is endless is cut off', async () => {
    const head = 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n';
    expect(await raw(listener.url, head)).toMatch(/^HTTP\/1\.1 413 [^]*connection: close[^]*too-long/i);
  });

  test('that is longer can be sent to its end after the answer, so that whoever sends it can read that', async () => {
    const { hostname, port } = new URL(listener.url);
    const length = 5_000_000;
    const text = await new Promise<string>((resolve, reject) => {
      let seen = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(`POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nx`);
      });
      socket.on('data', (chunk: Buffer) => {
        const wasAnswered = seen.includes('too-long');
        seen += chunk.toString('utf8');
        if (!wasAnswered && seen.includes('too-long')) {
          socket.write(Buffer.alloc(length - 1));
          socket.write('GET /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        }
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(seen));
    });
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*HTTP\/1\.1 200 /);
    expect(bodies).toEqual([]);
  });

  test('that turns out to be longer is not read further', async () => {
    const chunk = 'x'.repeat(600);
    const chunks = Array.from({ length: 2 }, () => `258\r\n${chunk}\r\n`).join('');
    const head = 'POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await raw(listener.url, head + chunks, 'too-long')).toMatch(/^HTTP\/1\.1 413 /);
    expect(bodies).toEqual([]);
  });

  test('that is broken off is forgotten', async () => {
    const { hostname, port } = new URL(listener.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect((await fetch(`${listener.url}/body`, { method: 'POST', body: 'whole' })).status).toBe(200);
    expect(bodies).toEqual(['whole']);
  });

  test('beyond what all together may hold is asked for again later', async () => {
    const small = await listen({ maxBodiesBytes: 100 });
    const response = await fetch(`${small.url}/body`, { method: 'POST', body: 'x'.repeat(101) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(`${small.url}/body`, { method: 'POST', body: 'x' })).status).toBe(200);
    await small.close();
  });
});

describe('a client that is slow', () => {
  const limits = { headTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 20 };

  test.each([
    ['with its head', 'POST /body HTTP/1.1\r\nHost:'],
    ['with its body', 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf'],
  ])('%s is cut off', async (_name, text) => {
    const strict = await listen(limits);
    expect(await raw(strict.url, text)).toMatch(/^HTTP\/1\.1 408 /);
    await strict.close();
    expect(bodies).toEqual([]);
  });
});

describe('the end', () => {
  test('waits for an answer that is under way, and takes nothing more', async () => {
    const late = fetch(`${listener.url}/held`);
    await expect.poll(async () => (await fetch(`${listener.url}/text`)).status).toBe(200);
    const closing = listener.close();
    await expect(fetch(`${listener.url}/text`)).rejects.toThrow('fetch failed');
    release();
    expect(await (await late).text()).toBe('late\n');
    await closing;
    await listener.close();
  });

  test('does not wait for ever', async () => {
    const hasty = await listen({ closeTimeoutMs: 50 });
    const never = fetch(`${hasty.url}/held`).catch((error: unknown) => error);
    await fetch(`${hasty.url}/text`);
    await hasty.close();
    expect(await never).toBeInstanceOf(Error);
  });
});

test('a port that is taken is told, with the way out', async () => {
  const { port } = new URL(listener.url);
  await expect(listen({}, Number(port))).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: the port is in use; give another one with --listen, or end what listens there`,
  );
});
