// Facts about a Deployment's rollout that several rooms must agree on: its limits in pods, and the hash that names a template.
import type { Deployment, IntOrString } from './generated.ts';
import { hashOf } from './hash.ts';

/** Kubernetes' default for both limits. */
const DEFAULT_LIMIT = '25%';

/** The pods that a Deployment wants, and those that it may have above and miss below during a rollout. */
export interface RolloutLimits {
  readonly replicas: number;
  /** Pods above `replicas`; 0 without a rolling update. */
  readonly maxSurge: number;
  /** Pods of `replicas` that may be missing; 0 without a rolling update. */
  readonly maxUnavailable: number;
  readonly minAvailable: number;
}

function amount(limit: IntOrString, total: number, round: (value: number) => number): number {
  const text = String(limit);
  // Multiplied before divided: 0.29 * 100 would round up to 30.
  return text.endsWith('%') ? round((Number(text.slice(0, -1)) * total) / 100) : Number(text);
}

/**
 * The limits in pods (Kubernetes, "Max Unavailable" and "Max Surge"). Surge is rounded up, unavailability down; when both come out
 * as 0, one pod may be missing.
 */
export function rolloutLimits(deployment: Pick<Deployment, 'spec'>): RolloutLimits {
  const replicas = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === 'Recreate') return { replicas, maxSurge: 0, maxUnavailable: 0, minAvailable: replicas };
  const rolling = deployment.spec.strategy?.rollingUpdate;
  const maxSurge = amount(rolling?.maxSurge ?? DEFAULT_LIMIT, replicas, Math.ceil);
  const wished = amount(rolling?.maxUnavailable ?? DEFAULT_LIMIT, replicas, Math.floor);
  const maxUnavailable = Math.min(replicas, maxSurge === 0 && wished === 0 ? 1 : wished);
  return { replicas, maxSurge, maxUnavailable, minAvailable: replicas - maxUnavailable };
}

/**
 * The hash that names a template's ReplicaSet and labels its pods (Kubernetes, "Pod-template-hash label"). A collision count makes it
 * another one when a stranger has the name.
 */
export function templateHash(deployment: Pick<Deployment, 'spec' | 'status'>): string {
  const { template } = deployment.spec;
  const collisionCount = deployment.status?.collisionCount ?? 0;
  return collisionCount === 0 ? hashOf(template) : hashOf({ template, collisionCount });
}
