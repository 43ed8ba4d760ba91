// Probes on the fake engine: their schedule, what their results lead to, and what keeps them from doing harm.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container, PodSpec } from '../../src/model/resource.ts';
import { aPod } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(async () => {
  node = new SmallNode();
  await node.start();
});
afterEach(async () => {
  await node.kubelet.stop();
});

/** A pod whose first probes have been asked. */
const make = async (container: Partial<Container>, spec: Partial<PodSpec> = {}): Promise<void> => {
  await node.create(aPod({ nodeName: NODE_NAME, container, spec }));
  await node.clock.advance(1);
};
const bad = { ok: false, message: 'no' } as const;

describe('when a probe is asked', () => {
  test.each([
    ['at once, and then every 10 s', {}, [0, 10, 20]],
    ['after its delay', { initialDelaySeconds: 5, periodSeconds: 3 }, [5, 8, 11, 14, 17, 20, 23]],
  ])('%s', async (_what, options, expected) => {
    const asked: number[] = [];
    await make({ readinessProbe: { tcpSocket: { port: 80 }, ...options } });
    for (let second = 0; second <= 24; second++) {
      if (node.asked.length > asked.length) asked.push(second);
      await node.clock.advance(1_000);
    }
    expect(asked).toEqual(expected);
  });

  test('a clock that is set does not change that', async () => {
    await make({ readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 20 } });
    node.clock.set(-3_600_000);
    await node.clock.advance(19_000);
    expect(node.asked).toEqual([]);
    await node.clock.advance(2_000);
    expect(node.asked).toHaveLength(1);
  });

  test('startup comes alone, then readiness and liveness', async () => {
    node.answer = bad;
    const every = { periodSeconds: 1, failureThreshold: 60 };
    await make({
      startupProbe: { tcpSocket: { port: 1 }, ...every },
      livenessProbe: { tcpSocket: { port: 2 }, ...every },
      readinessProbe: { tcpSocket: { port: 3 }, ...every },
    });
    await node.clock.advance(5_000);
    const ports = (): string[] => [...new Set(node.asked.map((each) => each.split(':')[1] ?? ''))].sort();
    expect(ports()).toEqual(['1']);
    node.answer = { ok: true };
    await node.clock.advance(1_500);
    node.asked.length = 0;
    await node.clock.advance(5_000);
    expect([ports(), node.isReady()]).toEqual([['2', '3'], true]);
  });
});

describe('what a probe asks', () => {
  test.each<[string, Container['readinessProbe'], string]>([
    ['http', { httpGet: { port: 'web', path: 'up' } }, 'http://IP:8080/up'],
    ['https on another host', { httpGet: { port: 443, scheme: 'HTTPS', host: 'example.com' } }, 'https://example.com:443/'],
    ['tcp', { tcpSocket: { port: 'web' } }, 'IP:8080'],
    ['grpc', { grpc: { port: 50_051, service: 'shop' } }, 'grpc://IP:50051/shop'],
  ])('%s', async (_what, readinessProbe, expected) => {
    await make({ ports: [{ name: 'web', containerPort: 8080 }], ...(readinessProbe === undefined ? {} : { readinessProbe }) });
    expect(node.asked).toEqual([expected.replace('IP', node.sandboxes()[0]?.ip ?? '')]);
    expect(node.isReady()).toBe(true);
  });

  test('a pod on the network of its host is asked on the address of the host', async () => {
    await make({ readinessProbe: { tcpSocket: { port: 80 } } }, { hostNetwork: true });
    expect(node.asked).toEqual(['127.0.0.1:80']);
    expect(node.status()).toMatchObject({ podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] });
  });

  test('a port that has no such name is told', async () => {
    await make({ readinessProbe: { tcpSocket: { port: 'nope' } } });
    expect(node.events()).toContain("Unhealthy: Readiness probe failed: couldn't find port: nope");
  });
});

