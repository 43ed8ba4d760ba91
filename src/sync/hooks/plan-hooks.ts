// What the hooks of an attempt need now: Jobs to start, ends to note, Jobs to take away. Pure; the attempt's status and the store say it all,
// and a Job carries the attempt that it was made for, so that no hook runs twice for one attempt wherever the controller was killed.
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../manifests/load.ts';
import { jobEnd } from '../../model/job.ts';
import {
  type ApplicationStatus,
  type InventoryEntry,
  keyOf,
  keyString,
  type SyncAttempt,
  type SyncHook,
} from '../../model/resource.ts';
import type { HookEvent } from '../../model/sync-order.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { StoreReader } from '../../store/store.ts';
import { healthOf, type ObjectHealth } from '../health/health.ts';
import { keyOfEntry, liveOf } from '../order.ts';
import type { PlannedChange } from '../planned.ts';
import { openWave, waveEntry } from '../waves.ts';
import { isDue, isTwoStep } from '../writes.ts';
import { endChange, foreignHolder, type HookRun, isOfRun, startChange, stopChange } from './hook-job.ts';
import { failureLine, hookPhrase, keyOfHook, runMark } from './hook-list.ts';

const VANISHED = 'vanished: its Job was deleted while it was waited for';
/** What is told of a hook that is not waited for any more. */
export const STOPPED = 'stopped: the commit failed';

export interface HookInput {
  readonly status: ApplicationStatus;
  readonly attempt: SyncAttempt;
  /** The hooks of the attempt's commit. */
  readonly manifests: readonly Manifest[];
  readonly store: StoreReader;
  readonly application: string;
  readonly now: number;
}

/** What is to be done about hooks, and what the present stage waits for. */
export interface HookPlan {
  readonly changes: readonly PlannedChange[];
  /** The hooks of the attempt as they are after the changes. */
  readonly hooks: SyncHook[];
  /** Whether there is anything to write. */
  readonly isDue: boolean;
  /** Hooks of the present stage that run, or wait for their place. */
  readonly waiting: readonly ObjectHealth[];
  /** The first of the present stage that failed. */
  readonly failed?: string;
}

/** The hooks that may run in the attempt's phase. */
function eventOf({ phase }: SyncAttempt): HookEvent | undefined {
  if (phase === 'applying' || phase === 'verifying') return 'sync';
  return phase === 'pre-sync' || phase === 'post-sync' || phase === 'sync-fail' ? phase : undefined;
}

/** Plans the hooks of an attempt; undefined when it has none. */
export function planHooks(input: HookInput): HookPlan | undefined {
  const { attempt, store } = input;
  const before = attempt.hooks ?? [];
  if (before.length === 0) return undefined;
  const manifests = new Map(input.manifests.map((manifest) => [keyString(keyOf(manifest.resource)), manifest]));
  const run = runOf(input);
  const event = eventOf(attempt);
  const noted = before.map((hook) => judged(hook, run, input));
  const open = openHookWave(noted, event, attempt);
  const isBlocked = event !== 'sync-fail' && noted.some((hook) => hook.event === event && hook.state === 'failed');
  const changes: PlannedChange[] = [];
  const waiting: ObjectHealth[] = [];
  const hooks = noted.map((hook) => {
    const manifest = manifests.get(keyString(keyOfHook(hook)));
    const live = liveOf(store, keyOfHook(hook));
    const isOurs = isOfRun(live, run.mark);
    const isStage = hook.event === event;
    if (manifest !== undefined && isOurs && (hook.state === 'succeeded' || hook.state === 'failed'))
      changes.push(...[endChange(manifest, live, hook)].filter((change) => change !== undefined));
    if (isStage && hook.state === 'running' && isOurs) waiting.push(running(hook, live, store));
    if (!isStage || hook.state !== 'pending' || isBlocked) return hook;
    if (manifest === undefined) return { ...hook, state: 'failed' as const, message: 'its manifest is not kept' };
    if ((hook.wave ?? 0) > open) return hook;
    const holder = foreignHolder(live, input.application);
    if (holder !== undefined) return { ...hook, state: 'failed' as const, message: `${holder}; give the hook another name` };
    const change = startChange(manifest, live, run);
    changes.push(change);
    if (isDue(change) && !isTwoStep(change)) {
      const started: SyncHook = { ...hook, state: 'running', startedAt: toRfc3339(input.now) };
      return started;
    }
    const message = change.waitsFor === undefined ? 'the Job of an earlier run is to go' : `it waits for ${change.waitsFor}`;
    waiting.push({ key: keyOfHook(hook), role: `${hook.event} hook`, state: 'progressing', message });
    return hook;
  });
  const failed = event === 'sync-fail' ? undefined : hooks.find((hook) => hook.event === event && hook.state === 'failed');
  const isNew = changes.some(isDue) || !isDeepStrictEqual(hooks, before);
  // What is just being started is waited for too, and so is what comes in a later wave.
  const isOpen = hooks.some((hook) => hook.event === event && isAwaited(hook, open, event));
  const rest = isOpen && waiting.length === 0 && !isNew ? [unstarted(hooks, event)] : [];
  return {
    changes,
    hooks,
    isDue: isNew,
    waiting: [...waiting, ...rest.filter((each) => each !== undefined)],
    ...(failed === undefined ? {} : { failed: failureLine(failed) }),
  };
}

