// The columns of what runs.
import { controllerOf, type StoredOf } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { podReadiness, podRestarts, podStatus } from '../pod-status.ts';
import { ageColumn, containerColumns, name, orNone, type Tables } from './columns.ts';

export const workloadTables: Tables = {
  ControllerRevision: [
    name,
    { heading: 'CONTROLLER', cell: (revision) => controllerName(revision) },
    { heading: 'REVISION', cell: (revision) => String(revision.revision) },
    ageColumn,
  ],
  DaemonSet: [
    name,
    { heading: 'DESIRED', cell: ({ status }) => String(status?.desiredNumberScheduled ?? 0) },
    { heading: 'CURRENT', cell: ({ status }) => String(status?.currentNumberScheduled ?? 0) },
    { heading: 'READY', cell: ({ status }) => String(status?.numberReady ?? 0) },
    { heading: 'UP-TO-DATE', cell: ({ status }) => String(status?.updatedNumberScheduled ?? 0) },
    { heading: 'AVAILABLE', cell: ({ status }) => String(status?.numberAvailable ?? 0) },
    { heading: 'NODE SELECTOR', cell: ({ spec }) => selectorText(spec.template.spec.nodeSelector) },
    ageColumn,
    ...containerColumns<StoredOf<'DaemonSet'>>(({ spec }) => spec.template.spec),
  ],
  Deployment: [
    name,
    { heading: 'READY', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}` },
    { heading: 'UP-TO-DATE', cell: ({ status }) => String(status?.updatedReplicas ?? 0) },
    { heading: 'AVAILABLE', cell: ({ status }) => String(status?.availableReplicas ?? 0) },
    ageColumn,
    ...containerColumns<StoredOf<'Deployment'>>(({ spec }) => spec.template.spec),
  ],
  Pod: [
    name,
    { heading: 'READY', cell: (pod) => `${podReadiness(pod).ready}/${podReadiness(pod).total}` },
    { heading: 'STATUS', cell: (pod) => printable(podStatus(pod)) },
    { heading: 'RESTARTS', cell: (pod) => String(podRestarts(pod)) },
    ageColumn,
    { heading: 'IP', cell: (pod) => orNone(pod.status?.podIP), isWide: true },
    { heading: 'NODE', cell: (pod) => orNone(pod.spec.nodeName), isWide: true },
  ],
  ReplicationController: [
    name,
    { heading: 'DESIRED', cell: ({ spec }) => String(spec.replicas ?? 1) },
    { heading: 'CURRENT', cell: ({ status }) => String(status?.replicas ?? 0) },
    { heading: 'READY', cell: ({ status }) => String(status?.readyReplicas ?? 0) },
    ageColumn,
    ...containerColumns<StoredOf<'ReplicationController'>>(({ spec }) => spec.template?.spec),
  ],
  ReplicaSet: [
    name,
    { heading: 'DESIRED', cell: ({ spec }) => String(spec.replicas ?? 1) },
    { heading: 'CURRENT', cell: ({ status }) => String(status?.replicas ?? 0) },
    { heading: 'READY', cell: ({ status }) => String(status?.readyReplicas ?? 0) },
    ageColumn,
    ...containerColumns<StoredOf<'ReplicaSet'>>(({ spec }) => spec.template?.spec),
  ],
  StatefulSet: [
    name,
    { heading: 'READY', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}` },
    ageColumn,
    ...containerColumns<StoredOf<'StatefulSet'>>(({ spec }) => spec.template.spec),
  ],
};

/** `statefulset.apps/db`, as kubectl names the owner of a revision. */
function controllerName(revision: StoredOf<'ControllerRevision'>): string {
  const owner = controllerOf(revision);
  return orNone(owner === undefined ? undefined : `${owner.kind.toLowerCase()}.apps/${owner.name}`);
}

function selectorText(selector: Readonly<Record<string, string>> | undefined): string {
  return orNone(
    Object.entries(selector ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  );
}