test('a success with a warning is told once, and is a success', async () => {
  node.answer = { ok: true, warning: 'Probe terminated redirects, Response body: moved' };
  await make({ readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } });
  await node.clock.advance(10_000);
  expect(node.isReady()).toBe(true);
  expect(node.events().filter((event) => event.startsWith('ProbeWarning'))).toEqual([
    'ProbeWarning: Readiness probe warning: Probe terminated redirects, Response body: moved',
  ]);
});

describe('a command that hangs', () => {
  const readinessProbe = { exec: { command: ['up'] }, periodSeconds: 1, failureThreshold: 1 };
  let hangs = true;
  let execs = 0;
  beforeEach(() => {
    hangs = true;
    execs = 0;
    node.engine.faults = (call) => {
      if (call === 'exec') execs += 1;
      return call === 'exec' && hangs ? 'hang' : undefined;
    };
  });

  test('is a failure, and no second one is run beside it', async () => {
    await make({ readinessProbe });
    await node.clock.advance(60_000);
    expect([execs, node.isReady()]).toEqual([1, false]);
    expect(node.events()).toContain('Unhealthy: Readiness probe failed: command "up" timed out after 1s');
  });

  test('goes with its container', async () => {
    await make({ livenessProbe: { ...readinessProbe, failureThreshold: 3 } });
    await node.clock.advance(1_500);
    hangs = false;
    await node.clock.advance(10_000);
    expect([execs > 1, node.containerStatus().restartCount, node.isReady()]).toEqual([true, 1, true]);
  });
});

test('a failure that has begun as another is told as both: what the container is ended for is not left out', async () => {
  node.engine.behave('busybox:1.36', { ignoresTerm: true });
  node.answer = { ok: false, message: 'connection refused' };
  await make({ livenessProbe: { tcpSocket: { port: 1 }, periodSeconds: 1 } });
  node.answer = { ok: false, message: 'HTTP probe failed with statuscode: 404' };
  await node.clock.advance(5_000);
  expect(node.runs()).toHaveLength(1);
  expect(new Set(node.events().filter((event) => /Unhealthy|Killing/.test(event)))).toEqual(
    new Set([
      'Unhealthy: Liveness probe failed: connection refused',
      'Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 404',
      'Killing: Container main failed liveness probe, will be restarted',
    ]),
  );
});

test('a failure that stays the same is told once', async () => {
  node.answer = bad;
  await make({ readinessProbe: { tcpSocket: { port: 2 }, periodSeconds: 1 } });
  await node.clock.advance(10_000);
  expect(node.store.list('Event').filter(({ reason }) => reason === 'Unhealthy')).toMatchObject([{ count: 1 }]);
});

test('while a pod is ended it is asked for its readiness, and not for its life', async () => {
  node.engine.behave('busybox:1.36', { ignoresTerm: true });
  const every = { periodSeconds: 1 };
  await make({ livenessProbe: { tcpSocket: { port: 1 }, ...every }, readinessProbe: { tcpSocket: { port: 2 }, ...every } });
  await node.deletePod('web', 20);
  node.asked.length = 0;
  await node.clock.advance(10_000);
  expect(new Set(node.asked.map((each) => each.split(':')[1]))).toEqual(new Set(['2']));
  node.answer = bad;
  await node.clock.advance(5_000);
  expect([node.runs().length, node.containerStatus().restartCount, node.containerStatus().ready]).toEqual([1, 0, false]);
});

test('a failed probe can give less grace than the pod', async () => {
  node.engine.behave('busybox:1.36', { ignoresTerm: true });
  node.answer = bad;
  await make({
    livenessProbe: { tcpSocket: { port: 1 }, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 3 },
  });
  await node.clock.advance(2_500);
  expect(node.containerStatus().restartCount).toBe(0);
  await node.clock.advance(1_000);
  expect(node.containerStatus().restartCount).toBe(1);
  expect(node.events()).toContain('Killing: Container main failed liveness probe, will be restarted');
});
