// The records of addresses follow the Services, whatever happened in between.
import { expect, test } from 'vitest';
import { serviceAddressController } from '../../../src/controllers/serviceaddress/controller.ts';
import { type CommitInfo, type IPAddress, type Resource, type Stored } from '../../../src/model/resource.ts';
import { addressRecord } from '../../../src/model/service-address.ts';
import { aService } from '../../support/a-service.ts';
import { anApplication } from '../../support/applications.ts';
import { aPod, asDesired } from '../../support/builders.ts';
import { SmallWorld } from '../small-world.ts';

const commit: CommitInfo = { id: 'c1', subject: 's', author: 'Ada', time: '2026-01-01T00:00:00Z' };
const web = aService({
  spec: { type: 'NodePort', clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'], ports: [{ port: 80, nodePort: 30080 }] },
});
const record = (address: string, isRecovered = false, nodePorts = 'TCP/80=30080'): IPAddress =>
  addressRecord(address, { namespace: 'default', name: 'web', nodePorts }, isRecovered);
const pod: IPAddress = {
  ...record('10.96.9.9'),
  spec: { parentRef: { group: 'example.com', resource: 'others', name: 'x' } },
};

test.each<[string, readonly Resource[], boolean, readonly string[]]>([
  ['a Service without a record gets one', [web], true, ['10.96.3.4']],
  ['a record of a Service stays', [web, record('10.96.3.4')], true, ['10.96.3.4']],
  ['node ports are put right', [web, record('10.96.3.4', false, '')], true, ['10.96.3.4']],
  ['one that was kept is claimed', [web, record('10.96.3.4', true)], false, ['10.96.3.4']],
  ['one of another address goes', [web, record('10.96.3.5'), record('10.96.3.6', true)], false, ['10.96.3.4']],
  ['one without its Service goes', [record('10.96.3.4')], false, []],
  ['one that is kept stays until the first commit is live', [record('10.96.3.4', true)], false, ['10.96.3.4']],
  ['and goes then', [record('10.96.3.4', true)], true, []],
  ['what is not a Service’s is nobody’s business', [pod], true, ['10.96.9.9']],
  ['a name has none', [aService({ spec: { type: 'ExternalName', externalName: 'db.example' } })], true, []],
])('%s', async (_what, there, isLive, expected) => {
  const world = new SmallWorld();
  await world.store.write([{ op: 'create', resource: anApplication() }]);
  const application = world.store.get('Application', '', 'shop');
  if (isLive && application !== undefined)
    await world.store.write([
      {
        op: 'updateStatus',
        key: { kind: 'Application', namespace: '', name: 'shop' },
        uid: application.metadata.uid,
        status: { lastGood: commit },
      },
    ]);
  for (const resource of there) await world.create(resource);
  for (let round = 0; round < 3; round++) await world.passAll(serviceAddressController);
  const records = world.store.list('IPAddress');
  expect(records.map(({ metadata }) => metadata.name)).toEqual(expected);
  // Who has its Service is not kept any more, and tells its node ports.
  const claimed = there.includes(web) ? records : [];
  expect(claimed.map(({ metadata }) => metadata.annotations)).toEqual(
    claimed.map(() => ({ 'holdfast.dev/node-ports': 'TCP/80=30080' })),
  );
});

test('one that is kept stays while an application that nobody has applied has pods here', async () => {
  const world = new SmallWorld();
  await world.store.write([{ op: 'create', resource: anApplication() }]);
  const key = { kind: 'Application', namespace: '', name: 'shop' } as const;
  const uid = world.store.get('Application', '', 'shop')?.metadata.uid ?? '';
  await world.store.write([{ op: 'updateStatus', key, uid, status: { lastGood: commit } }]);
  await world.create(asDesired(aPod({ annotations: { 'holdfast.dev/application': 'blog' } })));
  await world.create(record('10.96.3.4', true));
  await world.passAll(serviceAddressController);
  expect(world.store.list('IPAddress').map(({ metadata }) => metadata.name)).toEqual(['10.96.3.4']);
  const [pod] = world.store.list('Pod');
  if (pod !== undefined) await world.remove(pod);
  await world.passAll(serviceAddressController);
  expect(world.store.list('IPAddress')).toEqual([]);
});

test('whoever has to look again is woken', async () => {
  const world = new SmallWorld();
  await world.create(web);
  await world.create(record('10.96.3.5', true));
  const [service] = world.store.list('Service');
  const [kept] = world.store.list('IPAddress');
  const wakes = (changed: Stored): unknown => serviceAddressController.wakes(changed, world.store);
  const ofRecord = { kind: 'IPAddress', namespace: '', name: '10.96.3.5' };
  expect(service && wakes(service)).toEqual([ofRecord]);
  expect(kept && wakes(kept)).toEqual([{ kind: 'Service', namespace: 'default', name: 'web' }]);
  expect(wakes(anApplication())).toEqual([ofRecord]);
});

test('a Service that a namespace takes along takes its record along', async () => {
  const world = new SmallWorld();
  await world.create(web);
  await world.settle();
  const [service] = world.store.list('Service');
  if (service !== undefined) await world.remove(service);
  await world.settle();
  expect(world.store.list('IPAddress')).toEqual([]);
});
