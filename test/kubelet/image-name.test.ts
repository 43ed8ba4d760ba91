import { expect, test } from 'vitest';
import { imageNameFault } from '../../src/kubelet/plan/image-name.ts';

const digest = `sha256:${'0'.repeat(64)}`;
test.each([
  ['busybox', true],
  ['busybox:1.36', true],
  ['library/busy_box:V1.0-a', true],
  ['registry:5000/a/b__c/d-e.f:latest', true],
  ['[fd00::1]:5000/a', true],
  ['Registry.example.com/a', true],
  [`a@${digest}`, true],
  [`a:1@${digest}`, true],
  ['', false],
  ['Busybox', false],
  ['busy box', false],
  ['a:', false],
  ['a/B', false],
  ['a//b', false],
  ['-a', false],
  [`a:${'t'.repeat(129)}`, false],
  ['a@sha256:12', false],
])('%s', (image, isName) => {
  expect(imageNameFault(image) === undefined).toBe(isName);
});
