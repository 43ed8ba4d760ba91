// Resources: the typed objects that every part of Holdfast meets in. Pure data, no behaviour.
import type { ObjectMeta, OwnerReference, Resource } from './generated.ts';
import { kindNaming } from './kinds.generated.ts';

export type * from './generated.ts';

/** The kind of a resource, such as `Deployment`. */
export type Kind = Resource['kind'];

/** The resource type of one kind. */
export type ResourceOf<K extends Kind> = Extract<Resource, { kind: K }>;

/** Metadata of an object that has a name. `namespace` is absent for cluster-wide kinds only. */
export type NamedMeta = ObjectMeta & { name: string };

/** A resource as the manifests room hands it over: validated, defaulted, named, and with a namespace where its kind has one. */
export type Desired<R extends Resource = Resource> = R extends Resource ? R & { metadata: NamedMeta } : never;

/** The metadata that the store adds. */
export interface StoredMeta extends ObjectMeta {
  name: string;
  uid: string;
  /** Decimal store revision of the last write of this object. */
  resourceVersion: string;
  /** Starts at 1, grows by one with every change outside metadata and status. */
  generation: number;
  /** RFC 3339, whole seconds. */
  creationTimestamp: string;
}

/** A resource as it comes out of the store. */
export type Stored<R extends Resource = Resource> = R extends Resource ? R & { metadata: StoredMeta } : never;

/** The stored form of one kind. */
export type StoredOf<K extends Kind> = Stored<ResourceOf<K>>;

/** Names one object. `namespace` is the empty string for cluster-wide kinds. */
export interface ResourceKey {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** Whether objects of this kind live in a namespace. */
export function isNamespaced(kind: Kind): boolean {
  return kindNaming[kind].isNamespaced;
}

/** The key of a resource that has a name. */
export function keyOf(resource: { kind: Kind; metadata: ObjectMeta }): ResourceKey {
  return {
    kind: resource.kind,
    namespace: isNamespaced(resource.kind) ? (resource.metadata.namespace ?? 'default') : '',
    name: resource.metadata.name ?? '',
  };
}

/** One string per key, unique and stable: `Deployment/shop/web`, `Namespace//shop`. */
export function keyString(key: ResourceKey): string {
  return `${key.kind}/${key.namespace}/${key.name}`;
}

/** The reverse of `keyString`. */
export function parseKey(text: string): ResourceKey {
  const [kind, namespace, name] = text.split('/');
  if (kind === undefined || namespace === undefined || name === undefined) throw new TypeError(`not a key: ${text}`);
  return { kind: kind as Kind, namespace, name };
}

/** How a person reads a key: `deployment/web` or `deployment/web in shop`. */
export function displayKey(key: ResourceKey): string {
  const short = `${key.kind.toLowerCase()}/${key.name}`;
  return key.namespace === '' || key.namespace === 'default' ? short : `${short} in ${key.namespace}`;
}

/** The managing owner of an object, if it has one. */
export function controllerOf(resource: { metadata: ObjectMeta }): OwnerReference | undefined {
  return resource.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The owner reference that makes `owner` the managing controller of another object. */
export function controllerReference(owner: Stored): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Annotation on every object that came from a commit: the application it belongs to. Handed down to ReplicaSets and pods. */
export const APPLICATION_ANNOTATION = 'holdfast.dev/application';
/** Annotation on objects that were rebuilt from Docker after the store was lost, until an owner or a commit has claimed them. */
export const RECOVERED_ANNOTATION = 'holdfast.dev/recovered';
/** Label of ReplicaSets and their pods: the hash of the pod template (Kubernetes, "Pod-template-hash label"). */
export const TEMPLATE_HASH_LABEL = 'pod-template-hash';
/** Annotation of Deployments and their ReplicaSets: the number of the rollout. */
export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
