// From a ReplicaSet's template to a pod.

import type { Pod, PodTemplateSpec, StoredOf } from '../../model/resource.ts';
import { APPLICATION_ANNOTATION, controllerReference } from '../../model/resource.ts';

/** Longest generated name that still is a DNS label, without its suffix of five. */
const MAX_BASE_LENGTH = 58;

/** A pod of the set: the template's labels, annotations and spec, owned by the set, of the set's application. */
export function newPod(set: StoredOf<'ReplicaSet'>, template: PodTemplateSpec, suffix: string): Pod {
  const application = set.metadata.annotations?.[APPLICATION_ANNOTATION];
  const annotations = {
    ...template.metadata?.annotations,
    ...(application === undefined ? {} : { [APPLICATION_ANNOTATION]: application }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${set.metadata.name}-`.slice(0, MAX_BASE_LENGTH) + suffix,
      namespace: set.metadata.namespace ?? 'default',
      labels: { ...template.metadata?.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(set)],
    },
    spec: template.spec,
  };
}
