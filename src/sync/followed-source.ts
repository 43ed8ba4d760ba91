// The source of an application that has none of its own: it stands where the application that declares it is live, in another folder.
import { type CommitSource, SourceError } from './commit-source.ts';

/** What is followed. */
export interface FollowedSourceParts {
  /** The same repository, with the files of the folder. */
  readonly files: CommitSource;
  readonly parent: string;
  /** The commit at which the parent is live; undefined before its first. */
  readonly commit: () => string | undefined;
}

/** A source that somebody else moves: whoever knows that the parent has moved says so to its reader. */
export function followedSource({ files, parent, commit }: FollowedSourceParts): CommitSource {
  return {
    description: files.description,
    revision: `live commit of ${parent}`,
    head: async () => {
      const id = commit();
      if (id === undefined)
        throw new SourceError('Unreachable', `application ${parent}, whose live commit is followed, has none yet`);
      return id;
    },
    snapshot: (commitId, signal) => files.snapshot(commitId, signal),
    changes: (signal) => ({ [Symbol.asyncIterator]: () => ({ next: () => ended(signal) }) }),
    close: () => files.close(),
  };
}

function ended(signal: AbortSignal): Promise<IteratorResult<void>> {
  const result = { done: true, value: undefined } as const;
  if (signal.aborted) return Promise.resolve(result);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(result), { once: true }));
}
