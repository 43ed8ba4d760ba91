// By which of two ways a pod's sandbox gets its network. Docker's own, or plugged in: Docker makes it without a network, which takes half the time,
// and the node's plug gives it the same that Docker would. Whatever only Docker can give needs Docker's way. A sandbox that has had its network once
// keeps its way until it is replaced. Pure.
import type { StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { PodEnvironment } from '../environment.ts';
import { PLUG_ADDRESS_LABEL, SANDBOX_LABEL } from '../labels.ts';
import { resolverArgs } from './resolver.ts';

/** What choosing a way looks at. */
export type WayFacts = Pick<PodEnvironment, 'network' | 'hostResolver' | 'isWithoutNames' | 'isPluggable'>;

/** The way that a sandbox made now would take. */
export function sandboxWay(pod: StoredOf<'Pod'>, facts: WayFacts): 'docker' | 'plugged' {
  const { spec } = pod;
  const isDockers =
    facts.isPluggable !== true ||
    facts.network === undefined ||
    spec.hostNetwork === true ||
    // Docker publishes ports.
    spec.containers.some(({ ports = [] }) => ports.some(({ hostPort = 0 }) => hostPort !== 0)) ||
    // Another runtime need not have namespaces that one could enter.
    (spec.runtimeClassName ?? '') !== '' ||
    // Such a sandbox is shut off from all that may do less than it may itself, the plug among them.
    spec.shareProcessNamespace === true ||
    // The engine's resolver is on the engine's networks.
    resolverArgs(pod, facts).length === 0;
  return isDockers ? 'docker' : 'plugged';
}

/** Whether a sandbox was made to be plugged in. */
export function isBare({ labels }: ContainerSeen): boolean {
  return labels[PLUG_ADDRESS_LABEL] !== undefined;
}

/**
 * Whether a sandbox still has to be plugged in, as far as is known: `seen` are all containers of its pod. A container is made only in one that was, and
 * one that was started again since is replaced for that.
 */
export function isUnplugged(
  sandbox: ContainerSeen,
  seen: readonly ContainerSeen[],
  { pluggedSandboxes }: Pick<PodEnvironment, 'pluggedSandboxes'>,
): boolean {
  if (!isBare(sandbox) || pluggedSandboxes?.has(sandbox.id) === true) return false;
  return !seen.some(({ labels }) => labels[SANDBOX_LABEL] === sandbox.id);
}
