// What containers and pods need and may use.
import { expect, test } from 'vitest';
import { containerFaults, podFaults } from './pod-faults.ts';

const form = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

test.each<[string, string, string[]]>([
  ['an amount that is none', '{limits: {memory: lots}}', [`limits.memory: Invalid value: "lots": ${form}`]],
  ['a unit that is none', '{limits: {memory: 64MB}}', [`limits.memory: Invalid value: "64MB": ${form}`]],
  ['less than nothing', '{requests: {cpu: -1}}', ['requests.cpu: Invalid value: "-1": must be greater than or equal to 0']],
  ['a misspelt resource', '{limits: {memroy: 1}}', ['limits.memroy: unknown field "memroy". Did you mean "memory"?']],
  [
    'more than the limit',
    '{limits: {memory: 64Mi}, requests: {memory: 65Mi}}',
    ['requests.memory: Invalid value: "65Mi": must be less than or equal to memory limit of 64Mi'],
  ],
  ['the limit in another unit', '{limits: {cpu: 1}, requests: {cpu: 1000m}}', []],
  [
    'more disk than the limit',
    '{limits: {ephemeral-storage: 1Gi}, requests: {ephemeral-storage: 2Gi}}',
    ['requests.ephemeral-storage: Invalid value: "2Gi": must be less than or equal to ephemeral-storage limit of 1Gi'],
  ],
  ['a device', '{limits: {nvidia.com/gpu: 1}}', []],
  ['half a device', '{limits: {nvidia.com/gpu: 500m}}', ['limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer']],
  [
    'fewer devices than the limit',
    '{limits: {nvidia.com/gpu: 2}, requests: {nvidia.com/gpu: 1}}',
    ['requests[nvidia.com/gpu]: Invalid value: "1": must be equal to nvidia.com/gpu limit of 2'],
  ],
  [
    'a device without a limit',
    '{requests: {nvidia.com/gpu: 1}}',
    ['limits[nvidia.com/gpu]: Required value: Limit must be set for non overcommitable resources'],
  ],
  [
    'a device whose name is kept for quotas',
    '{limits: {requests.a.io/b: 1}}',
    ['limits[requests.a.io/b]: Invalid value: "requests.a.io/b": doesn\'t follow extended resource name standard'],
  ],
  [
    'a device with a bad name',
    '{limits: {a.io/-b: 1}}',
    [
      "limits[a.io/-b]: Invalid value: \"a.io/-b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  ['huge pages', '{limits: {hugepages-2Mi: 4Mi, cpu: 1}}', []],
  [
    'half a huge page',
    '{limits: {hugepages-2Mi: 3Mi, cpu: 1}}',
    ['limits.hugepages-2Mi: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi'],
  ],
  [
    'fewer huge pages than the limit',
    '{limits: {hugepages-2Mi: 4Mi, cpu: 1}, requests: {hugepages-2Mi: 2Mi}}',
    ['requests.hugepages-2Mi: Invalid value: "2Mi": must be equal to hugepages-2Mi limit of 4Mi'],
  ],
  ['huge pages alone', '{limits: {hugepages-2Mi: 4Mi}}', [': Forbidden: HugePages require cpu or memory']],
  [
    'a claim that the pod has not',
    '{claims: [{name: z}]}',
    ['claims[0].name: Not found: "z": must be one of the names in pod.spec.resourceClaims which is empty'],
  ],
])('%s', (_name, resources, faults) => {
  expect(containerFaults(`      resources: ${resources}\n`)).toEqual(
    faults.map((fault) => (fault.startsWith(':') ? `resources${fault}` : `resources.${fault}`)),
  );
});

const claims = '  resourceClaims: [{name: a, resourceClaimName: x}, {name: b, resourceClaimTemplateName: z}]\n';
const uses = (list: string): string => `      resources: {claims: ${list}}\n`;

test.each<[string, string, string[]]>([
  ['claims', uses('[{name: a}, {name: b, request: r}]'), []],
  ['a claim twice', uses('[{name: a}, {name: a}]'), ['resources.claims[1]: Duplicate value: "a"']],
  ['a request twice', uses('[{name: a, request: r}, {name: a, request: r}]'), ['resources.claims[1]: Duplicate value: "a/r"']],
  ['all after one', uses('[{name: a, request: r}, {name: a}]'), ['resources.claims[1]: Duplicate value: "a"']],
  ['two requests', uses('[{name: a, request: r}, {name: a, request: s}]'), []],
  [
    'one that is not there',
    uses('[{name: z}]'),
    ['resources.claims[0].name: Not found: "z": must be one of the names in pod.spec.resourceClaims: a, b'],
  ],
])('uses of %s', (_name, fields, faults) => {
  expect(containerFaults(fields, claims)).toEqual(faults);
});

const main = '  containers: [{name: c, image: i, resources: {limits: {cpu: 1}, requests: {cpu: 500m, memory: 64Mi}}}]\n';

test.each<[string, string, string[]]>([
  ['a pod', `${main}  resources: {limits: {cpu: 1}, requests: {cpu: 1, memory: 64Mi}}\n`, []],
  [
    'claims of a pod',
    `${main}  resources: {claims: [{name: a}]}\n`,
    ['resources.claims: Forbidden: claims cannot be set for Resources at pod-level'],
  ],
  [
    'less than the containers',
    `${main}  resources: {requests: {cpu: 400m, memory: 64Mi}}\n`,
    ['resources.requests.cpu: Invalid value: "400m": must be greater than or equal to aggregate container requests of 500m'],
  ],
  [
    'less than an init container beside a sidecar',
    `${main}  initContainers: [{name: s, image: i, restartPolicy: Always, resources: {requests: {memory: 32Mi}}}, {name: j, image: i, resources: {requests: {memory: 96Mi}}}]\n  resources: {requests: {cpu: 1, memory: 100Mi}}\n`,
    ['resources.requests.memory: Invalid value: "100Mi": must be greater than or equal to aggregate container requests of 128Mi'],
  ],
  [
    'a lower limit than a container',
    `${main}  resources: {limits: {cpu: 900m}, requests: {cpu: 800m, memory: 64Mi}}\n`,
    ['containers[0].resources.limits.cpu: Invalid value: "1": must be less than or equal to pod limits of 900m'],
  ],
  [
    'a device of a pod',
    `${main}  resources: {limits: {a.io/b: 1}}\n`,
    ['resources.limits[a.io/b]: Unsupported value: "a.io/b": supported values: "cpu", "hugepages-", "memory"'],
  ],
  ['overhead', `${main}  overhead: {cpu: much}\n`, [`overhead.cpu: Invalid value: "much": ${form}`]],
  [
    'a resize policy twice',
    '  containers: [{name: c, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}, {resourceName: cpu, restartPolicy: NotRequired}]}]\n',
    ['containers[0].resizePolicy[1].resourceName: Duplicate value: "cpu"'],
  ],
  [
    'a restart for a resize where nothing restarts',
    '  restartPolicy: Never\n  containers: [{name: c, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]}]\n',
    [
      "containers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
    ],
  ],
  [
    'claims of one name',
    '  containers: [{name: c, image: i}]\n  resourceClaims: [{name: a, resourceClaimName: x}, {name: a, resourceClaimName: w}]\n',
    ['resourceClaims[1].name: Duplicate value: "a"'],
  ],
  [
    'claims of nothing and of two',
    '  containers: [{name: c, image: i}]\n  resourceClaims: [{name: a}, {name: b, resourceClaimName: w, resourceClaimTemplateName: z}]\n',
    [
      'resourceClaims[0]: Invalid value: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      'resourceClaims[1]: Invalid value: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
    ],
  ],
])('resources of %s', (_name, spec, faults) => {
  expect(podFaults(spec)).toEqual(faults);
});
