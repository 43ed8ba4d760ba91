import { expect, test } from 'vitest';
import { addresseeOf } from '../../src/kubelet/probes/request.ts';

const ofPod = { sandboxId: 's', isOnHostNetwork: false };
const ofHost = { sandboxId: 's', isOnHostNetwork: true };
test.each([
  ['no host: the pod', undefined, ofPod, { host: '10.0.0.2', pod: ofPod }],
  ['an empty one, too', '', ofPod, { host: '10.0.0.2', pod: ofPod }],
  ['its own address', '10.0.0.2', ofPod, { host: '10.0.0.2', pod: ofPod }],
  ['another host is not the pod', 'example.com', ofPod, { host: 'example.com' }],
  ['on the network of its host a pod sees what its node sees', 'localhost', ofHost, { host: 'localhost', pod: ofHost }],
  ['a pod whose sandbox is not known', undefined, { ...ofPod, sandboxId: '' }, { host: '10.0.0.2' }],
])('%s', (_what, named, pod, expected) => {
  expect(addresseeOf(named, '10.0.0.2', pod)).toEqual(expected);
});
