// As whom a container runs and what it may do: its security context over that of its pod (Kubernetes, "Configure a Security Context for a
// Pod or Container"). What is not said stays with the engine's defaults, which are those of a kubelet with seccompDefault. Pure.
import type { AppArmorProfile, Container, PodSecurityContext, SecurityContext, StoredOf } from '../../model/resource.ts';
import type { ImageSeen, SecuritySettings } from '../engine/container-engine.ts';
import type { NodeCapacity } from './resources.ts';

/** The old way to choose an AppArmor profile; the field wins. */
const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const LOCAL_PROFILE = 'localhost/';

export type SecurityResult =
  /** Absent settings: nothing differs from the engine's defaults. */
  | { readonly ok: true; readonly settings?: SecuritySettings }
  /** The kubelet's words: the message of CreateContainerConfigError. */
  | { readonly ok: false; readonly message: string };

/** The security settings of one container. `image` is what the engine says of its image; absent when that is not known. */
export function securityOf(
  pod: StoredOf<'Pod'>,
  container: Container,
  image: ImageSeen | undefined,
  node: NodeCapacity,
): SecurityResult {
  const context = effectiveContext(pod.spec.securityContext, container.securityContext);
  const problem = rootProblem(pod, container, context, image) ?? groupsProblem(pod, container, context);
  if (problem !== undefined) return { ok: false, message: problem };
  const seccomp = seccompOf(context, node);
  if (!seccomp.ok) return seccomp;
  const appArmor = appArmorOf(pod, container, context, node);
  if (!appArmor.ok) return appArmor;
  const user = userOf(context, image);
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  const { capabilities, privileged, readOnlyRootFilesystem, allowPrivilegeEscalation, procMount } = context;
  const settings: SecuritySettings = {
    ...(user === undefined ? {} : { user }),
    groups: [...new Set([...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])])],
    isPrivileged: privileged === true,
    addCapabilities: (capabilities?.add ?? []).map(capabilityName),
    dropCapabilities: (capabilities?.drop ?? []).map(capabilityName),
    isRootReadOnly: readOnlyRootFilesystem === true,
    noNewPrivileges: allowPrivilegeEscalation === false,
    seccomp: seccomp.profile,
    appArmor: appArmor.profile,
    seLinux: seLinuxOf(context),
    isProcUnmasked: procMount === 'Unmasked',
  };
  return isDefault(settings) ? { ok: true } : { ok: true, settings };
}

/** What the container says itself wins over what its pod says. */
function effectiveContext(pod: PodSecurityContext = {}, container: SecurityContext = {}): SecurityContext {
  const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile, appArmorProfile, seLinuxOptions } = pod;
  const ofPod = { runAsUser, runAsGroup, runAsNonRoot, seccompProfile, appArmorProfile, seLinuxOptions };
  const given = Object.fromEntries(Object.entries(ofPod).filter(([, value]) => value !== undefined));
  return { ...given, ...container };
}

/** Docker's user of an image without its group. */
function userOfImage(image: ImageSeen): string {
  return image.user.split(':')[0] || '0';
}

