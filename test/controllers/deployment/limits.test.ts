import { expect, test } from 'vitest';
import { isScalingEvent, scaledSizes } from '../../../src/controllers/deployment/scaling.ts';
import type { DeploymentStrategy, IntOrString } from '../../../src/model/resource.ts';
import { rolloutLimits } from '../../../src/model/rollout.ts';
import { aDeployment, aReplicaSet } from '../../support/builders.ts';

const rolling = (maxSurge?: IntOrString, maxUnavailable?: IntOrString): DeploymentStrategy => ({
  type: 'RollingUpdate',
  rollingUpdate: { ...(maxSurge === undefined ? {} : { maxSurge }), ...(maxUnavailable === undefined ? {} : { maxUnavailable }) },
});

test.each([
  [10, rolling(), 3, 2],
  [1, rolling(), 1, 0],
  [4, rolling('25%', '25%'), 1, 1],
  [10, rolling(3, 2), 3, 2],
  [10, rolling('30%', '0%'), 3, 0],
  [100, rolling('29%', '29%'), 29, 29],
  [5, rolling(0, 0), 0, 1],
  [3, rolling('0%', '20%'), 0, 1],
  [2, rolling(0, 5), 0, 2],
  [0, rolling(0, 0), 0, 0],
  [3, { type: 'Recreate' } as const, 0, 0],
])('%i replicas with %j: surge %i, unavailable %i', (replicas, strategy, maxSurge, maxUnavailable) => {
  expect(rolloutLimits(aDeployment({ replicas, spec: { strategy } }))).toEqual({
    replicas,
    maxSurge,
    maxUnavailable,
    minAvailable: replicas - maxUnavailable,
  });
});

const limits = (replicas: number, maxSurge: number) => ({ replicas, maxSurge, maxUnavailable: 0, minAvailable: replicas });
const slot = (
  name: string,
  replicas: number,
  options: { max?: number; desired?: number; created?: string; available?: number } = {},
) => ({
  set: aReplicaSet({
    name,
    replicas,
    creationTimestamp: options.created ?? '2026-01-01T00:00:00Z',
    annotations: {
      ...(options.max === undefined ? {} : { 'deployment.kubernetes.io/max-replicas': String(options.max) }),
      ...(options.desired === undefined ? {} : { 'deployment.kubernetes.io/desired-replicas': String(options.desired) }),
    },
  }),
  replicas,
  available: options.available ?? 0,
  maybeAvailable: options.available ?? 0,
  activePods: replicas,
});

test.each([
  { title: 'a sole set takes it all', current: slot('new', 3), old: [slot('old', 0)], to: limits(5, 1), sizes: { new: 5 } },
  { title: 'a sole old set too', current: slot('new', 0), old: [slot('old', 3)], to: limits(5, 1), sizes: { old: 5 } },
  {
    title: 'up in proportion',
    current: slot('new', 5, { max: 13 }),
    old: [slot('old', 8, { max: 13 })],
    to: limits(15, 3),
    sizes: { new: 7, old: 11 },
  },
  {
    title: 'down in proportion',
    current: slot('new', 5, { max: 13 }),
    old: [slot('old', 8, { max: 13 })],
    to: limits(5, 3),
    sizes: { new: 3, old: 5 },
  },
  {
    title: 'to nothing',
    current: slot('new', 5, { max: 13 }),
    old: [slot('old', 8, { max: 13 })],
    to: limits(0, 0),
    sizes: { new: 0, old: 0 },
  },
  {
    title: 'a finished rollout drops the rest',
    current: slot('new', 4, { available: 4 }),
    old: [slot('old', 1)],
    to: limits(4, 1),
    sizes: { new: 4, old: 0 },
  },
  {
    title: 'the rest of the rounding goes to the largest',
    current: slot('new', 3, { max: 9 }),
    old: [slot('a', 3, { max: 9, created: '2025-12-31T00:00:00Z' }), slot('b', 3, { max: 9, created: '2025-12-30T00:00:00Z' })],
    to: limits(10, 0),
    sizes: { new: 4, a: 3, b: 3 },
  },
  {
    title: 'down, from what is of no use before what serves',
    current: slot('new', 4, { max: 8 }),
    old: [slot('serving', 1, { max: 8, available: 1 }), slot('broken', 3, { max: 8 })],
    to: { replicas: 2, maxSurge: 1, maxUnavailable: 0, minAvailable: 2 },
    sizes: { new: 1, serving: 1, broken: 1 },
  },
  {
    title: 'down in proportion where enough serve all the same',
    current: slot('new', 5, { max: 13, available: 4 }),
    old: [slot('old', 8, { max: 13, available: 8 })],
    to: limits(5, 2),
    sizes: { new: 3, old: 4 },
  },
])('scaling: $title', ({ current, old, to, sizes }) => {
  const resizes = scaledSizes(to, current, old, true, 9);
  expect(Object.fromEntries(resizes.map((resize) => [resize.slot.set.metadata.name, resize.replicas]))).toEqual(sizes);
});

test.each([
  ['the same number', 3, slot('a', 3, { desired: 3 }), false],
  ['another number', 4, slot('a', 3, { desired: 3 }), true],
  ['a set without pods', 4, slot('a', 0, { desired: 3 }), false],
  ['a set that does not say', 4, slot('a', 3), false],
])('a scaling event: %s', (_title, replicas, set, expected) => {
  expect(isScalingEvent(limits(replicas, 1), [set])).toBe(expected);
});
