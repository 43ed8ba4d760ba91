// Why an application is as it is: the lines of `why` about commits. Pure.
import { findCondition } from '../model/conditions.ts';
import type { CommitInfo, StoredOf } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import { isApplied } from './decide.ts';
import { parentOf } from './declared.ts';
import { driftRecordLines } from './drift.ts';
import { retryText } from './gates/retry.ts';
import { healthLine, unhealthyOf } from './health/health.ts';
import { keyOfEntry, liveOf } from './order.ts';
import { checksInForce } from './revision.ts';
import { hookLine, phasePhrase, waitPhrase } from './why-hooks.ts';

const SHOWN_UNHEALTHY = 10;

/** A commit as people name it: the first seven digits, or that it is none yet. */
export function commitName(id: string): string {
  return id.startsWith('worktree-') ? 'uncommitted files' : `commit ${id.slice(0, 7)}`;
}

function commitPhrase(commit: CommitInfo): string {
  return `${commitName(commit.id)} "${commit.subject}" of ${commit.author}`;
}

/** A time span for people: `45s`, `3m`, `2h`, `4d`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** What is live, what is under way, what is held back, and why. `now` is epoch milliseconds. */
export function applicationLines(application: StoredOf<'Application'>, reader: StoreReader, now: number): readonly string[] {
  const { metadata, spec, status = {} } = application;
  const { lastGood, health = 'Unknown', source } = status;
  const live =
    lastGood === undefined ? 'has no live commit yet' : `is live at ${commitPhrase(lastGood)}, ${health.toLowerCase()}`;
  const where = `${spec.repo}, ${spec.revision}${spec.path === '' ? '' : `, path ${spec.path}`}`;
  const trouble =
    source === undefined || source.ready
      ? []
      : [
          `cannot read ${where} since ${source.since}: ${source.message} (${source.reason}); what runs goes on, and it is tried again`,
        ];
  return [
    `application ${metadata.name} ${live}`,
    `  follows ${where}`,
    ...declarationLines(application, reader),
    ...trouble,
    ...forgeLines(application),
    ...attemptLines(application, now),
    ...suspensionLines(application, now),
    ...heldLines(application, now),
    ...driftLines(application),
    ...driftRecordLines(application, reader, now),
    ...unhealthyLines(application, reader),
  ];
}

/** Who declares it, where, and what it waits for before each commit. */
function declarationLines(application: StoredOf<'Application'>, reader: StoreReader): readonly string[] {
  const parent = parentOf(application, reader);
  if (parent === undefined) return [];
  const { name } = application.metadata;
  const entry = (parent.status?.inventory ?? []).find((each) => each.kind === 'Application' && each.name === name);
  const place =
    entry === undefined ? '' : ` at ${entry.file}:${entry.line}, last changed by ${commitName(entry.commit)} of ${entry.author}`;
  const awaited = (application.spec.dependsOn ?? []).map((each) => each.name).join(', ');
  return [
    `  declared by application ${parent.metadata.name}${place}`,
    ...(awaited === '' ? [] : [`  waits before each commit for ${awaited}`]),
  ];
}

function forgeLines({ status }: StoredOf<'Application'>): readonly string[] {
  const failing = status?.commitStatuses?.failing;
  if (failing === undefined) return [];
  return [`  cannot tell the forge what becomes of commits since ${failing.since}: ${failing.message}; nothing waits for that`];
}

function attemptLines({ status }: StoredOf<'Application'>, now: number): readonly string[] {
  const attempt = status?.attempt;
  if (attempt === undefined) return [];
  const { deadline } = attempt;
  const left = deadline === undefined ? 0 : fromRfc3339(deadline) - now;
  const passed = left > 0 ? `, ${span(left)} left` : ', which has passed';
  const until = deadline === undefined ? 'nobody knows until when' : `until ${deadline}${passed}`;
  const end =
    attempt.phase === 'sync-fail'
      ? 'then it is over all the same'
      : attempt.phase === 'pre-sync'
        ? 'nothing of it is applied yet, and then it has failed'
        : !isApplied(attempt)
          ? 'nothing of it is applied'
          : attempt.phase === 'rolling-back'
            ? 'then what runs is held as it is'
            : status?.lastGood === undefined
              ? 'then it has failed, and there is nothing to go back to'
              : 'then it is rolled back';
  return [
    `${commitPhrase(attempt.commit)} is ${phasePhrase(attempt)}, ${until}; ${end}`,
    ...(attempt.cause === undefined ? [] : [`  because ${attempt.cause}`]),
    ...(attempt.waitingFor ?? []).map((what) => `  ${waitPhrase(attempt)} ${what}`),
    ...(attempt.hooks ?? []).map((hook) => `  ${hookLine(hook)}`),
  ];
}

/** That nothing is synced, by whom, why and until when. */
export function suspensionLines({ status }: StoredOf<'Application'>, now: number): readonly string[] {
  const suspension = status?.suspension;
  if (suspension === undefined) return [];
  const { by, who, reason, since, until } = suspension;
  const left = until === undefined ? '' : `, ${span(Math.max(0, fromRfc3339(until) - now))} left`;
  const end = until === undefined ? '' : `until ${until}${left}; `;
  return by === 'git'
    ? [`suspended since ${since}: ${reason}; new commits wait and drift is left, until a commit takes it out`]
    : [
        `suspended by ${who} since ${since}: ${reason}`,
        `  ${end}"holdfast resume" ends it; until then nothing is changed or put right`,
      ];
}

function heldLines({ spec, status = {} }: StoredOf<'Application'>, now: number): readonly string[] {
  const { held, quarantined } = status;
  const record = held ?? quarantined;
  if (record === undefined) return [];
  const again = retryText(spec, status, now, toRfc3339);
  const next =
    record.outcome === 'preflight-failed'
      ? 'nothing of it is applied; it is tried again'
      : record.outcome === 'invalid'
        ? 'nothing of it is applied; it waits for another commit'
        : record.nothingApplied === true
          ? `nothing of it is applied; ${again}`
          : record.stays === undefined
            ? again
            : `it stays as it is, because spec.rollback.enabled is false; ${again}`;
  return [
    `${commitPhrase(record.commit)} is not live (${record.outcome} at ${record.finishedAt}): ${record.message}`,
    `  ${next}`,
    ...(record.hooks ?? []).map((hook) => `  ${hookLine(hook)}`),
  ];
}

/** What differs although nobody wants that: it is left so, or comes again and again. */
export function driftLines({ status }: StoredOf<'Application'>): readonly string[] {
  const drifted = findCondition(status?.conditions, 'Drifted');
  if (drifted?.status !== 'True') return [];
  return [`drifted since ${drifted.lastTransitionTime ?? 'a while'}: ${drifted.message ?? ''}`];
}

function unhealthyLines(application: StoredOf<'Application'>, reader: StoreReader): readonly string[] {
  // A Job that has ended and is gone is not missing.
  const entries = (application.status?.inventory ?? []).filter(
    (entry) => (entry.finished === undefined && entry.hook === undefined) || liveOf(reader, keyOfEntry(entry)) !== undefined,
  );
  const unhealthy = unhealthyOf(entries.map(keyOfEntry), reader, checksInForce(application, reader));
  const lines = unhealthy.slice(0, SHOWN_UNHEALTHY).map((health) => `  ${healthLine(health)}`);
  const rest = unhealthy.length - lines.length;
  return lines.length === 0 ? [] : ['not healthy:', ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}
