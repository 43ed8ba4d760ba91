// Services in a commit: addresses and node ports are given before anything is written, stay over later commits, and come back after one that
// is taken back.
import { expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import { formatProblem } from '../../src/manifests/problem.ts';
import { type Desired, type InventoryEntry, keyOf, type Node, type Resource, type Service } from '../../src/model/resource.ts';
import { addressRecord } from '../../src/model/service-address.ts';
import { addressWrites } from '../../src/runtime/address-records.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { compareCommits } from '../../src/sync/compare.ts';
import { networkFault } from '../../src/sync/network-need.ts';
import { planSync } from '../../src/sync/plan.ts';
import { type PlanMode, type SyncPlan } from '../../src/sync/planned.ts';
import { changeWrites } from '../../src/sync/writes.ts';
import { aService } from '../support/a-service.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const manifest = (resource: Desired, index: number): Manifest => ({
  resource,
  file: 'app.yaml',
  line: 10 * (index + 1),
  locate: (path) => ({ file: 'app.yaml', line: 10 * (index + 1) + path.length, column: 3 }),
});

/** A store with commits applied to it, one after the other. */
class Scene {
  readonly store: Store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  readonly application: string;
  #inventory: readonly InventoryEntry[] = [];

  constructor(application = 'shop') {
    this.application = application;
  }

  async with(...resources: readonly Resource[]): Promise<this> {
    for (const resource of resources) await this.store.write([{ op: 'create', resource }]);
    return this;
  }

  plan(desired: readonly Desired[], mode: PlanMode = 'commit', application = this.application): SyncPlan {
    return planSync({
      desired: desired.map(manifest),
      live: this.store,
      inventory: application === this.application ? this.#inventory : [],
      application,
      mode,
    });
  }

  /** Makes the changes of a plan, all in one transaction. */
  async apply(desired: readonly Desired[], mode: PlanMode = 'commit', application = this.application): Promise<SyncPlan> {
    const plan = this.plan(desired, mode, application);
    expect(plan.problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual([]);
    const writes = plan.changes.flatMap((change) => changeWrites(change, 0));
    expect(await this.store.write([...writes, ...addressWrites(writes, this.store)])).toMatchObject({ ok: true });
    if (application === this.application)
      this.#inventory = desired.map((resource) => ({
        ...keyOf(resource),
        file: 'app.yaml',
        line: 1,
        commit: 'c',
        author: 'Ada',
      }));
    return plan;
  }

  service(name = 'web'): Service {
    const service = this.store.get('Service', 'default', name);
    if (service === undefined) throw new Error(`there is no service ${name}`);
    return service;
  }

  /** `address: service, node ports` of every record. */
  records(): string[] {
    return this.store.list('IPAddress').map(({ metadata, spec }) => {
      const annotations = Object.entries(metadata.annotations ?? {}).map(([key, value]) => `${key}=${value}`);
      return [`${metadata.name}: ${spec.parentRef.namespace ?? ''}/${spec.parentRef.name}`, ...annotations].join(' ');
    });
  }
}

const actions = ({ changes }: SyncPlan): string[] => changes.map(({ action, key }) => `${action} ${key.kind} ${key.name}`);
const port = { port: 80, protocol: 'TCP' as const, targetPort: 80 };
const onNodes = (nodePort?: number): Desired<Service> =>
  aService({ spec: { type: 'NodePort', ports: [{ ...port, ...(nodePort === undefined ? {} : { nodePort }) }] } });

test('a new Service has its address in the plan, and a record of it in the same transaction', async () => {
  const scene = new Scene();
  const planned = scene.plan([aService()]).changes[0]?.next;
  await scene.apply([aService()]);
  const { clusterIP, clusterIPs } = scene.service().spec;
  expect(planned).toMatchObject({ spec: { clusterIP, clusterIPs } });
  expect(scene.records()).toEqual([`${clusterIP}: default/web`]);
  expect(actions(scene.plan([aService()]))).toEqual(['unchanged Service web']);
});

test('two Services of one commit have two addresses, and who asks goes first', async () => {
  const scene = new Scene();
  const first = new Scene();
  await first.apply([aService()]);
  const wanted = first.service().spec.clusterIP ?? '';
  const asking = aService({ name: 'zz', spec: { clusterIP: wanted, clusterIPs: [wanted] } });
  await scene.apply([aService(), asking]);
  expect(scene.service('zz').spec.clusterIP).toBe(wanted);
  expect(scene.service().spec.clusterIP).not.toBe(wanted);
});

