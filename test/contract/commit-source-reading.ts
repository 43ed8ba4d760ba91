// What a test of a CommitSource needs: something that serves a repository, and short ways to ask.
import { expect } from 'vitest';
import type { Revision } from '../../src/git/revision.ts';
import type { CommitSource, SourceFault, SourceFile } from '../../src/sync/commit-source.ts';

/** A repository that others push to and the source reads. */
export interface TestRemote {
  /** A source with clones of its own below `cacheDir`. */
  open(options: { revision: Revision | undefined; path: string; cacheDir: string }): CommitSource;
  /** Where the real git client pushes to, and the environment it needs. */
  readonly pushUrl: string;
  readonly pushEnv?: Readonly<Record<string, string>>;
  /** Takes the repository away from its place, and brings it back. */
  hide(): Promise<void>;
  unhide(): Promise<void>;
}

/** Starts what serves; each remote is a new empty repository. */
export interface RemoteFactory {
  start(): Promise<void>;
  stop(): Promise<void>;
  make(dir: string): Promise<TestRemote>;
}

/** A signal that is never aborted. */
export const notAborted = (): AbortSignal => new AbortController().signal;

/** The contents by path. */
export async function contents(files: readonly SourceFile[]): Promise<Record<string, string>> {
  const read = await Promise.all(files.map(async (file) => [file.path, Buffer.from(await file.read()).toString()] as const));
  return Object.fromEntries(read);
}

/** Expects the call to fail with this fault, and gives its message. */
export async function faultOf(call: Promise<unknown>, fault: SourceFault): Promise<string> {
  const error: unknown = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'SourceError', fault });
  return error instanceof Error ? error.message : '';
}
