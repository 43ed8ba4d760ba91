// Conversions of anything at all end without an exception, leave their input alone, and lead every path back to a path.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { convertLegacy } from '../../../src/manifests/legacy/legacy.ts';

const versions: readonly (readonly [string, string])[] = [
  ['Deployment', 'extensions/v1beta1'],
  ['Deployment', 'apps/v1beta1'],
  ['DaemonSet', 'extensions/v1beta1'],
  ['StatefulSet', 'apps/v1beta1'],
  ['HorizontalPodAutoscaler', 'autoscaling/v1'],
  ['HorizontalPodAutoscaler', 'autoscaling/v2beta1'],
  ['Ingress', 'extensions/v1beta1'],
  ['EndpointSlice', 'discovery.k8s.io/v1beta1'],
  ['PodDisruptionBudget', 'policy/v1beta1'],
  ['RoleBinding', 'rbac.authorization.k8s.io/v1alpha1'],
  ['RuntimeClass', 'node.k8s.io/v1alpha1'],
];
const names = [
  'metadata annotations labels spec template selector matchLabels strategy rollingUpdate type updateStrategy',
  'metrics resource pods object external target rules http paths backend service serviceName servicePort',
  'endpoints topology subjects apiVersion __proto__ constructor',
].flatMap((line) => line.split(' '));
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, 1, true, '', 'x', 'a/b'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const objects = fc.dictionary(fc.constantFrom('metadata', 'spec', 'endpoints', 'subjects', 'zebra'), anything);

test.each(versions)('%s %s', (kind, apiVersion) => {
  fc.assert(
    fc.property(objects, fc.array(fc.constantFrom<string | number>(...names, 0, 1)), (value, path) => {
      const before = JSON.stringify(value);
      const conversion = convertLegacy(apiVersion, kind, value);
      expect(JSON.stringify(value)).toBe(before);
      expect(conversion?.placeOf(path)).toBeInstanceOf(Array);
      expect(Object.getPrototypeOf(conversion?.value ?? {})).toBe(Object.prototype);
    }),
  );
});
