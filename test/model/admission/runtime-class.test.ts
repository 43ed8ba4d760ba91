import { expect, test } from 'vitest';
import { withRuntimeClass } from '../../../src/model/admission/runtime-class.ts';
import type { PodSpec, RuntimeClass } from '../../../src/model/resource.ts';
import { aPod } from '../../support/builders.ts';

const gvisor: RuntimeClass = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'gvisor' },
  handler: 'runsc',
  overhead: { podFixed: { memory: '64Mi' } },
  scheduling: { nodeSelector: { sandboxed: 'yes' }, tolerations: [{ key: 'sandboxed', operator: 'Exists' }] },
};
const judge = (spec: Partial<PodSpec>) =>
  withRuntimeClass(aPod({ spec }).spec, (name) => (name === 'gvisor' ? gvisor : undefined));

test('a pod without a class is left as it is', () => {
  const { spec } = aPod({});
  expect(withRuntimeClass(spec, () => gvisor)).toEqual({ ok: true, spec });
});

test('a pod takes over what its class costs and where it runs', () => {
  const tolerations = [{ key: 'sandboxed', operator: 'Exists' as const }];
  expect(judge({ runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' }, tolerations })).toMatchObject({
    ok: true,
    spec: { overhead: { memory: '64Mi' }, nodeSelector: { disk: 'ssd', sandboxed: 'yes' }, tolerations },
  });
});

test.each<[string, Partial<PodSpec>, string]>([
  ['a class that is not there', { runtimeClassName: 'gone' }, 'pod rejected: RuntimeClass "gone" not found'],
  [
    'a node that the class does not run on',
    { runtimeClassName: 'gvisor', nodeSelector: { sandboxed: 'no' } },
    'failed to merge pod and RuntimeClass nodeSelectors: conflict: runtimeClass.scheduling.nodeSelector[sandboxed] = yes; pod.spec.nodeSelector[sandboxed] = no',
  ],
])('%s: refused', (_what, spec, message) => expect(judge(spec)).toEqual({ ok: false, message }));
