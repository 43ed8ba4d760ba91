// What a namespace's labels ask of its pods (Kubernetes, "Pod Security Admission").
import type { Namespace, ObjectMeta, PodSpec } from '../generated.ts';
import { isVersion, LEVELS, type Level, type Policy, violationsOf, violationText } from './pod-security/standard.ts';

const PREFIX = 'pod-security.kubernetes.io/';

/** What happens when a policy is violated: the pod is refused, people are warned, or it is recorded. */
export const MODES = ['enforce', 'warn', 'audit'] as const;
export type Mode = (typeof MODES)[number];

/** A label of pod security that means nothing. */
export interface LabelFault {
  readonly label: string;
  readonly message: string;
}

function isLevel(text: string): text is Level {
  return LEVELS.some((level) => level === text);
}

/** The policy of one mode; `privileged`, which forbids nothing, when the namespace has none. */
export function policyOf(namespace: Pick<Namespace, 'metadata'> | undefined, mode: Mode): Policy {
  const labels = namespace?.metadata.labels ?? {};
  const level = labels[`${PREFIX}${mode}`] ?? 'privileged';
  const version = labels[`${PREFIX}${mode}-version`] ?? 'latest';
  // What cannot be understood is taken for the strictest, as in Kubernetes; a commit is refused before.
  return { level: isLevel(level) ? level : 'restricted', version: isVersion(version) ? version : 'latest' };
}

/** Labels of a namespace that name no level or no version, in Kubernetes' words. */
export function policyFaults({ labels = {} }: Pick<ObjectMeta, 'labels'>): readonly LabelFault[] {
  return MODES.flatMap((mode) => {
    const level = labels[`${PREFIX}${mode}`];
    const version = labels[`${PREFIX}${mode}-version`];
    const faults: LabelFault[] = [];
    if (level !== undefined && !isLevel(level))
      faults.push({ label: `${PREFIX}${mode}`, message: `must be one of ${LEVELS.join(', ')}` });
    if (version !== undefined && !isVersion(version))
      faults.push({ label: `${PREFIX}${mode}-version`, message: 'must be "latest" or "v1.x"' });
    return faults;
  });
}

/** The violations of one mode's policy in one sentence; undefined when there are none. */
export function podSecurityFault(
  namespace: Pick<Namespace, 'metadata'> | undefined,
  mode: Mode,
  metadata: Pick<ObjectMeta, 'annotations'>,
  spec: PodSpec,
): string | undefined {
  const policy = policyOf(namespace, mode);
  const violations = violationsOf(policy, metadata, spec);
  if (violations.length === 0) return undefined;
  return mode === 'enforce'
    ? violationText(policy, violations)
    : `would ${violationText(policy, violations).replace(/^violates/, 'violate')}`;
}
