// Services as their manifests and defaults leave them: addresses open.
import type { Desired, Service, ServiceSpec } from '../../src/model/resource.ts';

/** A Service with port 80, of type ClusterIP unless `spec` says otherwise. */
export function aService(
  options: { readonly name?: string; readonly namespace?: string; readonly spec?: ServiceSpec } = {},
): Desired<Service> {
  const { name = 'web', namespace = 'default', spec = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }], ...spec },
  };
}
