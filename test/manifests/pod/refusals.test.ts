// What Kubernetes has and Holdfast does not: told with a reason and a way out, and typed all the same.
import { expect, test } from 'vitest';
import type { SchemaNode } from '../../../src/manifests/schema/schema-node.ts';
import { definitions } from '../../../src/manifests/schema/schemas.generated.ts';
import { podRefusals } from './pod-faults.ts';

const main = 'containers: [{name: c, image: i}]';

test.each<[string, string, string]>([
  [
    'a token',
    `${main}, volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]`,
    'volumes[0].projected.sources[0].serviceAccountToken: serviceAccountToken is not supported yet: There is no Kubernetes API that a token could be used with; leave this source out, or give a token of your own as a Secret.',
  ],
  [
    'a driver',
    `${main}, volumes: [{name: v, csi: {driver: d}}]`,
    'volumes[0].csi: csi is not supported yet: Holdfast has no driver for it; use a PersistentVolumeClaim, a hostPath or an emptyDir.',
  ],
  [
    'a source that lacks what it needs',
    `${main}, volumes: [{name: v, cephfs: {}}]`,
    'volumes[0].cephfs: cephfs is not supported yet: Holdfast has no driver for it; use a PersistentVolumeClaim, a hostPath or an emptyDir.',
  ],
  [
    'huge pages in memory',
    `${main}, volumes: [{name: v, emptyDir: {medium: HugePages}}]`,
    'volumes[0].emptyDir.medium: medium "HugePages" is not supported yet: Docker has no volumes of huge pages; use Memory.',
  ],
])('%s', (_name, spec, refusal) => {
  expect(podRefusals(`  {${spec}}\n`)).toEqual([refusal]);
});

test.each([
  'securityContext: {}',
  'affinity: {}',
  'tolerations: []',
  'nodeSelector: {}',
  'hostNetwork: false',
  'hostname: ""',
  'initContainers: []',
  'imagePullSecrets: null',
  'priority: 0',
  'volumes: [{name: v, projected: {}}]',
])('%s says nothing and is not refused', (field) => {
  expect(podRefusals(`  {${main}, ${field}}\n`)).toEqual([]);
});

test('every field of a pod that is refused has a type and a reason that is a sentence', () => {
  const parts = ['PodSpec', 'Container', 'EphemeralContainer', 'Probe', 'VolumeMount', 'Volume', 'EnvVarSource', 'ResourceList'];
  const fields = parts.flatMap((part) =>
    Object.entries<SchemaNode>({ ...definitions[part]?.properties, ...definitions[part]?.patternProperties }),
  );
  const refused = fields.filter(([, node]) => node['x-unsupported'] !== undefined);
  expect(refused.length).toBeGreaterThan(20);
  expect(refused.filter(([, { $ref, type }]) => $ref === undefined && type === undefined)).toEqual([]);
  expect(refused.filter(([, node]) => !/^(?:[A-Z]|gRPC).*\.$/.test(node['x-unsupported'] ?? ''))).toEqual([]);
});
