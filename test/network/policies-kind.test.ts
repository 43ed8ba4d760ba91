// NetworkPolicy as a kind: accepted with its defaults, healthy by being there, shown as kubectl shows it.
import { expect, test } from 'vitest';
import { tableOf } from '../../src/cli/tables.ts';
import type { LabelSelector } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { healthOf } from '../../src/sync/health/health.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loadText, told } from '../support/manifest-text.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { headOf, resourceOf } from '../support/workload-text.ts';
import { aPolicy } from './policies-scene.ts';

test('is accepted, with its defaults', () => {
  const text = `${headOf('NetworkPolicy', 'networking.k8s.io/v1')}spec: {egress: [{ports: [{port: 53}]}]}\n`;
  expect(told(loadText(text))).toEqual([]);
  expect(resourceOf(text)).toHaveProperty('spec', {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
  });
});

test('is healthy by being there', () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  expect(healthOf(aPolicy('deny', { podSelector: {} }), store)).toEqual({ state: 'healthy', message: '' });
});

test.each<[string, LabelSelector, string]>([
  ['all pods', {}, '<none>'],
  ['labels by key', { matchLabels: { tier: 'front', app: 'web' } }, 'app=web,tier=front'],
  [
    'expressions',
    {
      matchLabels: { m: '1' },
      matchExpressions: [
        { key: 'z', operator: 'In', values: ['b', 'a'] },
        { key: 'a', operator: 'NotIn', values: ['x'] },
        { key: 'h', operator: 'Exists' },
        { key: 'n', operator: 'DoesNotExist' },
      ],
    },
    'a notin (x),h,m=1,!n,z in (a,b)',
  ],
])('is shown with its selector: %s', (_what, podSelector, text) => {
  const options = { isWide: false, withNamespace: false, prefix: '', nowMs: Date.parse('2026-01-01T00:00:05Z') };
  expect(tableOf('NetworkPolicy', [aPolicy('deny', { podSelector })], options)).toEqual({
    header: ['NAME', 'POD-SELECTOR', 'AGE'],
    rows: [['deny', text, '5s']],
  });
});
