// Environment, command and arguments of a container: references resolved, $(NAME) replaced.
// Kubernetes, "Define Dependent Environment Variables" and "Configure a Pod to Use a ConfigMap". Pure.
import type { Container, EnvVarSource, StoredOf } from '../../model/resource.ts';
import type { Configuration, KeyedBytes } from '../environment.ts';

/** What field references are answered from. */
export interface FieldValues {
  readonly pod: StoredOf<'Pod'>;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly podIP: string;
}

export type EnvResult =
  | { readonly ok: true; readonly variables: ReadonlyMap<string, string> }
  /** Kubernetes' words: the message of CreateContainerConfigError. */
  | { readonly ok: false; readonly message: string };

/** A reference that cannot be resolved; the message is Kubernetes' own. */
class ConfigProblem extends Error {
  readonly code = 'CONFIG_PROBLEM';
}

const decoder = new TextDecoder();
/** Names that Kubernetes accepts from envFrom: printable ASCII without an equals sign. */
const usableName = /^[ -<>-~]+$/;

/** The variables of a container in their order of definition. */
export function resolveEnv(container: Container, configuration: Configuration, fields: FieldValues): EnvResult {
  const variables = new Map<string, string>();
  try {
    for (const source of container.envFrom ?? []) {
      const bytes =
        whole('configmap', source.configMapRef, configuration.configMaps) ??
        whole('secret', source.secretRef, configuration.secrets);
      for (const [key, value] of bytes ?? []) {
        const name = `${source.prefix ?? ''}${key}`;
        if (usableName.test(name)) variables.set(name, decoder.decode(value));
      }
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
      const resolved =
        valueFrom === undefined || (value !== undefined && value !== '')
          ? expand(value ?? '', variables)
          : resolveSource(valueFrom, configuration, fields);
      if (resolved !== undefined) variables.set(name, resolved);
    }
  } catch (error) {
    if (error instanceof ConfigProblem) return { ok: false, message: error.message };
    throw error;
  }
  return { ok: true, variables };
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
function resolveSource(source: EnvVarSource, configuration: Configuration, fields: FieldValues): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef } = source;
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
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? match),
  );
}
