// The rules of Deployments, ReplicaSets and ReplicationControllers.
import { expect, test } from 'vitest';
import { faultsOf, headOf, templateText } from '../../support/workload-text.ts';

const deployment = (rest: string, pod = ''): string => `${headOf('Deployment', 'apps/v1')}spec:\n${rest}${templateText(pod)}`;
const selector = '  selector: {matchLabels: {app: x}}\n';

test.each<[string, string, string[]]>([
  [
    'negative counts',
    deployment(`${selector}  replicas: -1\n  minReadySeconds: -1\n  revisionHistoryLimit: -1\n  progressDeadlineSeconds: -1\n`),
    [
      'error Invalid a.yaml:6:3 spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:7:3 spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:8:3 spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:9:3 spec.progressDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a deadline that minReadySeconds uses up',
    deployment(`${selector}  minReadySeconds: 60\n  progressDeadlineSeconds: 60\n`),
    ['error Invalid a.yaml:7:3 spec.progressDeadlineSeconds: Invalid value: 60: must be greater than minReadySeconds'],
  ],
  [
    'an unknown strategy',
    deployment(`${selector}  strategy: {type: Rolling}\n`),
    ['error Invalid a.yaml:6:14 spec.strategy.type: "Rolling" is not one of RollingUpdate, Recreate.'],
  ],
  [
    'limits of a strategy without steps',
    deployment(`${selector}  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}\n`),
    ["error Invalid a.yaml:6:30 spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'neither more nor less pods',
    deployment(`${selector}  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}\n`),
    ['error Invalid a.yaml:6:43 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
  ],
  [
    'amounts that are none',
    deployment(`${selector}  strategy: {rollingUpdate: {maxSurge: "1.5%", maxUnavailable: -1}}\n`),
    [
      "error Invalid a.yaml:6:30 spec.strategy.rollingUpdate.maxSurge: Invalid value: \"1.5%\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      'error Invalid a.yaml:6:48 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'more than all',
    deployment(`${selector}  strategy: {rollingUpdate: {maxSurge: 200%, maxUnavailable: 101%}}\n`),
    [
      'error Invalid a.yaml:6:46 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'a selector of nothing',
    deployment('  selector: {}\n'),
    ['error Invalid a.yaml:5:3 spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ],
  [
    'a selector of other pods',
    deployment('  selector: {matchLabels: {app: z}}\n'),
    [
      'error Invalid a.yaml:7:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'pods that end',
    deployment(selector, '      restartPolicy: OnFailure\n      activeDeadlineSeconds: 5\n'),
    [
      'error Invalid a.yaml:9:7 spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'error Invalid a.yaml:10:7 spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
  ],
  [
    'an unknown field',
    deployment(`${selector}  rollbackTo: {revision: 1}\n`),
    ['error UnknownField a.yaml:6:3 spec.rollbackTo: unknown field "rollbackTo".'],
  ],
  [
    'a ReplicaSet without a template',
    `${headOf('ReplicaSet', 'apps/v1')}spec:\n${selector}`,
    ['error Required a.yaml:4:1 spec.template: Required value'],
  ],
  [
    'a ReplicaSet of other pods',
    `${headOf('ReplicaSet', 'apps/v1')}spec:\n  selector: {matchLabels: {app: z}}\n  replicas: -1\n${templateText('      restartPolicy: Never\n')}`,
    [
      'error Invalid a.yaml:6:3 spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:8:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
      'error Invalid a.yaml:10:7 spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ],
  [
    'a ReplicationController with a selector of today',
    `${headOf('ReplicationController', 'v1')}spec:\n${selector}${templateText()}`,
    ['error WrongType a.yaml:5:14 spec.selector.matchLabels: must be a string, not a mapping'],
  ],
  [
    'a ReplicationController of other pods',
    `${headOf('ReplicationController', 'v1')}spec:\n  selector: {app: z}\n${templateText()}`,
    [
      'error Invalid a.yaml:7:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'a ReplicationController without a selector or labels',
    `${headOf('ReplicationController', 'v1')}spec:\n  replicas: -2\n${templateText('      activeDeadlineSeconds: 5\n', '{}')}`,
    [
      'error Required a.yaml:4:1 spec.selector: Required value',
      'error Invalid a.yaml:5:3 spec.replicas: Invalid value: -2: must be greater than or equal to 0',
      'error Invalid a.yaml:9:7 spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
  [
    'a ReplicationController without a template',
    `${headOf('ReplicationController', 'v1')}spec:\n  selector: {app: x, Bad/Key/: z}\n`,
    [
      'error Required a.yaml:4:1 spec.template: Required value',
      "error Invalid a.yaml:5:22 spec.selector[Bad/Key/]: Invalid value: \"Bad/Key/\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
