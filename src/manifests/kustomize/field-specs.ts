// Where kustomize puts labels, annotations and namespaces when nothing else is said (its built-in transformer configuration). What is asked
// for images, replicas and variables is with the steps that use it.
import type { FieldSpec } from './resource.ts';

interface Kinds {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

const spec = (path: string, { group = '', version = '', kind = '' }: Kinds = {}, create = true): FieldSpec => ({
  group,
  version,
  kind,
  path,
  create,
});

const deployment = { kind: 'Deployment' };
const replicaSet = { kind: 'ReplicaSet' };
const daemonSet = { kind: 'DaemonSet' };
const statefulSet = { group: 'apps', kind: 'StatefulSet' };
const replicationController = { version: 'v1', kind: 'ReplicationController' };
const job = { group: 'batch', kind: 'Job' };
const cronJob = { group: 'batch', kind: 'CronJob' };
const networkPolicy = { group: 'networking.k8s.io', kind: 'NetworkPolicy' };

/** The metadata of objects and of the pod templates in them. */
const inMetadata = (field: string, statefulSets: Kinds): FieldSpec[] => [
  spec(`metadata/${field}`),
  ...[replicationController, deployment, replicaSet, daemonSet, statefulSets, job].map((kinds) =>
    spec(`spec/template/metadata/${field}`, kinds),
  ),
  spec(`spec/jobTemplate/metadata/${field}`, cronJob),
  spec(`spec/jobTemplate/spec/template/metadata/${field}`, cronJob),
];

export const templateLabels: readonly FieldSpec[] = inMetadata('labels', statefulSet);

export const volumeClaimTemplateLabels: readonly FieldSpec[] = [spec('spec/volumeClaimTemplates[]/metadata/labels', statefulSet)];

const podSelectors: readonly FieldSpec[] = [{ group: 'apps', kind: 'Deployment' }, statefulSet].flatMap((kinds) =>
  [
    'affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels',
    'affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels',
    'affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels',
    'affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels',
    'topologySpreadConstraints/labelSelector/matchLabels',
  ].map((path) => spec(`spec/template/spec/${path}`, kinds, false)),
);

export const commonLabels: readonly FieldSpec[] = [
  spec('spec/selector', { version: 'v1', kind: 'Service' }),
  spec('spec/selector', replicationController),
  ...[deployment, replicaSet, daemonSet, statefulSet].map((kinds) => spec('spec/selector/matchLabels', kinds)),
  ...podSelectors,
  spec('spec/selector/matchLabels', job, false),
  spec('spec/jobTemplate/spec/selector/matchLabels', cronJob, false),
  spec('spec/selector/matchLabels', { group: 'policy', kind: 'PodDisruptionBudget' }, false),
  spec('spec/podSelector/matchLabels', networkPolicy, false),
  spec('spec/ingress/from/podSelector/matchLabels', networkPolicy, false),
  spec('spec/egress/to/podSelector/matchLabels', networkPolicy, false),
  ...templateLabels,
  ...volumeClaimTemplateLabels,
];

/** What `labels` without more sets. */
export const metadataLabels: readonly FieldSpec[] = [spec('metadata/labels')];

export const commonAnnotations: readonly FieldSpec[] = inMetadata('annotations', { kind: 'StatefulSet' });

/** `metadata/namespace` has rules of its own, and so have the subjects of role bindings: see namespace.ts. */
export const namespaces: readonly FieldSpec[] = [
  spec('metadata/name', { kind: 'Namespace' }),
  spec('spec/service/namespace', { group: 'apiregistration.k8s.io', kind: 'APIService' }),
  spec(
    'spec/conversion/webhook/clientConfig/service/namespace',
    { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
    false,
  ),
];

export const names: readonly FieldSpec[] = [spec('metadata/name', {}, false)];
