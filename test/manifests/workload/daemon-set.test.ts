// The rules of DaemonSets.
import { expect, test } from 'vitest';
import { faultsOf, headOf, templateText } from '../../support/workload-text.ts';

const set = (rest: string, pod = '', selector = '{matchLabels: {app: x}}'): string =>
  `${headOf('DaemonSet', 'apps/v1')}spec:\n  selector: ${selector}\n${rest}${templateText(pod)}`;

test.each<[string, string, string[]]>([
  [
    'negative counts',
    set('  minReadySeconds: -1\n  revisionHistoryLimit: -1\n'),
    [
      'error Invalid a.yaml:6:3 spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:7:3 spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'replicas, which it has none of',
    set('  replicas: 2\n'),
    ['error UnknownField a.yaml:6:3 spec.replicas: unknown field "replicas".'],
  ],
  [
    'a surge beside the default of maxUnavailable',
    set('  updateStrategy: {rollingUpdate: {maxSurge: 1}}\n'),
    [
      'error Invalid a.yaml:6:36 spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
  ],
  ['a surge alone', set('  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n'), []],
  [
    'no way forward',
    set('  updateStrategy: {rollingUpdate: {maxUnavailable: 0%}}\n'),
    [
      'error Required a.yaml:6:36 spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
  ],
  [
    'more than all',
    set('  updateStrategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 101%}}\n'),
    [
      'error Invalid a.yaml:6:49 spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'amounts that are none',
    set('  updateStrategy: {rollingUpdate: {maxSurge: some, maxUnavailable: 1}}\n'),
    [
      "error Invalid a.yaml:6:36 spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: \"some\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [
    'a selector of nothing',
    set('', '', '{}'),
    ['error Invalid a.yaml:5:3 spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  ],
  [
    'a selector of other pods',
    set('', '', '{matchLabels: {app: z}}'),
    [
      'error Invalid a.yaml:7:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'pods that end',
    set('', '      restartPolicy: OnFailure\n      activeDeadlineSeconds: 5\n'),
    [
      'error Invalid a.yaml:9:7 spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'error Invalid a.yaml:10:7 spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
