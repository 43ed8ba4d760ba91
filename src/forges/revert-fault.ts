// Why a repository cannot be told to go back, as far as the command line says it. Reads nothing.

import type { ReconcileOptions } from '../cli/parts.ts';
import { parseLocation } from '../git/location.ts';
import { type Revision, revisionLabel } from '../git/revision.ts';
import type { LoaderOptions } from '../manifests/load.ts';
import type { RevertPolicy } from '../model/sync-policy.ts';
import { applicationName } from '../sources/application-name.ts';
import { revisionOf } from '../sources/sources.ts';

/** What the command line says of the set that is read. */
export function followedSet(options: ReconcileOptions): Pick<LoaderOptions, 'applicationName' | 'revertFault'> {
  return { applicationName: applicationName(options), revertFault: (wanted) => revertFault(options, wanted) };
}

/** Why nothing can be written to the repository of the command line as it is wanted; undefined when it can. */
export function revertFault(options: ReconcileOptions, wanted: RevertPolicy): string | undefined {
  if (options.workingTree) return 'files on disk are followed (--working-tree), and a commit can be put on a branch alone';
  const revision = revisionOf(options);
  return locationFault(options.repo, revision) ?? trustFault(options.verify?.mode, wanted);
}

/** Why nothing can be written to what is followed. */
export function locationFault(repo: string, revision: Revision | undefined): string | undefined {
  if (revision !== undefined && revision.type !== 'branch')
    return `${revisionLabel(revision)} is followed, and a commit can be put on a branch alone`;
  const isLocal = parseLocation(repo).kind === 'local';
  return isLocal ? 'the repository is on this machine, and Holdfast writes to none there' : undefined;
}

/** Why nobody would take what is written: Holdfast has no key that commits could be signed with. */
export function trustFault(mode: 'head' | 'all' | undefined, { push }: RevertPolicy): string | undefined {
  if (mode === undefined) return undefined;
  if (push !== undefined)
    return 'commits have to be signed, and Holdfast signs none: say pullRequest, whose merge somebody signs who may';
  return mode === 'all'
    ? 'all commits have to be signed, and Holdfast signs none: leave revert out, or verify the head alone'
    : undefined;
}
