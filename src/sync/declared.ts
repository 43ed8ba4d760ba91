// Applications that others declare: whose they are, when a declaration counts, and which commit one without a source of its own is at. Pure.
import { findCondition } from '../model/conditions.ts';
import type { ApplicationStatus, ResourceKey, Stored, StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf } from './applied.ts';
import { isBegun } from './decide.ts';
import { FOLLOWED } from './phrases.ts';

type StoredApplication = StoredOf<'Application'>;

/** Keeps a declared application until its objects are gone, or are left where they are. */
export const PRUNE_FINALIZER = 'holdfast.dev/prune';

/** The application that declares this one; undefined for one that somebody reconciles by itself. */
export function parentOf(application: StoredApplication, reader: Pick<StoreReader, 'get'>): StoredApplication | undefined {
  const name = applicationOf(application);
  return name === undefined ? undefined : reader.get('Application', '', name);
}

/** The applications that this one declares, by name. */
export function childrenOf(name: string, reader: StoreReader): readonly StoredApplication[] {
  return reader.listApplied(name).filter((resource): resource is StoredApplication => resource.kind === 'Application');
}

/** Whether an application is another one's, or that one's parent, and so on. Ends for applications that declare each other too. */
function isAncestor(name: string, of: string, reader: StoreReader): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = of; at !== undefined && !seen.has(at); ) {
    if (at === name) return true;
    seen.add(at);
    const application: StoredApplication | undefined = reader.get('Application', '', at);
    at = application === undefined ? undefined : applicationOf(application);
  }
  return false;
}

/** For how many objects one stands that goes: an application takes its own along. */
export function weightOf({ kind, name }: ResourceKey, reader: StoreReader): number {
  if (kind !== 'Application') return 1;
  const { spec, status } = reader.get('Application', '', name) ?? {};
  return spec?.prune === false ? 1 : 1 + (status?.inventory ?? []).length;
}

/** Whether of two states of an object only the status differs. */
export function isSameWish(before: Stored | undefined, { metadata }: Stored): boolean {
  return before?.metadata.generation === metadata.generation && before?.metadata.deletionTimestamp === metadata.deletionTimestamp;
}

/** What keeps an application from having this object, as the end of a sentence about it; undefined when nothing does. */
export function takenBy(live: Stored, application: string, reader: StoreReader): string | undefined {
  if (live.kind === 'Application' && isAncestor(live.metadata.name, application, reader))
    return 'is what declares this application; choose another name';
  const owner = applicationOf(live);
  if (owner === undefined || owner === application) return undefined;
  const { status } = reader.get('Application', '', owner) ?? {};
  return findCondition(status?.conditions, FOLLOWED)?.status === 'False'
    ? `belongs to the application "${owner}", which nobody follows any more; go on with that one (--application ${owner}), or choose another name`
    : `belongs to the application "${owner}"; remove it there first, or choose another name`;
}

/** The commit that applications which follow this one are to be at: what is live, or else what is held because there is nothing better. */
export function liveCommitOf({ lastGood, quarantined }: ApplicationStatus): string | undefined {
  if (lastGood !== undefined) return lastGood.id;
  return quarantined?.nothingApplied === true ? undefined : quarantined?.commit.id;
}

/**
 * Whether what is declared counts. What a commit declares counts once that commit is live: until then it may be taken back, and with it all
 * that it declares.
 */
export function isInForce(application: StoredApplication, parent: StoredApplication): boolean {
  const { attempt, inventory = [] } = parent.status ?? {};
  if (!isBegun(attempt) || attempt.phase === 'sync-fail') return liveCommitOf(parent.status ?? {}) !== undefined;
  const entry = inventory.find(({ kind, name }) => kind === 'Application' && name === application.metadata.name);
  return entry !== undefined && entry.commit !== attempt.commit.id && parent.status?.lastGood !== undefined;
}
