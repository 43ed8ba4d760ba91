// Classes of storage that do not mean here all that they mean in a cluster.
import { DELETE_DATA_ANNOTATION, provisioningOf } from '../../model/storage-classes.ts';
import type { ObjectSet, Tell } from './object-set.ts';

/** A provisioner that is not here, parameters that it cannot use, and data that stay although the class says Delete. */
export function checkStorageClasses(set: ObjectSet, tell: Tell): void {
  for (const at of set.ofKind('StorageClass')) {
    const { resource } = at;
    const provisioning = provisioningOf(resource);
    const note = (field: string, message: string): void => {
      tell({ at, path: [field], severity: 'note', reason: 'NoEffect', message });
    };
    if (provisioning === undefined)
      note('provisioner', `${resource.provisioner} is not here: volumes of the class are made by Docker's local volume driver.`);
    if (provisioning?.type === 'faulty')
      tell({ at, path: ['provisioner'], severity: 'error', reason: 'Invalid', message: `${provisioning.message}.` });
    const keepsData = resource.metadata.annotations?.[DELETE_DATA_ANNOTATION] !== 'true';
    if (resource.reclaimPolicy === 'Delete' && keepsData && provisioning?.type !== 'none') {
      const message = `volumes are kept when their claims go, as all data are; to have them deleted, annotate the class with ${DELETE_DATA_ANNOTATION}: "true".`;
      tell({ at, path: ['reclaimPolicy'], severity: 'note', reason: 'NoEffect', message, isAboutWritten: true });
    }
  }
}
