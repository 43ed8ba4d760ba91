import { expect, test } from 'vitest';
import { hookOf, isSkipped, orderFaults, waveOf } from '../../src/model/sync-order.ts';

const WAVE = 'holdfast.dev/sync-wave';
const ARGO_WAVE = 'argocd.argoproj.io/sync-wave';
const HOOK = 'holdfast.dev/hook';
const ARGO_HOOK = 'argocd.argoproj.io/hook';
const POLICY = 'holdfast.dev/hook-delete-policy';
const ARGO_POLICY = 'argocd.argoproj.io/hook-delete-policy';
const object = (annotations: Record<string, string>, kind = 'Job') => ({ kind, metadata: { annotations } });
const told = (annotations: Record<string, string>, kind?: string): string =>
  orderFaults(object(annotations, kind))
    .map(({ annotation, message }) => `${annotation}: ${message}`)
    .join('\n');

test.each<[Record<string, string>, number]>([
  [{}, 0],
  [{ [WAVE]: '5' }, 5],
  [{ [WAVE]: '-3' }, -3],
  [{ [ARGO_WAVE]: '+2' }, 2],
  [{ [ARGO_WAVE]: ' 7 ' }, 7],
  [{ [WAVE]: '1', [ARGO_WAVE]: '1' }, 1],
  [{ [WAVE]: '01', [ARGO_WAVE]: '1' }, 1],
])('%j is wave %i', (annotations, wave) => {
  expect([waveOf(object(annotations)), told(annotations)]).toEqual([wave, '']);
});

test.each<[Record<string, string>, ReturnType<typeof hookOf>]>([
  [{}, undefined],
  [{ [HOOK]: 'pre-sync' }, { event: 'pre-sync', policies: ['before-hook-creation'] }],
  [{ [HOOK]: 'sync' }, { event: 'sync', policies: ['before-hook-creation'] }],
  [{ [ARGO_HOOK]: 'PostSync' }, { event: 'post-sync', policies: ['before-hook-creation'] }],
  [
    { [ARGO_HOOK]: 'SyncFail', [ARGO_POLICY]: 'HookSucceeded, BeforeHookCreation' },
    { event: 'sync-fail', policies: ['before-hook-creation', 'hook-succeeded'] },
  ],
  [
    { [HOOK]: 'pre-sync', [ARGO_HOOK]: 'PreSync', [POLICY]: 'hook-failed', [ARGO_POLICY]: 'HookFailed' },
    { event: 'pre-sync', policies: ['hook-failed'] },
  ],
])('%j is a hook: %j', (annotations, hook) => {
  expect([hookOf(object(annotations)), told(annotations)]).toEqual([hook, '']);
});

test.each<[Record<string, string>, string | undefined, RegExp]>([
  [{ [WAVE]: 'first' }, undefined, /^holdfast\.dev\/sync-wave: Invalid value: "first": must be a whole number/],
  [{ [WAVE]: '1.5' }, 'ConfigMap', /Invalid value: "1\.5"/],
  [{ [ARGO_WAVE]: '' }, 'ConfigMap', /^argocd\.argoproj\.io\/sync-wave: Invalid value: ""/],
  [{ [WAVE]: '99999999999' }, undefined, /Invalid value/],
  [{ [WAVE]: '1', [ARGO_WAVE]: '2' }, undefined, /^argocd\S+: says 2, and holdfast\.dev\/sync-wave says 1: keep one of them$/],
  [{ [HOOK]: 'PreSync' }, undefined, /Invalid value: "PreSync": must be pre-sync, sync, post-sync or sync-fail$/],
  [{ [HOOK]: 'skip' }, undefined, /Invalid value: "skip"/],
  [{ [HOOK]: 'toString' }, undefined, /Invalid value: "toString"/],
  [
    { [ARGO_HOOK]: 'PostDelete' },
    undefined,
    /must be PreSync, Sync, PostSync, SyncFail or Skip; the other hooks of Argo CD, which run when/,
  ],
  [{ [ARGO_HOOK]: 'PreSync,PostSync' }, undefined, /a hook runs at one time: make a Job for each/],
  [{ [HOOK]: 'sync', [ARGO_HOOK]: 'PreSync' }, undefined, /says PreSync, and holdfast\.dev\/hook says sync/],
  [{ [HOOK]: 'sync', [ARGO_HOOK]: 'Skip' }, undefined, /says Skip/],
  [
    { [HOOK]: 'sync' },
    'Pod',
    /^holdfast\.dev\/hook: only a Job can be a hook, not a Pod: make it a Job, or take the annotation out and give the Pod/,
  ],
  [{ [ARGO_HOOK]: 'PreSync' }, 'ConfigMap', /^argocd\.argoproj\.io\/hook: only a Job can be a hook, not a ConfigMap/],
  [
    { [HOOK]: 'sync', [POLICY]: 'hook-succeeded,never' },
    undefined,
    /must be one or more of before-hook-creation, hook-succeeded, hook-failed/,
  ],
  [
    { [HOOK]: 'sync', [ARGO_POLICY]: 'hook-failed' },
    undefined,
    /must be one or more of BeforeHookCreation, HookSucceeded, HookFailed/,
  ],
  [{ [POLICY]: 'hook-failed' }, undefined, /accepted without effect: the object is no hook/],
  [
    { 'helm.sh/hook': 'pre-install' },
    undefined,
    /^helm\.sh\/hook: Helm's hooks \(pre-install\) are not run: annotate a Job with holdfast\.dev\/hook/,
  ],
])('%j of a %s is told: %s', (annotations, kind, message) => {
  expect(told(annotations, kind)).toMatch(message);
});

test('Skip leaves out an object of any kind', () => {
  const skipped = object({ [ARGO_HOOK]: 'Skip' }, 'ConfigMap');
  expect([isSkipped(skipped), hookOf(skipped), orderFaults(skipped)]).toEqual([true, undefined, []]);
});
