// The running things of an application, and how many of them are ready.
import { APPLICATION_ANNOTATION, controllerOf, type Kind, type Pod, type Stored, type StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { podReadiness } from './pod-status.ts';

/** Kinds that run, in the order in which people are told of them. */
export const workloadKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Pod',
] as const satisfies readonly Kind[];

export type Workload = StoredOf<(typeof workloadKinds)[number]>;

/** What runs of one application and is managed by nobody else. */
export function workloadsOf(application: string, reader: StoreReader): readonly Workload[] {
  const all = workloadKinds.flatMap((kind): readonly Workload[] => reader.list(kind));
  return all.filter((workload) => controllerOf(workload) === undefined && isOf(application, workload));
}

/** All pods of one application. */
export function podsOf(application: string, reader: StoreReader): readonly Stored<Pod>[] {
  return reader.list('Pod').filter((pod) => isOf(application, pod));
}

function isOf(application: string, resource: Stored): boolean {
  return resource.metadata.annotations?.[APPLICATION_ANNOTATION] === application;
}

/** How many are ready, of how many that are wanted; undefined for kinds that do not run, or not all the time. */
export function readiness(resource: Stored): { readonly ready: number; readonly wanted: number } | undefined {
  const { kind } = resource;
  if (kind === 'Deployment' || kind === 'ReplicaSet' || kind === 'ReplicationController' || kind === 'StatefulSet')
    return { ready: resource.status?.readyReplicas ?? 0, wanted: resource.spec.replicas ?? 1 };
  if (kind === 'DaemonSet')
    return { ready: resource.status?.numberReady ?? 0, wanted: resource.status?.desiredNumberScheduled ?? 0 };
  if (kind === 'Job') return { ready: resource.status?.succeeded ?? 0, wanted: resource.spec.completions ?? 1 };
  if (kind !== 'Pod') return undefined;
  const { ready, total } = podReadiness(resource);
  return { ready: resource.status?.phase === 'Succeeded' ? total : ready, wanted: total };
}
