// Actions: what planners decide and the runtime performs on the store. A closed union of plain data, each with its reason.
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
}

/**
 * Replaces everything but the status of an object. `resource.metadata.resourceVersion` is the revision that the planner saw;
 * a newer one in the store refuses the whole plan, and the object is planned again.
 */
export interface UpdateAction extends Why {
  readonly type: 'update';
  readonly resource: Stored;
}

/**
 * Asks for the deletion of an object. A pod that is bound to a node gets a deletionTimestamp and is removed by its kubelet after
 * the grace period; everything else is removed at once, and what it owns by the garbage collector.
 */
export interface DeleteAction extends Why {
  readonly type: 'delete';
  readonly key: ResourceKey;
  /** Refuses the action when another object has taken the name. */
  readonly uid: string;
}

/** Tells an event without changing anything. */
export interface ReportAction extends Why {
  readonly type: 'report';
  readonly severity: 'Normal' | 'Warning';
}

export type Action = CreateAction | UpdateAction | DeleteAction | ReportAction;
