// What is said of kinds in versions that there are not, and of kinds that will not come.
import { expect, test } from 'vitest';
import { isOfClusterOnly } from '../../../src/manifests/schema/kinds.ts';
import { loadText, told } from '../../support/manifest-text.ts';
import { headOf } from '../../support/workload-text.ts';

test.each<[string, string, string]>([
  ['Job', 'v1', 'a.yaml:1:1 apiVersion: there is no Job in v1; write batch/v1'],
  ['CronJob', 'v1', 'a.yaml:1:1 apiVersion: there is no CronJob in v1; write batch/v1'],
  ['Deployment', 'apps/v2', 'a.yaml:1:1 apiVersion: there is no Deployment in apps/v2; write apps/v1'],
  ['StatefulSet', 'extensions/v1beta1', 'a.yaml:1:1 apiVersion: there is no StatefulSet in extensions/v1beta1; write apps/v1'],
  [
    'HorizontalPodAutoscaler',
    'apps/v1',
    'a.yaml:1:1 apiVersion: there is no HorizontalPodAutoscaler in apps/v1; write autoscaling/v2',
  ],
  ['Namespace', 'apps/v1', 'a.yaml:1:1 apiVersion: there is no Namespace in apps/v1; write v1'],
  ['ReplicationController', 'apps/v1', 'a.yaml:1:1 apiVersion: there is no ReplicationController in apps/v1; write v1'],
  [
    'PodSecurityPolicy',
    'policy/v1beta1',
    'a.yaml:2:1 kind: PodSecurityPolicy (policy/v1beta1) is not supported: Kubernetes removed it in version 1.25; write securityContext in the pods',
  ],
  [
    'PodTemplate',
    'v1',
    'a.yaml:2:1 kind: PodTemplate (v1) is not supported: nothing reads it, in Kubernetes either; write the template in a workload',
  ],
  [
    'Binding',
    'v1',
    'a.yaml:2:1 kind: Binding (v1) is not supported: Holdfast itself decides where pods run; write nodeName in the pod',
  ],
  [
    'ControllerRevision',
    'apps/v1beta1',
    'a.yaml:2:1 kind: ControllerRevision (apps/v1beta1) is not for manifests: ControllerRevisions are written for the StatefulSets and DaemonSets that they belong to; keep those in Git.',
  ],
  ['StatfulSet', 'apps/v1', 'a.yaml:2:1 kind: StatfulSet (apps/v1) is unknown. Did you mean "StatefulSet"?'],
  ['constructor', 'v1', 'a.yaml:2:1 kind: constructor (v1) is unknown.'],
])('%s in %s', (kind, apiVersion, line) => {
  expect(told(loadText(headOf(kind, apiVersion)))).toEqual([`error UnsupportedKind ${line}`]);
});

test('an Event of the newer group is no more for manifests than one of v1', () => {
  expect(told(loadText(headOf('Event', 'events.k8s.io/v1')))[0]).toMatch(
    /^error UnsupportedKind a\.yaml:2:1 kind: Event \(events\.k8s\.io\/v1\) is not for manifests: /,
  );
});

test('names that every object has are no kinds of a cluster', () => {
  expect(isOfClusterOnly('v1', 'constructor')).toBe(false);
});
