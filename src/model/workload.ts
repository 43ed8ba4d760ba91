// What workloads have in common: a pod template somewhere inside, and containers of several sorts in its spec. Facts only.
import type { Container, EphemeralContainer, PodSpec, PodTemplateSpec, Resource } from './generated.ts';

/** Kinds that make pods, or Jobs that do, from a template. */
const templates: {
  readonly [K in Resource['kind']]?: (resource: Extract<Resource, { kind: K }>) => PodTemplateSpec | undefined;
} = {
  Deployment: ({ spec }) => spec.template,
  ReplicaSet: ({ spec }) => spec.template,
  ReplicationController: ({ spec }) => spec.template,
  StatefulSet: ({ spec }) => spec.template,
  DaemonSet: ({ spec }) => spec.template,
  Job: ({ spec }) => spec.template,
  CronJob: ({ spec }) => spec.jobTemplate.spec.template,
};

/** The template that a workload makes its pods from; undefined for what makes none, and for a ReplicaSet without one. */
export function podTemplateOf(resource: Resource): PodTemplateSpec | undefined {
  return templateOf(resource.kind, resource);
}

function templateOf<K extends Resource['kind']>(kind: K, resource: Extract<Resource, { kind: K }>): PodTemplateSpec | undefined {
  return templates[kind]?.(resource);
}

/** The spec of the pods that a resource is or makes. */
export function podSpecOf(resource: Resource): PodSpec | undefined {
  return resource.kind === 'Pod' ? resource.spec : podTemplateOf(resource)?.spec;
}

/** Whether an init container stays beside the main ones: a native sidecar (Kubernetes, "Sidecar Containers"). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** Init containers and main containers, in the order in which they start. */
export function containersOf(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Every container of a pod, the ephemeral ones last. */
export function allContainersOf(spec: PodSpec): readonly (Container | EphemeralContainer)[] {
  return [...containersOf(spec), ...(spec.ephemeralContainers ?? [])];
}
