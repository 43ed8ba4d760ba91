// The columns of what runs.
import type { StoredOf } from '../../model/resource.ts';
import { printable } from '../phrases.ts';
import { podReadiness, podRestarts, podStatus } from '../pod-status.ts';
import { ageColumn, containerColumns, name, orNone, type Tables } from './columns.ts';

export const workloadTables: Tables = {
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
  ReplicaSet: [
    name,
    { heading: 'DESIRED', cell: ({ spec }) => String(spec.replicas ?? 1) },
    { heading: 'CURRENT', cell: ({ status }) => String(status?.replicas ?? 0) },
    { heading: 'READY', cell: ({ status }) => String(status?.readyReplicas ?? 0) },
    ageColumn,
    ...containerColumns<StoredOf<'ReplicaSet'>>(({ spec }) => spec.template?.spec),
  ],
};
