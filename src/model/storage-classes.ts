// Which class a claim asks for, and what that means on Docker: a volume of an engine's volume driver, a directory of an NFS server, or
// nothing but volumes that somebody declared (Kubernetes, "Storage Classes"). Pure; where volumes are made is for the kubelets.
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './generated.ts';

/** Provisioner of Docker volumes: this, or this with `/<driver>`; the driver of the bare name is the parameter `driver`, else `local`. */
export const DOCKER_PROVISIONER = 'docker.holdfast.dev';
/** Another name of it: the parameter `driver` says which, `local` when there is none. */
export const DOCKER_PROVISIONER_ALIAS = 'holdfast.dev/docker';
/** Provisioners of directories on an NFS server: parameters server, share and subDir. The second is the CSI driver's name, read alike. */
export const NFS_PROVISIONERS: readonly string[] = ['holdfast.dev/nfs', 'nfs.csi.k8s.io'];
/** Makes nothing: its claims take declared volumes only (Kubernetes, "Local"). */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
/** Docker's own volume driver. */
export const LOCAL_DRIVER = 'local';
/** On a StorageClass with reclaimPolicy Delete, or on a claim: `"true"` lets the data go with the claim. */
export const DELETE_DATA_ANNOTATION = 'holdfast.dev/delete-data';
/**
 * On a PersistentVolume that was found on a host without a word about its class: it was made when every claim got a Docker volume, whatever
 * its class, and holds the data of the claim of its name.
 */
export const ANY_CLASS_ANNOTATION = 'holdfast.dev/any-class';
/** On a PersistentVolume: `namespace/name` of the claim that is to have it back (`holdfast volumes undelete`). */
export const UNDELETE_ANNOTATION = 'holdfast.dev/undelete';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_CLASS_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** How volumes of a class come about. */
export type Provisioning =
  /** Declared ones are taken; none are made. */
  | { readonly type: 'none' }
  | { readonly type: 'docker'; readonly driver: string; readonly options: Readonly<Record<string, string>> }
  | {
      readonly type: 'nfs';
      readonly server: string;
      readonly share: string;
      /** Below the share, with `${pvc.metadata.name}` and the like in it. */
      readonly subDir: string;
      readonly mountOptions: readonly string[];
    }
  /** The class cannot make any; the message says why. */
  | { readonly type: 'faulty'; readonly message: string };

/** What the class of a claim comes to. */
export interface ClaimClass {
  /** Empty for claims without a class. */
  readonly name: string;
  readonly provisioner: string;
  readonly provisioning: Provisioning;
  readonly bindingMode: 'Immediate' | 'WaitForFirstConsumer';
  readonly canExpand: boolean;
  /** Whether the data go when the claim does. Only when both the reclaim policy and the annotation say so. */
  readonly deletesData: boolean;
  /** Whether the class says that its volumes are kept. */
  readonly isRetained: boolean;
  readonly allowedTopologies: NonNullable<StorageClass['allowedTopologies']>;
  /** What a person should know: that this is not the storage the class was written for. */
  readonly note?: string;
}

type ClaimParts = Pick<PersistentVolumeClaim, 'metadata' | 'spec'>;

/** What resolving a class takes. */
export interface ClassFacts {
  readonly classes: readonly Pick<
    StorageClass,
    | 'metadata'
    | 'provisioner'
    | 'parameters'
    | 'reclaimPolicy'
    | 'mountOptions'
    | 'allowVolumeExpansion'
    | 'volumeBindingMode'
    | 'allowedTopologies'
  >[];
  readonly volumes: readonly Pick<PersistentVolume, 'metadata' | 'spec'>[];
}

/** The class that a claim or volume names; undefined when it names none. The old annotation wins, as in Kubernetes. */
export function namedClass(resource: ClaimParts | Pick<PersistentVolume, 'metadata' | 'spec'>): string | undefined {
  return resource.metadata.annotations?.[CLASS_ANNOTATION] ?? resource.spec.storageClassName;
}

type ClassParts = ClassFacts['classes'][number];

/** The class for claims that name none: of several defaults the newest, as in Kubernetes. */
export function defaultClass<C extends ClassParts>(classes: readonly C[]): C | undefined {
  return classes
    .filter(({ metadata }) => DEFAULT_CLASS_ANNOTATIONS.some((name) => metadata.annotations?.[name] === 'true'))
    .toSorted(
      (a, b) => createdAt(b).localeCompare(createdAt(a)) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
    )[0];
}

function createdAt({ metadata }: ClassParts): string {
  return 'creationTimestamp' in metadata && typeof metadata.creationTimestamp === 'string' ? metadata.creationTimestamp : '';
}

/**
 * The class of a claim. A class that is not declared, or whose provisioner is not known here, means volumes of Docker's local driver,
 * with a note; but a class that only declared volumes name (`manual`) makes none, as in Kubernetes. A claim that names no class where none is
 * the default takes a declared volume without a class if one fits, else the local driver; the empty class takes declared ones only.
 */
export function classOfClaim(claim: ClaimParts, { classes, volumes }: ClassFacts): ClaimClass {
  const name = namedClass(claim);
  if (name === '') return declaredOnly('', claim);
  const declared = name === undefined ? defaultClass(classes) : classes.find(({ metadata }) => metadata.name === name);
  if (declared !== undefined) return declaredClass(declared, claim);
  if (name === undefined) return localClass('', claim);
  const isManual = volumes.some((volume) => namedClass(volume) === name && !isProvisioned(volume));
  if (isManual) return declaredOnly(name, claim);
  const note = `StorageClass "${name}" is not declared; its volumes are made by Docker's local volume driver`;
  return { ...localClass(name, claim), note };
}

