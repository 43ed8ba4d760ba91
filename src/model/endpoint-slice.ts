// What an EndpointSlice says, read in one way by everybody (Kubernetes, "EndpointSlices"). Facts only.
import type { Endpoint, EndpointSlice } from './generated.ts';

/** Of every slice: the Service that it belongs to. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Of every slice: who writes it. */
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** Who writes those of Services with a selector. */
export const SLICE_MANAGER = 'endpointslice-controller.k8s.io';

/** The name of the Service that a slice belongs to; undefined when it belongs to none. */
export function serviceNameOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL];
  return name === '' ? undefined : name;
}

/** The endpoints of a Service that take traffic: unknown counts as ready. `slices` are those of its namespace. */
export function readyEndpoints(slices: readonly EndpointSlice[], service: string): readonly Endpoint[] {
  return slices
    .filter((slice) => serviceNameOf(slice) === service)
    .flatMap(({ endpoints = [] }) => endpoints.filter(({ conditions }) => conditions?.ready !== false));
}
