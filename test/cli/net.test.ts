// net check: what is probed in the network container, and what is printed of the answers.
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { NodeContainerError } from '../../src/network/node-container.ts';
import { aService } from '../support/a-service.ts';
import { aCondition, aNode, aPod } from '../support/builders.ts';
import { FakeNodeContainer } from '../support/fake-node-container.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';

let parts: FakeParts;
let container: FakeNodeContainer;
let isClosed: boolean;

beforeEach(() => {
  container = new FakeNodeContainer();
  container.isRunning = true;
  isClosed = false;
  container.close = () => {
    isClosed = true;
  };
  parts = fakeParts({ openNodeContainer: async () => container });
});

/** A node with a pod, and a Service of TCP and UDP without ready pods. */
async function world(): Promise<void> {
  const spec = {
    clusterIP: '10.96.3.4',
    selector: { app: 'web' },
    ports: [{ port: 80 }, { port: 53, protocol: 'UDP' as const }],
  };
  const pod = aPod({ name: 'web-1', nodeName: 'a', container: { ports: [{ containerPort: 8080 }] } });
  const status = { podIP: '10.244.0.2', conditions: [aCondition('Ready', 'True')] };
  const service = aService({ spec });
  await put(parts.store, aNode({ name: 'a' }), aNode({ name: 'b' }), { ...pod, status });
  await parts.store.write([{ op: 'create', resource: service }]);
}

/** What the probes say, in their order. */
const answers = (...all: readonly (readonly [number, string])[]): void => {
  const output = all.map(([exitCode, text], index) => `holdfast-check ${index} ${exitCode}\n${text}\n`).join('');
  container.answer = () => ({ exitCode: 0, output });
};

const REFUSED = '2026/01/01 00:00:00 socat[7] E connect(5, AF=2 10.244.0.2:8080, 16): Connection refused';

describe('it prints', () => {
  test('that there is nothing, before there is anything', async () => {
    expect(await run(['net', 'check'], parts)).toBe(0);
    expect(parts.out()).toBe('There is nothing to check yet: no pod is ready, and there are no Services and no Ingresses.\n');
    expect(isClosed).toBe(true);
  });

  test('a line for each probe, with a reason where one says something', async () => {
    await world();
    answers([0, ''], [0, ''], [1, ''], [1, ''], [0, '10.96.3.4']);
    expect(await run(['net', 'check'], parts)).toBe(0);
    expect(parts.out().split('\n')).toEqual([
      'CHECK                                FROM a   REMARK',
      'pods of node a (web-1)               ok',
      'pods of node b                       -        not probed: none of them is ready and says in its manifest at which TCP port it listens',
      'service default/web:80               ok       no pod behind it is ready',
      'service default/web:53/UDP           ok       no pod behind it is ready',
      'name web.default.svc.cluster.local   ok',
      '',
      'All 4 checks are right. 1 line was not probed.',
      '',
    ]);
  });

  test('what failed, and says so by its exit code', async () => {
    await world();
    answers([1, REFUSED], [0, ''], [1, ''], [1, ''], [0, '10.96.9.9']);
    expect(await run(['net', 'check'], parts)).toBe(1);
    expect(parts.out()).toMatch(/^pods of node a \(web-1\) +FAILED +no connection to 10\.244\.0\.2:8080: Connection refused$/m);
    expect(parts.out()).toMatch(/^name \S+ +FAILED +web\.\S+ is 10\.96\.9\.9, and should be 10\.96\.3\.4$/m);
    expect(parts.out()).toContain('2 of 4 checks failed. 1 line was not probed.');
  });

  test('the same as JSON', async () => {
    await world();
    answers([0, '']);
    expect(await run(['net', 'check', '--output', 'json'], parts)).toBe(1);
    const { node, checks } = JSON.parse(parts.out()) as { node: string; checks: readonly object[] };
    expect(node).toBe('a');
    expect(checks[0]).toEqual({
      what: 'pods of node a (web-1)',
      probe: { type: 'tcp', address: '10.244.0.2', port: 8080 },
      isRight: true,
      message: '',
    });
    expect(checks.at(-1)).toMatchObject({
      isRight: false,
      message: "web.default.svc.cluster.local is not known to the node's DNS",
    });
  });
});

test('a network container that cannot be asked is the reason that is given', async () => {
  container.fault = new NodeContainerError('Unreachable', 'the engine does not answer');
  expect(await run(['net', 'check'], parts)).toBe(1);
  expect(parts.err()).toContain('the network of this node cannot be looked at: the engine does not answer');
  expect(parts.out()).toBe('');
  expect(isClosed).toBe(true);
});

test('the names are asked of the DNS of the range that the cluster has', async () => {
  await world();
  const spec = { cidrs: ['10.112.0.0/16'] };
  const range = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec } as const;
  await parts.store.write([{ op: 'create', resource: range }]);
  await run(['net', 'check'], parts);
  expect(container.scripts.join()).toContain(' 10.112.0.10 ');
});

test('it asks a few at a time, so that others can change the network in between', async () => {
  await put(parts.store, aNode({ name: 'a' }));
  const services = Array.from({ length: 20 }, (_, index) =>
    aService({ name: `s${index}`, spec: { clusterIP: `10.96.3.${index}` } }),
  );
  await parts.store.write(services.map((resource) => ({ op: 'create', resource })));
  await run(['net', 'check', '--output', 'json'], parts);
  const { checks } = JSON.parse(parts.out()) as { checks: readonly object[] };
  const asked = container.scripts.map((script) => [...script.matchAll(/^\( said=/gm)].length);
  expect(Math.max(...asked)).toBeLessThanOrEqual(16);
  expect(asked.reduce((sum, count) => sum + count)).toBe(checks.length);
});
