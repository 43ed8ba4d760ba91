// The rules of LimitRanges.
import { expect, test } from 'vitest';
import { faultsOf, headOf } from '../../support/workload-text.ts';

const range = (...limits: string[]): string => `${headOf('LimitRange', 'v1')}spec: {limits: [${limits.join(', ')}]}\n`;
const container = (text: string): string => range(`{type: Container, ${text}}`);

test.each<[string, string, string[]]>([
  [
    'bounds in order',
    range(
      '{type: Container, min: {cpu: 50m}, max: {cpu: 2}, default: {cpu: 1}, defaultRequest: {cpu: 100m}, maxLimitRequestRatio: {cpu: 10}}',
      '{type: Pod, max: {memory: 4Gi}}',
      '{type: PersistentVolumeClaim, min: {storage: 1Gi}}',
    ),
    [],
  ],
  [
    'a type twice',
    range('{type: Pod, max: {cpu: 1}}', '{type: Pod, max: {cpu: 2}}'),
    ['error Duplicate a.yaml:4:46 spec.limits[1].type: Duplicate value: "Pod"'],
  ],
  [
    'an unknown type',
    range('{type: Node, max: {cpu: 1}}'),
    ['error Invalid a.yaml:4:18 spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified'],
  ],
  ['no type', range('{max: {cpu: 1}}'), ['error Required a.yaml:4:17 spec.limits[0].type: Required value']],
  ['no limits', range(), ['error Required a.yaml:4:8 spec.limits: Required value']],
  [
    'defaults of pods',
    range('{type: Pod, default: {cpu: 1}, defaultRequest: {cpu: 1}}'),
    [
      "error Invalid a.yaml:4:29 spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
      "error Invalid a.yaml:4:48 spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
    ],
  ],
  [
    'claims without bounds',
    range('{type: PersistentVolumeClaim, max: {cpu: 1}}'),
    [
      'error Required a.yaml:4:17 spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  ],
  [
    'what containers do not have',
    container('max: {storage: 1Gi}'),
    [
      'error Invalid a.yaml:4:41 spec.limits[0].max.storage: Invalid value: "storage": must be a standard resource for containers',
    ],
  ],
  [
    'amounts that are none',
    container('min: {cpu: few, memory: -1}'),
    [
      'error Invalid a.yaml:4:41 spec.limits[0].min.cpu: Invalid value: "few": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
      'error Invalid a.yaml:4:51 spec.limits[0].min.memory: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'min above max',
    container('min: {cpu: 2}, max: {cpu: 1}'),
    ['error Invalid a.yaml:4:41 spec.limits[0].min.cpu: Invalid value: "2": min value 2 is greater than max value 1'],
  ],
  [
    'min above the default request',
    container('min: {cpu: 500m}, default: {cpu: 1}, defaultRequest: {cpu: 100m}'),
    [
      'error Invalid a.yaml:4:89 spec.limits[0].defaultRequest.cpu: Invalid value: "100m": min value 500m is greater than default request value 100m',
    ],
  ],
  [
    'the default request above max and default',
    container('max: {cpu: 1}, default: {cpu: 500m}, defaultRequest: {cpu: 2}'),
    [
      'error Invalid a.yaml:4:89 spec.limits[0].defaultRequest.cpu: Invalid value: "2": default request value 2 is greater than max value 1',
      'error Invalid a.yaml:4:89 spec.limits[0].defaultRequest.cpu: Invalid value: "2": default request value 2 is greater than default limit value 500m',
    ],
  ],
  [
    'min above the default',
    container('min: {cpu: 1}, default: {cpu: 500m}'),
    [
      'error Invalid a.yaml:4:60 spec.limits[0].default.cpu: Invalid value: "500m": min value 1 is greater than default value 500m',
    ],
  ],
  [
    'the default above max',
    container('max: {memory: 1Gi}, default: {memory: 2Gi}'),
    [
      'error Invalid a.yaml:4:65 spec.limits[0].default.memory: Invalid value: "2Gi": default value 2Gi is greater than max value 1Gi',
    ],
  ],
  [
    'a ratio below one',
    container('maxLimitRequestRatio: {cpu: 500m}'),
    ['error Invalid a.yaml:4:58 spec.limits[0].maxLimitRequestRatio.cpu: Invalid value: "500m": ratio 500m is less than 1'],
  ],
  [
    'a ratio that the bounds leave no room for',
    container('min: {cpu: 1}, max: {cpu: 2}, maxLimitRequestRatio: {cpu: 3}'),
    [
      'error Invalid a.yaml:4:88 spec.limits[0].maxLimitRequestRatio.cpu: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
    ],
  ],
  [
    'devices that may not be promised twice',
    container('default: {nvidia.com/gpu: 2}, defaultRequest: {nvidia.com/gpu: 1}'),
    [
      'error Invalid a.yaml:4:82 spec.limits[0].defaultRequest[nvidia.com/gpu]: Invalid value: "1": default value 2 must equal default request value 1 in nvidia.com/gpu',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
