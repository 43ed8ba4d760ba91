// The status of a pod, from its containers as they are and what is decided about them. Kubernetes, "Pod Lifecycle". Pure, and stable: the
// same world twice yields an equal status. What others write into it (conditions of their own, a nominated node) is kept.
import { isConditionTrue } from '../../model/conditions.ts';
import { canonicalJson } from '../../model/hash.ts';
import { isFinalPhase } from '../../model/pod-phase.ts';
import type { ContainerStatus, PodStatus } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import { isLiving, type PodView } from '../plan/pod-view.ts';
import { qosClass } from '../spec/resources.ts';
import { type ConditionInput, conditionsOf } from './conditions.ts';
import { containerStatus } from './container-status.ts';
import type { JudgedContainer } from './judged.ts';
import { podPhase } from './phase.ts';

/** Why a pod as a whole is over, whatever its containers exited with. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
}

export interface StatusInput {
  readonly view: PodView;
  readonly containers: readonly JudgedContainer[];
  /** The sandbox, when it runs as it should. */
  readonly sandbox: ContainerSeen | undefined;
  /** The pod as a whole is being ended. */
  readonly ending?: ConditionInput['ending'];
  /** Nothing of it runs or will run any more. */
  readonly isTerminal: boolean;
  /** The status says so before the first container ends, since nothing else would know it later; the phase follows at the end. */
  readonly failure?: PodFailure;
}

/** The address of a pod: that of its sandbox, or of its host when it shares that one's network; empty when it has none. */
export function podAddress({ pod, environment }: PodView, sandbox: ContainerSeen | undefined): string {
  if (pod.spec.hostNetwork === true) return environment.nodeAddress;
  return sandbox?.ip ?? '';
}

/** The whole status of a pod. */
export function podStatus(input: StatusInput): PodStatus {
  const { view, containers, sandbox, ending, isTerminal, failure } = input;
  const { pod, environment, now } = view;
  const defaultReason = (pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const of = (...roles: readonly JudgedContainer['role'][]): ContainerStatus[] =>
    containers
      .filter(({ role }) => roles.includes(role))
      .map((judged) => containerStatus({ judged, environment, defaultReason }));
  const initStatuses = of('init', 'sidecar');
  const statuses = of('main');
  const ephemeral = of('ephemeral');
  const counted = podPhase(pod, [...initStatuses, ...statuses], isTerminal);
  const judgedPhase = failure !== undefined && isTerminal && !isFinalPhase(pod.status?.phase) ? 'Failed' : counted;
  // As with the kubelet, a phase becomes final only when nothing of the pod runs any more, ephemeral containers among it.
  const isEarly = isFinalPhase(judgedPhase) && !isFinalPhase(pod.status?.phase) && containers.some(isLiving);
  const phase = isEarly ? (pod.status?.phase ?? 'Running') : judgedPhase;
  const ip = podAddress(view, sandbox) || (pod.status?.podIP ?? '');
  const { reason, message, initContainerStatuses: _i, ephemeralContainerStatuses: _e, ...others } = pod.status ?? {};
  const cause = failure ?? (phase === pod.status?.phase ? { reason, message } : undefined);
  return {
    ...others,
    phase,
    conditions: conditionsOf({
      pod,
      phase,
      initStatuses,
      statuses,
      hasSandbox: sandbox !== undefined,
      ...(ending === undefined ? {} : { ending }),
      now,
    }),
    ...(cause?.reason === undefined ? {} : { reason: cause.reason }),
    ...(cause?.message === undefined ? {} : { message: cause.message }),
    hostIP: environment.nodeAddress,
    hostIPs: [{ ip: environment.nodeAddress }],
    ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
    // What is left of it may be older than the first report: it may even be over by then.
    startTime: pod.status?.startTime ?? toRfc3339(Math.min(now, ...view.seen.map(({ createdAtMs }) => createdAtMs))),
    qosClass: qosClass(pod),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: statuses,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    observedGeneration: pod.metadata.generation,
  };
}

/** Whether two statuses say the same. */
export function isSameStatus(a: PodStatus | undefined, b: PodStatus): boolean {
  return a !== undefined && canonicalJson(a) === canonicalJson(b);
}

/** Whether a status says that a pod serves no more which served until now. */
export function takesOutOfService(before: PodStatus | undefined, after: PodStatus): boolean {
  return isConditionTrue(before?.conditions, 'Ready') && !isConditionTrue(after.conditions, 'Ready');
}
