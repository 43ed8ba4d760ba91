import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../src/kubelet/environment.ts';
import { containerName } from '../../src/kubelet/names.ts';
import { pullPolicy } from '../../src/kubelet/plan/plan-container.ts';
import { afterResult, type ProbeResult, type ProbeState, UNPROBED } from '../../src/kubelet/probes/probe-state.ts';
import { expand, resolveEnv } from '../../src/kubelet/spec/container-env.ts';
import { engineResources, qosClass } from '../../src/kubelet/spec/resources.ts';
import type { Container, ResourceRequirements } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';

const bytes = (data: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text)]));
const configuration: Configuration = {
  configMaps: new Map([['config', bytes({ A: 'a', 'b.c': 'dotted' })]]),
  secrets: new Map([['secret', bytes({ key: 's3cret' })]]),
  claims: new Map(),
  claimVolumes: new Map(),
};
const pod = aPod({ labels: { app: 'web' }, annotations: { 'x/y': 'note' } });
const node = { cpus: 4, memoryBytes: 8 * 2 ** 30 };
const fields = { pod, nodeName: 'n', nodeAddress: '10.0.0.1', podIP: '10.1.0.2', node };

describe('environment', () => {
  test.each<[string, Partial<Container>, Record<string, string> | string]>([
    ['literal values', { env: [{ name: 'A', value: '1' }, { name: 'B' }] }, { A: '1', B: '' }],
    [
      'earlier variables only',
      {
        env: [
          { name: 'A', value: '$(B)' },
          { name: 'B', value: '2' },
          { name: 'C', value: '$(B)!' },
        ],
      },
      { A: '$(B)', B: '2', C: '2!' },
    ],
    [
      'a later one of the same name wins',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '$(A)2' },
        ],
      },
      { A: '12' },
    ],
    [
      'envFrom with prefix, below env',
      { envFrom: [{ prefix: 'P_', configMapRef: { name: 'config' } }], env: [{ name: 'P_A', value: 'x$(P_b.c)' }] },
      { P_A: 'xdotted', 'P_b.c': 'dotted' },
    ],
    ['a Secret key', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'secret', key: 'key' } } }] }, { A: 's3cret' }],
    [
      'an optional key that is missing is not set',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'no', key: 'x', optional: true } } }] },
      {},
    ],
    [
      'a missing ConfigMap',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'no', key: 'x' } } }] },
      'configmap "no" not found',
    ],
    [
      'a missing key',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'config', key: 'x' } } }] },
      "couldn't find key x in ConfigMap default/config",
    ],
    ['a missing Secret in envFrom', { envFrom: [{ secretRef: { name: 'no' } }] }, 'secret "no" not found'],
    ['an optional one in envFrom', { envFrom: [{ secretRef: { name: 'no', optional: true } }] }, {}],
    [
      'fields of the pod',
      {
        env: [
          'metadata.name',
          "metadata.labels['app']",
          "metadata.annotations['x/y']",
          'status.podIP',
          'status.hostIP',
          'spec.nodeName',
          'spec.serviceAccountName',
        ].map((fieldPath, index) => ({ name: `F${index}`, valueFrom: { fieldRef: { fieldPath } } })),
      },
      { F0: 'web', F1: 'web', F2: 'note', F3: '10.1.0.2', F4: '10.0.0.1', F5: 'n', F6: 'default' },
    ],
  ])('%s', (_what, container, expected) => {
    const result = resolveEnv(aContainer(container), configuration, fields);
    expect(result.ok ? Object.fromEntries(result.variables) : result.message).toEqual(expected);
  });

  test('keys that cannot be names are skipped, and told', () => {
    const configMaps = new Map([['odd', bytes({ 'a=b': '1', 'c=d': '2', good: '3' })]]);
    const source = { envFrom: [{ prefix: 'P', configMapRef: { name: 'odd' } }] };
    const result = resolveEnv(aContainer(source), { ...configuration, configMaps }, fields);
    expect(result.ok && { variables: [...result.variables], skipped: result.skipped }).toEqual({
      variables: [['Pgood', '3']],
      skipped: [{ keys: ['Pa=b', 'Pc=d'], kind: 'configMap', name: 'odd' }],
    });
  });

  test('variables of Services come last, can be referred to, and hide nothing', () => {
    const services = new Map([
      ['WEB_SERVICE_HOST', '10.0.0.5'],
      ['OWN', 'of a Service'],
    ]);
    const env = [
      { name: 'URL', value: 'http://$(WEB_SERVICE_HOST)' },
      { name: 'OWN', value: 'mine' },
    ];
    const result = resolveEnv(aContainer({ env }), configuration, fields, services);
    expect(result.ok && [...result.variables]).toEqual([
      ['URL', 'http://10.0.0.5'],
      ['OWN', 'mine'],
      ['WEB_SERVICE_HOST', '10.0.0.5'],
    ]);
  });

  test.each([
    [{ resource: 'limits.cpu' }, '2'],
    [{ resource: 'limits.cpu', divisor: '1m' }, '1500'],
    [{ resource: 'requests.memory', divisor: '1Mi' }, '64'],
    [{ resource: 'limits.memory' }, String(8 * 2 ** 30)],
    [{ resource: 'limits.cpu', containerName: 'main' }, '4'],
    [{ resource: 'limits.cpu', containerName: 'gone' }, 'container gone not found'],
    [{ resource: 'limits.gpu' }, 'unsupported container resource : limits.gpu'],
  ])('an amount: %j is %s', (resourceFieldRef, expected) => {
    const resources = { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } };
    const result = resolveEnv(
      aContainer({ name: 'own', resources, env: [{ name: 'A', valueFrom: { resourceFieldRef } }] }),
      configuration,
      fields,
    );
    expect(result.ok ? result.variables.get('A') : result.message).toBe(expected);
  });

  test.each([
    ['$(A)', 'a'],
    ['$$(A)', '$(A)'],
    ['$(NO)', '$(NO)'],
    ['$A', '$A'],
    ['$', '$'],
    ['$(A', '$(A'],
    ['x$(A)$(A)y', 'xaay'],
    ['$$$(A)', '$a'],
    ['100%$', '100%$'],
  ])('expands %s to %s', (text, expected) => {
    expect(expand(text, new Map([['A', 'a']]))).toBe(expected);
  });
});

