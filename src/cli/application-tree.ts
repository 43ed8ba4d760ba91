// Which application declares which, as a tree: parents before what they declare, and there in the order in which they wait for each other.
import type { Application, Stored } from '../model/resource.ts';
import { applicationOf } from '../sync/applied.ts';
import { unfollowedLines } from '../sync/phrases.ts';
import { phasePhrase, waitPhrase } from '../sync/why-hooks.ts';
import { columns } from './columns.ts';
import { printable, shortCommit } from './phrases.ts';

type StoredApplication = Stored<Application>;

/** An application and where it hangs. */
export interface TreeEntry {
  readonly application: StoredApplication;
  /** The one that declares it. */
  readonly parent?: string;
  /** What stands before its name: `│ └ `; empty for one that nobody declares. */
  readonly branch: string;
}

/** All of them, once each, also those whose parents are gone or declare each other. */
export function applicationTree(applications: readonly StoredApplication[]): readonly TreeEntry[] {
  const names = new Set(applications.map(({ metadata }) => metadata.name));
  const entries: TreeEntry[] = [];
  const seen = new Set<string>();
  const add = (application: StoredApplication, branch: string, indent: string, parent?: string): void => {
    const { name } = application.metadata;
    if (seen.has(name)) return;
    seen.add(name);
    entries.push({ application, branch, ...(parent === undefined ? {} : { parent }) });
    const children = inOrderOfWaiting(applications.filter((other) => applicationOf(other) === name));
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1;
      add(child, `${indent}${isLast ? '└ ' : '├ '}`, `${indent}${isLast ? '  ' : '│ '}`, name);
    }
  };
  for (const application of applications) if (!names.has(applicationOf(application) ?? '')) add(application, '', '');
  for (const application of applications) add(application, '', '');
  return entries;
}

/** Those that others wait for first; by name otherwise. */
function inOrderOfWaiting(applications: readonly StoredApplication[]): readonly StoredApplication[] {
  const byName = new Map(applications.map((application) => [application.metadata.name, application]));
  const ordered = new Set<StoredApplication>();
  const begun = new Set<string>();
  const add = (application: StoredApplication): void => {
    const { name } = application.metadata;
    if (begun.has(name)) return;
    begun.add(name);
    for (const { name: awaited } of application.spec.dependsOn ?? []) {
      const other = byName.get(awaited);
      if (other !== undefined) add(other);
    }
    ordered.add(application);
  };
  for (const application of applications) add(application);
  return [...ordered];
}

/** A line for each: its health, what is live, and what it is at or waits for. */
export function treeLines(entries: readonly TreeEntry[]): string[] {
  const rows = entries.map(({ application, branch }) => {
    const { metadata, status } = application;
    const live = status?.lastGood === undefined ? '<none>' : shortCommit(status.lastGood.id);
    return [`${branch}${metadata.name}`, status?.health ?? 'Unknown', live, stateText(application)];
  });
  return columns(['APPLICATION', 'HEALTH', 'COMMIT', 'STATE'], rows);
}

/** `live`, or the first of what is under way, in the way, or waited for. */
export function stateText({ metadata, spec, status = {} }: StoredApplication): string {
  const { attempt, held, quarantined, suspension, source, lastGood } = status;
  if (metadata.deletionTimestamp !== undefined) return 'being removed';
  if (unfollowedLines({ status }).length > 0) return 'nobody follows it';
  if (suspension !== undefined) return 'suspended';
  if (attempt !== undefined) {
    const [first, ...more] = attempt.waitingFor ?? [];
    const rest = more.length === 0 ? '' : ` and ${more.length} more`;
    const waits = first === undefined ? '' : `, ${waitPhrase(attempt)} ${printable(first)}${rest}`;
    return `${phasePhrase(attempt)} ${shortCommit(attempt.commit.id)}${waits}`;
  }
  const record = held ?? quarantined;
  if (record !== undefined && record.outcome !== 'live')
    return `${record.outcome} ${shortCommit(record.commit.id)}: ${printable(record.message)}`;
  if (source?.ready === false) return `its source cannot be read: ${printable(source.message)}`;
  if (lastGood !== undefined) return 'live';
  const awaited = (spec.dependsOn ?? []).map(({ name }) => name).join(', ');
  return awaited === '' ? 'nothing yet' : `nothing yet, waits for ${awaited}`;
}
