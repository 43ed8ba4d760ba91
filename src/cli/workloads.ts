// The running things of an application, and how many of them are ready.
import {
  APPLICATION_ANNOTATION,
  controllerOf,
  type Deployment,
  type Pod,
  type ReplicaSet,
  type Stored,
} from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { podReadiness } from './pod-status.ts';

export type Workload = Stored<Deployment> | Stored<ReplicaSet> | Stored<Pod>;

/** Deployments, and the ReplicaSets and pods that nobody else manages, of one application. */
export function workloadsOf(application: string, reader: StoreReader): readonly Workload[] {
  const all: readonly Workload[] = [...reader.list('Deployment'), ...reader.list('ReplicaSet'), ...reader.list('Pod')];
  return all.filter((workload) => controllerOf(workload) === undefined && isOf(application, workload));
}

/** All pods of one application. */
export function podsOf(application: string, reader: StoreReader): readonly Stored<Pod>[] {
  return reader.list('Pod').filter((pod) => isOf(application, pod));
}

function isOf(application: string, resource: Stored): boolean {
  return resource.metadata.annotations?.[APPLICATION_ANNOTATION] === application;
}

/** How many are ready, of how many that are wanted; undefined for kinds that do not run. */
export function readiness(resource: Stored): { readonly ready: number; readonly wanted: number } | undefined {
  if (resource.kind === 'Deployment' || resource.kind === 'ReplicaSet') {
    return { ready: resource.status?.readyReplicas ?? 0, wanted: resource.spec.replicas ?? 1 };
  }
  if (resource.kind !== 'Pod') return undefined;
  const { ready, total } = podReadiness(resource);
  return { ready: resource.status?.phase === 'Succeeded' ? total : ready, wanted: total };
}
