// From a Deployment to the ReplicaSet of its template (Kubernetes, "Pod-template-hash label").

import type { ReplicaSet, StoredOf } from '../../model/resource.ts';
import { controllerReference, TEMPLATE_HASH_LABEL } from '../../model/resource.ts';

/** The name of a Deployment's ReplicaSet for a template hash. */
export function replicaSetName(deployment: StoredOf<'Deployment'>, hash: string): string {
  return `${deployment.metadata.name}-${hash}`;
}

/** The ReplicaSet to create for a Deployment's template. */
export function newReplicaSet(
  deployment: StoredOf<'Deployment'>,
  hash: string,
  replicas: number,
  annotations: Readonly<Record<string, string>>,
): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: replicaSetName(deployment, hash),
      namespace: deployment.metadata.namespace ?? 'default',
      labels,
      annotations: { ...annotations },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
