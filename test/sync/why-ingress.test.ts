// What `why` says of an Ingress whose Services are missing, or lead nowhere.
import { expect, test } from 'vitest';
import type { Ingress, Resource } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { explain } from '../../src/sync/why.ts';
import { aService } from '../support/a-service.ts';
import { START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const to = (name: string, number = 80): { service: { name: string; port: { number: number } } } => ({
  service: { name, port: { number } },
});
const shop: Ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', namespace: 'default' },
  spec: {
    rules: [
      {
        host: 'shop.example',
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: to('web') },
            { path: '/admin', pathType: 'Prefix', backend: to('web', 81) },
          ],
        },
      },
    ],
  },
};
const web = aService({ spec: { clusterIP: '10.96.3.4', selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] } });
const slice: Resource = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.0.7'], conditions: { ready: true } }],
  ports: [],
};

test.each<[string, readonly Resource[], readonly string[]]>([
  ['no Service', [], ['ingress/shop is progressing: there is no Service "web" in namespace "default"; its routes answer 503']],
  [
    'no such port, and no pod',
    [web],
    [
      'ingress/shop is progressing: Service "web" has no port 81, but 80 ("http"); shop.example/admin answers 503',
      'service/web leads nowhere, so that its routes answer 503: holdfast why service/web tells why',
    ],
  ],
  [
    'no such port',
    [web, slice],
    ['ingress/shop is progressing: Service "web" has no port 81, but 80 ("http"); shop.example/admin answers 503'],
  ],
])('%s', async (_what, others, lines) => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  expect(await store.write([shop, ...others].map((resource) => ({ op: 'create', resource })))).toMatchObject({ ok: true });
  const told = explain({ kind: 'Ingress', namespace: 'default', name: 'shop' }, store, START_MS);
  expect(told.filter((line) => !line.startsWith('no application wants it'))).toEqual(lines);
});
