// What a plan says of data: nothing that holds any is removed, and people are told what is left and what goes with its pods.
import { expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import { APPLICATION_ANNOTATION, type Desired, type InventoryEntry, keyOf, type PodSpec } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { dataNotes } from '../../src/sync/data-notes.ts';
import { planSync } from '../../src/sync/plan.ts';
import { aClaim, aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

/** What going from one set of objects to another means for data, as `what: message`. */
async function notes(before: readonly Desired[], after: readonly Desired[]): Promise<string[]> {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  for (const resource of before) {
    const annotations = { [APPLICATION_ANNOTATION]: 'shop' };
    await store.write([{ op: 'create', resource: { ...resource, metadata: { ...resource.metadata, annotations } } }]);
  }
  const at = { file: 'app.yaml', line: 1 };
  const inventory = before.map((resource): InventoryEntry => ({ ...keyOf(resource), ...at, commit: 'c', author: 'Ada' }));
  const desired = after.map((resource): Manifest => ({ resource, ...at }));
  const { changes } = planSync({ desired, live: store, inventory, application: 'shop', mode: 'commit' });
  return dataNotes(changes, store).map(({ what, message }) => `${what}: ${message}`);
}

const claim = (name: string, volumeName?: string): Desired =>
  asDesired(aClaim({ name, spec: volumeName === undefined ? {} : { volumeName } }));
const web = (volumes: PodSpec['volumes'], image = 'web:1'): Desired => {
  const template = aTemplate({ container: { image } });
  return asDesired(aDeployment({ spec: { template: { ...template, spec: { ...template.spec, volumes: volumes ?? [] } } } }));
};
const set = (replicas: number, retention?: 'Delete' | 'Retain'): Desired => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas,
    serviceName: '',
    selector: { matchLabels: { app: 'web' } },
    template: aTemplate(),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: aClaim().spec }],
    ...(retention === undefined
      ? {}
      : { persistentVolumeClaimRetentionPolicy: { whenDeleted: retention, whenScaled: retention } }),
  },
});
const ofSet = [claim('data-db-0'), claim('data-db-1')];
const mounting = (name: string) => [{ name: 'v', persistentVolumeClaim: { claimName: name } }];

test.each<readonly [string, readonly Desired[], readonly Desired[], readonly string[]]>([
  ['nothing changes', [claim('a'), web(mounting('a'))], [claim('a'), web(mounting('a'))], []],
  ['a new image', [claim('a'), web(mounting('a'))], [claim('a'), web(mounting('a'), 'web:2')], []],
  [
    'a claim goes',
    [claim('a', 'vol-1'), web([])],
    [web([])],
    ['left: persistentvolumeclaim/a goes; its volume vol-1 stays with its data'],
  ],
  [
    'with what mounts it: told once',
    [claim('a', 'vol-1'), web(mounting('a'))],
    [],
    ['left: persistentvolumeclaim/a goes; its volume vol-1 stays with its data'],
  ],
  [
    'only what mounts it goes',
    [claim('a'), web(mounting('a'))],
    [claim('a')],
    ['unmounted: persistentvolumeclaim/a stays; deployment/web no longer mounts it, and nothing else of the commit does'],
  ],
  [
    'another claim is mounted',
    [claim('a'), claim('b'), web(mounting('a'))],
    [claim('a'), claim('b'), web(mounting('b'))],
    ['unmounted: persistentvolumeclaim/a stays; deployment/web no longer mounts it, and nothing else of the commit does'],
  ],
  [
    'a folder of the host is no longer mounted',
    [web([{ name: 'v', hostPath: { path: '/srv/data', type: '' } }])],
    [web([])],
    [
      'unmounted: the folder /srv/data of the host stays; deployment/web no longer mounts it, and nothing else of the commit does',
    ],
  ],
  [
    'pods with emptyDirs are replaced',
    [
      web([
        { name: 'cache', emptyDir: {} },
        { name: 'shm', emptyDir: { medium: 'Memory' } },
      ]),
    ],
    [
      web(
        [
          { name: 'cache', emptyDir: {} },
          { name: 'shm', emptyDir: { medium: 'Memory' } },
        ],
        'web:2',
      ),
    ],
    ['emptied: what the pods of deployment/web keep in emptyDir cache goes with them'],
  ],
  [
    'a StatefulSet is scaled down',
    [set(2), ...ofSet],
    [set(1), ...ofSet],
    ['unmounted: persistentvolumeclaim/data-db-1 of statefulset/db stays and nothing mounts it'],
  ],
  [
    'and its claims go with its pods',
    [set(2, 'Delete'), ...ofSet],
    [set(1, 'Delete'), ...ofSet],
    ['left: persistentvolumeclaim/data-db-1 of statefulset/db goes; its volume stays with its data'],
  ],
  [
    'a StatefulSet goes',
    [set(2), ...ofSet],
    [...ofSet],
    [
      'unmounted: persistentvolumeclaim/data-db-0 of statefulset/db stays and nothing mounts it',
      'unmounted: persistentvolumeclaim/data-db-1 of statefulset/db stays and nothing mounts it',
    ],
  ],
])('%s', async (_name, before, after, expected) => {
  expect(await notes(before, after)).toEqual(expected);
});
