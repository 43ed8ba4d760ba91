// Old versions of the kinds, turned into the current one (Kubernetes' "Deprecated API Migration Guide"). Pure.
import type { Path } from '../place.ts';

/** An object in its current version. */
export interface Conversion {
  readonly apiVersion: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** What was converted, for people. */
  readonly note: string;
  /** Where a field of the converted object is written in the old one. */
  placeOf(path: Path): Path;
}

/** Versions that differ from the current one in nothing but their name. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CronJob: { 'batch/v1beta1': 'batch/v1' },
  Role: { 'rbac.authorization.k8s.io/v1beta1': 'rbac.authorization.k8s.io/v1' },
  RoleBinding: { 'rbac.authorization.k8s.io/v1beta1': 'rbac.authorization.k8s.io/v1' },
  ClusterRole: { 'rbac.authorization.k8s.io/v1beta1': 'rbac.authorization.k8s.io/v1' },
  ClusterRoleBinding: { 'rbac.authorization.k8s.io/v1beta1': 'rbac.authorization.k8s.io/v1' },
};

/** The object in the current version of its kind; undefined when this is not an old version that can be converted. */
export function convertLegacy(
  apiVersion: string,
  kind: string,
  value: Readonly<Record<string, unknown>>,
): Conversion | undefined {
  const current = Object.hasOwn(renamed, kind) ? renamed[kind]?.[apiVersion] : undefined;
  if (current === undefined) return undefined;
  return {
    apiVersion: current,
    value: { ...value, apiVersion: current },
    note: `${kind} ${apiVersion} is read as ${current}; write that`,
    placeOf: (path) => path,
  };
}
