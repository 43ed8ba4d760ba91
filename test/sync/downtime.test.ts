// Why a change has a moment in which nothing of the object runs.
import { expect, test } from 'vitest';
import type { Stored } from '../../src/model/resource.ts';
import { downtimeOf } from '../../src/sync/downtime.ts';
import type { PlannedChange } from '../../src/sync/planned.ts';
import { aDeployment, aPod } from '../support/builders.ts';

type Options = Partial<Pick<PlannedChange, 'action' | 'effect'>> & { readonly live?: Stored };

function told(next: Stored, { action = 'update', effect = 'rolling update', live = next }: Options = {}): string | undefined {
  const { kind, metadata } = next;
  const key = { kind, namespace: 'default', name: metadata.name };
  return downtimeOf({ key, action, effect, fields: [], reason: 'Updated', message: '', file: '', line: 1, live, next });
}

const rolling = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): Stored =>
  aDeployment({ replicas, spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } } });
const recreating = (replicas: number): Stored => aDeployment({ replicas, spec: { strategy: { type: 'Recreate' } } });
const { metadata } = aDeployment();
const { selector, template } = aDeployment().spec;
const aStatefulSet = (replicas: number): Stored => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata,
  spec: { selector, template, serviceName: '', replicas },
});
const aDaemonSet = (maxSurge?: string): Stored => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata,
  spec: {
    selector,
    template,
    ...(maxSurge === undefined ? {} : { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge } } }),
  },
});
const asPods = 'with maxSurge, and maxUnavailable below replicas, it would stay up';

test.each<readonly [string, string | undefined, string | undefined]>([
  ['a Deployment that surges', told(rolling(1, 1, 0)), undefined],
  ['defaults with one pod', told(rolling(1, '25%', '25%')), undefined],
  ['no surge with one pod', told(rolling(1, 0, 1)), `maxUnavailable lets its one pod stop before new ones are ready; ${asPods}`],
  [
    'both limits rounded to 0',
    told(rolling(1, '0%', '25%')),
    `maxUnavailable lets its one pod stop before new ones are ready; ${asPods}`,
  ],
  ['one of three', told(rolling(3, 0, 1)), undefined],
  ['all of three', told(rolling(3, 0, '100%')), `maxUnavailable lets all its 3 pods stop before new ones are ready; ${asPods}`],
  [
    'Recreate',
    told(recreating(3), { effect: 'restart' }),
    'its strategy is Recreate, so all its pods stop before new ones start',
  ],
  ['Recreate of nothing', told(recreating(3), { effect: 'restart', live: recreating(0) }), undefined],
  ['in place', told(recreating(3), { effect: 'in-place' }), undefined],
  [
    'a StatefulSet of one',
    told(aStatefulSet(1)),
    'it has one pod, and a StatefulSet never runs two pods of one name: the old one stops before the new one starts',
  ],
  ['a StatefulSet of three', told(aStatefulSet(3)), undefined],
  ['a DaemonSet', told(aDaemonSet()), 'on each node the old pod stops before the new one starts, because its maxSurge is 0'],
  ['a DaemonSet that surges', told(aDaemonSet('10%')), undefined],
  [
    'a pod',
    told(aPod(), { action: 'recreate', effect: 'restart' }),
    'it stops before the one that takes its place starts: no two pods have one name',
  ],
  [
    'another selector',
    told(rolling(2, 1, 0), { action: 'recreate', effect: 'restart' }),
    'all its pods end, and those of another selector take their place',
  ],
])('%s', (_name, message, expected) => {
  expect(message).toBe(expected);
});
