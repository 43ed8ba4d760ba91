// Actions: what planners decide and the runtime performs on the store. A closed union of plain data, each with its reason.
import type { Propagation } from './deletion.ts';
import type { Resource, ResourceKey, Stored } from './resource.ts';

/** Why an action is taken: a CamelCase word for machines and a sentence for people. Becomes the event and the log line. */
export interface Why {
  readonly reason: string;
  readonly message: string;
}

/** Creates an object. The store gives it uid, generation, creationTimestamp and resourceVersion. */
export interface CreateAction extends Why {
  readonly type: 'create';
  readonly resource: Resource;
  /** Set when it is not worth an event: what every namespace has. */
  readonly isQuiet?: true;
}

/**
 * Replaces everything but the status of an object. `resource.metadata.resourceVersion` is the revision that the planner saw;
 * a newer one in the store refuses the whole plan, and the object is planned again.
 */
export interface UpdateAction extends Why {
  readonly type: 'update';
  readonly resource: Stored;
  /** Mere bookkeeping: it is logged, and no event tells of it. */
  readonly isQuiet?: true;
}

/**
 * Asks for the deletion of an object. A pod that is bound to a node gets a deletionTimestamp and is removed by its kubelet after
 * the grace period; a Namespace is removed when it is empty; what has finalizers when the last one is taken off; everything else at
 * once. What the object owns follows `propagation`.
 */
export interface DeleteAction extends Why {
  readonly type: 'delete';
  readonly key: ResourceKey;
  /** Refuses the action when another object has taken the name. */
  readonly uid: string;
  /** What becomes of the objects that it owns; Background when absent. */
  readonly propagation?: Propagation;
  /** Set when it is not worth an event: records that expire. */
  readonly isQuiet?: true;
}

/**
 * Takes a pod from its node, gracefully, for a reason that is not its own: it is deleted, its condition DisruptionTarget says why, and
 * the event is told about that pod. Nothing happens to one that is going already.
 */
export interface EvictAction extends Why {
  readonly type: 'evict';
  readonly key: ResourceKey;
  /** Refuses the action when another pod has taken the name. */
  readonly uid: string;
  /** Of the condition (Kubernetes, "Pod disruption conditions"). */
  readonly condition: Why;
}

/** Tells an event without changing anything. */
export interface ReportAction extends Why {
  readonly type: 'report';
  readonly severity: 'Normal' | 'Warning';
}

export type Action = CreateAction | UpdateAction | DeleteAction | EvictAction | ReportAction;
