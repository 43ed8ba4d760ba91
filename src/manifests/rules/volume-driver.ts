// Rules for volumes that a driver of Kubernetes makes (Kubernetes, validateVolumeSource). Holdfast has none of these drivers, and
// tells what is wrong with such a volume all the same.
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  ISCSIVolumeSource,
  QuobyteVolumeSource,
  Volume,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report, required, tooLong, unsupported } from '../report.ts';
import { checkReferenceName } from './env.ts';
import { holds, holdsIfGiven } from './fault.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLocalPath, checkRange } from './syntax.ts';

const MAX_DRIVER_NAME = 63;
const MAX_TENANT = 64;
const MAX_PORTAL = 64;

/** The source of a volume, if it is one that needs a driver. */
export function checkDriverSource(volume: Volume, path: Path, report: Report): void {
  const { nfs, csi, iscsi, fc, flexVolume, flocker, gitRepo, azureDisk, quobyte, storageos } = volume;
  if (nfs !== undefined && !nfs.path.startsWith('/'))
    report([...path, 'nfs', 'path'], 'Invalid', invalid(nfs.path, 'must be an absolute path'));
  if (csi !== undefined) {
    const here = [...path, 'csi', 'driver'];
    if (csi.driver.length > MAX_DRIVER_NAME) report(here, 'Invalid', tooLong(MAX_DRIVER_NAME));
    holds(checkDnsSubdomain(csi.driver.toLowerCase()), csi.driver, here, report);
  }
  if (iscsi !== undefined) checkIscsi(iscsi, volume.name, [...path, 'iscsi'], report);
  if (fc !== undefined) checkFibreChannel(fc, [...path, 'fc'], report);
  if (flexVolume !== undefined) checkFlex(flexVolume, [...path, 'flexVolume', 'options'], report);
  if (flocker !== undefined) checkFlocker(flocker, [...path, 'flocker'], report);
  if (gitRepo !== undefined) holdsIfGiven(gitRepo.directory, checkLocalPath, [...path, 'gitRepo', 'directory'], report);
  if (azureDisk !== undefined) checkAzureDisk(azureDisk, [...path, 'azureDisk'], report);
  if (quobyte !== undefined) checkQuobyte(quobyte, [...path, 'quobyte'], report);
  if (storageos !== undefined) {
    holds(checkDnsLabel(storageos.volumeName), storageos.volumeName, [...path, 'storageos', 'volumeName'], report);
    holdsIfGiven(storageos.volumeNamespace, checkDnsLabel, [...path, 'storageos', 'volumeNamespace'], report);
  }
  for (const disk of ['awsElasticBlockStore', 'gcePersistentDisk'] as const)
    holdsIfGiven(volume[disk]?.partition, (part) => checkRange(part, 0, 255), [...path, disk, 'partition'], report);
  checkSecrets(volume, path, report);
}

/** A Secret that is referred to needs a name. */
function checkSecrets(volume: Volume, path: Path, report: Report): void {
  const { cinder, storageos, csi } = volume;
  const references = {
    cinder: ['secretRef', cinder?.secretRef],
    storageos: ['secretRef', storageos?.secretRef],
    csi: ['nodePublishSecretRef', csi?.nodePublishSecretRef],
  } as const;
  for (const [source, [field, reference]] of Object.entries(references)) {
    if (reference === undefined) continue;
    const here = [...path, source, field, 'name'];
    if (reference.name === undefined) report(here, 'Required', required());
    else checkReferenceName(reference.name, here, report);
  }
}

const initiatorForms: Readonly<Record<string, RegExp>> = {
  iqn: /^iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(?::.*)?$/,
  eui: /^eui\.[A-Fa-f0-9]{16}$/,
  naa: /^naa\.[A-Fa-f0-9]{32}$/,
};

function checkInitiator(name: string): string | undefined {
  const form = initiatorForms[name.slice(0, 3)];
  if (form === undefined) return 'must be valid format starting with iqn, eui, or naa';
  return form.test(name) ? undefined : 'must be valid format';
}

function checkIscsi(iscsi: ISCSIVolumeSource, volumeName: string, path: Path, report: Report): void {
  holds(checkInitiator(iscsi.iqn), iscsi.iqn, [...path, 'iqn'], report);
  holdsIfGiven(iscsi.initiatorName, checkInitiator, [...path, 'initiatorName'], report);
  holds(checkRange(iscsi.lun, 0, 255), iscsi.lun, [...path, 'lun'], report);
  if ((iscsi.chapAuthDiscovery === true || iscsi.chapAuthSession === true) && iscsi.secretRef === undefined)
    report([...path, 'secretRef'], 'Required', required());
  if (iscsi.initiatorName !== undefined && `${volumeName}:${iscsi.targetPortal}`.length > MAX_PORTAL)
    report(
      [...path, 'targetPortal'],
      'Invalid',
      invalid(
        iscsi.targetPortal,
        'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
      ),
    );
}

function checkFibreChannel({ targetWWNs, wwids, lun }: FCVolumeSource, path: Path, report: Report): void {
  if (targetWWNs === undefined && wwids === undefined)
    report([...path, 'targetWWNs'], 'Required', required('must specify either targetWWNs or wwids, but not both'));
  if (targetWWNs !== undefined && wwids !== undefined)
    report([...path, 'targetWWNs'], 'Invalid', invalid(targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  if (targetWWNs === undefined) return;
  if (lun === undefined) report([...path, 'lun'], 'Required', required('lun is required if targetWWNs is specified'));
  else holds(checkRange(lun, 0, 255), lun, [...path, 'lun'], report);
}

function checkFlex({ options }: FlexVolumeSource, path: Path, report: Report): void {
  for (const key of Object.keys(options ?? {})) {
    const domain = `.${key.split('/', 1)[0] ?? ''}`.toLowerCase();
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
      report([...path, key], 'Invalid', invalid(key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
}

function checkFlocker({ datasetName, datasetUUID }: FlockerVolumeSource, path: Path, report: Report): void {
  if (datasetName === undefined && datasetUUID === undefined)
    report(path, 'Required', required('one of datasetName and datasetUUID is required'));
  if (datasetName !== undefined && datasetUUID !== undefined)
    report(path, 'Invalid', 'Invalid value: datasetName and datasetUUID can not be specified simultaneously');
  if (datasetName?.includes('/') === true)
    report([...path, 'datasetName'], 'Invalid', invalid(datasetName, "must not contain '/'"));
}

const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function checkAzureDisk({ kind, diskURI }: AzureDiskVolumeSource, path: Path, report: Report): void {
  const isManaged = kind === 'Managed';
  const prefix = isManaged ? '/subscriptions/' : 'https://';
  if (!diskURI.startsWith(prefix))
    report([...path, 'diskURI'], 'Invalid', unsupported(diskURI, [isManaged ? managedDisk : blobDisk]));
}

function checkQuobyte({ registry, tenant }: QuobyteVolumeSource, path: Path, report: Report): void {
  const fault = 'must be a host:port pair or multiple pairs separated by commas';
  if (!registry.split(',').every((pair) => /^(?:[^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair)))
    report([...path, 'registry'], 'Invalid', invalid(registry, fault));
  if (tenant !== undefined && tenant.length > MAX_TENANT)
    report([...path, 'tenant'], 'Required', required('must be a UUID and may not exceed a length of 64 characters'));
}
