// Generic ephemeral volumes: a claim of its own for each, made for the pod and gone with it (Kubernetes, "Ephemeral Volumes").
import type { Action } from '../../model/action.ts';
import { ephemeralClaimName } from '../../model/pod-claims.ts';
import type { PersistentVolumeClaim, Volume } from '../../model/resource.ts';
import { APPLICATION_ANNOTATION, controllerOf, controllerReference, type StoredOf } from '../../model/resource.ts';
import type { Controller, Plan } from '../../runtime/controller.ts';
import { namespaceOf } from '../claims.ts';
import { isFinished, isTerminating } from '../pods.ts';
import { CLAIM_FINALIZER, type StoredClaim } from './facts.ts';

/** What the plan is made from. */
export interface EphemeralObserved {
  /** Claims under the names of the pod's ephemeral volumes, whoever's they are. */
  readonly claims: readonly StoredClaim[];
}

type StoredPod = StoredOf<'Pod'>;

function ephemeralVolumes(pod: StoredPod): readonly Volume[] {
  return (pod.spec.volumes ?? []).filter((volume) => volume.ephemeral !== undefined);
}

/** The claim behind an ephemeral volume. */
function claimFor(pod: StoredPod, volume: Volume): PersistentVolumeClaim | undefined {
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (template === undefined) return undefined;
  const application = pod.metadata.annotations?.[APPLICATION_ANNOTATION];
  const annotations = {
    ...template.metadata?.annotations,
    ...(application === undefined ? {} : { [APPLICATION_ANNOTATION]: application }),
  };
  const labels = template.metadata?.labels;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: ephemeralClaimName(pod.metadata.name, volume.name),
      namespace: namespaceOf(pod),
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(pod)],
      finalizers: [CLAIM_FINALIZER],
    },
    spec: template.spec,
  };
}

/** Makes the claims that are missing. One that is somebody else's is left alone: the pod waits, and the kubelet says for what. */
export function planEphemeral(pod: StoredPod, { claims }: EphemeralObserved): Plan<'Pod'> {
  if (isTerminating(pod) || isFinished(pod)) return { actions: [] };
  const actions = ephemeralVolumes(pod).flatMap((volume): readonly Action[] => {
    const resource = claimFor(pod, volume);
    if (resource === undefined || claims.some(({ metadata }) => metadata.name === resource.metadata.name)) return [];
    const message = `created claim ${resource.metadata.name} for volume ${volume.name}`;
    return [{ type: 'create', resource, reason: 'SuccessfulCreate', message }];
  });
  return { actions };
}

/** Makes the claims of generic ephemeral volumes. They go with their pod, as everything does that it owns. */
export const ephemeralVolumeController: Controller<'Pod', EphemeralObserved> = {
  name: 'ephemeral-volume-controller',
  kind: 'Pod',
  wakes(changed) {
    const owner = changed.kind === 'PersistentVolumeClaim' ? controllerOf(changed) : undefined;
    return owner?.kind === 'Pod' ? [{ kind: 'Pod', namespace: namespaceOf(changed), name: owner.name }] : [];
  },
  observe(store, pod) {
    const namespace = namespaceOf(pod);
    const names = ephemeralVolumes(pod).map(({ name }) => ephemeralClaimName(pod.metadata.name, name));
    return { claims: names.flatMap((name) => store.get('PersistentVolumeClaim', namespace, name) ?? []) };
  },
  plan: (pod, observed) => planEphemeral(pod, observed),
};
