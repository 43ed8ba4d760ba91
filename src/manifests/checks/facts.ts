// What the checks of a whole set know of one object by looking at it alone. Found out once for a manifest and kept as long as the manifest
// is, so that a set of which little has changed is judged quickly.
import {
  type ContainerPort,
  type Desired,
  type Kind,
  keyOf,
  keyString,
  type LabelSelector,
  type Labels,
  type PodSpec,
  type Resource,
  type ResourceKey,
  type ResourceOf,
} from '../../model/resource.ts';
import type { Manifest } from '../load.ts';
import type { Path } from '../place.ts';
import { type HostPort, type PodFacts } from './pod-facts.ts';
import { lookOf } from './pod-look.ts';
import type { Reference } from './reference.ts';
import { referencesOf } from './references-of.ts';

/** One object of a set. */
export interface Facts {
  readonly manifest: Manifest;
  readonly resource: Desired;
  readonly key: ResourceKey;
  /** The key as one text. */
  readonly id: string;
  readonly references: readonly PlacedReference[];
  readonly pods: PodFacts | undefined;
  /** The pods that it looks for, if it does; Jobs get selectors of their own. */
  readonly selector: LabelSelector | undefined;
  /** Equal for selectors that pick the same. */
  readonly selectorText: string;
  /** The keys by which others refer to a part of it; undefined when every key counts as there. */
  readonly keys: readonly string[] | undefined;
}

/** A reference and the key of what it leads to, as one text. */
export interface PlacedReference extends Reference {
  readonly id: string;
}

/** One object of a known kind. */
export type FactsOf<K extends Kind> = Facts & { readonly resource: Desired<ResourceOf<K>> };

const known = new WeakMap<Manifest, Facts>();

/** What is known of a manifest. */
export function factsOf(manifest: Manifest): Facts {
  const before = known.get(manifest);
  if (before !== undefined) return before;
  const { resource } = manifest;
  const key = keyOf(resource);
  const pods = podsOf(resource, key);
  const references = referencesOf(resource, pods).map((reference) => ({ ...reference, id: keyString(reference) }));
  const [selector, keys] = [selectorOf(resource), keysOf(resource)];
  const selectorText = selector === undefined ? '' : JSON.stringify(selector);
  const facts: Facts = { manifest, resource, key, id: keyString(key), references, pods, selector, selectorText, keys };
  known.set(manifest, facts);
  return facts;
}

/** The keys by which others refer to a part of an object; undefined when every key counts as there. */
export function keysOf(resource: Resource): readonly string[] | undefined {
  if (resource.kind === 'ConfigMap') return Object.keys({ ...resource.data, ...resource.binaryData });
  if (resource.kind === 'Secret') return Object.keys({ ...resource.data, ...resource.stringData });
  // One that is another name of a host needs no ports.
  if (resource.kind !== 'Service' || resource.spec.type === 'ExternalName') return undefined;
  // Names of ports have a letter in them: they are never mixed up with numbers.
  return (resource.spec.ports ?? []).flatMap(({ name, port }) => (name === undefined ? [`${port}`] : [name, `${port}`]));
}

type Workload = ResourceOf<'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'ReplicationController'>;

const workloadKinds: ReadonlySet<string> = new Set<Workload['kind']>([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
]);

function isWorkload(resource: Resource): resource is Workload {
  return workloadKinds.has(resource.kind);
}

/** A selector of labels, in the form that newer kinds have. */
function selectorOf(resource: Resource): LabelSelector | undefined {
  if (resource.kind === 'NetworkPolicy') return resource.spec?.podSelector;
  if (resource.kind === 'PodDisruptionBudget') return resource.spec?.selector;
  if (resource.kind !== 'Service' && resource.kind !== 'ReplicationController')
    return isWorkload(resource) ? resource.spec.selector : undefined;
  return resource.spec.selector === undefined ? undefined : { matchLabels: resource.spec.selector };
}

/** Whether an object makes pods and finds them by its selector. */
export function ownsPods({ resource, selector }: Facts): boolean {
  return isWorkload(resource) && selector !== undefined;
}

const templatePath: Path = ['spec', 'template'];

function podsOf(resource: Resource, key: ResourceKey): PodFacts | undefined {
  if (resource.kind === 'Pod') {
    const { restartPolicy } = resource.spec;
    return podFacts(key, resource, [], 1, restartPolicy !== 'OnFailure' && restartPolicy !== 'Never');
  }
  if (resource.kind === 'Job') return podFacts(key, resource.spec.template, templatePath, 1, false);
  if (resource.kind === 'CronJob')
    return podFacts(key, resource.spec.jobTemplate.spec.template, ['spec', 'jobTemplate', ...templatePath], 1, false);
  if (!isWorkload(resource) || resource.spec.template === undefined) return undefined;
  const count = resource.kind === 'DaemonSet' ? Number.POSITIVE_INFINITY : (resource.spec.replicas ?? 1);
  return podFacts(key, resource.spec.template, templatePath, count, true);
}

function podFacts(
  key: ResourceKey,
  { spec, metadata }: { readonly spec: PodSpec; readonly metadata?: { readonly labels?: Labels } },
  path: Path,
  count: number,
  isLasting: boolean,
): PodFacts {
  const specPath = [...path, 'spec'];
  const look = lookOf(key, metadata?.labels ?? {});
  return { spec, path: specPath, look, count, isLasting, hostPorts: hostPortsOf(spec, specPath), portNames: portNamesOf(spec) };
}

const noNames: ReadonlySet<string> = new Set();

function portNamesOf(spec: PodSpec): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (const [, , ports] of runningPorts(spec))
    for (const { name, protocol = 'TCP' } of ports)
      if (name !== undefined) names = (names ?? new Set()).add(`${protocol} ${name}`);
  return names ?? noNames;
}

const noPorts: readonly HostPort[] = [];

/** On the network of the host every port of a container is one of the host (Kubernetes, SetDefaults_PodSpec and NodePorts). */
function hostPortsOf(spec: PodSpec, path: Path): readonly HostPort[] {
  const found: HostPort[] = [];
  for (const [list, index, ports] of runningPorts(spec)) {
    for (const [at, { hostPort, containerPort, protocol = 'TCP', hostIP = '' }] of ports.entries()) {
      const port = hostPort ?? (spec.hostNetwork === true ? containerPort : 0);
      if (port === 0) continue;
      const field = hostPort === undefined ? 'containerPort' : 'hostPort';
      const address = hostIP === '0.0.0.0' || hostIP === '::' ? '' : hostIP;
      found.push({ port, protocol, address, path: [...path, list, index, 'ports', at, field] });
    }
  }
  return found.length === 0 ? noPorts : found;
}

/** The ports of containers that run as long as the pod does: init containers do when they are sidecars. */
function* runningPorts(
  spec: PodSpec,
): Generator<[list: 'containers' | 'initContainers', index: number, ports: readonly ContainerPort[]]> {
  for (const [index, { ports }] of spec.containers.entries()) if (ports !== undefined) yield ['containers', index, ports];
  for (const [index, { ports, restartPolicy }] of (spec.initContainers ?? []).entries())
    if (ports !== undefined && restartPolicy === 'Always') yield ['initContainers', index, ports];
}
