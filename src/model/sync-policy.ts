// What an Application says of how its commits are synced, for those who check it and for those who follow it. Pure.
import type { ApplicationSpec } from './resource.ts';

/** What the newest commit that can be read says of how it is synced. */
export type SyncPolicy = Pick<ApplicationSpec, (typeof POLICY_FIELDS)[number]>;

/** Fields of an Application's spec that are followed as they are, whatever becomes of the commit that says them. */
export const POLICY_FIELDS = [
  'suspend',
  'windows',
  'retry',
  'timeouts',
  'rollback',
  'ignoreDifferences',
  'drift',
  'pruneGuard',
  'prune',
  'healthCheckExprs',
  'softDelete',
] as const satisfies readonly (keyof ApplicationSpec)[];

/** A time in which new commits are let through, or are not. */
export type SyncWindow = NonNullable<ApplicationSpec['windows']>[number];
/** How often a commit that failed is tried again. */
export type RetryPolicy = NonNullable<ApplicationSpec['retry']>;
/** Seconds that phases may take. */
export type SyncTimeouts = NonNullable<ApplicationSpec['timeouts']>;
/** What is written to the repository when a commit was rolled back. */
export type RevertPolicy = NonNullable<NonNullable<ApplicationSpec['rollback']>['revert']>;
/** Names that the title of a pull request may have between `${` and `}`. */
export const REVERT_TITLE_NAMES = ['application', 'commit', 'author', 'message'] as const;
/** Fields that something else may own. */
export type IgnoreRule = NonNullable<ApplicationSpec['ignoreDifferences']>[number];

const MS_PER_UNIT: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
/** Longer than anything that anybody means to wait for. */
const MAX_HOURS = 10_000;

/** What a duration must be. */
export const DURATION_RULE = `must be a duration in hours, minutes and seconds, such as "2h", "1h30m" or "45s", at most ${MAX_HOURS}h`;

/** `1h30m` → milliseconds; undefined for what is no such duration, or none at all. */
export function durationMs(text: string): number | undefined {
  const parts = /^(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,8})s)?$/.exec(text);
  if (parts === null) return undefined;
  const ms = ['h', 'm', 's'].reduce((sum, unit, index) => sum + Number(parts[index + 1] ?? 0) * (MS_PER_UNIT[unit] ?? 0), 0);
  return ms > 0 && ms <= MAX_HOURS * 3_600_000 ? ms : undefined;
}

/** The fields of a spec that are followed as they are. */
export function policyOf(spec: SyncPolicy): SyncPolicy {
  return Object.fromEntries(POLICY_FIELDS.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]]])));
}
