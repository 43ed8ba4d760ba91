// The columns of `holdfast get`, as kubectl names them.
import { isConditionTrue } from '../model/conditions.ts';
import type { Kind, PodSpec, Stored, StoredOf } from '../model/resource.ts';
import { printable, shortCommit } from './phrases.ts';
import { podReadiness, podRestarts, podStatus } from './pod-status.ts';
import { age } from './times.ts';

/** One column: its heading, its cell, and whether it is there only with `-o wide`. */
interface Column<R> {
  readonly heading: string;
  readonly cell: (object: R, nowMs: number) => string;
  readonly isWide?: true;
}

const none = '<none>';
const orNone = (text: string | undefined): string => (text === undefined || text === '' ? none : printable(text));
const name: Column<Stored> = { heading: 'NAME', cell: (object) => object.metadata.name };
const ageColumn: Column<Stored> = { heading: 'AGE', cell: (object, nowMs) => age(object.metadata.creationTimestamp, nowMs) };
const keys = (...maps: readonly (Readonly<Record<string, string>> | undefined)[]): string =>
  String(new Set(maps.flatMap((map) => Object.keys(map ?? {}))).size);

const containers = (spec: PodSpec | undefined): string => orNone(spec?.containers.map((container) => container.name).join(','));
const images = (spec: PodSpec | undefined): string => orNone(spec?.containers.map((container) => container.image).join(','));

/** Kinds that have more to show than a name and an age. */
const tables: { readonly [K in Kind]?: readonly Column<StoredOf<K>>[] } = {
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
  ConfigMap: [name, { heading: 'DATA', cell: (config) => keys(config.data, config.binaryData) }, ageColumn],
  Deployment: [
    name,
    { heading: 'READY', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}` },
    { heading: 'UP-TO-DATE', cell: ({ status }) => String(status?.updatedReplicas ?? 0) },
    { heading: 'AVAILABLE', cell: ({ status }) => String(status?.availableReplicas ?? 0) },
    ageColumn,
    { heading: 'CONTAINERS', cell: ({ spec }) => containers(spec.template.spec), isWide: true },
    { heading: 'IMAGES', cell: ({ spec }) => images(spec.template.spec), isWide: true },
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
    {
      heading: 'INTERNAL-IP',
      cell: (node) => orNone(node.status?.addresses?.find((address) => address.type === 'InternalIP')?.address),
      isWide: true,
    },
    { heading: 'OS-IMAGE', cell: (node) => orNone(node.status?.nodeInfo?.operatingSystem), isWide: true },
    { heading: 'KERNEL-VERSION', cell: (node) => orNone(node.status?.nodeInfo?.kernelVersion), isWide: true },
  ],
  PersistentVolumeClaim: [
    name,
    { heading: 'STATUS', cell: (claim) => claim.status?.phase ?? 'Pending' },
    { heading: 'VOLUME', cell: (claim) => orNone(claim.status?.volume) },
    { heading: 'CAPACITY', cell: (claim) => orNone(claim.spec.resources.requests?.storage?.toString()) },
    { heading: 'ACCESS MODES', cell: (claim) => claim.spec.accessModes.map((mode) => accessModes[mode]).join(',') },
    ageColumn,
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
    { heading: 'CONTAINERS', cell: ({ spec }) => containers(spec.template?.spec), isWide: true },
    { heading: 'IMAGES', cell: ({ spec }) => images(spec.template?.spec), isWide: true },
  ],
  Secret: [
    name,
    { heading: 'TYPE', cell: (secret) => secret.type ?? 'Opaque' },
    { heading: 'DATA', cell: (secret) => keys(secret.data, secret.stringData) },
    ageColumn,
  ],
};

const accessModes = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' } as const;

/** `Ready`, `NotReady`, with `SchedulingDisabled` as kubectl appends it. */
export function nodeStatus(node: StoredOf<'Node'>): string {
  const word = isConditionTrue(node.status?.conditions, 'Ready') ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

/** Heading and rows for objects of one kind. */
export function tableOf<K extends Kind>(
  kind: K,
  objects: readonly StoredOf<K>[],
  options: { readonly isWide: boolean; readonly withNamespace: boolean; readonly prefix: string; readonly nowMs: number },
): { readonly header: string[]; readonly rows: string[][] } {
  const all: readonly Column<StoredOf<K>>[] = tables[kind] ?? [name, ageColumn];
  const shown = all.filter((column) => options.isWide || column.isWide !== true);
  const rows = objects.map((object: Stored & StoredOf<K>) => {
    const cells = shown.map((column) => (column.heading === 'NAME' ? options.prefix : '') + column.cell(object, options.nowMs));
    return options.withNamespace ? [object.metadata.namespace ?? 'default', ...cells] : cells;
  });
  return { header: [...(options.withNamespace ? ['NAMESPACE'] : []), ...shown.map((column) => column.heading)], rows };
}
