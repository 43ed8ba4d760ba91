// Who is to be told what becomes of commits: the newest commit that could be read says so, and until there is one, the one before. Pure.
import type { ApplicationSpec, StoredOf } from '../model/resource.ts';
import type { LoadedCommit } from './loaded-commit.ts';

/** The application's spec with its receivers. */
export function withReceivers(
  spec: ApplicationSpec,
  loaded: LoadedCommit | undefined,
  live: StoredOf<'Application'> | undefined,
): ApplicationSpec {
  // Of a commit with mistakes it is not known whether it has none: what was declared before hears that it is held.
  const isReadable = loaded !== undefined && !loaded.problems.some(({ severity }) => severity === 'error');
  const notifications = loaded?.notifications ?? (isReadable ? undefined : live?.spec.notifications);
  return notifications === undefined ? spec : { ...spec, notifications };
}
