// The hooks of an attempt as its status tells them: what there is to run, in which order, and how it is told. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../manifests/load.ts';
import { displayKey, keyOf, keyString, type ResourceKey, type SyncAttempt, type SyncHook } from '../../model/resource.ts';
import { type HookEvent, hookOf, waveOf } from '../../model/sync-order.ts';
import { byApplyOrder } from '../order.ts';

const order: readonly HookEvent[] = ['pre-sync', 'sync', 'post-sync', 'sync-fail'];

/** Hooks in the order in which they run: by event, by wave, by name. */
export function inRunOrder(hooks: readonly Manifest[]): readonly Manifest[] {
  const rank = ({ resource }: Manifest): number => order.indexOf(hookOf(resource)?.event ?? 'sync');
  return hooks.toSorted(
    (a, b) => rank(a) - rank(b) || waveOf(a.resource) - waveOf(b.resource) || byApplyOrder(keyOf(a.resource), keyOf(b.resource)),
  );
}

/** The hooks of an attempt that has just begun: none has run. */
export function pendingHooks(hooks: readonly Manifest[]): SyncHook[] {
  return inRunOrder(hooks).flatMap(({ resource }): SyncHook[] => {
    const hook = hookOf(resource);
    const { namespace, name } = keyOf(resource);
    const wave = waveOf(resource);
    return hook === undefined ? [] : [{ namespace, name, event: hook.event, ...(wave === 0 ? {} : { wave }), state: 'pending' }];
  });
}

/** The key of a hook's Job. */
export function keyOfHook({ namespace, name }: Pick<SyncHook, 'namespace' | 'name'>): ResourceKey {
  return { kind: 'Job', namespace, name };
}

/** `pre-sync hook job/migrate` */
export function hookPhrase(hook: Pick<SyncHook, 'namespace' | 'name' | 'event'>): string {
  return `${hook.event} hook ${displayKey(keyOfHook(hook))}`;
}

/** `pre-sync hook job/migrate failed: BackoffLimitExceeded: …` */
export function failureLine(hook: SyncHook): string {
  const message = hook.message ?? '';
  return message.startsWith('vanished') ? `${hookPhrase(hook)} ${message}` : `${hookPhrase(hook)} failed: ${message}`;
}

/** Whether an attempt has hooks of this event that have not ended. */
export function hasOpenHooks(attempt: Pick<SyncAttempt, 'hooks'> | undefined, event: HookEvent): boolean {
  return (attempt?.hooks ?? []).some((hook) => hook.event === event && (hook.state === 'pending' || hook.state === 'running'));
}

/** Those that ran, as a record of the commit keeps them. */
export function hooksThatRan(attempt: SyncAttempt | undefined): { hooks?: SyncHook[] } {
  const ran = (attempt?.hooks ?? []).filter((hook) => hook.state !== 'pending');
  return ran.length === 0 ? {} : { hooks: ran };
}

/** What the Jobs of an attempt's hooks are known by, for as long as they exist. */
export function runMark({ commit, run = '' }: Pick<SyncAttempt, 'commit' | 'run'>): string {
  return `${commit.id}.${run}`;
}

/** Whether two commits have the same hooks. */
export function isSameHooks(one: readonly Manifest[], other: readonly Manifest[]): boolean {
  const named = (hooks: readonly Manifest[]): unknown =>
    new Map(hooks.map(({ resource }) => [keyString(keyOf(resource)), resource] as const));
  return one.length === other.length && isDeepStrictEqual(named(one), named(other));
}
