// Endpoints that people write → EndpointSlices.
import { describe, expect, test } from 'vitest';
import { planMirror } from '../../../src/controllers/endpointslicemirroring/controller.ts';
import { controllerReference, type EndpointSubset, type ObjectMeta, type StoredOf } from '../../../src/model/resource.ts';
import { asDesired } from '../../support/builders.ts';
import { aService } from '../endpointslice/services.ts';
import { found, SmallWorld } from '../small-world.ts';

type UserEndpoints = StoredOf<'Endpoints'>;

const ports = [{ name: 'pg', port: 5432, protocol: 'TCP' as const }];
const service = aService({ name: 'db', spec: { selector: {} } });

function endpoints(subsets: EndpointSubset[], metadata: ObjectMeta = {}): UserEndpoints {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...metadata,
      name: 'db',
      namespace: 'default',
      uid: 'uid-e',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    subsets,
  };
}

const nobody = { slices: [], isTaken: () => false };

test('each family of each subset becomes a slice of the Service, owned by the Endpoints', () => {
  const written = endpoints(
    [
      {
        addresses: [{ ip: '192.0.2.1', hostname: 'one' }, { ip: '2001:db8::1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports,
      },
    ],
    { labels: { tier: 'data' }, annotations: { note: 'x', 'holdfast.dev/application': 'shop' } },
  );
  const metadata = {
    namespace: 'default',
    labels: {
      tier: 'data',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    },
    annotations: { note: 'x' },
    ownerReferences: [controllerReference(written)],
  };
  const name = expect.stringMatching(/^db-[0-9a-f]{5}$/);
  expect(planMirror(written, { ...nobody, service })).toMatchObject([
    {
      type: 'create',
      resource: {
        metadata: { ...metadata, name },
        addressType: 'IPv4',
        ports,
        endpoints: [
          { addresses: ['192.0.2.1'], conditions: { ready: true }, hostname: 'one' },
          { addresses: ['192.0.2.2'], conditions: { ready: false } },
        ],
      },
    },
    {
      type: 'create',
      resource: {
        metadata: { ...metadata, name },
        addressType: 'IPv6',
        ports,
        endpoints: [{ addresses: ['2001:db8::1'], conditions: { ready: true } }],
      },
    },
  ]);
});

describe('nothing is mirrored', () => {
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports }];
  test.each<readonly [string, UserEndpoints, StoredOf<'Service'> | undefined]>([
    ['without a Service', endpoints(subsets), undefined],
    ['for a Service with a selector', endpoints(subsets), aService({ name: 'db' })],
    ['when nobody wants it', endpoints(subsets, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }), service],
    ['of a leader', endpoints(subsets, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), service],
    ['of what was written for a Service', endpoints(subsets, { ownerReferences: [controllerReference(service)] }), service],
  ])('%s', (_name, written, of) => {
    expect(planMirror(written, { ...nobody, service: of })).toEqual([]);
  });
});

test('slices follow the Endpoints, and go with them', async () => {
  const world = new SmallWorld();
  const { uid: _u, resourceVersion: _r, generation: _g, creationTimestamp: _c, ...metadata } = endpoints([]).metadata;
  await world.create(asDesired(service));
  await world.create({ ...endpoints([{ addresses: [{ ip: '192.0.2.1' }], ports }]), metadata });
  await world.settle();
  const addresses = (): unknown =>
    world.store.list('EndpointSlice').flatMap((slice) => slice.endpoints?.map((one) => one.addresses[0]));
  expect(addresses()).toEqual(['192.0.2.1']);
  const [before] = world.store.list('EndpointSlice');
  await world.update({
    ...found(world.store.get('Endpoints', 'default', 'db')),
    subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports }],
  });
  await world.settle();
  expect(addresses()).toEqual(['192.0.2.9']);
  expect(world.store.list('EndpointSlice').map((slice) => slice.metadata.name)).toEqual([before?.metadata.name]);
  await world.remove(found(world.store.get('Endpoints', 'default', 'db')));
  await world.settle();
  expect(world.store.list('EndpointSlice')).toEqual([]);
});
