// What a network container remembers of NetworkPolicies and of the labels of namespaces, for a store that was lost: they hold on until their
// application was applied again. Pure.
import { APPLICATION_ANNOTATION, type NetworkPolicy, type ObjectMeta, type StoredOf } from '../../model/resource.ts';
import type { Labels } from './policy-pod.ts';

/** A policy, or the labels of a namespace, as one line of JSON. */
export type PolicyMemory =
  | { readonly policy: string; readonly namespace: string; readonly application: string; readonly spec: NetworkPolicy['spec'] }
  | { readonly labelsOf: string; readonly application: string; readonly labels: Labels };

/** What is to be remembered of a policy; undefined for one that no commit has brought. */
export function memoryOfPolicy({ metadata, spec }: StoredOf<'NetworkPolicy'>): PolicyMemory | undefined {
  const application = applicationOf(metadata);
  if (application === undefined) return undefined;
  return { policy: metadata.name, namespace: metadata.namespace ?? 'default', application, spec };
}

/** The same for the labels of a namespace; undefined for one without any. */
export function memoryOfNamespace({ metadata }: StoredOf<'Namespace'>): PolicyMemory | undefined {
  const { name, labels = {} } = metadata;
  const application = applicationOf(metadata);
  return application === undefined || Object.keys(labels).length === 0 ? undefined : { labelsOf: name, application, labels };
}

function applicationOf({ annotations }: ObjectMeta): string | undefined {
  return annotations?.[APPLICATION_ANNOTATION];
}

/** Reads a line again; undefined when it is none of these. */
export function readMemory(line: string | undefined): PolicyMemory | undefined {
  if (line === undefined) return undefined;
  try {
    const memory = JSON.parse(line) as Partial<Record<string, unknown>> | null;
    const areText = (...names: readonly string[]): boolean => names.every((name) => typeof memory?.[name] === 'string');
    const isPolicy = areText('policy', 'namespace', 'application') && typeof memory?.['spec'] === 'object';
    const isNamespace = areText('labelsOf', 'application') && typeof memory?.['labels'] === 'object';
    return isPolicy || isNamespace ? (memory as PolicyMemory) : undefined;
  } catch {
    return undefined;
  }
}

/** The policy that was remembered, as far as rules are made of it. */
export function recalledPolicy(memory: Extract<PolicyMemory, { policy: string }>): StoredOf<'NetworkPolicy'> {
  const { policy: name, namespace, application, spec } = memory;
  const annotations = { [APPLICATION_ANNOTATION]: application };
  const unknown = { uid: '', resourceVersion: '', generation: 0, creationTimestamp: '' };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, annotations, ...unknown },
    ...(spec === undefined ? {} : { spec }),
  };
}
