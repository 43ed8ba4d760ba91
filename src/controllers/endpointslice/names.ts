// The words of the EndpointSlice API (Kubernetes, "EndpointSlices"; "Well-Known Labels, Annotations and Taints").
import type { EndpointSlice, Service } from '../../model/resource.ts';
import { hasSelector, isExternalName } from '../../model/service.ts';

/** Of every slice: the Service that it belongs to. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Of every slice: who writes it. */
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** Of slices and Endpoints of a Service without a virtual address. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** What is written here for Services with a selector. */
export const SLICE_MANAGER = 'endpointslice-controller.k8s.io';
/** What is written here for Endpoints of Services without one. */
export const MIRROR_MANAGER = 'endpointslicemirroring-controller.k8s.io';

/** Labels that no slice takes over from its Service or its Endpoints. */
const RESERVED_LABELS: ReadonlySet<string> = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);

/** The name of the Service that a slice belongs to; undefined when it belongs to none. */
export function serviceNameOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL];
  return name === '' ? undefined : name;
}

/** Labels without those that say what a slice is. */
export function ownLabels(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !RESERVED_LABELS.has(name)));
}

/** Whether pods are found for a Service: it has a selector and is not a mere name for something outside. */
export function selectsPods({ spec }: Service): boolean {
  return !isExternalName(spec) && hasSelector(spec);
}
