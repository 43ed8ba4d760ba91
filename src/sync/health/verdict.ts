// What a judgement of an object's health says, and the words that the judges of several kinds share. Pure.
import { findCondition } from '../../model/conditions.ts';
import { type Condition } from '../../model/resource.ts';

/**
 * `stuck`: it will not become healthy by waiting for itself alone; it may when something else changes. `isFinal`: not even then,
 * Kubernetes itself has given up.
 */
export interface Health {
  readonly state: 'healthy' | 'progressing' | 'stuck';
  /** The culprit: pod, container, reason, last message. Empty when healthy. */
  readonly message: string;
  readonly isFinal?: boolean;
  /** When what speaks against it came about, in epoch milliseconds: what is older than a commit does not speak against the commit. */
  readonly sinceMs?: number;
}

export const healthy: Health = { state: 'healthy', message: '' };
export const progressing = (message: string): Health => ({ state: 'progressing', message });
/** Its controller has not acted on the present spec. */
export const unseen: Health = progressing('its controller has not seen the change yet');

/** Why an owner could not make a pod, when it says so. */
export function failedCreation(conditions: readonly Condition[] | undefined): Health | undefined {
  const failure = findCondition(conditions, 'ReplicaFailure');
  return failure?.status === 'True' ? progressing(joined(failure.reason ?? 'ReplicaFailure', failure.message)) : undefined;
}

/** `Reason: message`, or the reason alone. */
export function joined(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}
