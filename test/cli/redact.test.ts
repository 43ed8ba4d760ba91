// What no command prints unless it is asked to.
import { expect, test } from 'vitest';
import { colorsFor } from '../../src/cli/colour.ts';
import { withoutAddresses, withoutSecretValues } from '../../src/cli/redact.ts';
import { statusText } from '../../src/cli/status-text.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { anApplication } from '../support/applications.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const url = 'https://hooks.example/T0K3N';
const secretKeyRef = { name: 'chat', key: 'address' };
const application = anApplication();
const shop = {
  ...application,
  spec: {
    ...application.spec,
    notifications: [
      { type: 'slack' as const, url },
      { type: 'ntfy' as const, urlFrom: { secretKeyRef } },
    ],
  },
};

test('addresses of receivers, wherever an Application is', () => {
  const hidden = [
    { type: 'slack', url: '(hidden)' },
    { type: 'ntfy', urlFrom: { secretKeyRef } },
  ];
  expect(withoutAddresses(shop.spec)).toEqual({ ...shop.spec, notifications: hidden });
  expect(withoutSecretValues({ kind: 'List', items: [shop] })).toEqual({
    kind: 'List',
    items: [{ ...shop, spec: { ...shop.spec, notifications: hidden } }],
  });
  expect(withoutAddresses(application.spec)).toEqual(application.spec);
});

test('status names a receiver that cannot be told, and not its address', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock, ids: seededIds(1) });
  const { metadata, ...rest } = shop;
  const target = { id: 'a', type: 'slack', to: 'hooks.example', toldUpTo: 0, sentAt: [] };
  const failing = { since: '2025-12-31T23:55:00Z', message: 'the receiver answered 503' };
  const status = {
    notifications: {
      number: 1,
      notices: [],
      driftUpTo: '',
      troubles: [],
      targets: [
        { ...target, failing },
        { ...target, id: 'b' },
      ],
    },
  };
  await store.write([{ op: 'create', resource: { ...rest, metadata: { name: metadata.name }, status } }]);
  const stdout = { write: () => {}, isTTY: false, columns: 80 };
  const lines = statusText(store, undefined, colorsFor(stdout, {}), () => '', clock.now());
  expect(lines.filter((line) => line.includes('receiver'))).toEqual([
    '  receiver   slack hooks.example cannot be told for 5m: the receiver answered 503',
  ]);
  expect(lines.join('\n')).not.toContain('T0K3N');
});