/** Kubernetes' verifyRunAsNonRoot. */
function rootProblem(
  pod: StoredOf<'Pod'>,
  container: Container,
  { runAsNonRoot, runAsUser }: SecurityContext,
  image: ImageSeen | undefined,
): string | undefined {
  if (runAsNonRoot !== true) return undefined;
  const { name, namespace = 'default', uid } = pod.metadata;
  const where = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  if (runAsUser === 0) return `container's runAsUser breaks non-root policy ${where}`;
  if (runAsUser !== undefined) return undefined;
  if (image === undefined) return `container has runAsNonRoot and the user of its image is not known yet ${where}`;
  const user = userOfImage(image);
  if (!/^\d+$/.test(user))
    return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${where}`;
  return Number(user) === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
}

/** Docker leaves the groups of the image aside when it is told the primary one, and only then. */
function groupsProblem(pod: StoredOf<'Pod'>, container: Container, { runAsGroup }: SecurityContext): string | undefined {
  if (pod.spec.securityContext?.supplementalGroupsPolicy !== 'Strict' || runAsGroup !== undefined) return undefined;
  return `supplementalGroupsPolicy Strict needs runAsGroup with a Docker Engine (container: ${container.name})`;
}

/** Docker takes a group only behind a user. */
function userOf({ runAsUser, runAsGroup }: SecurityContext, image: ImageSeen | undefined): string | undefined {
  if (runAsGroup === undefined) return runAsUser === undefined ? undefined : String(runAsUser);
  return `${runAsUser ?? (image === undefined ? '0' : userOfImage(image))}:${runAsGroup}`;
}

/** Kubernetes writes names without the prefix, and many people write it all the same. */
function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

type ProfileResult =
  | { readonly ok: true; readonly profile: SecuritySettings['seccomp'] }
  | { readonly ok: false; readonly message: string };

function seccompOf({ seccompProfile, privileged }: SecurityContext, { seccompProfiles }: NodeCapacity): ProfileResult {
  if (privileged === true || seccompProfile?.type === 'Unconfined') return { ok: true, profile: 'unconfined' };
  if (seccompProfile?.type !== 'Localhost') return { ok: true, profile: 'default' };
  const name = seccompProfile.localhostProfile ?? '';
  const profile = seccompProfiles?.get(name);
  if (profile !== undefined) return { ok: true, profile: { profile } };
  const advice = 'put it below the directory that --seccomp-profiles names, and start the controller again';
  return { ok: false, message: `cannot load seccomp profile "${name}": there is no such file; ${advice}` };
}

function appArmorOf(
  pod: StoredOf<'Pod'>,
  container: Container,
  { appArmorProfile, privileged }: SecurityContext,
  { securityOptions }: NodeCapacity,
): ProfileResult {
  const wanted = appArmorProfile ?? profileOfAnnotation(pod.metadata.annotations?.[APP_ARMOR_ANNOTATION + container.name]);
  if (wanted?.type === 'Unconfined' || (wanted === undefined && privileged === true)) return { ok: true, profile: 'unconfined' };
  // An engine without AppArmor would run it unconfined and say nothing.
  if (wanted !== undefined && securityOptions !== undefined && !securityOptions.includes('apparmor'))
    return { ok: false, message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' };
  if (wanted?.type !== 'Localhost') return { ok: true, profile: 'default' };
  return { ok: true, profile: { profile: wanted.localhostProfile ?? '' } };
}

function profileOfAnnotation(value: string | undefined): AppArmorProfile | undefined {
  if (value === undefined || value === '') return undefined;
  if (value === 'unconfined') return { type: 'Unconfined' };
  if (!value.startsWith(LOCAL_PROFILE)) return { type: 'RuntimeDefault' };
  return { type: 'Localhost', localhostProfile: value.slice(LOCAL_PROFILE.length) };
}

function seLinuxOf({ seLinuxOptions = {} }: SecurityContext): readonly string[] {
  const { user, role, type, level } = seLinuxOptions;
  return Object.entries({ user, role, type, level }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}:${value}`],
  );
}

function isDefault(settings: SecuritySettings): boolean {
  const { user, groups, addCapabilities, dropCapabilities, seLinux, seccomp, appArmor } = settings;
  const { isPrivileged, isRootReadOnly, noNewPrivileges, isProcUnmasked } = settings;
  const lists = [groups, addCapabilities, dropCapabilities, seLinux];
  const switches = [isPrivileged, isRootReadOnly, noNewPrivileges, isProcUnmasked];
  return (
    user === undefined &&
    seccomp === 'default' &&
    appArmor === 'default' &&
    lists.every((list) => list.length === 0) &&
    !switches.includes(true)
  );
}
