// The columns of StatefulSets, DaemonSets and their revisions, as kubectl prints them.
import { expect, test } from 'vitest';
import { tableOf } from '../../../src/cli/tables.ts';
import { DaemonWorld } from '../../controllers/daemonset/sets.ts';
import { SetWorld } from '../../controllers/statefulset/sets.ts';

const options = { isWide: true, withNamespace: false, prefix: '' };

test('a StatefulSet and its revision', async () => {
  const world = await SetWorld.with();
  await world.converge();
  expect(tableOf('StatefulSet', [world.set()], { ...options, nowMs: world.now })).toEqual({
    header: ['NAME', 'READY', 'AGE', 'CONTAINERS', 'IMAGES'],
    rows: [['db', '3/3', '0s', 'main', 'v1']],
  });
  const revisions = world.store.list('ControllerRevision');
  expect(tableOf('ControllerRevision', revisions, { ...options, nowMs: world.now })).toEqual({
    header: ['NAME', 'CONTROLLER', 'REVISION', 'AGE'],
    rows: [[world.set().status?.updateRevision, 'statefulset.apps/db', '1', '0s']],
  });
});

test('a DaemonSet', async () => {
  const world = await DaemonWorld.with(['a', 'b'], { pod: { nodeSelector: {} } });
  await world.converge();
  expect(tableOf('DaemonSet', [world.daemonSet()], { ...options, nowMs: world.now })).toEqual({
    header: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE', 'CONTAINERS', 'IMAGES'],
    rows: [['agent', '2', '2', '2', '2', '2', '<none>', '0s', 'main', 'v1']],
  });
});
