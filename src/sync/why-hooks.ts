// Why a hook's Job is there, or is not: the lines of `why` about hooks and waves. Pure.
import { displayKey, type ResourceKey, type StoredOf, type SyncAttempt, type SyncHook } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import { failureLine, hookPhrase, keyOfHook } from './hooks/hook-list.ts';
import { commitName, span } from './phrases.ts';

const phases: { readonly [P in SyncAttempt['phase']]?: string } = {
  waiting: 'waiting for its time',
  'pre-sync': 'running its pre-sync hooks',
  'post-sync': 'running its post-sync hooks',
  'sync-fail': 'running its sync-fail hooks, after it has failed',
};

/** What an attempt is at, for a sentence that begins with its commit and "is". */
export function phasePhrase({ phase, wave }: Pick<SyncAttempt, 'phase' | 'wave'>): string {
  const where = phase === 'applying' && wave !== undefined ? ` wave ${wave}` : '';
  return `${phases[phase] ?? phase}${where}`;
}

/** What waits for things: the next wave, or nothing in particular. */
export function waitPhrase({ phase, nextWave }: Pick<SyncAttempt, 'phase' | 'nextWave'>): string {
  return phase === 'applying' && nextWave !== undefined ? `wave ${nextWave} waits for` : 'waits for';
}

/** `pre-sync hook job/migrate succeeded in 12s`; a hook that has not run is to come. */
export function hookLine(hook: SyncHook): string {
  const { state, startedAt, finishedAt, event } = hook;
  if (state === 'failed') return failureLine(hook);
  if (state === 'pending')
    return `${hookPhrase(hook)} ${event === 'sync-fail' ? 'runs only if the commit fails' : 'has not run yet'}`;
  if (state === 'running') return `${hookPhrase(hook)} runs since ${startedAt}`;
  const took =
    startedAt === undefined || finishedAt === undefined ? '' : ` in ${span(fromRfc3339(finishedAt) - fromRfc3339(startedAt))}`;
  return `${hookPhrase(hook)} succeeded${took}`;
}

/** What became of a hook when its Job is not there, from the application that had it; empty when it was nobody's. */
export function goneHookLines(key: ResourceKey, reader: StoreReader): readonly string[] {
  return reader.list('Application').flatMap(({ metadata, status }: StoredOf<'Application'>) => {
    const runs = [status?.attempt, ...(status?.history ?? [])].filter((run) => run !== undefined);
    for (const { hooks = [], commit } of runs) {
      const hook = hooks.find((each) => displayKey(keyOfHook(each)) === displayKey(key));
      if (key.kind === 'Job' && hook !== undefined)
        return [
          `${hookLine(hook)}, for ${commitName(commit.id)} of application ${metadata.name}`,
          hook.state === 'pending'
            ? '  its Job is made when its time has come'
            : '  its Job is gone; it runs again with the next commit that changes anything',
        ];
    }
    return [];
  });
}