test('what was given stays when the type changes, and goes when it is not needed', async () => {
  const scene = new Scene();
  await scene.apply([aService()]);
  const { clusterIP = '' } = scene.service().spec;
  const plan = await scene.apply([onNodes()]);
  const { nodePort = 0 } = scene.service().spec.ports?.[0] ?? {};
  expect(scene.service().spec.clusterIP).toBe(clusterIP);
  expect(plan.changes[0]?.fields).toContainEqual({ path: 'spec.type', old: 'ClusterIP', new: 'NodePort' });
  expect(plan.changes[0]?.fields).toContainEqual({ path: 'spec.ports[80/TCP].nodePort', new: nodePort });
  expect(scene.records()).toEqual([`${clusterIP}: default/web holdfast.dev/node-ports=TCP/80=${nodePort}`]);
  expect(actions(scene.plan([onNodes()]))).toEqual(['unchanged Service web']);
  await scene.apply([aService()]);
  expect(scene.service().spec.ports).toEqual([port]);
  expect(scene.records()).toEqual([`${clusterIP}: default/web`]);
  await scene.apply([aService({ spec: { type: 'ExternalName', externalName: 'db.example' } })]);
  expect(scene.service().spec).not.toHaveProperty('clusterIP');
  expect(scene.records()).toEqual([]);
  await scene.apply([aService()]);
  expect(scene.service().spec.clusterIP).toBe(clusterIP);
});

test('a Service that goes takes its record along, and gets the same address when it comes back', async () => {
  const scene = new Scene();
  await scene.apply([aService(), aService({ name: 'other' })]);
  const { clusterIP } = scene.service().spec;
  await scene.apply([aService({ name: 'other' })]);
  expect(scene.records()).toEqual([`${scene.service('other').spec.clusterIP}: default/other`]);
  await scene.apply([aService(), aService({ name: 'other' })], 'rollback');
  expect(scene.service().spec.clusterIP).toBe(clusterIP);
});

test('what another application has is refused at its place, before anything changes', async () => {
  const scene = new Scene();
  await scene.apply([onNodes(30080)]);
  const { clusterIP = '' } = scene.service().spec;
  const asking = [
    aService({ name: 'a', spec: { clusterIP, clusterIPs: [clusterIP] } }),
    aService({ name: 'b', spec: { type: 'NodePort', ports: [{ ...port, nodePort: 30080 }] } }),
    aService({ name: 'c' }),
  ];
  const plan = scene.plan(asking, 'commit', 'blog');
  expect(plan.problems.map(formatProblem)).toEqual([
    `app.yaml:12:3 spec.clusterIP: address ${clusterIP} cannot be had: it is in use by service/web; leave clusterIP out to be given a free one`,
    'app.yaml:24:3 spec.ports[0].nodePort: node port 30080 cannot be had: it is in use by service/web; leave nodePort out to be given a free one',
  ]);
  expect(actions(plan)).toEqual(['create Service c']);
  expect(scene.plan(asking, 'apply', 'blog').changes.map(({ waitsFor }) => waitsFor !== undefined)).toEqual([true, true, false]);
});

test('a Service that changes and keeps its address is not to blame for another one that asks for it', async () => {
  const scene = new Scene();
  await scene.apply([onNodes(30080)]);
  const { clusterIP = '' } = scene.service().spec;
  const taking = aService({ name: 'a', spec: { clusterIP, clusterIPs: [clusterIP] } });
  const changed = { ...onNodes(30080), spec: { ...onNodes(30080).spec, sessionAffinity: 'ClientIP' as const } };
  expect(scene.plan([taking, changed]).problems.map(formatProblem)).toEqual([
    `app.yaml:12:3 spec.clusterIP: address ${clusterIP} cannot be had: it is in use by service/web; leave clusterIP out to be given a free one`,
  ]);
});

test('who leaves with the same commit leaves too late', async () => {
  const scene = new Scene();
  await scene.apply([onNodes(30080)]);
  const renamed = { ...onNodes(30080), metadata: { name: 'renamed', namespace: 'default' } };
  expect(scene.plan([renamed]).problems.map(formatProblem)).toEqual([
    'app.yaml:14:3 spec.ports[0].nodePort: node port 30080 cannot be had: it is in use by service/web; leave nodePort out to be given a free one; that one goes when the commit is healthy: take it out in one commit, and put this one in with the next',
  ]);
});

