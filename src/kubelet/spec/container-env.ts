// Environment, command and arguments of a container: references resolved, $(NAME) replaced.
// Kubernetes, "Define Dependent Environment Variables" and "Configure a Pod to Use a ConfigMap". Pure.

import type { KeyedBytes } from '../../model/keyed-bytes.ts';
import type { Container, EnvFromSource, EnvVarSource, ResourceFieldSelector, StoredOf } from '../../model/resource.ts';
import { containersOf } from '../../model/workload.ts';
import type { Configuration } from '../environment.ts';
import { resourceValue } from '../volumes/downward.ts';
import type { NodeCapacity } from './resources.ts';

/** What field references are answered from. */
export interface FieldValues {
  readonly pod: StoredOf<'Pod'>;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly podIP: string;
  /** What unset limits stand for. */
  readonly node: Pick<NodeCapacity, 'cpus' | 'memoryBytes'>;
}

/** Keys of an envFrom source that cannot be names of variables. */
export interface SkippedKeys {
  readonly keys: readonly string[];
  readonly kind: 'configMap' | 'secret';
  /** Name of the object. */
  readonly name: string;
}

export type EnvResult =
  | { readonly ok: true; readonly variables: ReadonlyMap<string, string>; readonly skipped: readonly SkippedKeys[] }
  /** Kubernetes' words: the message of CreateContainerConfigError. */
  | { readonly ok: false; readonly message: string };

/** A reference that cannot be resolved; the message is Kubernetes' own. */
class ConfigProblem extends Error {
  readonly code = 'CONFIG_PROBLEM';
}

const decoder = new TextDecoder();
/** Names that Kubernetes accepts from envFrom: printable ASCII without an equals sign. */
const usableName = /^[ -<>-~]+$/;

/**
 * The variables of a container in their order of definition. Those of Services come last, unless the container has one of the same name,
 * but can be referred to from the start.
 */
export function resolveEnv(
  container: Container,
  configuration: Configuration,
  fields: FieldValues,
  services: ReadonlyMap<string, string> = new Map(),
): EnvResult {
  const variables = new Map<string, string>();
  const skipped: SkippedKeys[] = [];
  const lookUp = { get: (name: string) => variables.get(name) ?? services.get(name) };
  try {
    for (const source of container.envFrom ?? []) skipped.push(...addAll(source, configuration, variables));
    for (const { name, value, valueFrom } of container.env ?? []) {
      const resolved =
        valueFrom === undefined || (value !== undefined && value !== '')
          ? expand(value ?? '', lookUp)
          : resolveSource(valueFrom, container, configuration, fields);
      if (resolved !== undefined) variables.set(name, resolved);
    }
    for (const [name, value] of services) if (!variables.has(name)) variables.set(name, value);
  } catch (error) {
    if (error instanceof ConfigProblem) return { ok: false, message: error.message };
    throw error;
  }
  return { ok: true, variables, skipped };
}

/** Adds a whole ConfigMap or Secret; returns what of it cannot be added. */
function addAll(source: EnvFromSource, configuration: Configuration, variables: Map<string, string>): readonly SkippedKeys[] {
  const { configMapRef, secretRef, prefix = '' } = source;
  const bytes = whole('configmap', configMapRef, configuration.configMaps) ?? whole('secret', secretRef, configuration.secrets);
  const keys: string[] = [];
  for (const [key, value] of bytes ?? []) {
    const name = `${prefix}${key}`;
    if (usableName.test(name)) variables.set(name, decoder.decode(value));
    else keys.push(name);
  }
  if (keys.length === 0) return [];
  const kind = configMapRef === undefined ? 'secret' : 'configMap';
  return [{ keys: keys.toSorted(), kind, name: (configMapRef ?? secretRef)?.name ?? '' }];
}

function whole(
  kind: string,
  reference: { name: string; optional?: boolean } | undefined,
  objects: ReadonlyMap<string, KeyedBytes>,
): KeyedBytes | undefined {
  if (reference === undefined) return undefined;
  const found = objects.get(reference.name);
  if (found === undefined && reference.optional !== true) throw new ConfigProblem(`${kind} "${reference.name}" not found`);
  return found;
}

/** The value, or undefined when an optional one is not there: the variable is then not set at all. */
function resolveSource(
  source: EnvVarSource,
  container: Container,
  configuration: Configuration,
  fields: FieldValues,
): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = source;
  if (resourceFieldRef !== undefined) return resourceText(resourceFieldRef, container, fields);
  if (fieldRef !== undefined) return fieldValue(fieldRef.fieldPath, fields);
  const [kind, reference, objects] =
    configMapKeyRef !== undefined
      ? (['ConfigMap', configMapKeyRef, configuration.configMaps] as const)
      : (['Secret', secretKeyRef, configuration.secrets] as const);
  if (reference === undefined) return undefined;
  const bytes = whole(kind.toLowerCase(), reference, objects)?.get(reference.key);
  if (bytes !== undefined) return decoder.decode(bytes);
  if (reference.optional === true) return undefined;
  throw new ConfigProblem(
    `couldn't find key ${reference.key} in ${kind} ${fields.pod.metadata.namespace ?? 'default'}/${reference.name}`,
  );
}

/** An amount of this container, unless another one of the pod is named. */
function resourceText(
  { containerName = '', resource, divisor }: ResourceFieldSelector,
  container: Container,
  { pod, node }: FieldValues,
): string {
  const named = containerName === '' ? container : containersOf(pod.spec).find(({ name }) => name === containerName);
  if (named === undefined) throw new ConfigProblem(`container ${containerName} not found`);
  const value = resourceValue(named, resource, divisor === undefined ? undefined : String(divisor), node);
  if (value === undefined) throw new ConfigProblem(`unsupported container resource : ${resource}`);
  return String(value);
}

/** The downward API (Kubernetes, "Downward API", available fields). */
function fieldValue(path: string, { pod, nodeName, nodeAddress, podIP }: FieldValues): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript !== null) return pod.metadata[subscript[1] === 'labels' ? 'labels' : 'annotations']?.[subscript[2] ?? ''] ?? '';
  const values: Readonly<Record<string, string>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace ?? 'default',
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? pod.spec.serviceAccount ?? 'default',
    'status.hostIP': nodeAddress,
    'status.hostIPs': nodeAddress,
    'status.podIP': podIP,
    'status.podIPs': podIP,
  };
  const value = values[path];
  if (value === undefined) throw new ConfigProblem(`unsupported fieldPath: ${path}`);
  return value;
}

/** Replaces `$(NAME)` by a known variable; `$$` stands for `$`; anything else stays as it is. */
export function expand(text: string, variables: { get(name: string): string | undefined }): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? match),
  );
}
