import { expect, test } from 'vitest';
import { loadText } from '../support/manifest-text.ts';

const job = (annotations: string, spec = ''): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    ${annotations}\nspec: {${spec}template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}\n`;
const config = (annotation: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    ${annotation}\n`;

test.each<[string, string, string]>([
  ['a wave that is no number', config('holdfast.dev/sync-wave: first'), 'error Invalid 6:'],
  ['a time for which nothing is kept', config('holdfast.dev/soft-delete: soon'), 'error Invalid 6:'],
  ['a hook that is no Job', config('argocd.argoproj.io/hook: PreSync'), 'error Invalid 6:'],
  ['a hook that is suspended', job('holdfast.dev/hook: sync', 'suspend: true, '), 'error Invalid 7:'],
  ['a hook without pods', job('holdfast.dev/hook: sync', 'parallelism: 0, '), 'error Invalid 7:'],
  ['a Helm hook', job('helm.sh/hook: pre-upgrade'), 'error Invalid 6:'],
  ['a policy without a hook', job('holdfast.dev/hook-delete-policy: hook-failed'), 'note NoEffect 6:'],
  [
    'an object that is left out',
    `${config('argocd.argoproj.io/hook: Skip')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n`,
    'note NoEffect 6:',
  ],
])('%s is told with its place', (_what, text, told) => {
  const { problems, manifests } = loadText(text);
  expect(problems.map(({ severity, reason, line }) => `${severity} ${reason} ${line}:`)).toEqual([told]);
  expect(manifests.length).toBe(told.startsWith('error') ? 0 : 1);
});

test('a hook with waves of both is a Job like any other', () => {
  const text = job('{holdfast.dev/hook: pre-sync, argocd.argoproj.io/hook: PreSync, holdfast.dev/sync-wave: "-1"}').replace(
    'annotations:\n    {',
    'annotations: {',
  );
  const { problems, manifests } = loadText(text);
  expect([problems, manifests.length]).toEqual([[], 1]);
});

test.each(['30m', '1h30m', 'disabled'])('an object can be kept for %s', (time) => {
  const { problems, manifests } = loadText(config(`holdfast.dev/soft-delete: ${time}`));
  expect([problems, manifests.length]).toEqual([[], 1]);
});
