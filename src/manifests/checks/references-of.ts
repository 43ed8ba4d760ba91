// What each kind of object refers to by name, besides the pods that it makes: see pod-references.ts.
import { readAnnotations } from '../../model/ingress/annotations.ts';
import { AUTH_SECRET } from '../../model/ingress/annotations-nginx.ts';
import { UNDECLARED_CLASSES } from '../../model/ingress/class.ts';
import type {
  ClusterRoleBinding,
  HorizontalPodAutoscaler,
  Ingress,
  Kind,
  Resource,
  RoleBinding,
  StatefulSet,
} from '../../model/resource.ts';
import { isNamespaced } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import type { PodFacts } from './pod-facts.ts';
import { podReferences } from './pod-references.ts';
import { claimReferences, type Reference } from './reference.ts';

/** Namespaces that every cluster has. */
const namespacesAlwaysThere: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);
const rolesAlwaysThere: ReadonlySet<string> = new Set(['cluster-admin', 'admin', 'edit', 'view']);
/** The only role that Kubernetes makes and whose name does not begin as the others' do. */
const AUTHENTICATION_READER = 'extension-apiserver-authentication-reader';

const none: readonly Reference[] = [];

/** All references of an object. `pods` are those that it makes. */
export function referencesOf(resource: Resource, pods: PodFacts | undefined): readonly Reference[] {
  const references: Reference[] = [];
  const namespace = resource.metadata.namespace ?? 'default';
  if (isNamespaced(resource.kind) && !namespacesAlwaysThere.has(namespace))
    references.push({ kind: 'Namespace', namespace: '', name: namespace, path: ['metadata', 'namespace'] });
  if (pods !== undefined) {
    const claims = resource.kind === 'StatefulSet' ? (resource.spec.volumeClaimTemplates ?? []) : [];
    const replaced = new Set(claims.map(({ metadata }) => metadata?.name ?? ''));
    for (const reference of podReferences(pods.spec, pods.path, namespace, replaced)) references.push(reference);
  }
  for (const reference of ownReferences(resource, namespace)) references.push(reference);
  return references.length === 0 ? none : references;
}

function ownReferences(resource: Resource, namespace: string): readonly Reference[] {
  if (resource.kind === 'StatefulSet') return statefulSetReferences(resource, namespace);
  if (resource.kind === 'PersistentVolumeClaim') return claimReferences(resource.spec, ['spec'], namespace);
  if (resource.kind === 'Ingress') return ingressReferences(resource, namespace);
  if (resource.kind === 'HorizontalPodAutoscaler') return autoscalerReferences(resource, namespace);
  const isBinding = resource.kind === 'RoleBinding' || resource.kind === 'ClusterRoleBinding';
  return isBinding ? bindingReferences(resource, namespace) : none;
}

function statefulSetReferences({ spec }: StatefulSet, namespace: string): Reference[] {
  const references = (spec.volumeClaimTemplates ?? []).flatMap((template, index) =>
    claimReferences(template.spec, ['spec', 'volumeClaimTemplates', index, 'spec'], namespace),
  );
  const { serviceName = '' } = spec;
  const path = ['spec', 'serviceName'];
  const consequence = 'the pods get no names of their own';
  if (serviceName !== '') references.push({ kind: 'Service', namespace, name: serviceName, path, consequence });
  return references;
}

function ingressReferences({ metadata, spec }: Ingress, namespace: string): Reference[] {
  const references: Reference[] = [];
  const users = readAnnotations(metadata.annotations).settings.auth?.secret;
  if (users !== undefined)
    references.push({
      kind: 'Secret',
      namespace: users.namespace ?? namespace,
      name: users.name,
      path: ['metadata', 'annotations', AUTH_SECRET],
      consequence: 'until something makes it, nobody is let in',
    });
  const { ingressClassName, defaultBackend, rules = [], tls = [] } = spec;
  const addBackend = ({ service }: NonNullable<typeof defaultBackend>, path: Path): void => {
    if (service === undefined) return;
    const { name, number } = service.port ?? {};
    const key = name ?? (number === undefined ? undefined : `${number}`);
    const here = [...path, 'service'];
    const port = key === undefined ? {} : { key, keyPath: [...here, 'port', name === undefined ? 'number' : 'name'] };
    references.push({ kind: 'Service', namespace, name: service.name, path: [...here, 'name'], ...port });
  };
  if (ingressClassName !== undefined && !UNDECLARED_CLASSES.has(ingressClassName))
    references.push({
      kind: 'IngressClass',
      namespace: '',
      name: ingressClassName,
      path: ['spec', 'ingressClassName'],
      consequence: 'whoever serves the class has to bring it',
    });
  if (defaultBackend !== undefined) addBackend(defaultBackend, ['spec', 'defaultBackend']);
  for (const [index, { http }] of rules.entries())
    for (const [at, { backend }] of (http?.paths ?? []).entries())
      addBackend(backend, ['spec', 'rules', index, 'http', 'paths', at, 'backend']);
  for (const [index, { secretName = '' }] of tls.entries())
    if (secretName !== '')
      references.push({
        kind: 'Secret',
        namespace,
        name: secretName,
        path: ['spec', 'tls', index, 'secretName'],
        consequence: 'until something makes it, the hosts have no certificate',
      });
  return references;
}

/** What can be scaled, and the API groups in which it is and was: the present one first. */
export const scalableKinds: ReadonlyMap<string, readonly string[]> = new Map([
  ['Deployment', ['apps', 'extensions']],
  ['ReplicaSet', ['apps', 'extensions']],
  ['StatefulSet', ['apps']],
  ['ReplicationController', ['']],
]);

/** The API group of an apiVersion; the version says nothing about which objects there are. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
}

function autoscalerReferences({ spec }: HorizontalPodAutoscaler, namespace: string): readonly Reference[] {
  const { kind, name, apiVersion = '' } = spec.scaleTargetRef;
  if (scalableKinds.get(kind)?.includes(groupOf(apiVersion)) !== true) return none;
  // One of the four above.
  return [{ kind: kind as Kind, namespace, name, path: ['spec', 'scaleTargetRef', 'name'] }];
}

function bindingReferences({ roleRef, subjects = [] }: RoleBinding | ClusterRoleBinding, namespace: string): Reference[] {
  const references: Reference[] = [];
  const { kind, name } = roleRef;
  const isBuiltIn =
    name.startsWith('system:') || (kind === 'ClusterRole' ? rolesAlwaysThere.has(name) : name === AUTHENTICATION_READER);
  const consequence = 'the binding grants nothing';
  if (!isBuiltIn)
    references.push({ kind, namespace: kind === 'Role' ? namespace : '', name, path: ['roleRef', 'name'], consequence });
  for (const [index, subject] of subjects.entries()) {
    const where = subject.namespace ?? '';
    // The controllers of Kubernetes have their accounts in kube-system.
    if (subject.kind !== 'ServiceAccount' || subject.name === 'default' || where === '' || where === 'kube-system') continue;
    const path = ['subjects', index, 'name'];
    references.push({ kind: 'ServiceAccount', namespace: where, name: subject.name, path, consequence: 'it is granted nothing' });
  }
  return references;
}
