// Which commit is wanted, in Git's words, and what to say when there is none of that name.
import { highestIn, parseVersionRange } from '../model/semver.ts';
import { SourceError } from '../sync/commit-source.ts';

/** What is followed: a branch or tag by its short name, a commit by its hash, or of a range of versions the tag with the highest. */
export interface Revision {
  readonly type: 'branch' | 'tag' | 'commit' | 'semver';
  readonly name: string;
}

/** Names offered when the wanted one does not exist. */
const MAX_NAMES_SHOWN = 10;
/** More edits than this are another word, not a typing mistake. */
const MAX_EDITS = 3;
const SHORT_ID_LENGTH = 7;

/** A full object name. */
export const isFullId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** The first characters of a commit's hash, for people. */
export const shortId = (id: string): string => id.slice(0, SHORT_ID_LENGTH);

/** The full name of the ref. Commits have none. */
export const refOf = (revision: Revision): string => `refs/${revision.type === 'tag' ? 'tags' : 'heads'}/${revision.name}`;

/** For people: `branch main`, `tag v1`, `commit 1a2b3c4`. */
export const revisionLabel = (revision: Revision): string =>
  `${revision.type} ${isFullId(revision.name) ? shortId(revision.name) : revision.name}`;

/** Accepts `refs/heads/x` for `x`, and refuses what Git itself would refuse. Throws SourceError Misconfigured. */
export function parseRevision(revision: Revision): Revision {
  const name = revision.name.replace(/^refs\/(heads|tags)\//, '');
  if (revision.type === 'commit') {
    const id = name.toLowerCase();
    if (!/^[0-9a-f]{4,40}$/.test(id)) {
      throw new SourceError('Misconfigured', `"${name}" is not the hash of a commit: 4 to 40 of the characters 0-9 and a-f`);
    }
    return { type: 'commit', name: id };
  }
  if (revision.type === 'semver') {
    if (parseVersionRange(revision.name) !== undefined) return revision;
    throw new SourceError(
      'Misconfigured',
      `${JSON.stringify(revision.name)} is not a range of versions, such as ">=1.2.0 <2.0.0"`,
    );
  }
  // git-check-ref-format: these never occur in a ref, and some of them are patterns or options to the git program.
  // oxlint-disable-next-line no-control-regex
  if (name === '' || /^[-/]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.lock$|\.$/.test(name)) {
    throw new SourceError('Misconfigured', `${JSON.stringify(name)} is not a name that a ${revision.type} can have`);
  }
  return { type: revision.type, name };
}

/** The tag with the highest version of a range. Throws SourceError RevisionNotFound when there is none. */
export function tagInRange(where: string, { name }: Revision, tags: readonly string[]): string {
  const range = parseVersionRange(name);
  const tag = range === undefined ? undefined : highestIn(range, tags);
  if (tag !== undefined) return tag;
  const existing = tags.length === 0 ? 'It has no tags' : `Its tags are: ${someOf(tags)}`;
  throw new SourceError('RevisionNotFound', `${where} has no tag with a version in "${name}". ${existing}`);
}

/** The error for a ref that is not there: names those that are, and the likeliest. */
export function noSuchRevision(
  where: string,
  revision: Revision,
  branches: readonly string[],
  tags: readonly string[],
): SourceError {
  const [same, other] = revision.type === 'tag' ? [tags, branches] : [branches, tags];
  const noun = revision.type === 'tag' ? 'tag' : 'branch';
  if (same.length + other.length === 0) return emptyRepository(where);
  if (revision.type !== 'commit' && other.includes(revision.name)) {
    const otherNoun = noun === 'tag' ? 'branch' : 'tag';
    const message = `${where} has no ${noun} "${revision.name}", but a ${otherNoun} of that name: follow it with --${otherNoun}`;
    return new SourceError('RevisionNotFound', message);
  }
  const plural = noun === 'tag' ? 'tags' : 'branches';
  const existing = same.length === 0 ? `It has no ${plural}` : `Its ${plural} are: ${someOf(same)}`;
  return new SourceError(
    'RevisionNotFound',
    `${where} has no ${revision.type} "${revision.name}". ${existing}.${didYouMean(revision.name, same)}`,
  );
}

/** The error for a repository without any commit. */
export const emptyRepository = (where: string): SourceError =>
  new SourceError('RevisionNotFound', `${where} is empty: it has no commits yet. Push one`);

/** A few names in order, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const shown = names.toSorted().slice(0, MAX_NAMES_SHOWN).join(', ');
  return names.length > MAX_NAMES_SHOWN ? `${shown} and ${names.length - MAX_NAMES_SHOWN} more` : shown;
}

/** ` Did you mean "main"?`, or nothing when no name is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  let best: string | undefined;
  let bestEdits = Math.min(MAX_EDITS, Math.floor(name.length / 2)) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(name, candidate, bestEdits);
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits];
  }
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}

/** Levenshtein's distance, or at least `limit` when it is not below that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? limit;
}
