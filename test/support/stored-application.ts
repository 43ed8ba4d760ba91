// An application in a store, as tests of what looks at its status read and change it.
import { type ApplicationStatus, keyOf, type StoredOf } from '../../src/model/resource.ts';
import type { Store } from '../../src/store/store.ts';

/** The application; throws when there is none of that name. */
export function storedApplication(store: Store, name: string): StoredOf<'Application'> {
  const stored = store.get('Application', '', name);
  if (stored === undefined) throw new Error(`${name} is not stored`);
  return stored;
}

/** Replaces its status. */
export async function changeStoredStatus(
  store: Store,
  name: string,
  change: (status: ApplicationStatus) => ApplicationStatus,
): Promise<void> {
  const application = storedApplication(store, name);
  const { uid } = application.metadata;
  await store.write([{ op: 'updateStatus', key: keyOf(application), uid, status: change(application.status ?? {}) }]);
}
