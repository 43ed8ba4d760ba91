// A source that hands out only what is signed by somebody who may: what is not comes without its files, with the reason. It looks at a commit before
// anybody reads what is in it.
import { type CommitSource, type Snapshot, SourceError } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import { AnchorFault, type Anchors, type KeyFile, readAnchors } from '../trust/anchors.ts';
import { type Distrust, type VerifyMode, verifyCommit } from '../trust/verify-commits.ts';
import { type GitObject, parseCommit, parseParents } from './objects.ts';
import { shortId } from './revision.ts';

/** Who may sign, and how much has to be signed. */
export interface TrustOptions {
  readonly mode: VerifyMode;
  /** The files with the keys, as they are now. Rejects when they cannot be read. */
  readonly readKeys: () => Promise<readonly KeyFile[]>;
  /** The commit that was live last, when there was one. */
  readonly lastGood: () => string | undefined;
  /** Where people add a key; --verify-keys when absent. */
  readonly place?: string;
}

/** A source whose objects can be looked at. */
export interface ObjectSource extends CommitSource {
  /** An object that is at hand once the commit was read; undefined when it is not. Throws SourceError. */
  object(id: string, signal: AbortSignal): Promise<GitObject | undefined>;
  /** The annotated tag that is followed, as it was when `head` was asked. */
  followedTag(): { readonly id: string; readonly name: string } | undefined;
}

/** The same source, but for what it hands out. */
export function verifiedSource(
  source: ObjectSource,
  { mode, readKeys, lastGood, place = '--verify-keys' }: TrustOptions,
  clock: Clock,
): CommitSource {
  const snapshot = async (commitId: string, signal: AbortSignal): Promise<Snapshot> => {
    const found = await source.snapshot(commitId, signal);
    const tag = source.followedTag();
    const last = lastGood();
    const distrust = await verifyCommit({
      // What was asked for may be a tag.
      commitId: found.commit.id,
      mode,
      anchors: await anchorsOf(readKeys),
      object: (id) => source.object(id, signal),
      parents: parseParents,
      nowMs: clock.now(),
      ...(tag === undefined ? {} : { tag }),
      ...(last === undefined ? {} : { lastGood: last }),
    });
    if (distrust === undefined) return found;
    return {
      commit: found.commit,
      files: [],
      refusal: await refusalOf(distrust, { head: found.commit.id, place }, source, signal),
    };
  };
  return {
    description: source.description,
    get revision() {
      return source.revision;
    },
    head: (signal) => source.head(signal),
    snapshot,
    ...(source.parents === undefined ? {} : { parents: source.parents.bind(source) }),
    changes: (signal) => source.changes(signal),
    close: () => source.close(),
  };
}

/** The keys, which may have changed since. What cannot be read trusts nobody. */
async function anchorsOf(readKeys: TrustOptions['readKeys']): Promise<Anchors> {
  try {
    return await readAnchors(await readKeys());
  } catch (error) {
    if (error instanceof AnchorFault)
      throw new SourceError('Misconfigured', `keys that may sign: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Which commit, whose, why, and what to do. */
async function refusalOf(
  { commitId, reason }: Distrust,
  { head, place }: { readonly head: string; readonly place: string },
  source: ObjectSource,
  signal: AbortSignal,
): Promise<string> {
  const object = await source.object(commitId, signal);
  const who = object?.type === 'commit' ? parseCommit(commitId, object.bytes).commit : undefined;
  const whose = who === undefined ? '' : ` of ${who.author} (${JSON.stringify(who.subject)})`;
  const where = commitId === head ? '' : `, which ${shortId(head)} is made on,`;
  const cure = `Sign it with one of the keys that may ("git commit --amend -S", or "git rebase --exec" for older ones), or have its key added to ${place}`;
  return `commit ${shortId(commitId)}${whose}${where} is not trusted: ${reason}. ${cure}`;
}
