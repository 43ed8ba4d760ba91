// Manifests of small servers that say who they are and who asks, and of Services for them.
import { podSpec } from './e2e-manifests.ts';

/** Serves `/cgi-bin/who` on port 8080: its host name and the address of the client. */
export const WHO = [
  'mkdir -p /tmp/www/cgi-bin',
  "printf '#!/bin/sh\\necho Content-Type: text/plain\\necho\\necho $(hostname) $REMOTE_ADDR\\n' > /tmp/www/cgi-bin/who",
  'chmod +x /tmp/www/cgi-bin/who',
  'echo ready > /tmp/www/ready',
  'httpd -p 8080 -h /tmp/www',
].join('; ');

/** A readiness probe on the server above. */
export const READY = { readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 } };

export interface ServerOptions {
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly replicas?: number;
  /** More shell before it stays. */
  readonly script?: string;
  readonly container?: object;
  readonly pod?: object;
  readonly spec?: object;
}

/** A workload of servers that answer `who`, labelled `app: NAME`, with a port named `http`. */
export function server(
  name: string,
  { kind = 'Deployment', replicas = 1, script = ':', container, pod, spec }: ServerOptions = {},
): object {
  const ports = [{ name: 'http', containerPort: 8080 }];
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: podSpec({ script: `${WHO}; ${script}`, container: { ports, ...READY, ...container }, pod: { ...pod } }),
      },
      ...(kind === 'StatefulSet' ? { serviceName: name, podManagementPolicy: 'Parallel' } : {}),
      ...spec,
    },
  };
}

/** A Service for the pods `app: NAME`, from port 80 to the port named `http`. */
export function service(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
  };
}
