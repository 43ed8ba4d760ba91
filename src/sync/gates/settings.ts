// What the newest commit that could be read says of how it is synced: it counts from then on, whatever becomes of the commit itself. Pure.
import type { ApplicationSpec, StoredOf } from '../../model/resource.ts';
import { POLICY_FIELDS, policyOf } from '../../model/sync-policy.ts';
import type { LoadedCommit } from '../loaded-commit.ts';
import { withReceivers } from '../receivers.ts';

/** The application's spec with its settings. `spec` is what the command line says. */
export function withSettings(
  spec: ApplicationSpec,
  loaded: LoadedCommit | undefined,
  live: StoredOf<'Application'> | undefined,
): ApplicationSpec {
  const told = withReceivers(spec, loaded, live);
  // Of a commit with mistakes it is not known what it would say.
  const isReadable = loaded !== undefined && !loaded.problems.some(({ severity }) => severity === 'error');
  const policy = isReadable ? (loaded.policy ?? {}) : policyOf(live?.spec ?? {});
  const before = live?.spec.settingsFrom;
  const isAnything = before !== undefined || POLICY_FIELDS.some((field) => policy[field] !== undefined);
  const settingsFrom = isReadable ? loaded.commit.id : before;
  return { ...told, ...policy, ...(isAnything && settingsFrom !== undefined ? { settingsFrom } : {}) };
}

/** Whether the settings are those of another commit than HEAD, so that it has to be read although nothing of it is to be applied. */
export function areSettingsOld({ settingsFrom }: ApplicationSpec, head: string | undefined): boolean {
  return head !== undefined && settingsFrom !== undefined && settingsFrom !== head;
}
