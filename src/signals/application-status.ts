// Writes what signals keep in the status of an application, on top of whatever else changes there meanwhile.
import { type ApplicationStatus, keyOf } from '../model/resource.ts';
import type { Store } from '../store/store.ts';

/** Writes in a row that the store refuses because somebody was quicker. */
const MAX_STALE_WRITES = 20;

/** Replaces the status by what `change` makes of it; undefined leaves it. False when there is nothing to replace. */
export async function changeStatus(
  store: Store,
  name: string,
  change: (status: ApplicationStatus) => ApplicationStatus | undefined,
): Promise<boolean> {
  for (let tries = 0; tries < MAX_STALE_WRITES; tries++) {
    const application = store.get('Application', '', name);
    if (application === undefined) return false;
    const { uid, resourceVersion } = application.metadata;
    const status = change(application.status ?? {});
    if (status === undefined) return false;
    const result = await store.write([{ op: 'updateStatus', key: keyOf(application), uid, resourceVersion, status }]);
    if (result.ok) return true;
  }
  throw new Error('the status changes faster than it can be written');
}
