// The rules of PodDisruptionBudgets.
import { expect, test } from 'vitest';
import { faultsOf, headOf } from '../../support/workload-text.ts';

const budget = (spec: string): string =>
  `${headOf('PodDisruptionBudget', 'policy/v1')}spec: {selector: {matchLabels: {app: x}}, ${spec}}\n`;

test.each<[string, string, string[]]>([
  ['one number', budget('minAvailable: 1'), []],
  ['per cent', budget('maxUnavailable: 50%, unhealthyPodEvictionPolicy: AlwaysAllow'), []],
  [
    'both numbers',
    budget('minAvailable: 1, maxUnavailable: 1'),
    [
      'error Invalid a.yaml:4:1 spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
    ],
  ],
  [
    'a number below zero',
    budget('minAvailable: -1'),
    ['error Invalid a.yaml:4:43 spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'more than all',
    budget('maxUnavailable: 101%'),
    ['error Invalid a.yaml:4:43 spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'no number',
    budget('maxUnavailable: one'),
    [
      "error Invalid a.yaml:4:43 spec.maxUnavailable: Invalid value: \"one\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [
    'an unknown policy',
    budget('minAvailable: 1, unhealthyPodEvictionPolicy: Never'),
    ['error Invalid a.yaml:4:60 spec.unhealthyPodEvictionPolicy: "Never" is not one of IfHealthyBudget, AlwaysAllow.'],
  ],
  [
    'a selector that is none',
    `${headOf('PodDisruptionBudget', 'policy/v1')}spec: {minAvailable: 1, selector: {matchExpressions: [{key: app, operator: In}]}}\n`,
    [
      "error Required a.yaml:4:55 spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
