// The columns of what the cluster itself is made of.
import { isConditionTrue } from '../../model/conditions.ts';
import { internalAddressOf } from '../../model/node.ts';
import type { StoredOf } from '../../model/resource.ts';
import { printable, shortCommit } from '../phrases.ts';
import { age } from '../times.ts';
import { ageColumn, name, none, orNone, type Tables } from './columns.ts';

export const clusterTables: Tables = {
  Application: [
    name,
    { heading: 'HEALTH', cell: (app) => app.status?.health ?? 'Unknown' },
    { heading: 'COMMIT', cell: (app) => (app.status?.lastGood === undefined ? none : shortCommit(app.status.lastGood.id)) },
    {
      heading: 'PHASE',
      cell: (app) =>
        app.status?.attempt?.phase ?? app.status?.held?.outcome ?? (app.status?.lastGood === undefined ? none : 'live'),
    },
    { heading: 'REVISION', cell: (app) => printable(app.spec.revision) },
    ageColumn,
    { heading: 'REPO', cell: (app) => printable(app.spec.repo), isWide: true },
    { heading: 'PATH', cell: (app) => printable(app.spec.path), isWide: true },
  ],
  ApplicationRevision: [
    name,
    { heading: 'APPLICATION', cell: (revision) => revision.spec.application },
    { heading: 'COMMIT', cell: (revision) => shortCommit(revision.spec.commit.id) },
    { heading: 'OBJECTS', cell: (revision) => String(revision.spec.inventory.length) },
    ageColumn,
  ],
  DeletedObject: [
    { heading: 'OBJECT', cell: ({ spec }) => `${spec.entry.kind.toLowerCase()}/${spec.entry.name}` },
    { heading: 'IN', cell: ({ spec }) => orNone(spec.entry.namespace) },
    { heading: 'APPLICATION', cell: ({ spec }) => spec.application },
    { heading: 'REMOVED BY', cell: ({ spec }) => shortCommit(spec.removedBy.id) },
    { heading: 'AGE', cell: ({ spec }, nowMs) => age(spec.deletedAt, nowMs) },
    {
      heading: 'UNTIL',
      cell: ({ spec }) => (spec.undeleted === undefined ? spec.until : `brought back by ${printable(spec.undeleted.who)}`),
    },
    { ...name, isWide: true },
  ],
  Event: [
    { heading: 'LAST SEEN', cell: (event, nowMs) => age(event.lastTimestamp, nowMs) },
    { heading: 'TYPE', cell: (event) => event.type },
    { heading: 'REASON', cell: (event) => printable(event.reason) },
    { heading: 'OBJECT', cell: (event) => `${event.involvedObject.kind.toLowerCase()}/${event.involvedObject.name}` },
    { heading: 'COUNT', cell: (event) => String(event.count), isWide: true },
    { heading: 'MESSAGE', cell: (event) => printable(event.message) },
  ],
  Namespace: [name, { heading: 'STATUS', cell: (namespace) => namespace.status?.phase ?? 'Active' }, ageColumn],
  Node: [
    name,
    { heading: 'STATUS', cell: nodeStatus },
    ageColumn,
    { heading: 'VERSION', cell: (node) => orNone(node.status?.nodeInfo?.containerRuntimeVersion) },
    { heading: 'INTERNAL-IP', cell: (node) => orNone(internalAddressOf(node)), isWide: true },
    { heading: 'OS-IMAGE', cell: (node) => orNone(node.status?.nodeInfo?.operatingSystem), isWide: true },
    { heading: 'KERNEL-VERSION', cell: (node) => orNone(node.status?.nodeInfo?.kernelVersion), isWide: true },
  ],
};

/** `Ready`, `NotReady`, with `SchedulingDisabled` as kubectl appends it. */
export function nodeStatus(node: StoredOf<'Node'>): string {
  const word = isConditionTrue(node.status?.conditions, 'Ready') ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
}
