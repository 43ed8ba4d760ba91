// Who an object of a build is, by its present name and by those it had before: kustomize's rules for finding the object that a step means.
import { isPlainObject } from '../../schema/admit.ts';
import type { BuildResource, PlainMap, ResourceId } from '../resource.ts';

/** Kinds of Kubernetes that have no namespace, by group and kind. */
const clusterScoped: ReadonlySet<string> = new Set([
  ...['ComponentStatus', 'Namespace', 'Node', 'PersistentVolume'].map((kind) => `/${kind}`),
  ...[
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ].map((kind) => `admissionregistration.k8s.io/${kind}`),
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'authentication.k8s.io/TokenReview',
  'authentication.k8s.io/SelfSubjectReview',
  ...['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'].map((kind) => `authorization.k8s.io/${kind}`),
  'certificates.k8s.io/CertificateSigningRequest',
  // Our own, which kustomize does not know.
  ...['Application', 'ApplicationSet', 'DockerHost'].map((kind) => `holdfast.dev/${kind}`),
  ...['FlowSchema', 'PriorityLevelConfiguration'].map((kind) => `flowcontrol.apiserver.k8s.io/${kind}`),
  ...['IngressClass', 'IPAddress', 'ServiceCIDR'].map((kind) => `networking.k8s.io/${kind}`),
  'node.k8s.io/RuntimeClass',
  'policy/PodSecurityPolicy',
  ...['ClusterRole', 'ClusterRoleBinding'].map((kind) => `rbac.authorization.k8s.io/${kind}`),
  ...['DeviceClass', 'ResourceSlice'].map((kind) => `resource.k8s.io/${kind}`),
  'scheduling.k8s.io/PriorityClass',
  ...['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'].map(
    (kind) => `storage.k8s.io/${kind}`,
  ),
]);

const textIn = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

/** Group and version of an apiVersion. */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Who an object is now. */
export function currentId(value: Readonly<PlainMap>): ResourceId {
  const metadata = isPlainObject(value['metadata']) ? value['metadata'] : {};
  return {
    ...splitApiVersion(textIn(value['apiVersion'])),
    kind: textIn(value['kind']),
    name: textIn(metadata['name']),
    namespace: textIn(metadata['namespace']),
  };
}

/** Everyone an object is and was: the present first. */
export function idsOf(resource: BuildResource): readonly ResourceId[] {
  return [currentId(resource.value), ...resource.previousIds];
}

/** The namespace that counts when ids are compared: no namespace is `default`, and cluster-wide kinds share one of their own. */
export function effectiveNamespace({ group, kind, namespace }: ResourceId): string {
  if (clusterScoped.has(`${group}/${kind}`)) return '_non_namespaceable_';
  return namespace === '' ? 'default' : namespace;
}

/** Equal group, version, kind and name. */
export function isSameObject(one: ResourceId, other: ResourceId): boolean {
  return one.group === other.group && one.version === other.version && one.kind === other.kind && one.name === other.name;
}

/** The same object in the same effective namespace. */
export function isSameId(one: ResourceId, other: ResourceId): boolean {
  return isSameObject(one, other) && effectiveNamespace(one) === effectiveNamespace(other);
}

/** Whether an id has every part that the selection names; parts that are '' are not asked for. */
export function isSelectedBy(id: ResourceId, selection: ResourceId): boolean {
  return (
    (selection.group === '' || selection.group === id.group) &&
    (selection.version === '' || selection.version === id.version) &&
    (selection.kind === '' || selection.kind === id.kind) &&
    (selection.name === '' || selection.name === id.name) &&
    (selection.namespace === '' || effectiveNamespace({ ...id, namespace: selection.namespace }) === effectiveNamespace(id))
  );
}

/** For messages: `ConfigMap "settings" in namespace "web"`. */
export function describeId({ kind, name, namespace, group }: ResourceId): string {
  const what = [
    kind === '' ? 'any kind' : kind,
    ...(group === '' ? [] : [`of ${group}`]),
    ...(name === '' ? [] : [JSON.stringify(name)]),
    ...(namespace === '' ? [] : [`in namespace ${JSON.stringify(namespace)}`]),
  ];
  return what.join(' ');
}
