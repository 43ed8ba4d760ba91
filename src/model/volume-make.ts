// What a volume that is made for a claim is to Docker: the volume driver and its options. The same claim of the same class always comes to
// the same make, which is how a kept volume is known to be what a new claim asks for. Pure.
import type { PersistentVolume } from './generated.ts';
import { hashOf } from './hash.ts';
import type { StoredOf } from './resource.ts';
import { type ClaimClass, DOCKER_PROVISIONER, LOCAL_DRIVER } from './storage-classes.ts';

/** A volume driver and its options. */
export interface VolumeMake {
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

/** File systems of other hosts: every node can mount them. */
const networkTypes: ReadonlySet<string> = new Set(['nfs', 'nfs4', 'cifs']);

/** Whether volumes of this make are on a server that every node reaches. */
export function isShared({ driver, options }: VolumeMake): boolean {
  return driver === LOCAL_DRIVER && networkTypes.has(options['type'] ?? '');
}

/** Whether the data of volumes of this make are the engine's: they are lost when the Docker volume is removed. */
export function isInEngine({ driver, options }: VolumeMake): boolean {
  return driver !== LOCAL_DRIVER || options['device'] === undefined;
}

/** Whether the two are of one driver with the same options. */
export function isSameMake(a: VolumeMake, b: VolumeMake): boolean {
  return a.driver === b.driver && hashOf(a.options) === hashOf(b.options);
}

/** Options of Docker's local driver that mount a directory of an NFS server. */
export function nfsOptions(server: string, path: string, mountOptions: readonly string[]): Readonly<Record<string, string>> {
  return { type: 'nfs', o: [`addr=${server}`, ...mountOptions].join(','), device: `:${path}` };
}

/** The make that a PersistentVolume of ours records; undefined for volumes of other sources. */
export function makeOf(volume: Pick<PersistentVolume, 'spec'>): VolumeMake | undefined {
  const { csi } = volume.spec;
  if (csi?.driver !== DOCKER_PROVISIONER) return undefined;
  const { driver = LOCAL_DRIVER, ...options } = csi.volumeAttributes ?? {};
  return { driver, options };
}

/** The name of the PersistentVolume that is made for a claim. */
export function provisionedName({ metadata }: StoredOf<'PersistentVolumeClaim'>): string {
  return `pvc-${metadata.uid}`;
}

/** Puts the claim's names in the place of `${pvc.metadata.name}` and the like, as the NFS CSI driver does. */
function expanded(text: string, claim: StoredOf<'PersistentVolumeClaim'>): string {
  const { name, namespace = 'default' } = claim.metadata;
  return text
    .replaceAll(/\$\{pvc\.metadata\.name\}/gi, name)
    .replaceAll(/\$\{pvc\.metadata\.namespace\}/gi, namespace)
    .replaceAll(/\$\{pv\.metadata\.name\}/gi, provisionedName(claim));
}

/** The make of the volume that a claim of a class gets, and its directory below an NFS share; undefined when the class makes none. */
export function makeFor(
  claim: StoredOf<'PersistentVolumeClaim'>,
  { provisioning }: ClaimClass,
): (VolumeMake & { readonly subDir?: string }) | undefined {
  if (provisioning.type === 'docker') {
    const options = Object.entries(provisioning.options).map(([key, value]) => [key, expanded(value, claim)] as const);
    return { driver: provisioning.driver, options: Object.fromEntries(options) };
  }
  if (provisioning.type !== 'nfs') return undefined;
  const { server, share, mountOptions } = provisioning;
  const subDir = expanded(provisioning.subDir, claim).replaceAll(/^\/+|\/+$/g, '');
  const path = `${share.replace(/\/+$/, '')}/${subDir}`.replace(/(.)\/$/, '$1');
  return { driver: LOCAL_DRIVER, options: nfsOptions(server, path, mountOptions), subDir };
}
