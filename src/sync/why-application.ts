// Why an application is as it is: the lines of `why` about commits. Pure.
import { displayKey, parseKey, type StoredOf } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import { isApplied } from './decide.ts';
import { parentOf } from './declared.ts';
import { driftRecordLines } from './drift-text.ts';
import { retryText } from './gates/retry.ts';
import { unhealthyOf } from './health/health.ts';
import { healthLine } from './health/health-line.ts';
import { keyOfEntry, liveOf } from './order.ts';
import { commitName, commitPhrase, driftLines, revertPhrase, span, suspensionLines, unfollowedLines } from './phrases.ts';
import { checksInForce } from './revision.ts';
import { wishWaitText } from './why-deleted.ts';
import { hookLine, phasePhrase, waitPhrase } from './why-hooks.ts';

const SHOWN_UNHEALTHY = 10;

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
    ...unfollowedLines(application),
    ...trouble,
    ...forgeLines(application),
    ...attemptLines(application, now),
    ...suspensionLines(application, now),
    ...heldLines(application, now),
    ...revertLines(application),
    ...wishLines(application),
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

/** What people want back that commits have removed, and cannot have yet. */
function wishLines({ status = {} }: StoredOf<'Application'>): readonly string[] {
  return (status.undelete ?? []).map((wish) => {
    const what = wish.objects.map((text) => displayKey(parseKey(text))).join(', ');
    return `${wish.who} wants ${what} back: it waits ${wishWaitText(wish, status.attempt?.commit.id)}`;
  });
}

/** What the repository was told, as long as that matters. */
function revertLines({ status = {} }: StoredOf<'Application'>): readonly string[] {
  const phrase = revertPhrase(status);
  return phrase === undefined ? [] : [`  ${phrase}`];
}

/** What is not healthy beside what the commit waits for. */
function unhealthyLines(application: StoredOf<'Application'>, reader: StoreReader): readonly string[] {
  // A Job that has ended and is gone is not missing.
  const entries = (application.status?.inventory ?? []).filter(
    (entry) => (entry.finished === undefined && entry.hook === undefined) || liveOf(reader, keyOfEntry(entry)) !== undefined,
  );
  const unhealthy = unhealthyOf(entries.map(keyOfEntry), reader, checksInForce(application, reader));
  const told = new Set(application.status?.attempt?.waitingFor);
  const others = unhealthy.map(healthLine).filter((line) => !told.has(line));
  const lines = others.slice(0, SHOWN_UNHEALTHY).map((line) => `  ${line}`);
  const rest = others.length - lines.length;
  return lines.length === 0 ? [] : ['not healthy:', ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}
