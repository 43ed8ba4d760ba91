// Whether a commit may be trusted: by its own signature or that of the tag that is followed, and, if so wished, by those of all commits since the last one that was trusted.
import { type Anchors, judgeObject, type Verdict } from './anchors.ts';
import { readSignedCommit, readSignedTag } from './signed-object.ts';

/** How much has to be signed: the newest commit, or all since the last good one. */
export type VerifyMode = 'head' | 'all';

/** More commits at once are not looked at. */
const MAX_COMMITS = 10_000;

/** An object as Git keeps it. */
export interface RawObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What is verified, and with what. */
export interface Verification {
  readonly commitId: string;
  readonly mode: VerifyMode;
  readonly anchors: Anchors;
  /** Reads an object; undefined when the repository does not have it. */
  readonly object: (id: string) => Promise<RawObject | undefined>;
  /** The parents of a commit object. */
  readonly parents: (bytes: Uint8Array) => readonly string[];
  /** The annotated tag that is followed. */
  readonly tag?: { readonly id: string; readonly name: string };
  /** The commit that was live last, when there is one. */
  readonly lastGood?: string;
  readonly nowMs: number;
}

/** Why a commit is not to be trusted: the commit that is at fault, and the reason. */
export interface Distrust {
  readonly commitId: string;
  readonly reason: string;
}

/** Verifies. Undefined when all that has to be signed is. Rejects when the repository cannot be read. */
export async function verifyCommit(asked: Verification): Promise<Distrust | undefined> {
  const { commitId, mode, lastGood } = asked;
  const head = await judgeCommit(commitId, asked);
  const byTag = 'fault' in head ? await judgeTag(asked) : undefined;
  if ('fault' in head && (byTag === undefined || 'fault' in byTag)) {
    const reason = byTag === undefined ? head.fault : `${head.fault}; nor does its tag vouch for it: ${byTag.fault}`;
    return { commitId, reason };
  }
  if (mode === 'head' || lastGood === undefined || lastGood === commitId) return undefined;
  return await verifyBetween(lastGood, asked);
}

async function judgeCommit(id: string, { object, anchors, nowMs }: Verification): Promise<Verdict> {
  const raw = await object(id);
  if (raw === undefined || raw.type !== 'commit') return { fault: 'it cannot be read' };
  return await judgeObject(readSignedCommit(raw.bytes), anchors, nowMs);
}

/** A tag vouches for the commit that it points at, under its own name alone: signed tags could be put in the place of others. */
async function judgeTag({ tag, object, commitId, anchors, nowMs }: Verification): Promise<Verdict | undefined> {
  if (tag === undefined) return undefined;
  const raw = await object(tag.id);
  if (raw?.type !== 'tag') return undefined;
  const signed = readSignedTag(raw.bytes);
  if (signed.tag?.name !== tag.name) return { fault: `it says that it is the tag ${JSON.stringify(signed.tag?.name ?? '')}` };
  if (signed.tag.object !== commitId || signed.tag.type !== 'commit') return { fault: 'it points at something else' };
  return await judgeObject(signed, anchors, nowMs);
}

/** All commits that are new since the last good one. */
async function verifyBetween(lastGood: string, asked: Verification): Promise<Distrust | undefined> {
  const { commitId } = asked;
  const walk = new Walk(asked);
  const fresh = await walk.between(lastGood, commitId);
  if ('reason' in fresh) return { commitId, reason: fresh.reason };
  for (const id of fresh.ids) {
    // The newest one was judged already, and may have a tag to vouch for it.
    const verdict = id === commitId ? undefined : await judgeCommit(id, asked);
    if (verdict !== undefined && 'fault' in verdict) return { commitId: id, reason: verdict.fault };
  }
  return undefined;
}

interface Visited {
  readonly id: string;
  readonly timeMs: number;
  readonly parents: readonly string[];
  isNew: boolean;
  isOld: boolean;
}

/** Goes back from two commits at once, the youngest first, as `git log OLD..NEW` does. */
class Walk {
  readonly #asked: Verification;
  readonly #visited = new Map<string, Visited>();
  /** Those whose parents have to be told what they are, the youngest last. */
  readonly #open: Visited[] = [];

  constructor(asked: Verification) {
    this.#asked = asked;
  }

  /** The commits that lead to `head` and not to `lastGood`; or why they cannot be told. A clock that was wrong makes them more, never less. */
  async between(lastGood: string, head: string): Promise<{ readonly ids: readonly string[] } | { readonly reason: string }> {
    if ((await this.#mark(lastGood, 'isOld')) !== undefined) return { reason: isRewritten(lastGood) };
    let fault = await this.#mark(head, 'isNew');
    while (fault === undefined && this.#open.some(({ isOld }) => !isOld)) {
      const next = this.#open.pop();
      for (const parent of next?.parents ?? []) {
        if (next?.isNew === true) fault ??= await this.#mark(parent, 'isNew');
        if (next?.isOld === true) fault ??= await this.#mark(parent, 'isOld');
      }
    }
    if (fault !== undefined) return { reason: fault };
    if (this.#visited.get(lastGood)?.isNew !== true) return { reason: isRewritten(lastGood) };
    return { ids: [...this.#visited.values()].filter(({ isOld }) => !isOld).map(({ id }) => id) };
  }

  /** Why it cannot be told what a commit was made on; undefined when it can. */
  async #mark(id: string, as: 'isNew' | 'isOld'): Promise<string | undefined> {
    const known = this.#visited.get(id) ?? (await this.#read(id));
    if (typeof known === 'string') return known;
    if (known[as]) return undefined;
    known[as] = true;
    this.#visited.set(id, known);
    if (this.#visited.size > MAX_COMMITS) return `there are more than ${MAX_COMMITS} commits to look at since the last good one`;
    if (this.#open.includes(known)) return undefined;
    const at = this.#open.findIndex(({ timeMs }) => timeMs > known.timeMs);
    this.#open.splice(at < 0 ? this.#open.length : at, 0, known);
    return undefined;
  }

  async #read(id: string): Promise<Visited | string> {
    const { object, parents } = this.#asked;
    const raw = await object(id);
    if (raw?.type !== 'commit')
      return `commit ${id.slice(0, 7)} of its history is missing here: is the repository a shallow clone? Fetch all of it ("git fetch --unshallow")`;
    return { id, timeMs: readSignedCommit(raw.bytes).timeMs, parents: parents(raw.bytes), isNew: false, isOld: false };
  }
}

function isRewritten(lastGood: string): string {
  return `it does not follow from ${lastGood.slice(0, 7)}, which was live last: the branch was moved back or rewritten, and a signature does not say that it should be. Push a commit that reverts, or accept it once with --verify head`;
}