function runOf({ status, attempt, application }: HookInput): HookRun {
  const mark = runMark(attempt);
  return status.lastGood === undefined ? { application, mark, adopts: attempt.commit.id } : { application, mark };
}

/** A hook with its end, if that has come. */
function judged(hook: SyncHook, { mark }: HookRun, { store, now }: HookInput): SyncHook {
  if (hook.state !== 'running') return hook;
  const live = liveOf(store, keyOfHook(hook));
  const finishedAt = toRfc3339(now);
  if (!isOfRun(live, mark)) return { ...hook, state: 'failed', finishedAt, message: VANISHED };
  const end = jobEnd(live);
  if (end === undefined) return hook;
  return end.type === 'Complete'
    ? { ...hook, state: 'succeeded', finishedAt }
    : { ...hook, state: 'failed', finishedAt, message: healthOf(live, store).message };
}

/** The wave of hooks that may run: the lowest in which one has not ended; those between objects run with their wave. */
function openHookWave(hooks: readonly SyncHook[], event: HookEvent | undefined, attempt: SyncAttempt): number {
  if (event === 'sync') return openWave(attempt);
  const open = hooks.filter((hook) => hook.event === event && (hook.state === 'pending' || hook.state === 'running'));
  return Math.min(...open.map(({ wave = 0 }) => wave));
}

function isAwaited(hook: SyncHook, open: number, event: HookEvent | undefined): boolean {
  if (hook.state === 'running') return true;
  return hook.state === 'pending' && (event !== 'sync' || (hook.wave ?? 0) <= open);
}

function unstarted(hooks: readonly SyncHook[], event: HookEvent | undefined): ObjectHealth | undefined {
  const hook = hooks.find((each) => each.event === event && each.state === 'pending');
  if (hook === undefined) return undefined;
  return { key: keyOfHook(hook), role: `${hook.event} hook`, state: 'progressing', message: 'it has not started' };
}

function running(hook: SyncHook, live: Parameters<typeof healthOf>[0], store: StoreReader): ObjectHealth {
  const health = healthOf(live, store);
  const role = `${hook.event} hook`;
  return health.state === 'healthy'
    ? { key: keyOfHook(hook), role, state: 'progressing', message: 'it has not ended' }
    : { key: keyOfHook(hook), role, ...health };
}

/** Ends the hooks that still run for an attempt that is over: their Jobs go, but for those of `spared`. */
export function stopHooks(
  input: Pick<HookInput, 'attempt' | 'store'>,
  spared: ReadonlySet<string> = new Set(),
): Pick<HookPlan, 'changes' | 'hooks'> {
  const { attempt, store } = input;
  const changes: PlannedChange[] = [];
  const hooks = (attempt.hooks ?? []).map((hook): SyncHook => {
    if (hook.state !== 'running') return hook;
    const key = keyOfHook(hook);
    const live = liveOf(store, key);
    const isOurs = isOfRun(live, runMark(attempt)) && !spared.has(keyString(key));
    if (isOurs) changes.push(stopChange(live, hook, { file: '', line: 0 }, `${hookPhrase(hook)} is not waited for any more`));
    return { ...hook, state: 'failed', message: STOPPED };
  });
  return { changes, hooks };
}

/** The inventory with the Jobs that hooks are started as, and without those that are gone. */
export function inventoryOfHooks(
  inventory: readonly InventoryEntry[],
  changes: readonly PlannedChange[],
  manifests: readonly Manifest[],
  { commit }: Pick<SyncAttempt, 'commit'>,
): InventoryEntry[] {
  const started = changes.filter((change) => change.next !== undefined && change.reason === 'HookStarted' && isDue(change));
  const keys = new Set(started.map(({ key }) => keyString(key)));
  const entries = started.flatMap(({ key, hook }): InventoryEntry[] => {
    const manifest = manifests.find(({ resource }) => keyString(keyOf(resource)) === keyString(key));
    if (manifest === undefined || hook === undefined) return [];
    const { kind, namespace, name } = key;
    const { file, line, resource } = manifest;
    return [{ kind, namespace, name, file, line, commit: commit.id, author: commit.author, ...waveEntry(resource), hook }];
  });
  return [...inventory.filter((entry) => !keys.has(keyString(keyOfEntry(entry)))), ...entries];
}

/** The status without the hooks whose Jobs are gone: that is how they end. */
export function withoutGoneHooks(status: ApplicationStatus, store: StoreReader): ApplicationStatus {
  const isGone = (entry: InventoryEntry): boolean => entry.hook !== undefined && liveOf(store, keyOfEntry(entry)) === undefined;
  const { inventory } = status;
  return inventory?.some(isGone) === true ? { ...status, inventory: inventory.filter((entry) => !isGone(entry)) } : status;
}
