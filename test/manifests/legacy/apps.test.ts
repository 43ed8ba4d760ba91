// Workloads of old versions: what they become, and where their faults are told.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';
import { faultsOf, headOf, resourceOf, templateText } from '../../support/workload-text.ts';

const noted = (text: string): string[] => told(loadText(text)).filter((line) => line.includes('Converted'));
const old = (kind: string, apiVersion: string, rest = ''): string => `${headOf(kind, apiVersion)}spec:\n${rest}${templateText()}`;
const selector = '  selector: {matchLabels: {app: x}}\n';

test('a Deployment of extensions/v1beta1 keeps the defaults of that version', () => {
  const text = old('Deployment', 'extensions/v1beta1');
  expect(noted(text)).toEqual([
    'note Converted a.yaml:1:1 apiVersion: Deployment extensions/v1beta1 is read as apps/v1; write that. Its selector is the labels of the template, the default of that version. maxUnavailable and maxSurge are 1 where they are absent, the default of that version.',
  ]);
  expect(resourceOf(text)).toMatchObject({
    apiVersion: 'apps/v1',
    metadata: { labels: { app: 'x' } },
    spec: {
      selector: { matchLabels: { app: 'x' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      progressDeadlineSeconds: 2147483647,
      revisionHistoryLimit: 2147483647,
    },
  });
});

test('what a Deployment of extensions/v1beta1 says itself stays', () => {
  const rest = `${selector}  strategy: {type: Recreate}\n  progressDeadlineSeconds: 60\n  revisionHistoryLimit: 3\n`;
  const text = old('Deployment', 'extensions/v1beta1', rest);
  expect(noted(text)).toEqual([
    'note Converted a.yaml:1:1 apiVersion: Deployment extensions/v1beta1 is read as apps/v1; write that',
  ]);
  expect(resourceOf(text)).toMatchObject({
    spec: { strategy: { type: 'Recreate' }, progressDeadlineSeconds: 60, revisionHistoryLimit: 3 },
  });
});

test('a Deployment of apps/v1beta1 keeps two old ReplicaSets', () => {
  expect(resourceOf(old('Deployment', 'apps/v1beta1'))).toMatchObject({
    spec: {
      selector: { matchLabels: { app: 'x' } },
      revisionHistoryLimit: 2,
      progressDeadlineSeconds: 600,
      strategy: { rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    },
  });
});

test('apps/v1beta2 differs in its name alone', () => {
  expect(noted(old('Deployment', 'apps/v1beta2', selector))).toEqual([
    'note Converted a.yaml:1:1 apiVersion: Deployment apps/v1beta2 is read as apps/v1; write that',
  ]);
  expect(faultsOf(old('Deployment', 'apps/v1beta2'))).toEqual(['error Required a.yaml:4:1 spec.selector: Required value']);
});

test('a rollback is refused where it is written', () => {
  expect(told(loadText(old('Deployment', 'apps/v1beta1', `${selector}  rollbackTo: {revision: 2}\n`)))).toContain(
    'error UnsupportedField a.yaml:6:3 spec.rollbackTo: rollbackTo is not supported: what a Deployment goes back to is in Git; write the earlier template',
  );
  expect(told(loadText(old('Deployment', 'apps/v1beta1', `${selector}  rollbackTo: null\n`)))).toEqual([
    'note Converted a.yaml:1:1 apiVersion: Deployment apps/v1beta1 is read as apps/v1; write that',
  ]);
});

test('a DaemonSet of extensions/v1beta1 is updated by hand', () => {
  const text = old('DaemonSet', 'extensions/v1beta1', '  templateGeneration: 3\n');
  expect(noted(text)).toEqual([
    'note Converted a.yaml:1:1 apiVersion: DaemonSet extensions/v1beta1 is read as apps/v1; write that. Its selector is the labels of the template, the default of that version. Its templateGeneration is not used. Its updateStrategy is OnDelete, the default of that version.',
  ]);
  expect(resourceOf(text)).toHaveProperty('spec.updateStrategy', { type: 'OnDelete' });
});

test('a DaemonSet of extensions/v1beta1 that says how it is updated is', () => {
  const text = old('DaemonSet', 'extensions/v1beta1', '  updateStrategy: {type: RollingUpdate}\n');
  expect(resourceOf(text)).toHaveProperty('spec.updateStrategy', {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
});

test('a StatefulSet of apps/v1beta1 is updated by hand', () => {
  expect(resourceOf(old('StatefulSet', 'apps/v1beta1'))).toMatchObject({
    spec: { selector: { matchLabels: { app: 'x' } }, updateStrategy: { type: 'OnDelete' } },
  });
});

test('a ReplicaSet of extensions/v1beta1 selects its pods', () => {
  const result = loadText(old('ReplicaSet', 'extensions/v1beta1'));
  expect(told(result)).toEqual([
    'note Converted a.yaml:1:1 apiVersion: ReplicaSet extensions/v1beta1 is read as apps/v1; write that. Its selector is the labels of the template, the default of that version.',
  ]);
  expect(result.manifests[0]?.resource).toMatchObject({
    apiVersion: 'apps/v1',
    spec: { selector: { matchLabels: { app: 'x' } } },
  });
});

test('a fault in a selector that was taken from labels is told once at the labels', () => {
  const text = `${headOf('Deployment', 'extensions/v1beta1')}spec:\n  template:\n    metadata:\n      labels:\n        app: 5\n    spec: {containers: [{name: c, image: "i:1"}]}\n`;
  const places = faultsOf(text).map((line) => line.split(' ').slice(2, 4).join(' '));
  expect(new Set(places.map((place) => place.split(' ')[0]))).toEqual(new Set(['a.yaml:8:9']));
});

test.each([
  ['no spec', headOf('Deployment', 'extensions/v1beta1'), ['error Required a.yaml:1:1 spec: Required value']],
  [
    'a spec that is a list',
    `${headOf('Deployment', 'extensions/v1beta1')}spec: [1]\n`,
    ['error WrongType a.yaml:4:1 spec: must be a mapping, not a list'],
  ],
  [
    'a strategy that is text',
    old('DaemonSet', 'extensions/v1beta1', '  updateStrategy: fast\n'),
    ['error WrongType a.yaml:5:3 spec.updateStrategy: must be a mapping, not the string "fast"'],
  ],
])('%s is told as of any other version', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
