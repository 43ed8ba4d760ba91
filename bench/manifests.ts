// The manifests that are measured with. JSON is YAML.
import { BUSYBOX } from '../scripts/images.mjs';

/** Manifests of the set that planning is measured with. */
export const MANY = 1_000;

const yaml = (...resources: readonly object[]): string => `${resources.map((each) => JSON.stringify(each)).join('\n---\n')}\n`;

const container = { name: 'app', image: BUSYBOX, command: ['sleep', 'infinity'], resources: { limits: { memory: '32Mi' } } };

function deployment(name: string, replicas: number, annotations: Record<string, string> = {}): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
    },
  };
}

/** So many pods of one container, without probes: ready is running. */
export function pods(replicas: number): Record<string, string> {
  return { 'pods.yaml': yaml(deployment('pods', replicas)) };
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
