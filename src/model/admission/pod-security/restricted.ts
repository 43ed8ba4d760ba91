// The controls that the level "restricted" adds: what a careful pod gives up (Kubernetes, "Pod Security Standards").
import type { Volume } from '../../generated.ts';
import { badCapabilities, isRelaxed, procMount } from './baseline.ts';
import type { PodUnderTest, SecurityCheck, Violation } from './check.ts';
import { missingSeccomp } from './profiles.ts';
import { containersText, namesWhere, plural, quoted, settersText, sortedSet } from './words.ts';

const bindingPorts: ReadonlySet<string> = new Set(['NET_BIND_SERVICE']);
const harmlessVolumes: ReadonlySet<string> = new Set([
  'name',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Users, capabilities and seccomp mean nothing on Windows: from 1.25 on its pods are not asked for them. */
function isWindows({ spec, minor }: PodUnderTest): boolean {
  return minor >= 25 && spec.os?.name === 'windows';
}

function privilegeEscalation(pod: PodUnderTest): Violation | undefined {
  const names = namesWhere(pod.spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0 || isWindows(pod)) return undefined;
  const detail = `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
}

function capabilities(pod: PodUnderTest): Violation | undefined {
  if (isWindows(pod)) return undefined;
  const names = namesWhere(pod.spec, ({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true);
  const added = badCapabilities(pod, bindingPorts);
  const details = [
    ...(names.length === 0 ? [] : [`${containersText(names)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(added === '' ? [] : [added]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

function volumes({ spec }: PodUnderTest): Violation | undefined {
  const typeOf = (volume: Volume): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
  const wrong = (spec.volumes ?? []).filter((volume) => !harmlessVolumes.has(typeOf(volume)));
  if (wrong.length === 0) return undefined;
  const types = sortedSet(wrong.map(typeOf));
  const who = `${plural('volume', 'volumes', wrong.length)} ${quoted(wrong.map(({ name }) => name))}`;
  const what = `${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail: `${who} ${plural('uses', 'use', wrong.length)} ${what}` };
}

function nonRoot(pod: PodUnderTest): Violation | undefined {
  if (isRelaxed(pod)) return undefined;
  const { spec } = pod;
  const reason = 'runAsNonRoot != true';
  const ofPod = spec.securityContext?.runAsNonRoot;
  const refusing = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  const setters = settersText(ofPod === false, refusing);
  if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  const silent = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (ofPod === true || silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` };
}

function rootUser(pod: PodUnderTest): Violation | undefined {
  if (isRelaxed(pod)) return undefined;
  const names = namesWhere(pod.spec, ({ securityContext }) => securityContext?.runAsUser === 0);
  const setters = settersText(pod.spec.securityContext?.runAsUser === 0, names);
  return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
}

/** In Kubernetes' order. */
export const restrictedChecks: readonly SecurityCheck[] = [
  { id: 'allowPrivilegeEscalation', since: 8, check: privilegeEscalation },
  { id: 'capabilities_restricted', since: 22, replaces: 'capabilities_baseline', check: capabilities },
  { id: 'procMount_restricted', since: 35, replaces: 'procMount_baseline', check: procMount },
  { id: 'restrictedVolumes', since: 0, replaces: 'hostPathVolumes', check: volumes },
  { id: 'runAsNonRoot', since: 0, check: nonRoot },
  { id: 'runAsUser', since: 23, check: rootUser },
  {
    id: 'seccompProfile_restricted',
    since: 19,
    replaces: 'seccompProfile_baseline',
    check: (pod) => (isWindows(pod) ? undefined : missingSeccomp(pod)),
  },
];
