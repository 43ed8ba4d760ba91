// Rules for what only pods of one operating system may have (Kubernetes, validateOS and its like).
import type {
  Container,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
  WindowsSecurityContextOptions,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report } from '../report.ts';
import { eachOf, holdsIfGiven } from './fault.ts';
import { checkDnsSubdomain } from './syntax.ts';

const MAX_CREDENTIAL_SPEC_BYTES = 64 * 1024;

/** Names of users and credential specs. */
export function checkWindowsOptions(options: WindowsSecurityContextOptions, path: Path, report: Report): void {
  const { gmsaCredentialSpecName, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  holdsIfGiven(gmsaCredentialSpecName, checkDnsSubdomain, [...path, 'gmsaCredentialSpecName'], report);
  const tell = (field: string, value: string, fault: string): void => report([...path, field], 'Invalid', invalid(value, fault));
  if (spec === '') tell('gmsaCredentialSpec', spec, 'gmsaCredentialSpec cannot be an empty string');
  else if (spec !== undefined && Buffer.byteLength(spec) > MAX_CREDENTIAL_SPEC_BYTES)
    report([...path, 'gmsaCredentialSpec'], 'Invalid', 'Invalid value: gmsaCredentialSpec size must be under 64 KiB');
  if (user === undefined) return;
  if (user === '') tell('runAsUserName', user, 'runAsUserName cannot be an empty string');
  else if (/\p{Cc}/u.test(user)) tell('runAsUserName', user, 'runAsUserName cannot contain control characters');
  else if (user.split('\\').length > 2) tell('runAsUserName', user, 'runAsUserName cannot contain more than one backslash');
}

const linuxOnlyOfPod = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;
const linuxOnlyOfPodContext = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const satisfies readonly (keyof PodSecurityContext)[];
const linuxOnlyOfContext = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const satisfies readonly (keyof SecurityContext)[];

/** What contradicts the operating system that a pod names, and host processes of Windows. */
export function checkOperatingSystem(spec: PodSpec, path: Path, report: Report): void {
  const { os, securityContext: context } = spec;
  const all = [...eachOf(spec.containers, [...path, 'containers']), ...eachOf(spec.initContainers, [...path, 'initContainers'])];
  checkHostProcesses(spec, all, path, report);
  if (os?.name === 'linux') {
    for (const [owner, here] of [[spec, path] as const, ...all])
      if (owner.securityContext?.windowsOptions !== undefined)
        report(
          [...here, 'securityContext', 'windowsOptions'],
          'Invalid',
          forbidden('windows options cannot be set for a linux pod'),
        );
  }
  if (os?.name !== 'windows') return;
  const ban = (place: Path, field: string): void =>
    report([...place, field], 'Invalid', forbidden('cannot be set for a windows pod'));
  for (const field of linuxOnlyOfPod) if (spec[field] !== undefined) ban(path, field);
  for (const field of linuxOnlyOfPodContext) if (context?.[field] !== undefined) ban([...path, 'securityContext'], field);
  for (const [container, here] of all)
    for (const field of linuxOnlyOfContext)
      if (container.securityContext?.[field] !== undefined) ban([...here, 'securityContext'], field);
}

function checkHostProcesses(spec: PodSpec, containers: readonly [Container, Path][], path: Path, report: Report): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const isHostProcess = ({ securityContext }: Container): boolean =>
    securityContext?.windowsOptions?.hostProcess ?? ofPod ?? false;
  if (!containers.some(([container]) => isHostProcess(container))) return;
  if (spec.hostNetwork !== true)
    report(
      [...path, 'hostNetwork'],
      'Invalid',
      invalid(false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
  for (const [container, here] of containers)
    if (!isHostProcess(container))
      report(
        [...here, 'securityContext', 'windowsOptions', 'hostProcess'],
        'Invalid',
        invalid(false, 'If pod contains any hostProcess containers then all containers must be HostProcess containers'),
      );
}
