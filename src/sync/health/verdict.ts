// What a judgement of an object's health says, and the words that the judges of several kinds share. Pure.
import { findCondition } from '../../model/conditions.ts';
import { type Condition, keyOf, type StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { podHealth } from './pod.ts';

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

/** The pod that says most about why its owner is not healthy: a stuck one before one that is on its way. */
export function culpritOf(pods: readonly StoredOf<'Pod'>[], reader: StoreReader): Health | undefined {
  const ill = pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({ pod, health: podHealth(pod, reader) }))
    .filter(({ health }) => health.state !== 'healthy');
  const worst = ill.find(({ health }) => health.state === 'stuck') ?? ill[0];
  if (worst === undefined) return undefined;
  return { ...worst.health, message: `pod ${keyOf(worst.pod).name}, ${worst.health.message}` };
}

/** Why an owner could not make a pod, when it says so. */
export function failedCreation(conditions: readonly Condition[] | undefined): Health | undefined {
  const failure = findCondition(conditions, 'ReplicaFailure');
  return failure?.status === 'True' ? progressing(joined(failure.reason ?? 'ReplicaFailure', failure.message)) : undefined;
}

/** `Reason: message`, or the reason alone. */
export function joined(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}
