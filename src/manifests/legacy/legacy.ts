// Old versions of the kinds, turned into the current one (Kubernetes' "Deprecated API Migration Guide"). Pure.
import type { Path } from '../place.ts';
import { schemas } from '../schema/schemas.generated.ts';
import {
  daemonSetOfExtensions,
  deploymentOfBeta1,
  deploymentOfExtensions,
  replicaSetOfExtensions,
  statefulSetOfBeta1,
} from './apps.ts';
import { autoscalerOfV1, autoscalerOfV2beta1 } from './autoscaling.ts';
import { type Converter, draftOf, placeIn, type Refusal } from './draft.ts';
import { endpointSliceOfBeta1, ingressOfBeta1 } from './network.ts';
import { bindingOfAlpha1, budgetOfBeta1, runtimeClassOfAlpha1 } from './policy.ts';

/** An object in its current version. */
export interface Conversion {
  readonly apiVersion: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** What was converted, for people. */
  readonly note: string;
  /** What the old version says and the current one cannot, each where it is written in the old object. */
  readonly refusals: readonly Refusal[];
  /** Where a field of the converted object is written in the old one. */
  placeOf(path: Path): Path;
}

/** A version that differs from the current one in nothing but its name. */
const renamed: Converter = () => undefined;
const ofRbac = {
  'rbac.authorization.k8s.io/v1beta1': renamed,
  'rbac.authorization.k8s.io/v1alpha1': renamed,
};
const ofRbacBindings = { ...ofRbac, 'rbac.authorization.k8s.io/v1alpha1': bindingOfAlpha1 };

/** How each old version of a kind becomes the current one. */
const converters: Readonly<Record<string, Readonly<Record<string, Converter>>>> = {
  ClusterRole: ofRbac,
  ClusterRoleBinding: ofRbacBindings,
  CronJob: { 'batch/v1beta1': renamed, 'batch/v2alpha1': renamed },
  DaemonSet: { 'apps/v1beta2': renamed, 'extensions/v1beta1': daemonSetOfExtensions },
  Deployment: {
    'apps/v1beta2': renamed,
    'apps/v1beta1': deploymentOfBeta1,
    'extensions/v1beta1': deploymentOfExtensions,
  },
  EndpointSlice: { 'discovery.k8s.io/v1beta1': endpointSliceOfBeta1 },
  HorizontalPodAutoscaler: {
    'autoscaling/v1': autoscalerOfV1,
    'autoscaling/v2beta1': autoscalerOfV2beta1,
    'autoscaling/v2beta2': renamed,
  },
  Ingress: { 'networking.k8s.io/v1beta1': ingressOfBeta1, 'extensions/v1beta1': ingressOfBeta1 },
  IngressClass: { 'networking.k8s.io/v1beta1': renamed },
  Lease: { 'coordination.k8s.io/v1beta1': renamed },
  NetworkPolicy: { 'extensions/v1beta1': renamed },
  PodDisruptionBudget: { 'policy/v1beta1': budgetOfBeta1 },
  PriorityClass: { 'scheduling.k8s.io/v1beta1': renamed, 'scheduling.k8s.io/v1alpha1': renamed },
  ReplicaSet: { 'apps/v1beta2': renamed, 'extensions/v1beta1': replicaSetOfExtensions },
  Role: ofRbac,
  RoleBinding: ofRbacBindings,
  RuntimeClass: { 'node.k8s.io/v1beta1': renamed, 'node.k8s.io/v1alpha1': runtimeClassOfAlpha1 },
  StatefulSet: { 'apps/v1beta2': renamed, 'apps/v1beta1': statefulSetOfBeta1 },
  StorageClass: { 'storage.k8s.io/v1beta1': renamed },
};

/**
 * The object in the current version of its kind; undefined when this is not an old version that can be converted. The value is not judged:
 * what is wrong in it is wrong in the result as well, at a place that `placeOf` leads back to.
 */
export function convertLegacy(
  apiVersion: string,
  kind: string,
  value: Readonly<Record<string, unknown>>,
): Conversion | undefined {
  const convert = Object.hasOwn(converters, kind) ? ownEntry(converters[kind], apiVersion) : undefined;
  const current = Object.hasOwn(schemas, kind) ? schemas[kind]?.properties?.['apiVersion']?.const : undefined;
  if (convert === undefined || current === undefined) return undefined;
  const draft = draftOf(value);
  convert(draft);
  draft.value['apiVersion'] = current;
  const said = `${kind} ${apiVersion} is read as ${current}; write that`;
  return {
    apiVersion: current,
    value: draft.value,
    note: draft.remarks.length === 0 ? said : `${said}. ${draft.remarks.join(' ')}`,
    refusals: draft.refusals,
    placeOf: (path) => placeIn(draft.moves, path),
  };
}

function ownEntry<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
