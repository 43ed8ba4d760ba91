// Which kinds there are: those that Holdfast runs, those that only Kubernetes has, and what to say about the others.
import type { Kind } from '../../model/resource.ts';
import { explainForeignChart } from '../helm/foreign-charts.ts';
import { nearest } from '../suggest.ts';
import { schemas } from './schemas.generated.ts';

/** Kinds that Kubernetes has, with the apiVersions that manifests use: the current one first. */
const known: Readonly<Record<string, readonly string[]>> = {
  APIService: ['apiregistration.k8s.io/v1', 'apiregistration.k8s.io/v1beta1'],
  Binding: ['v1'],
  CSIDriver: ['storage.k8s.io/v1', 'storage.k8s.io/v1beta1'],
  CSINode: ['storage.k8s.io/v1', 'storage.k8s.io/v1beta1'],
  CSIStorageCapacity: ['storage.k8s.io/v1', 'storage.k8s.io/v1beta1'],
  CertificateSigningRequest: ['certificates.k8s.io/v1', 'certificates.k8s.io/v1beta1'],
  ClusterRole: ['rbac.authorization.k8s.io/v1', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1alpha1'],
  ClusterRoleBinding: ['rbac.authorization.k8s.io/v1', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1alpha1'],
  ConfigMap: ['v1'],
  ControllerRevision: ['apps/v1', 'apps/v1beta2', 'apps/v1beta1'],
  CronJob: ['batch/v1', 'batch/v1beta1', 'batch/v2alpha1'],
  CustomResourceDefinition: ['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1'],
  DaemonSet: ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1'],
  Deployment: ['apps/v1', 'apps/v1beta2', 'apps/v1beta1', 'extensions/v1beta1'],
  DeviceClass: ['resource.k8s.io/v1', 'resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'],
  EndpointSlice: ['discovery.k8s.io/v1', 'discovery.k8s.io/v1beta1'],
  Endpoints: ['v1'],
  Event: ['v1', 'events.k8s.io/v1', 'events.k8s.io/v1beta1'],
  FlowSchema: ['flowcontrol.apiserver.k8s.io/v1', 'flowcontrol.apiserver.k8s.io/v1beta3'],
  HorizontalPodAutoscaler: ['autoscaling/v2', 'autoscaling/v1', 'autoscaling/v2beta1', 'autoscaling/v2beta2'],
  IPAddress: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'],
  Ingress: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'extensions/v1beta1'],
  IngressClass: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'],
  Job: ['batch/v1'],
  Lease: ['coordination.k8s.io/v1', 'coordination.k8s.io/v1beta1'],
  LimitRange: ['v1'],
  MutatingAdmissionPolicy: [
    'admissionregistration.k8s.io/v1',
    'admissionregistration.k8s.io/v1beta1',
    'admissionregistration.k8s.io/v1alpha1',
  ],
  MutatingAdmissionPolicyBinding: [
    'admissionregistration.k8s.io/v1',
    'admissionregistration.k8s.io/v1beta1',
    'admissionregistration.k8s.io/v1alpha1',
  ],
  MutatingWebhookConfiguration: ['admissionregistration.k8s.io/v1', 'admissionregistration.k8s.io/v1beta1'],
  Namespace: ['v1'],
  NetworkPolicy: ['networking.k8s.io/v1', 'extensions/v1beta1'],
  Node: ['v1'],
  PersistentVolume: ['v1'],
  PersistentVolumeClaim: ['v1'],
  Pod: ['v1'],
  PodDisruptionBudget: ['policy/v1', 'policy/v1beta1'],
  PodSecurityPolicy: ['policy/v1beta1', 'extensions/v1beta1'],
  PodTemplate: ['v1'],
  PriorityClass: ['scheduling.k8s.io/v1', 'scheduling.k8s.io/v1beta1', 'scheduling.k8s.io/v1alpha1'],
  PriorityLevelConfiguration: ['flowcontrol.apiserver.k8s.io/v1', 'flowcontrol.apiserver.k8s.io/v1beta3'],
  ReplicaSet: ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1'],
  ReplicationController: ['v1'],
  ResourceClaim: ['resource.k8s.io/v1', 'resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'],
  ResourceClaimTemplate: ['resource.k8s.io/v1', 'resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'],
  ResourceQuota: ['v1'],
  ResourceSlice: ['resource.k8s.io/v1', 'resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'],
  Role: ['rbac.authorization.k8s.io/v1', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1alpha1'],
  RoleBinding: ['rbac.authorization.k8s.io/v1', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1alpha1'],
  RuntimeClass: ['node.k8s.io/v1', 'node.k8s.io/v1beta1', 'node.k8s.io/v1alpha1'],
  Secret: ['v1'],
  Service: ['v1'],
  ServiceAccount: ['v1'],
  ServiceCIDR: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'],
  StatefulSet: ['apps/v1', 'apps/v1beta2', 'apps/v1beta1'],
  StorageClass: ['storage.k8s.io/v1', 'storage.k8s.io/v1beta1'],
  ValidatingAdmissionPolicy: [
    'admissionregistration.k8s.io/v1',
    'admissionregistration.k8s.io/v1beta1',
    'admissionregistration.k8s.io/v1alpha1',
  ],
  ValidatingAdmissionPolicyBinding: [
    'admissionregistration.k8s.io/v1',
    'admissionregistration.k8s.io/v1beta1',
    'admissionregistration.k8s.io/v1alpha1',
  ],
  ValidatingWebhookConfiguration: ['admissionregistration.k8s.io/v1', 'admissionregistration.k8s.io/v1beta1'],
  VolumeAttachment: ['storage.k8s.io/v1'],
  VolumeAttributesClass: ['storage.k8s.io/v1', 'storage.k8s.io/v1beta1'],
};

/** Kinds of Kubernetes that will not come: why, and what to do instead. */
const refused: Readonly<Record<string, string>> = {
  Binding: 'Holdfast itself decides where pods run; write nodeName in the pod',
  PodSecurityPolicy: 'Kubernetes removed it in version 1.25; write securityContext in the pods',
  PodTemplate: 'nothing reads it, in Kubernetes either; write the template in a workload',
};

/** What an apiVersion and a kind stand for: a kind that can be loaded, or the fault and the field that it is in. */
export type KindFinding = { readonly kind: Kind } | { readonly field: 'apiVersion' | 'kind'; readonly message: string };

/** Whether a kind may be written in a manifest, and if not, why and what to write instead. */
export function findKind(apiVersion: string, kind: string): KindFinding {
  const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  const own = schema?.properties?.['apiVersion']?.const;
  const versions = Object.hasOwn(known, kind) ? (known[kind] ?? []) : [];
  const reason = schema?.['x-internal'];
  if (reason !== undefined && (own === apiVersion || versions.includes(apiVersion)))
    return { field: 'kind', message: `${kind} (${apiVersion}) is not for manifests: ${reason}` };
  // The names of the schemas are the kinds.
  if (own === apiVersion) return { kind: kind as Kind };
  if (own !== undefined && reason === undefined && isNative(apiVersion)) {
    const isLegacy = versions.includes(apiVersion);
    return {
      field: 'apiVersion',
      message: isLegacy
        ? `apiVersion ${apiVersion} of ${kind} is not supported yet; write ${own}`
        : `there is no ${kind} in ${apiVersion}; write ${own}`,
    };
  }
  return { field: 'kind', message: explainOther(apiVersion, kind, versions) };
}

/** Kinds with a schema that mean something to a Kubernetes API server only. */
const ofApiServer: ReadonlySet<string> = new Set([
  'APIService',
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/** Whether a kind is a custom resource, or one that only a cluster has: what `--skip-unknown-kinds` leaves out. */
export function isOfClusterOnly(apiVersion: string, kind: string): boolean {
  if (apiVersion.startsWith('holdfast.dev/') || apiVersion.startsWith('kustomize.config.k8s.io/')) return false;
  if (!isNative(apiVersion)) return true;
  const isKnown = Object.hasOwn(known, kind) && known[kind]?.includes(apiVersion) === true;
  return isKnown && (ofApiServer.has(kind) || !Object.hasOwn(schemas, kind));
}

function explainOther(apiVersion: string, kind: string, versions: readonly string[]): string {
  const reason = Object.hasOwn(refused, kind) ? refused[kind] : undefined;
  if (versions.includes(apiVersion))
    return `${kind} (${apiVersion}) is not supported${reason === undefined ? ' yet' : `: ${reason}`}`;
  if (apiVersion.startsWith('kustomize.config.k8s.io/'))
    return `${kind} (${apiVersion}) is not supported yet: commit the output of "kustomize build"`;
  const foreignChart = explainForeignChart(apiVersion, kind);
  if (foreignChart !== undefined) return foreignChart;
  if (!isNative(apiVersion))
    return `${kind} (${apiVersion}) is not supported yet: custom resources come with a later version of Holdfast; leave it out with --skip-unknown-kinds, or keep it in a folder that Holdfast does not apply`;
  if (versions.length > 0)
    return `there is no ${kind} in ${apiVersion}; Kubernetes has it in ${versions[0]}, and it is not supported yet`;
  const similar = nearest(kind, [...Object.keys(schemas), ...Object.keys(known)]);
  return `${kind} (${apiVersion}) is unknown.${similar === undefined ? '' : ` Did you mean "${similar}"?`}`;
}

const nativeGroups: ReadonlySet<string> = new Set(['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy', 'holdfast.dev']);

function isNative(apiVersion: string): boolean {
  const slash = apiVersion.indexOf('/');
  const group = slash === -1 ? '' : apiVersion.slice(0, slash);
  return (
    nativeGroups.has(group) ||
    Object.values(known).some((versions) => versions.some((version) => version.startsWith(`${group}/`)))
  );
}
