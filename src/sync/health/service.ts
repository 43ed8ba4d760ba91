// When a Service is what its manifest promises.
import type { StoredOf } from '../../model/resource.ts';
import { type Health, healthy, progressing } from './verdict.ts';

/** A load balancer when it says where it can be reached, all others by being there, as kstatus and Argo CD judge them. */
export function serviceHealth({ spec, status, metadata }: StoredOf<'Service'>): Health {
  if (spec.type !== 'LoadBalancer' || (status?.loadBalancer?.ingress ?? []).length > 0) return healthy;
  const told = (status?.conditions ?? []).find(
    ({ status: state, observedGeneration = metadata.generation, message }) =>
      state === 'False' && observedGeneration === metadata.generation && message !== '',
  );
  return progressing(told === undefined ? 'its load balancer has no address yet' : `${told.reason}: ${told.message}`);
}
