// What everybody has in common who judges a part of the world: what they are told, and what they may ask.
import type { Kind, Stored, StoredOf } from '../../src/model/resource.ts';
import { controllerOf } from '../../src/model/resource.ts';
import type { Store } from '../../src/store/store.ts';
import type { Clock } from '../../src/system/clock.ts';
import type { FakeContainer } from '../support/fake-container.ts';
import type { SimulatedEngine } from './simulated-engine.ts';
import type { SimulatedCommit } from './wishes.ts';

/** One object, before and after a transaction. */
export interface Change {
  readonly old: Stored | undefined;
  readonly now: Stored | undefined;
}

/** The same of one kind. */
export interface ChangeOf<K extends Kind> {
  readonly old: StoredOf<K> | undefined;
  readonly now: StoredOf<K> | undefined;
}

export interface Court {
  readonly clock: Clock;
  readonly engine: SimulatedEngine;
  readonly store: () => Store;
  /** The commit that is to run, if any. */
  readonly target: (store: Store) => SimulatedCommit | undefined;
  /** Something that must hold does not. */
  readonly report: (message: string) => void;
  /** Whether chaos laid hands on a container, or on its sandbox. */
  readonly isTouched: (container: FakeContainer) => boolean;
  /** Whether a pod is available, as far as is known. */
  readonly isAvailable: (pod: StoredOf<'Pod'>, store: Store) => boolean;
}

/** Holds one set of invariants. */
export interface Judge {
  /** What a transaction has changed. */
  readonly wrote?: (changes: readonly Change[], store: Store) => void;
  /** Something happened to a container. */
  readonly engineChanged?: (container: FakeContainer, action: string) => void;
  readonly storeLost?: () => void;
}

/** The changes to objects of a kind. */
export function changesOf<K extends Kind>(changes: readonly Change[], kind: K): readonly ChangeOf<K>[] {
  // Both sides of a change are of one kind.
  return changes.filter(({ old, now }) => (now ?? old)?.kind === kind) as readonly unknown[] as readonly ChangeOf<K>[];
}

/** Whether an object was made; one that took the name of another at once was made too. */
export function isMade({ old, now }: Change): boolean {
  return now !== undefined && old?.metadata.uid !== now.metadata.uid;
}

/** Whether an object was asked to go just now, or is gone without having been asked. */
export function isAskedToGo({ old, now }: Change): boolean {
  if (old === undefined || old.metadata.deletionTimestamp !== undefined) return false;
  return now?.metadata.uid !== old.metadata.uid || now.metadata.deletionTimestamp !== undefined;
}

/** The object that manages another, if it is there and of that kind. */
export function managerOf<K extends Kind>(object: Stored, kind: K, store: Store): StoredOf<K> | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== kind) return undefined;
  const found = store.get(kind, object.metadata.namespace ?? 'default', owner.name);
  return found?.metadata.uid === owner.uid ? found : undefined;
}

/** Whether the scheduler or a taint takes a pod away: it says so on the pod. */
export function isDisrupted(pod: StoredOf<'Pod'> | undefined): boolean {
  return pod?.status?.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True') === true;
}
