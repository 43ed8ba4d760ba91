import { expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import type { Desired } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { compareCommits } from '../../src/sync/compare.ts';
import { aClaim, aConfigMap, aDeployment, aSecret, asDesired, aTemplate } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const manifest = (resource: Desired, line = 1): Manifest => ({ resource, file: 'app.yaml', line });

async function compared(from: readonly Manifest[], to: readonly Manifest[]) {
  const scratch = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  return await compareCommits('shop', from, to, scratch);
}

test('created, changed, deleted and unchanged objects, in the order of application', async () => {
  const web = (image: string): Desired =>
    asDesired(aDeployment({ name: 'web', spec: { template: aTemplate({ container: { image } }) } }));
  const same = asDesired(aConfigMap({ name: 'same' }));
  const { actions, unchanged, problems } = await compared(
    [manifest(same), manifest(web('web:1')), manifest(asDesired(aConfigMap({ name: 'old' })))],
    [manifest(web('web:2'), 7), manifest(same), manifest(asDesired(aConfigMap({ name: 'new' })))],
  );
  expect(problems).toEqual([]);
  expect(unchanged).toBe(1);
  expect(actions.map(({ action, kind, name, effect }) => [action, kind, name, effect])).toEqual([
    ['create', 'ConfigMap', 'new', 'new'],
    ['update', 'Deployment', 'web', 'rolling update'],
    ['delete', 'ConfigMap', 'old', 'removed'],
  ]);
  expect(actions[1]).toMatchObject({
    file: 'app.yaml',
    line: 7,
    fields: [{ path: 'spec.template.spec.containers[main].image', old: 'web:1', new: 'web:2' }],
  });
});

test('values of Secrets differ and are not shown', async () => {
  const secret = (key: string): Manifest => manifest(asDesired(aSecret({ name: 'web', data: { key } })));
  const { actions } = await compared([secret('b25l')], [secret('dHdv')]);
  expect(actions).toHaveLength(1);
  expect(JSON.stringify(actions)).not.toMatch(/b25l|dHdv/);
});

test('what cannot be changed in place is a problem', async () => {
  const claim = (storage: string): Manifest =>
    manifest(
      asDesired(aClaim({ name: 'data', spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } })),
      3,
    );
  const { problems } = await compared([claim('2Gi')], [claim('1Gi')]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ severity: 'error', reason: 'Immutable', file: 'app.yaml', line: 3 });
});

test('two equal commits differ in nothing', async () => {
  const set = [manifest(asDesired(aConfigMap({ name: 'a' })))];
  expect(await compared(set, set)).toEqual({ actions: [], unchanged: 1, problems: [] });
});