/** Whether a volume was made for its claim, rather than declared by somebody. */
export function isProvisioned({ metadata }: Pick<PersistentVolume, 'metadata'>): boolean {
  return metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;
}

function localClass(name: string, claim: ClaimParts): ClaimClass {
  return {
    name,
    provisioner: `${DOCKER_PROVISIONER}/${LOCAL_DRIVER}`,
    provisioning: { type: 'docker', driver: LOCAL_DRIVER, options: {} },
    bindingMode: 'WaitForFirstConsumer',
    canExpand: true,
    deletesData: claim.metadata.annotations?.[DELETE_DATA_ANNOTATION] === 'true',
    isRetained: false,
    allowedTopologies: [],
  };
}

/** No volumes are made: the claim takes what is declared, at once. */
function declaredOnly(name: string, claim: ClaimParts): ClaimClass {
  const none = { provisioner: '', provisioning: { type: 'none' }, bindingMode: 'Immediate', canExpand: false } as const;
  return { ...localClass(name, claim), ...none };
}

function declaredClass(declared: ClassParts, claim: ClaimParts): ClaimClass {
  const name = declared.metadata.name ?? '';
  const { provisioner } = declared;
  const known = provisioningOf(declared);
  const saysDelete = [claim, declared].some(({ metadata }) => metadata.annotations?.[DELETE_DATA_ANNOTATION] === 'true');
  return {
    name,
    provisioner: known === undefined ? `${DOCKER_PROVISIONER}/${LOCAL_DRIVER}` : provisioner,
    provisioning: known ?? { type: 'docker', driver: LOCAL_DRIVER, options: {} },
    bindingMode: declared.volumeBindingMode ?? 'Immediate',
    canExpand: declared.allowVolumeExpansion === true,
    deletesData: saysDelete && declared.reclaimPolicy !== 'Retain',
    isRetained: declared.reclaimPolicy === 'Retain',
    allowedTopologies: declared.allowedTopologies ?? [],
    ...(known === undefined
      ? {
          note: `StorageClass "${name}" has the provisioner ${provisioner}, which is not here; its volumes are made by Docker's local volume driver`,
        }
      : {}),
  };
}

/** How a class makes volumes; undefined when its provisioner is not one of ours. Also for checks of manifests. */
export function provisioningOf({ provisioner, parameters = {}, mountOptions = [] }: ClassParts): Provisioning | undefined {
  if (provisioner === NO_PROVISIONER) return { type: 'none' };
  if (NFS_PROVISIONERS.includes(provisioner)) return nfsProvisioning(parameters, mountOptions);
  const { driver, ...options } = parameters;
  if (provisioner === DOCKER_PROVISIONER || provisioner === DOCKER_PROVISIONER_ALIAS)
    return dockerProvisioning(driver ?? LOCAL_DRIVER, options, mountOptions);
  if (!provisioner.startsWith(`${DOCKER_PROVISIONER}/`)) return undefined;
  return dockerProvisioning(provisioner.slice(DOCKER_PROVISIONER.length + 1), parameters, mountOptions);
}

/** Docker's local driver takes the options of a mount in its option `o`; other drivers have no place for them. */
function dockerProvisioning(
  driver: string,
  parameters: Readonly<Record<string, string>>,
  mountOptions: readonly string[],
): Provisioning {
  if (mountOptions.length === 0) return { type: 'docker', driver, options: parameters };
  if (driver !== LOCAL_DRIVER || parameters['device'] === undefined)
    return { type: 'faulty', message: `volumes of the ${driver} driver are not mounted with mountOptions` };
  const o = [parameters['o'], ...mountOptions].filter((option) => option !== undefined).join(',');
  return { type: 'docker', driver, options: { ...parameters, o } };
}

/** What comes below the share when a class does not say: one directory per claim, the same one for a claim that comes back. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the words of the parameter, as the NFS CSI driver has them
const DEFAULT_SUB_DIR = '${pvc.metadata.namespace}/${pvc.metadata.name}';
/** Parameters of the CSI driver that say what happens here anyway: data are kept, and directories are open to everybody. */
const impliedParameters: Readonly<Record<string, readonly string[]>> = { onDelete: ['retain'], mountPermissions: ['0', '0777'] };

function isUnderstood([name, value]: readonly [string, string]): boolean {
  const isOwn = name === 'server' || name === 'share' || name === 'subDir';
  return isOwn || name.startsWith('csi.storage.k8s.io/') || impliedParameters[name]?.includes(value) === true;
}

function nfsProvisioning(parameters: Readonly<Record<string, string>>, mountOptions: readonly string[]): Provisioning {
  const { server, share, subDir = DEFAULT_SUB_DIR } = parameters;
  if (server === undefined || share === undefined)
    return { type: 'faulty', message: 'an NFS class needs the parameters server and share' };
  const unknown = Object.entries(parameters).find((parameter) => !isUnderstood(parameter))?.[0];
  if (unknown !== undefined)
    return { type: 'faulty', message: `parameter ${unknown} is not known: an NFS class has server, share and subDir` };
  return { type: 'nfs', server, share, subDir, mountOptions };
}

/**
 * What becomes of the volume of a claim when the claim goes. It is kept, unless both class and annotation let the data go. A claim that a pod
 * owns is scratch space (Kubernetes, "Generic ephemeral volumes"): it goes with its pod, unless its class says Retain.
 */
export function reclaimPolicyFor({ metadata }: ClaimParts, { deletesData, isRetained }: ClaimClass): 'Retain' | 'Delete' {
  const isScratch = (metadata.ownerReferences ?? []).some((owner) => owner.kind === 'Pod' && owner.controller === true);
  return deletesData || (isScratch && !isRetained) ? 'Delete' : 'Retain';
}
