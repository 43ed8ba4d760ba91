// Which way probes take to a pod, and what makes it another one.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dialDirectly } from '../../src/docker/dial.ts';
import { nodeProber } from '../../src/docker/node-prober.ts';
import { type PodRoutesOptions, podRoutes } from '../../src/docker/pod-routes.ts';
import { type ContainerEngine, EngineError } from '../../src/kubelet/engine/container-engine.ts';
import type { ProbeResult } from '../../src/kubelet/probes/probe-state.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { relayOfThisMachine } from '../support/stream-over-socket.ts';

const never = new AbortController().signal;
const TIMEOUT_MS = 5_000;
let server: Server;
let port: number;
/** What was tried, in order. */
let tried: string[];
let logged: string[];

beforeAll(async () => {
  server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
beforeEach(() => {
  tried = [];
  logged = [];
});

/** This machine's network: it leads there, or fails like this, at once or after a while. */
type Network = 'open' | { readonly code: string; readonly afterMs?: number };
const dialOver = (network: () => Network): NonNullable<PodRoutesOptions['dialDirectly']> => {
  return async (host, to, time): Promise<Socket> => {
    tried.push('direct');
    const now = network();
    if (now === 'open') return await dialDirectly(host, to, time);
    await new Promise((resolve) => {
      setTimeout(resolve, now.afterMs ?? 0);
    });
    throw Object.assign(new Error(`connect ${now.code}`), { code: now.code });
  };
};

interface Case {
  readonly isRemote?: boolean;
  readonly network?: () => Network;
  readonly engine?: Pick<ContainerEngine, 'connect'>;
}
/** Asks a port of a pod as often as wanted, one after the other. */
const asker = ({ isRemote = false, network = () => 'open', engine }: Case) => {
  const dial = podRoutes({
    engine: engine ?? relayOfThisMachine(() => void tried.push('relay')),
    isRemote,
    logger: { ...silentLogger, info: (_fields, message) => void logged.push(message) },
    dialDirectly: dialOver(network),
  });
  const prober = nodeProber(dial);
  return (sandboxId = 'a', at = port, isOnHostNetwork = false): Promise<ProbeResult> =>
    prober.tcp('127.0.0.1', at, TIMEOUT_MS, never, { sandboxId, isOnHostNetwork });
};
const noRoute: Network = { code: 'EHOSTUNREACH' };

describe('an engine of this machine', () => {
  test('its pods are reached directly, and nothing else is tried', async () => {
    const ask = asker({});
    for (const sandbox of ['a', 'b']) expect(await ask(sandbox)).toEqual({ ok: true });
    expect([tried, logged]).toEqual([['direct', 'direct'], []]);
  });

  test.each<[string, Network]>([
    ['no route', noRoute],
    ['no network', { code: 'ENETUNREACH' }],
    ['nothing answers', { code: 'ETIMEDOUT', afterMs: 400 }],
  ])('%s: from then on through the sandboxes, which is told once', async (_what, network) => {
    const ask = asker({ network: () => network });
    expect(await ask('a')).toEqual({ ok: true });
    await expect.poll(() => logged.length).toBe(1);
    tried = [];
    for (const sandbox of ['a', 'b', 'c']) expect(await ask(sandbox)).toEqual({ ok: true });
    expect(tried).toEqual(['relay', 'relay', 'relay']);
    expect(logged).toEqual(['no route from here to pods: probes and http hooks go through their sandboxes from now on']);
  });

  test('what refuses from here and answers from inside is another machine', async () => {
    const ask = asker({ network: () => ({ code: 'ECONNREFUSED' }) });
    expect(await ask()).toEqual({ ok: true });
    await expect.poll(() => logged.length).toBe(1);
  });

  test('a server that begins to listen between the two looks changes nothing', async () => {
    const answers: Network[] = [{ code: 'ECONNREFUSED' }, 'open', 'open'];
    const ask = asker({ network: () => answers.shift() ?? 'open' });
    expect(await ask()).toEqual({ ok: true });
    await expect.poll(() => tried).toEqual(['direct', 'relay', 'direct']);
    expect([await ask(), tried, logged]).toEqual([{ ok: true }, ['direct', 'relay', 'direct', 'direct'], []]);
  });

  test('a server that is not up yet is refused in the usual words, and looked at from inside ever more rarely', async () => {
    const ask = asker({});
    for (let count = 1; count <= 5; count++)
      expect(await ask('a', 1)).toEqual({ ok: false, message: 'dial tcp 127.0.0.1:1: connect: connection refused' });
    expect(tried.filter((way) => way === 'relay')).toHaveLength(3);
    expect(logged).toEqual([]);
  });

  test('pods on the network of the host are judged apart', async () => {
    const ways: Network[] = [noRoute, 'open'];
    const ask = asker({ network: () => ways.shift() ?? 'open' });
    expect([await ask('a'), await ask('b', port, true)]).toEqual([{ ok: true }, { ok: true }]);
    tried = [];
    expect([await ask('a'), await ask('b', port, true), tried]).toEqual([{ ok: true }, { ok: true }, ['relay', 'direct']]);
  });
});

test('an address of no network of this machine is not even tried from here: a gateway may answer for others', async () => {
  const relay = relayOfThisMachine(() => void tried.push('relay'));
  const dial = podRoutes({
    engine: { connect: (id, target, signal) => relay.connect(id, { ...target, address: '127.0.0.1' }, signal) },
    isRemote: false,
    logger: { ...silentLogger, info: (_fields, message) => void logged.push(message) },
    dialDirectly: dialOver(() => 'open'),
  });
  const pod = { sandboxId: 'a', isOnHostNetwork: false };
  expect(await nodeProber(dial).tcp('203.0.113.7', port, TIMEOUT_MS, never, pod)).toEqual({ ok: true });
  await expect.poll(() => logged.length).toBe(1);
  expect(tried).toEqual(['relay']);
});

describe('an engine elsewhere', () => {
  test('its pods are reached through their sandboxes, those on the network of their host too', async () => {
    const ask = asker({ isRemote: true, network: () => noRoute });
    expect([await ask('a'), await ask('b', port, true), tried]).toEqual([{ ok: true }, { ok: true }, ['relay', 'relay']]);
  });

  test('a sandbox of an earlier version is asked directly, and not for more', async () => {
    const ask = asker({ isRemote: true });
    expect([await ask('old'), await ask('old'), tried]).toEqual([{ ok: true }, { ok: true }, ['relay', 'direct', 'direct']]);
  });

  test('what is not the pod is asked from here', async () => {
    const dial = podRoutes({
      engine: relayOfThisMachine(() => void tried.push('relay')),
      isRemote: true,
      logger: silentLogger,
      dialDirectly: dialOver(() => 'open'),
    });
    expect(await nodeProber(dial).tcp('127.0.0.1', port, TIMEOUT_MS, never)).toEqual({ ok: true });
    expect(tried).toEqual(['direct']);
  });

  test('an engine that does not answer says nothing about the pod', async () => {
    const engine = { connect: () => Promise.reject(new EngineError('Unreachable', 'no engine')) };
    await expect(asker({ isRemote: true, engine })()).rejects.toThrow('no engine');
  });

  test('what the engine takes is not the time of the pod', async () => {
    const relay = relayOfThisMachine();
    const engine: Pick<ContainerEngine, 'connect'> = {
      connect: async (...args) => {
        await new Promise((resolve) => {
          setTimeout(resolve, 300);
        });
        return await relay.connect(...args);
      },
    };
    const dial = podRoutes({ engine, isRemote: true, logger: silentLogger });
    const pod = { sandboxId: 'a', isOnHostNetwork: false };
    expect(await nodeProber(dial).tcp('127.0.0.1', port, 100, never, pod)).toEqual({ ok: true });
  });
});
