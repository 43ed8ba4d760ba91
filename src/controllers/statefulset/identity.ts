// Who the pods of a StatefulSet are: ordinals, names, claims, and what a pod of an ordinal looks like (Kubernetes, "Pod Identity").
import type { PersistentVolumeClaim, Pod, PodSpec, StatefulSet, StoredOf, Volume } from '../../model/resource.ts';
import { APPLICATION_ANNOTATION } from '../../model/resource.ts';
import { REVISION_HASH_LABEL } from '../../model/revision.ts';
import { namespaceOf } from '../claims.ts';
import { podFromTemplate } from '../new-pod.ts';
import type { Revision } from '../revisions/history.ts';

/** Label of a pod: its own name, so that a Service can select one pod. */
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
/** Label of a pod: its ordinal. */
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

const podName = /^(.*)-(0|[1-9]\d*)$/;

/** The ordinal of the first pod. */
export function startOrdinal({ spec }: Pick<StatefulSet, 'spec'>): number {
  return spec.ordinals?.start ?? 0;
}

/** The pods that a set wants. */
export function wantedReplicas({ spec }: Pick<StatefulSet, 'spec'>): number {
  return spec.replicas ?? 1;
}

/** The name of the pod of an ordinal. */
export function podNameOf({ metadata }: Pick<StatefulSet, 'metadata'>, ordinal: number): string {
  return `${metadata.name ?? ''}-${ordinal}`;
}

/** The ordinal that a name stands for; undefined for a name that is no pod's of the set. */
export function ordinalOf({ metadata }: Pick<StatefulSet, 'metadata'>, name: string): number | undefined {
  // Asked of every pod of a namespace: most are told apart without the pattern.
  if (!name.startsWith(`${metadata.name}-`)) return undefined;
  const [, parent, ordinal] = podName.exec(name) ?? [];
  return parent === metadata.name ? Number(ordinal) : undefined;
}

/** Whether the set wants a pod of this ordinal. */
export function isWantedOrdinal(set: Pick<StatefulSet, 'spec'>, ordinal: number): boolean {
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + wantedReplicas(set);
}

/** The names of the claims of an ordinal, in the order of their templates. */
export function claimNamesOf(set: Pick<StatefulSet, 'metadata' | 'spec'>, ordinal: number): string[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata?.name ?? ''}-${podNameOf(set, ordinal)}`);
}

/** The claims of an ordinal as they are created: what the templates say, labelled so that the selector finds them. */
export function claimsOf(set: StoredOf<'StatefulSet'>, ordinal: number): PersistentVolumeClaim[] {
  const names = claimNamesOf(set, ordinal);
  const application = set.metadata.annotations?.[APPLICATION_ANNOTATION];
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }, index) => {
    const annotations = {
      ...metadata?.annotations,
      ...(application === undefined ? {} : { [APPLICATION_ANNOTATION]: application }),
    };
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: names[index] ?? '',
        namespace: namespaceOf(set),
        labels: { ...metadata?.labels, ...set.spec.selector.matchLabels },
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      },
      spec,
    };
  });
}

/** The template's volumes with the ordinal's claims: they go before volumes of the same name. */
function volumesOf(set: StoredOf<'StatefulSet'>, spec: PodSpec, ordinal: number): Volume[] {
  const names = claimNamesOf(set, ordinal);
  const claimed = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }, index): Volume => {
    return { name: metadata?.name ?? '', persistentVolumeClaim: { claimName: names[index] ?? '' } };
  });
  return [...claimed, ...(spec.volumes ?? []).filter(({ name }) => !claimed.some((volume) => volume.name === name))];
}

/** The pod of an ordinal, of a revision of the template. */
export function podOf(set: StoredOf<'StatefulSet'>, revision: Revision, ordinal: number): Pod {
  const name = podNameOf(set, ordinal);
  const pod = podFromTemplate(set, revision.template, name);
  const volumes = volumesOf(set, pod.spec, ordinal);
  const { serviceName } = set.spec;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        [REVISION_HASH_LABEL]: revision.name,
        [POD_NAME_LABEL]: name,
        [POD_INDEX_LABEL]: String(ordinal),
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}