test('what a bad commit took is free for what comes back', async () => {
  const scene = new Scene();
  const bad = { ...onNodes(30080), metadata: { name: 'bad', namespace: 'default' } };
  await scene.apply([bad]);
  const { clusterIP = '' } = scene.service('bad').spec;
  const good = aService({
    spec: { type: 'NodePort', clusterIP, clusterIPs: [clusterIP], ports: [{ ...port, nodePort: 30080 }] },
  });
  expect(scene.plan([good]).problems.map(({ field }) => field)).toEqual(['spec.clusterIP']);
  await scene.apply([good], 'rollback');
  expect(scene.records()).toEqual([`${clusterIP}: default/web holdfast.dev/node-ports=TCP/80=30080`]);
});

test('after a lost store a Service gets what is kept for it', async () => {
  const kept = addressRecord('10.96.7.7', { namespace: 'default', name: 'web', nodePorts: 'TCP/80=31007' }, true);
  const scene = await new Scene().with(kept);
  await scene.apply([onNodes(), aService({ name: 'other' })]);
  expect(scene.service().spec).toMatchObject({ clusterIP: '10.96.7.7', ports: [{ ...port, nodePort: 31007 }] });
  expect(scene.records()).toContain('10.96.7.7: default/web holdfast.dev/node-ports=TCP/80=31007');
});

test('addresses are of the range of the cluster', async () => {
  const scene = await new Scene().with({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: ['10.77.0.0/24'] },
  });
  await scene.apply([aService()]);
  expect(scene.service().spec.clusterIP).toMatch(/^10\.77\.0\./);
});

const remedy = 'give the changed one another name, or take it out in one commit and put it back in the next';
test.each<[string, Service['spec'], Service['spec'], string[]]>([
  ['an address that is left open', { clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'] }, {}, []],
  [
    'another address',
    { clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'] },
    { clusterIP: '10.96.3.5', clusterIPs: ['10.96.3.5'] },
    [`spec.clusterIP: field is immutable: the Service has 10.96.3.4; ${remedy}`],
  ],
  [
    'an address where there was none',
    { clusterIP: 'None', clusterIPs: ['None'] },
    {},
    [`spec.clusterIP: field is immutable: the Service has no address (None); ${remedy}`],
  ],
  ['a name in its place', { clusterIP: 'None', clusterIPs: ['None'] }, { type: 'ExternalName', externalName: 'db.example' }, []],
])('immutable: %s', async (_what, before, after, expected) => {
  const scene = new Scene();
  await scene.apply([aService({ spec: before })]);
  const { problems } = scene.plan([aService({ spec: after })]);
  expect(problems.map(({ field, message }) => `${field}: ${message}`)).toEqual(expected);
});

test('a comparison of commits guesses no addresses', async () => {
  const scratch = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const asking = aService({ spec: { clusterIP: '10.200.0.7', clusterIPs: ['10.200.0.7'] } });
  const name = aService({ spec: { type: 'ExternalName', externalName: 'db.example' } });
  const { actions: told, problems } = await compareCommits('shop', [manifest(name, 0)], [manifest(asking, 0)], scratch);
  expect(problems).toEqual([]);
  expect(told[0]?.fields).toContainEqual({ path: 'spec.clusterIP', new: '10.200.0.7' });
});

const node = (name: string, status: 'True' | 'False'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'NetworkUnavailable', status, reason: 'Off', message: 'started with --network none' }] },
});

test.each<[string, readonly Node[], boolean]>([
  ['no node yet', [], true],
  ['a node that says nothing', [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } }], true],
  ['a node with a network', [node('a', 'False')], true],
  ['one of two nodes', [node('a', 'True'), node('b', 'False')], true],
  ['no network at all', [node('a', 'True'), node('b', 'True')], false],
])('the network of the nodes: %s', (_what, nodes, isFine) => {
  for (const kind of ['Service', 'Ingress', 'NetworkPolicy'] as const) {
    const fault = networkFault({ kind }, nodes);
    expect(fault).toBe(
      isFine
        ? undefined
        : `${kind === 'Ingress' ? 'an' : 'a'} ${kind} needs the network of the nodes, which is not there: started with --network none; start Holdfast without --network none on an engine that can have it, or publish the pods with hostPort`,
    );
  }
  expect(networkFault({ kind: 'ConfigMap' }, nodes)).toBeUndefined();
});
