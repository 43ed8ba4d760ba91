// Two revisions of one repository, loaded and compared: needs neither Docker nor a store.
import { type DryRun, type ReconcileOptions, type RenderedCommit } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import { isFullId, type Revision, shortId } from '../git/revision.ts';
import type { LoaderOptions } from '../manifests/load.ts';
import { formatProblem, type Problem } from '../manifests/problem.ts';
import { manifestLoader } from '../sources/manifest-loader.ts';
import { openRevision, openSource } from '../sources/sources.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { type CommitSource, SourceError } from '../sync/commit-source.ts';
import { compareCommits } from '../sync/compare.ts';
import type { ManifestLoader } from '../sync/ports.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';

/** What is compared, and with what. */
export interface ComparisonRequest {
  readonly options: ReconcileOptions;
  /** Branches, tags or commits; HEAD is what the options follow. */
  readonly from: string;
  readonly to: string;
  readonly application: string;
  readonly loading: LoaderOptions;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signal: AbortSignal;
}

interface LoadedRevision {
  readonly commit: NonNullable<DryRun['commit']>;
  readonly manifests: Awaited<ReturnType<ManifestLoader>>['manifests'];
  readonly problems: readonly Problem[];
}

/** What going from one to the other would change. Throws UsageFault when one of them cannot be had. */
export async function compareRevisions(request: ComparisonRequest): Promise<DryRun> {
  const { options, application, clock, ids } = request;
  // One loader for both: what they have in common is read once.
  const load = manifestLoader(options.path, request.loading);
  try {
    const from = await loadRevision(request.from, load, request);
    const to = await loadRevision(request.to, load, request);
    const found = { application, commit: to.commit, from: from.commit };
    const errors = [...marked(from.problems, request.from), ...to.problems].filter(({ severity }) => severity === 'error');
    if (errors.length > 0) return { ...found, actions: [], unchanged: 0, problems: errors };
    const compared = await compareCommits(application, from.manifests, to.manifests, openMemoryStore({ clock, ids }));
    return { ...found, ...compared, problems: [...to.problems, ...compared.problems] };
  } catch (error) {
    if (error instanceof SourceError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

/** What one revision says, rendered now. Throws UsageFault when it cannot be had, or is not valid. */
export async function renderRevision(request: Omit<ComparisonRequest, 'from' | 'to'>, revision: string): Promise<RenderedCommit> {
  try {
    const load = manifestLoader(request.options.path, request.loading);
    const { commit, manifests, problems } = await loadRevision(revision, load, { ...request, from: revision, to: revision });
    const error = problems.find(({ severity }) => severity === 'error');
    if (error !== undefined) throw new UsageFault(`commit ${shortId(commit.id)} is not valid: ${formatProblem(error)}`);
    return { commit, resources: manifests.map(({ resource }) => resource) };
  } catch (error) {
    if (error instanceof SourceError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

/** A place in the older commit is none in the files that are there now. */
function marked(problems: readonly Problem[], revision: string): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    message: `at ${isFullId(revision) ? shortId(revision) : revision}: ${problem.message}`,
  }));
}

async function loadRevision(revision: string, load: ManifestLoader, request: ComparisonRequest): Promise<LoadedRevision> {
  const { name, steps } = parseRevisionName(revision);
  const { source, commitId: start } = await open(name, request);
  try {
    const commitId = await walkBack(source, start, steps, revision, request.signal);
    const snapshot = await source.snapshot(commitId, request.signal);
    return { commit: snapshot.commit, ...(await load(snapshot, request.signal)) };
  } finally {
    await source.close();
  }
}

/** `main~2^` → main and [1, 1, 1]: which parent is gone to, one after another (gitrevisions). Throws UsageFault. */
function parseRevisionName(revision: string): { readonly name: string; readonly steps: readonly number[] } {
  const [, name = '', suffix = ''] = /^([^~^]*)((?:[~^]\d{0,6})*)$/.exec(revision) ?? [];
  if (name === '' || /[\s:?*[\\]|\.\.|@\{/.test(name))
    throw new UsageFault(
      `${JSON.stringify(revision)} is no name of a revision: give a branch, a tag, a commit or HEAD, with ~1 for the commit before`,
    );
  const steps = suffix.match(/[~^]\d*/g)?.flatMap((step) => {
    const count = step.length === 1 ? 1 : Number(step.slice(1));
    return step.startsWith('~') ? Array.from({ length: count }, () => 1) : count === 0 ? [] : [count];
  });
  return { name, steps: steps ?? [] };
}

/** The commit that is so many commits before another one. */
async function walkBack(
  source: CommitSource,
  start: string,
  steps: readonly number[],
  revision: string,
  signal: AbortSignal,
): Promise<string> {
  let at = start;
  for (const step of steps) {
    if (source.parents === undefined)
      throw new UsageFault(`${revision} can be followed in a repository on this machine only: give the hash of the commit`);
    const parents = await source.parents(at, signal);
    const next = parents[step - 1];
    if (next === undefined) {
      const has =
        parents.length === 0 ? 'is the first commit' : `has ${parents.length === 1 ? 'one parent' : `${parents.length} parents`}`;
      throw new UsageFault(`there is no commit ${revision}: ${shortId(at)} ${has}`);
    }
    at = next;
  }
  return at;
}

/** A name may be that of a tag, of a branch, or a commit, which git tries in this order. */
async function open(
  name: string,
  { options, clock, signal }: ComparisonRequest,
): Promise<{ readonly source: CommitSource; readonly commitId: string }> {
  const isCommit = /^[0-9a-f]{4,40}$/.test(name);
  const types: readonly Revision['type'][] = isCommit ? ['tag', 'branch', 'commit'] : ['tag', 'branch'];
  let missing: unknown;
  for (const type of name === 'HEAD' ? [undefined] : types) {
    const committed = { ...options, workingTree: false };
    const source = type === undefined ? await openSource(options, clock) : await openRevision(committed, { type, name }, clock);
    try {
      return { source, commitId: await source.head(signal) };
    } catch (error) {
      await source.close();
      if (!(error instanceof SourceError) || error.fault !== 'RevisionNotFound') throw error;
      missing = error;
    }
  }
  throw missing;
}
