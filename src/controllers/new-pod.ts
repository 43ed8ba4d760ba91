// From a workload's template to a pod.

import type { Pod, PodTemplateSpec, Stored } from '../model/resource.ts';
import { APPLICATION_ANNOTATION, controllerReference } from '../model/resource.ts';

/** Longest generated name that still is a DNS label, without its suffix of five. */
const MAX_BASE_LENGTH = 58;

/** The name of a pod that is one of many: the owner's, and five random characters. */
export function generatedName(owner: Stored, suffix: string): string {
  return `${owner.metadata.name}-`.slice(0, MAX_BASE_LENGTH) + suffix;
}

/** A pod under this name: the template's labels, annotations and spec, owned by `owner`, of the owner's application. */
export function podFromTemplate(owner: Stored, template: PodTemplateSpec, name: string): Pod {
  const application = owner.metadata.annotations?.[APPLICATION_ANNOTATION];
  const annotations = {
    ...template.metadata?.annotations,
    ...(application === undefined ? {} : { [APPLICATION_ANNOTATION]: application }),
  };
  const finalizers = template.metadata?.finalizers ?? [];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...template.metadata?.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}
