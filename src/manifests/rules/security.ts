// Rules for the security settings of pods and containers (Kubernetes, ValidateSecurityContext).
import type {
  AppArmorProfile,
  Container,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, type Report, required, tooLong } from '../report.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import type { PodScope } from './pod-scope.ts';
import { checkId, checkLocalPath, checkSysctlName } from './syntax.ts';
import { checkWindowsOptions } from './windows.ts';

const MAX_PROFILE_BYTES = 4095;

/** The settings of one container. */
export function checkSecurityContext(
  context: SecurityContext | undefined,
  pod: PodSecurityContext | undefined,
  path: Path,
  { hasHostUsers }: PodScope,
  report: Report,
): void {
  if (context === undefined) return;
  checkShared(context, path, report);
  const { runAsUser, runAsNonRoot = pod?.runAsNonRoot, procMount, privileged, allowPrivilegeEscalation, capabilities } = context;
  if (runAsUser === 0 && runAsNonRoot === true) report([...path, 'runAsUser'], 'Invalid', invalid(runAsUser, rootFault));
  if (procMount === 'Unmasked' && hasHostUsers)
    report([...path, 'procMount'], 'Invalid', invalid(procMount, '`hostUsers` must be false to use `Unmasked`'));
  if (allowPrivilegeEscalation !== false) return;
  const tell = (other: string): void =>
    report(
      [...path, 'allowPrivilegeEscalation'],
      'Invalid',
      invalid(allowPrivilegeEscalation, `cannot set \`allowPrivilegeEscalation\` to false and ${other}`),
    );
  if (privileged === true) tell('`privileged` to true');
  if (capabilities?.add?.includes('CAP_SYS_ADMIN') === true) tell('`capabilities.Add` CAP_SYS_ADMIN');
}

const rootFault = 'must not be 0 when `runAsNonRoot` is true';

/** The settings of the whole pod, with those of its host namespaces. */
export function checkPodSecurity(spec: PodSpec, path: Path, report: Report): void {
  const { securityContext: context, containers } = spec;
  const here = [...path, 'securityContext'];
  if (spec.shareProcessNamespace === true && spec.hostPID === true)
    report(
      [...path, 'shareProcessNamespace'],
      'Invalid',
      invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  if (context === undefined) return;
  checkShared(context, here, report);
  holdsIfGiven(context.fsGroup, checkId, [...here, 'fsGroup'], report);
  for (const [group, place] of eachOf(context.supplementalGroups, [...here, 'supplementalGroups']))
    holds(checkId(group), group, place, report);
  checkSysctls(context.sysctls, spec, [...here, 'sysctls'], report);
  // It is a fault as soon as one container takes both from the pod, or the user from the pod and the ban from itself.
  const isRootBanned = ({ securityContext }: Container): boolean =>
    securityContext?.runAsUser === undefined && (securityContext?.runAsNonRoot ?? context.runAsNonRoot) === true;
  if (context.runAsUser === 0 && [...containers, ...(spec.initContainers ?? [])].some(isRootBanned))
    report([...here, 'runAsUser'], 'Invalid', invalid(0, rootFault));
}

/** What pods and containers have in common. */
function checkShared(context: PodSecurityContext | SecurityContext, path: Path, report: Report): void {
  holdsIfGiven(context.runAsUser, checkId, [...path, 'runAsUser'], report);
  holdsIfGiven(context.runAsGroup, checkId, [...path, 'runAsGroup'], report);
  if (context.seccompProfile !== undefined) checkSeccomp(context.seccompProfile, [...path, 'seccompProfile'], report);
  if (context.appArmorProfile !== undefined) checkAppArmor(context.appArmorProfile, [...path, 'appArmorProfile'], report);
  if (context.windowsOptions !== undefined) checkWindowsOptions(context.windowsOptions, [...path, 'windowsOptions'], report);
}

function checkSeccomp({ type, localhostProfile: profile }: SeccompProfile, path: Path, report: Report): void {
  const here = [...path, 'localhostProfile'];
  if (type !== 'Localhost') {
    if (profile !== undefined) report(here, 'Invalid', invalid(profile, 'can only be set when seccomp type is Localhost'));
  } else if (profile === undefined) report(here, 'Required', required('must be set when seccomp type is Localhost'));
  else holds(checkLocalPath(profile), profile, here, report);
}

function checkAppArmor({ type, localhostProfile: profile }: AppArmorProfile, path: Path, report: Report): void {
  const here = [...path, 'localhostProfile'];
  if (type !== 'Localhost') {
    if (profile !== undefined) report(here, 'Invalid', invalid(profile, 'can only be set when AppArmor type is Localhost'));
  } else if (profile === undefined || profile.trim() === '')
    report(here, 'Required', required('must be set when AppArmor type is Localhost'));
  else if (profile.trim() !== profile) report(here, 'Invalid', invalid(profile, 'must not be padded with whitespace'));
  else if (Buffer.byteLength(profile) > MAX_PROFILE_BYTES) report(here, 'Invalid', tooLong(MAX_PROFILE_BYTES));
}

function checkSysctls(sysctls: readonly Sysctl[] | undefined, spec: PodSpec, path: Path, report: Report): void {
  const names = new Set<string>();
  for (const [{ name }, item] of eachOf(sysctls, path)) {
    const here = [...item, 'name'];
    // The kernel reads slashes for dots.
    const dotted = name.replaceAll('/', '.');
    if (!holds(checkSysctlName(name), name, here, report)) continue;
    if (names.has(dotted)) report(here, 'Duplicate', duplicate(name));
    names.add(dotted);
    if (spec.hostNetwork === true && dotted.startsWith('net.'))
      report(here, 'Invalid', invalid(name, "may not be specified when 'hostNetwork' is true"));
    if (spec.hostIPC === true && /^(?:kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/.test(dotted))
      report(here, 'Invalid', invalid(name, "may not be specified when 'hostIPC' is true"));
  }
}
