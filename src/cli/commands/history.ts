// `holdfast history`: how the last commits ended, and what ran at one of them.
import type { Command } from 'commander';
import { displayKey, parseKey, type StoredOf, type Suspension, type SyncRecord, type Undeletion } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { containersByHand, handText, recordText } from '../../sync/drift-text.ts';
import { phaseSpans } from '../../sync/phase-times.ts';
import { hookLine } from '../../sync/why-hooks.ts';
import { columns } from '../columns.ts';
import type { Finish } from '../endings.ts';
import { findObject } from '../find-object.ts';
import { type RawHistoryOptions, showCommit } from '../history-at.ts';
import type { Parts } from '../parts.ts';
import { authorName, fit, printable, shortCommit } from '../phrases.ts';
import { addPlaceOptions, addSourceOptions, outputOption, placeOptions } from '../source-options.ts';
import { age, span } from '../times.ts';
import { withStore } from '../with-store.ts';

/** Longest subject in the table. */
const MAX_SUBJECT_CHARACTERS = 50;

interface Entry extends SyncRecord {
  readonly application: string;
}

export function registerHistory(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('history')
    .description('print how the last commits ended, newest first, or what ran at one of them')
    .argument('[application]', 'only this one')
    .option('--at <commit>', 'what this commit ran: objects, images, replicas; with --repo also of one that is not kept')
    .addOption(outputOption('text', 'json'));
  addPlaceOptions(addSourceOptions(command))
    .addHelpText('after', '\nExamples:\n  holdfast history shop\n  holdfast history shop --at 1a2b3c4')
    .action(async (name: string | undefined, raw: RawHistoryOptions) =>
      finish(raw.at === undefined ? await history(name, raw, parts) : await showCommit(name, raw.at, raw, parts)),
    );
}

async function history(name: string | undefined, raw: RawHistoryOptions, parts: Parts): Promise<number> {
  return await withStore(parts, placeOptions(raw, parts), (reader) => {
    const applications = name === undefined ? reader.list('Application') : [findObject(reader, 'Application', '', name)];
    const entries = applications
      .flatMap((application) =>
        (application.status?.history ?? []).map((record) => ({ application: application.metadata.name, ...record })),
      )
      .toSorted((a, b) => b.finishedAt.localeCompare(a.finishedAt));
    const suspensions = applications.flatMap(({ metadata, status }) =>
      [status?.suspension ?? [], status?.suspensions ?? []].flat().map((each) => ({ application: metadata.name, ...each })),
    );
    const drift = applications.flatMap(({ metadata, status }) =>
      (status?.drift ?? []).map((record) => ({ application: metadata.name, ...record })),
    );
    const undeletions = applications.flatMap(({ metadata, status }) =>
      (status?.undeletions ?? []).map((each) => ({ application: metadata.name, ...each })),
    );
    const told = { history: entries, suspensions, undeletions, drift };
    if (raw.output === 'json') parts.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    else if (entries.length === 0) parts.stderr.write('No commit has ended yet.\n');
    else parts.stdout.write(`${historyText(entries, applications.length > 1, parts.clock.now()).join('\n')}\n`);
    const changed = applications.flatMap((application) => driftText(application, reader));
    if (raw.output === 'text' && changed.length > 0) parts.stdout.write(`\n${changed.join('\n')}\n`);
    const besides = [...suspensions.map(suspensionLine), ...undeletions.map(undeletionLine)];
    if (raw.output === 'text' && besides.length > 0) parts.stdout.write(`\n${besides.join('\n')}\n`);
    return 0;
  });
}

/** What was changed behind Git's back: in objects, and in containers as far as events go back. */
function driftText(application: StoredOf<'Application'>, reader: StoreReader): readonly string[] {
  const { name } = application.metadata;
  const told = [...(application.status?.drift ?? []).map(recordText), ...containersByHand(reader, name).map(handText)];
  return told.map((line) => printable(`${name} drifted: ${line}`));
}

/** `shop was suspended by ada from … until …: moving the data`. */
function suspensionLine({
  application,
  who,
  reason,
  since,
  until,
  endedAt,
  endedBy,
}: Suspension & { application: string }): string {
  const by = endedBy === undefined ? '' : `, ended by ${endedBy}`;
  const time =
    endedAt === undefined ? `since ${since}${until === undefined ? '' : ` until ${until}`}` : `from ${since} to ${endedAt}${by}`;
  return printable(`${application} ${endedAt === undefined ? 'is' : 'was'} suspended by ${who} ${time}: ${reason}`);
}

/** `in shop ada brought deployment/web back at …; no commit declares it`. */
function undeletionLine({ application, who, at, objects, endedAt }: Undeletion & { application: string }): string {
  const names = objects.map((text) => displayKey(parseKey(text))).join(', ');
  const end = endedAt === undefined ? 'no commit has declared that since' : `until another commit was live at ${endedAt}`;
  return printable(`in ${application} ${who} brought back ${names} at ${at}: ${end}`);
}

function historyText(entries: readonly Entry[], withApplication: boolean, nowMs: number): string[] {
  const header = [
    ...(withApplication ? ['APPLICATION'] : []),
    'AGE',
    'COMMIT',
    'OUTCOME',
    'CHANGES',
    'TOOK',
    'AUTHOR',
    'SUBJECT',
  ];
  const rows = entries.map((entry) => [
    ...(withApplication ? [entry.application] : []),
    age(entry.finishedAt, nowMs),
    shortCommit(entry.commit.id),
    entry.outcome,
    String(entry.actions),
    span(Date.parse(entry.finishedAt) - Date.parse(entry.startedAt)),
    authorName(entry.commit.author),
    fit(printable(entry.commit.subject), MAX_SUBJECT_CHARACTERS),
  ]);
  const table = columns(header, rows);
  // What went wrong stands below its line: it is a sentence, and a column of sentences makes a table unreadable.
  return table.flatMap((line, index) => {
    const entry = entries[index - 1];
    if (entry === undefined) return [line];
    const why = entry.outcome === 'live' || entry.message === '' ? [] : [`  ${printable(entry.message)}`];
    return [line, ...why, ...phaseLine(entry), ...(entry.hooks ?? []).map((hook) => `  ${printable(hookLine(hook))}`)];
  });
}

/** Where the time went, unless there was one phase, or all of it took no time that counts. */
function phaseLine(entry: SyncRecord): string[] {
  const spans = phaseSpans(entry).filter(({ ms }) => ms > 0);
  return spans.length < 2 ? [] : [`  ${spans.map(({ phase, ms }) => `${phase} ${span(ms)}`).join(', ')}`];
}
