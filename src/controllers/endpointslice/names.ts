// The words of the EndpointSlice API (Kubernetes, "EndpointSlices"; "Well-Known Labels, Annotations and Taints").
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../../model/endpoint-slice.ts';

/** Of slices and Endpoints of a Service without a virtual address. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** What is written here for Endpoints of Services without one. */
export const MIRROR_MANAGER = 'endpointslicemirroring-controller.k8s.io';

/** Labels that no slice takes over from its Service or its Endpoints. */
const RESERVED_LABELS: ReadonlySet<string> = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);

/** Labels without those that say what a slice is. */
export function ownLabels(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !RESERVED_LABELS.has(name)));
}
