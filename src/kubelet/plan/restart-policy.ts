// Whether a container is started again after it has ended. Kubernetes, "Pod Lifecycle", restart policies of pods and of containers. Pure.
import type { Container, ContainerRestartRule, PodSpec } from '../../model/resource.ts';

/** What a container is in its pod; a sidecar is an init container with restartPolicy Always. */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

type Policy = NonNullable<PodSpec['restartPolicy']>;

function policyOf(spec: PodSpec, container: Container, role: ContainerRole): Policy {
  if (role === 'ephemeral') return 'Never';
  if (role === 'sidecar') return 'Always';
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  // An init container that has succeeded is done.
  return role === 'init' && policy === 'Always' ? 'OnFailure' : policy;
}

function matches({ exitCodes }: ContainerRestartRule, exitCode: number): boolean {
  if (exitCodes === undefined) return false;
  const isListed = (exitCodes.values ?? []).includes(exitCode);
  return exitCodes.operator === 'In' ? isListed : !isListed;
}

function rulesOf(container: Container, role: ContainerRole): readonly ContainerRestartRule[] {
  return role === 'ephemeral' ? [] : (container.restartPolicyRules ?? []);
}

/** Whether a container that ended with this exit code is started again: its own rules first, then its policy, then the pod's. */
export function restartsAfter(spec: PodSpec, container: Container, role: ContainerRole, exitCode: number): boolean {
  if (role === 'init' && exitCode === 0) return false;
  if (rulesOf(container, role).some((rule) => rule.action === 'Restart' && matches(rule, exitCode))) return true;
  const policy = policyOf(spec, container, role);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether a container that had to be killed, for instance for a failed probe, is started again. */
export function isRestartable(spec: PodSpec, container: Container, role: ContainerRole): boolean {
  return policyOf(spec, container, role) !== 'Never' || rulesOf(container, role).some((rule) => rule.action === 'Restart');
}
