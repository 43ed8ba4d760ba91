// Which fields hold the name of an object of which kind (kustomize's built-in `nameReference` configuration).
import type { FieldSpec, NameReference } from './resource.ts';

interface Kinds {
  readonly group?: string;
  readonly version?: string;
}

/** `KIND PATH` each; the group and version are any unless given. */
const referrers = (specs: readonly string[], { group = '', version = '' }: Kinds = {}): FieldSpec[] =>
  specs.map((text) => {
    const space = text.indexOf(' ');
    return { group, version, kind: text.slice(0, space), path: text.slice(space + 1), create: false };
  });

const reference = (kind: string, { group = '', version = '' }: Kinds, ...specs: (readonly FieldSpec[])[]): NameReference => ({
  group,
  version,
  kind,
  referrers: specs.flat(),
});

/** Where the pod is in the kinds that have one. */
const podIn: Readonly<Record<string, string>> = {
  PodTemplate: 'template/spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  ReplicationController: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
  Pod: 'spec',
};

const inPodsOf = (kinds: readonly string[], fields: readonly string[], version = ''): FieldSpec[] =>
  kinds.flatMap((kind) =>
    referrers(
      fields.map((field) => `${kind} ${podIn[kind]}/${field}`),
      { version },
    ),
  );

const configHolders = ['PodTemplate', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob'];
const accountHolders = ['Pod', 'StatefulSet', 'Deployment', 'ReplicationController', 'CronJob', 'Job', 'DaemonSet'];

const inContainers = (list: string, key: string): string[] =>
  ['containers', 'initContainers'].flatMap((containers) => [
    `${containers}/env/valueFrom/${key}KeyRef/name`,
    `${containers}/envFrom/${list}/name`,
  ]);
const configMapFields = [
  'volumes/configMap/name',
  'volumes/projected/sources/configMap/name',
  ...inContainers('configMapRef', 'configMap'),
];
const secretFields = [
  'volumes/secret/secretName',
  'volumes/projected/sources/secret/name',
  'imagePullSecrets/name',
  ...inContainers('secretRef', 'secret'),
];

const rbac = { group: 'rbac.authorization.k8s.io' };
const webhooks = { group: 'admissionregistration.k8s.io' };
const scaled = referrers(['HorizontalPodAutoscaler spec/scaleTargetRef/name']);
const annotation = (name: string): string => `Ingress metadata/annotations/${name.replace('/', String.raw`\/`)}`;

/** In the order in which kustomize goes through them. */
export const nameReferences: readonly NameReference[] = [
  reference(
    'StorageClass',
    { version: 'v1', group: 'storage.k8s.io' },
    referrers([
      'PersistentVolume spec/storageClassName',
      'PersistentVolumeClaim spec/storageClassName',
      'StatefulSet spec/volumeClaimTemplates/spec/storageClassName',
    ]),
  ),
  reference(
    'ServiceAccount',
    { version: 'v1' },
    referrers(['RoleBinding subjects', 'ClusterRoleBinding subjects'], rbac),
    inPodsOf(accountHolders, ['serviceAccountName']),
  ),
  reference('Role', rbac, referrers(['RoleBinding roleRef/name'], rbac)),
  reference('ClusterRole', rbac, referrers(['RoleBinding roleRef/name', 'ClusterRoleBinding roleRef/name'], rbac)),
  reference(
    'ConfigMap',
    { version: 'v1' },
    inPodsOf(['Pod'], configMapFields, 'v1'),
    inPodsOf(configHolders, configMapFields),
    referrers([
      'Node spec/configSource/configMap',
      'Role rules/resourceNames',
      'ClusterRole rules/resourceNames',
      annotation('nginx.ingress.kubernetes.io/fastcgi-params-configmap'),
    ]),
  ),
  reference(
    'Secret',
    { version: 'v1' },
    inPodsOf(['Pod'], secretFields, 'v1'),
    inPodsOf(configHolders, secretFields),
    referrers([
      'Ingress spec/tls/secretName',
      annotation('ingress.kubernetes.io/auth-secret'),
      annotation('nginx.ingress.kubernetes.io/auth-secret'),
      annotation('nginx.ingress.kubernetes.io/auth-tls-secret'),
      'ServiceAccount imagePullSecrets/name',
      'StorageClass parameters/secretName',
      'StorageClass parameters/adminSecretName',
      'StorageClass parameters/userSecretName',
      'StorageClass parameters/secretRef',
      'Role rules/resourceNames',
      'ClusterRole rules/resourceNames',
      'PersistentVolume spec/azureFile/secretName',
    ]),
    referrers(['Service spec/template/spec/containers/env/valueFrom/secretKeyRef/name'], {
      group: 'serving.knative.dev',
      version: 'v1',
    }),
  ),
  reference(
    'Service',
    { version: 'v1' },
    referrers(['StatefulSet spec/serviceName'], { group: 'apps' }),
    referrers([
      'Ingress spec/rules/http/paths/backend/serviceName',
      'Ingress spec/backend/serviceName',
      'Ingress spec/rules/http/paths/backend/service/name',
      'Ingress spec/defaultBackend/service/name',
    ]),
    referrers(['APIService spec/service/name'], { group: 'apiregistration.k8s.io' }),
    referrers(
      [
        'ValidatingWebhookConfiguration webhooks/clientConfig/service',
        'MutatingWebhookConfiguration webhooks/clientConfig/service',
      ],
      webhooks,
    ),
  ),
  reference('PriorityClass', { version: 'v1', group: 'scheduling.k8s.io' }, inPodsOf(accountHolders, ['priorityClassName'])),
  reference(
    'PersistentVolume',
    { version: 'v1' },
    referrers(['PersistentVolumeClaim spec/volumeName', 'ClusterRole rules/resourceNames']),
  ),
  reference('PersistentVolumeClaim', { version: 'v1' }, inPodsOf(accountHolders, ['volumes/persistentVolumeClaim/claimName'])),
  reference('Deployment', {}, scaled),
  reference('StatefulSet', {}, scaled),
  reference('ReplicaSet', {}, scaled),
  reference('ReplicationController', {}, scaled),
  reference('ValidatingAdmissionPolicy', webhooks, referrers(['ValidatingAdmissionPolicyBinding spec/policyName'], webhooks)),
  // kustomize asks for a group that no object has, so that references to ingress classes stay as they are written.
  reference('IngressClass', { version: 'v1', group: 'networking.k8s.io/v1' }, referrers(['Ingress spec/ingressClassName'])),
];
