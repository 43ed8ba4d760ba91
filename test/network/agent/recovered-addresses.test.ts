// What a lost store learns of Services from what the network container remembers.
import { expect, test } from 'vitest';
import { knowsServices, recoveredAddressWrites } from '../../../src/network/agent/recovered-addresses.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';

const emptyStore = (): ReturnType<typeof openMemoryStore> => openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
const memory = (address: string, name: string, nodePorts = ''): string =>
  JSON.stringify({ address, namespace: 'shop', name, nodePorts });

test('the range, and every address with its node ports', async () => {
  const store = emptyStore();
  expect(knowsServices(store)).toBe(false);
  const output = `${memory('10.97.0.7', 'web', 'TCP/80=30080')}\n\n${memory('10.97.0.8', 'db')}\n`;
  expect(await store.write(recoveredAddressWrites(store, '10.97.0.0/16', output))).toMatchObject({ ok: true });
  expect(knowsServices(store)).toBe(true);
  expect(store.get('ServiceCIDR', '', 'kubernetes')?.spec).toEqual({ cidrs: ['10.97.0.0/16'] });
  const addresses = store
    .list('IPAddress')
    .map(({ metadata, spec }) => [metadata.name, spec.parentRef.name, metadata.annotations]);
  expect(addresses).toEqual([
    ['10.97.0.7', 'web', { 'holdfast.dev/node-ports': 'TCP/80=30080', 'holdfast.dev/recovered': 'true' }],
    ['10.97.0.8', 'db', { 'holdfast.dev/recovered': 'true' }],
  ]);
});

test('what is known already stays, and of two with one address there is one', async () => {
  const store = emptyStore();
  await store.write(recoveredAddressWrites(store, '10.97.0.0/16', memory('10.97.0.7', 'web')));
  const again = [memory('10.97.0.7', 'other'), memory('10.97.0.8', 'one'), memory('10.97.0.8', 'two')].join('\n');
  expect(await store.write(recoveredAddressWrites(store, '10.98.0.0/16', again))).toMatchObject({ ok: true });
  expect(store.get('ServiceCIDR', '', 'kubernetes')?.spec).toEqual({ cidrs: ['10.97.0.0/16'] });
  expect(store.list('IPAddress').map(({ spec }) => spec.parentRef.name)).toEqual(['web', 'two']);
});

test.each([
  ['half a file', '{"address":"10.97.0.7","namesp'],
  ['no object', '7'],
  ['null', 'null'],
  ['no address', memory('', 'web')],
  ['fields of another kind', '{"address":7,"namespace":"shop","name":"web","nodePorts":""}'],
  ['an error of the shell', "cat: can't open '/state/memory/x.json': No such file or directory"],
])('%s is no memory', (_, line) => {
  expect(recoveredAddressWrites(emptyStore(), '10.97.0.0/16', line)).toHaveLength(1);
});