describe('resources', () => {
  const GIB = 2 ** 30;
  const node = { cpus: 4, memoryBytes: 8 * GIB, enforces: { memory: true, cpuShares: true, pids: true } };
  test.each<[string, ResourceRequirements | undefined, string, object]>([
    ['none', undefined, 'BestEffort', { memoryBytes: 0, nanoCpus: 0, cpuShares: 2, oomScoreAdj: 1000 }],
    [
      'limits alone',
      { limits: { cpu: '500m', memory: '1Gi' } },
      'Guaranteed',
      { memoryBytes: GIB, nanoCpus: 5e8, cpuShares: 512, oomScoreAdj: 0 },
    ],
    [
      'requests alone',
      { requests: { cpu: '250m', memory: '2Gi' } },
      'Burstable',
      { memoryBytes: 0, nanoCpus: 0, cpuShares: 256, oomScoreAdj: 750 },
    ],
    ['tiny', { requests: { cpu: '1m' } }, 'Burstable', { cpuShares: 2, oomScoreAdj: 999 }],
    ['all the memory', { requests: { memory: '8Gi' } }, 'Burstable', { oomScoreAdj: 3 }],
    ['more processors than there are', { requests: { cpu: '1' }, limits: { cpu: '16' } }, 'Burstable', { nanoCpus: 4e9 }],
    ['fewer than the kernel can count', { limits: { cpu: '1m' } }, 'Burstable', { nanoCpus: 1e7 }],
  ])('%s', (_what, resources, qos, expected) => {
    const owner = aPod({ container: resources === undefined ? {} : { resources } });
    expect(qosClass(owner)).toBe(qos);
    expect(engineResources(owner, owner.spec.containers[0], node)).toMatchObject(expected);
  });

  test('an engine is not told what it would drop without a word', () => {
    const owner = aPod({ container: { resources: { limits: { cpu: '500m', memory: '1Gi' } } } });
    expect(
      engineResources(owner, owner.spec.containers[0], { ...node, enforces: { memory: false, cpuShares: false, pids: false } }),
    ).toMatchObject({ memoryBytes: 0, nanoCpus: 5e8, cpuShares: 0 });
  });
});

describe('probes', () => {
  const results = (text: string): ProbeState =>
    text.split('').reduce<ProbeState>((state, letter, index) => {
      const result: ProbeResult = letter === '+' ? { ok: true } : { ok: false, message: 'no' };
      return afterResult(state, { failureThreshold: 3, successThreshold: 2 }, result, index);
    }, UNPROBED);
  test.each([
    ['+', 'unknown'],
    ['++', 'success'],
    ['++--', 'success'],
    ['++---', 'failure'],
    ['++---+', 'failure'],
    ['---++', 'success'],
    ['+-+', 'unknown'],
  ])('%s is %s', (text, verdict) => expect(results(text).verdict).toBe(verdict));
});

test.each([
  ['busybox', 'Always'],
  ['busybox:latest', 'Always'],
  ['busybox:1.36', 'IfNotPresent'],
  ['reg:5000/busybox', 'Always'],
  ['a/b@sha256:00', 'IfNotPresent'],
])('%s is pulled %s', (image, policy) => expect(pullPolicy(aContainer({ image }))).toBe(policy));

test('names are valid for Docker, stable, and at most 128 characters', () => {
  const long = { cluster: 'c', namespace: 'n'.repeat(60), pod: 'p'.repeat(200), uid: '12345678-0' };
  const name = containerName(long, 'main', 3);
  expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/);
  expect(name).toBe(containerName(long, 'main', 3));
  expect(name).not.toBe(containerName(long, 'main', 4));
  expect(containerName({ ...long, namespace: 'd', pod: 'p' }, 'main', 0)).toBe('hf.c.d.p.main.12345678.0');
});
