// The manifests that are measured with. JSON is YAML.
import { BUSYBOX } from '../scripts/images.mjs';

/** Manifests of the set that planning is measured with. */
export const MANY = 1_000;

const yaml = (...resources: readonly object[]): string => `${resources.map((each) => JSON.stringify(each)).join('\n---\n')}\n`;

const container = { name: 'app', image: BUSYBOX, command: ['sleep', 'infinity'], resources: { limits: { memory: '32Mi' } } };

function deployment(name: string, replicas: number, annotations: Record<string, string> = {}, app: object = container): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [app] } },
    },
  };
}

/** So many pods of one container, without probes: ready is running. */
export function pods(replicas: number): Record<string, string> {
  return { 'pods.yaml': yaml(deployment('pods', replicas)) };
}

/** One pod, whose container changes with the version by one line. */
export function versioned(version: number): Record<string, string> {
  const env = [{ name: 'VERSION', value: String(version) }];
  return { 'pods.yaml': yaml(deployment('pods', 1, {}, { ...container, env })) };
}

/** The key of the ConfigMap that `configured` mounts. */
export const CONFIG_KEY = 'version';

/** One pod that mounts a ConfigMap of this version. */
export function configured(version: number): Record<string, string> {
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { [CONFIG_KEY]: String(version) } };
  const mounted = { ...container, volumeMounts: [{ name: 'config', mountPath: '/config' }] };
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [mounted],
    volumes: [{ name: 'config', configMap: { name: 'config' } }],
  };
  return { 'pods.yaml': yaml(config, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'configured' }, spec }) };
}

/** So many pods, each with an HTTP server that is probed once a second. */
export function probed(replicas: number): Record<string, string> {
  const labels = { app: 'probed' };
  const server = {
    ...container,
    command: ['sh', '-c', 'echo ok > /var/www/index.html; exec httpd -f -p 8080 -h /var/www'],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 100 },
  };
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [server] } };
  const spec = { replicas, selector: { matchLabels: labels }, template };
  return { 'pods.yaml': yaml({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'probed' }, spec }) };
}

/** A thousand files: 60 % ConfigMaps, 10 % Secrets, 30 % Deployments (without replicas: what planning costs, not what running costs). */
export function manyManifests(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: MANY }, (_, index) => oneOfMany(index, 0)));
}

/** One of them, in another version: its path and content. */
export function oneOfMany(index: number, version: number): [path: string, content: string] {
  const name = `object-${index}`;
  const path = `team-${index % 20}/${name}.yaml`;
  const data = Object.fromEntries(Array.from({ length: 8 }, (_, key) => [`key-${key}`, `value ${version} of ${name}`]));
  if (index % 10 < 3) return [path, yaml(deployment(name, 0, { version: String(version) }))];
  if (index % 10 === 3) return [path, yaml({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: data })];
  return [path, yaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })];
}

/** So many applications, declared by the one of the folder `root`; each has a ConfigMap of this version. */
export function applications(count: number, version: number): Record<string, string> {
  const set = {
    apiVersion: 'holdfast.dev/v1',
    kind: 'ApplicationSet',
    metadata: { name: 'all' },
    spec: {
      generators: [{ directories: [{ path: 'apps/*' }] }],
      template: { metadata: { name: '{{path.basename}}' }, spec: { path: '{{path}}' } },
    },
  };
  const names = Array.from({ length: count }, (_, index) => `app-${index}`);
  const config = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { version: String(version) },
  });
  return {
    'root/all.yaml': yaml(set),
    ...Object.fromEntries(names.map((name) => [`apps/${name}/config.yaml`, yaml(config(name))])),
  };
}
