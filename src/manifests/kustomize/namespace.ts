// The namespace of all objects that have one (kustomize's NamespaceTransformer): what is in no namespace stays so, a Namespace gets the
// name, and role bindings follow where they name the default service account.
import { isPlainObject } from '../schema/admit.ts';
import type { SourcePlace } from '../source.ts';
import { configOf } from './default-config.ts';
import { isMeantFor, splitFieldPath, visitFields } from './field-path.ts';
import { rememberId, reportSharedIds } from './ids.ts';
import type { Build, BuildResource, BuildStep, FieldSpec, PlainMap } from './resource.ts';
import { currentId, effectiveNamespace } from './steps/identity.ts';
import { nameOfType } from './steps/settings.ts';

/** How the namespace is set. */
export interface NamespaceSetting {
  readonly namespace: string;
  readonly place: SourcePlace;
  /** Besides `metadata.namespace` and the subjects of role bindings. */
  readonly specs?: readonly FieldSpec[];
  /** Whether objects that have a namespace keep it. */
  readonly unsetOnly?: boolean;
  /** Which subjects of role bindings get it. */
  readonly subjects?: 'defaultOnly' | 'allServiceAccounts' | 'none';
}

/** Sets the namespace of all objects. Objects that cannot be told apart afterwards are problems. */
export function setNamespace(resources: readonly BuildResource[], setting: NamespaceSetting, build: Build): void {
  const { namespace, place, specs = [], unsetOnly = false } = setting;
  if (namespace === '') return;
  const set = (owner: PlainMap, key: string): void => {
    const old = owner[key];
    if (typeof old === 'object' && old !== null) {
      const message = `the namespace cannot be set where there is ${nameOfType(old)}`;
      build.problems.push({
        severity: 'error',
        reason: 'Invalid',
        ...(build.origins.locate(owner, [key]) ?? place),
        field: key,
        message,
      });
      return;
    }
    if (unsetOnly && (old ?? '') !== '') return;
    owner[key] = namespace;
    build.origins.mark(owner, key, place);
  };
  for (const resource of resources) {
    if (resource.isFromChart === true) continue;
    rememberId(resource);
    setIn(resource.value, specs, setting, set, build);
  }
  reportSharedIds(resources, build);
}

function setIn(
  value: PlainMap,
  specs: readonly FieldSpec[],
  { subjects = 'defaultOnly' }: NamespaceSetting,
  set: (owner: PlainMap, key: string) => void,
  build: Build,
): void {
  const id = currentId(value);
  const isClusterWide = effectiveNamespace({ ...id, namespace: 'any' }) !== 'any';
  const isBinding = id.kind === 'RoleBinding' || id.kind === 'ClusterRoleBinding';
  if (!isClusterWide) {
    const making = { create: true, leaf: 'text', origins: build.origins } as const;
    visitFields(value, ['metadata', 'namespace'], making, set);
  }
  if (isBinding) setInSubjects(value['subjects'], subjects, set);
  for (const spec of specs) {
    if (spec.path === 'metadata/namespace' || !isMeantFor(spec, id)) continue;
    // A Namespace of another group is somebody else's.
    if (spec.path === 'metadata/name' && value['apiVersion'] !== 'v1') continue;
    if (isBinding && spec.path === 'subjects/namespace') continue;
    const making = { create: spec.create, leaf: 'text', origins: build.origins } as const;
    visitFields(value, splitFieldPath(spec.path), making, set);
  }
}

function setInSubjects(list: unknown, mode: NamespaceSetting['subjects'], set: (owner: PlainMap, key: string) => void): void {
  if (!Array.isArray(list) || mode === 'none') return;
  for (const subject of list) {
    if (!isPlainObject(subject)) continue;
    const isMeant = mode === 'allServiceAccounts' ? subject['kind'] === 'ServiceAccount' : subject['name'] === 'default';
    if (isMeant) set(subject, 'namespace');
  }
}

/** `namespace`. */
export const setLayerNamespace: BuildStep = (resources, layer, build) => {
  const { namespace = '' } = layer.value as { namespace?: string };
  const specs = configOf(layer).namespace;
  setNamespace(resources, { namespace, place: layer.locate(['namespace']), specs }, build);
};
