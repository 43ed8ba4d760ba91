// The controls about profiles of the kernel's security modules: AppArmor, SELinux, seccomp.
import type { Container, EphemeralContainer, SELinuxOptions } from '../../generated.ts';
import { allContainersOf } from '../../workload.ts';
import type { PodUnderTest, Violation } from './check.ts';
import { containersText, namesWhere, plural, quoted, settersText, sortedSet } from './words.ts';

type AnyContainer = Container | EphemeralContainer;

const APPARMOR_ANNOTATIONS = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_OF_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_OF_CONTAINERS = 'container.seccomp.security.alpha.kubernetes.io/';
const seLinuxTypes: ReadonlySet<string> = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t']);
/** Allowed from 1.31 on. */
const NEW_SELINUX_TYPE = 'container_engine_t';

function isGoodAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

/** AppArmor switched off, in a field or in the annotations of old. */
export function badAppArmor({ metadata, spec }: PodUnderTest): Violation | undefined {
  const typeOf = (holder: Pick<AnyContainer, 'securityContext'> | PodUnderTest['spec']): string =>
    holder.securityContext?.appArmorProfile?.type ?? '';
  const isBad = (type: string): boolean => type !== '' && type !== 'RuntimeDefault' && type !== 'Localhost';
  const isPod = isBad(typeOf(spec));
  const names = namesWhere(spec, (container) => isBad(typeOf(container)));
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(APPARMOR_ANNOTATIONS) && !isGoodAnnotation(value))
    .map(([key, value]) => `${key}="${value}"`)
    .toSorted();
  const values = [...sortedSet([typeOf(spec), ...allContainersOf(spec).map(typeOf)].filter(isBad)), ...annotations];
  if (values.length === 0) return undefined;
  const setters = [
    ...(isPod ? ['pod'] : []),
    ...names.map((name) => `container "${name}"`),
    ...(annotations.length === 0 ? [] : [plural('annotation', 'annotations', annotations.length)]),
  ];
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

/** SELinux options other than the types that are meant for containers. */
export function badSeLinux({ spec, minor }: PodUnderTest): Violation | undefined {
  const isBadType = (type: string): boolean => !seLinuxTypes.has(type) && !(minor >= 31 && type === NEW_SELINUX_TYPE);
  const isBad = (options: SELinuxOptions | undefined): boolean =>
    options !== undefined && (isBadType(options.type ?? '') || (options.user ?? '') !== '' || (options.role ?? '') !== '');
  const isPod = isBad(spec.securityContext?.seLinuxOptions);
  const names = namesWhere(spec, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
  if (!isPod && names.length === 0) return undefined;
  const all = [
    spec.securityContext?.seLinuxOptions,
    ...allContainersOf(spec).map((each) => each.securityContext?.seLinuxOptions),
  ];
  const types = sortedSet(all.map((options) => options?.type ?? '').filter(isBadType));
  const faults = [
    ...(types.length === 0 ? [] : [`${plural('type', 'types', types.length)} ${quoted(types)}`]),
    ...(all.some((options) => (options?.user ?? '') !== '') ? ['user may not be set'] : []),
    ...(all.some((options) => (options?.role ?? '') !== '') ? ['role may not be set'] : []),
  ];
  const detail = `${settersText(isPod, names)} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`;
  return { reason: 'seLinuxOptions', detail };
}

function seccompType(holder: Pick<AnyContainer, 'securityContext'> | PodUnderTest['spec']): string | undefined {
  return holder.securityContext?.seccompProfile?.type;
}

function isGoodSeccomp(type: string | undefined): boolean {
  return type === 'RuntimeDefault' || type === 'Localhost';
}

/** Seccomp switched off. */
export function badSeccomp({ spec }: PodUnderTest): Violation | undefined {
  const isBad = (type: string | undefined): boolean => type !== undefined && !isGoodSeccomp(type);
  const isPod = isBad(seccompType(spec));
  const names = namesWhere(spec, (container) => isBad(seccompType(container)));
  if (!isPod && names.length === 0) return undefined;
  const types = [seccompType(spec), ...allContainersOf(spec).map(seccompType)].filter(isBad);
  const values = sortedSet(types.map((type) => type ?? ''));
  const detail = `${settersText(isPod, names)} must not set securityContext.seccompProfile.type to ${quoted(values)}`;
  return { reason: 'seccompProfile', detail };
}

/** Seccomp switched off, or left to chance. */
export function missingSeccomp(pod: PodUnderTest): Violation | undefined {
  const bad = badSeccomp(pod);
  if (bad !== undefined || isGoodSeccomp(seccompType(pod.spec))) return bad;
  const names = namesWhere(pod.spec, (container) => seccompType(container) === undefined);
  if (names.length === 0) return undefined;
  const detail = `pod or ${containersText(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
}

/** Before 1.19 seccomp was switched off by annotations. */
export function badSeccompAnnotations({ metadata, spec }: PodUnderTest): Violation | undefined {
  const keys = [SECCOMP_OF_POD, ...allContainersOf(spec).map(({ name }) => `${SECCOMP_OF_CONTAINERS}${name}`)];
  const forbidden = keys.flatMap((key) => {
    const value = metadata.annotations?.[key];
    const isGood = value === undefined || value === 'docker/default' || (value !== '' && isGoodAnnotation(value));
    return isGood ? [] : [`${key}="${value}"`];
  });
  if (forbidden.length === 0) return undefined;
  const detail = `forbidden ${plural('annotation', 'annotations', forbidden.length)} ${sortedSet(forbidden).join(', ')}`;
  return { reason: 'seccompProfile', detail };
}
