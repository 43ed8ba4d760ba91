// Whether a PersistentVolume can be used. Pure.
import type { StoredOf } from '../../model/resource.ts';
import { type Health, healthy, joined } from './verdict.ts';

/** Available, Bound and Released are all what a volume can well be; Failed says that it could not be reclaimed as its policy asks. */
export function volumeHealth({ status }: StoredOf<'PersistentVolume'>): Health {
  if (status?.phase !== 'Failed') return healthy;
  return { state: 'stuck', message: joined(status.reason ?? 'Failed', status.message) };
}
