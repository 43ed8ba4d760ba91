// Manifests of small programs on busybox that stop at once when they are asked to.
import { stringify } from 'yaml';
import { BUSYBOX } from './docker.ts';

/** The shell is the first process, so it passes the request to stop on by itself. */
export const STAY = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done";

/** A document or several, as the text of a file. Kubernetes reads YAML 1.1: what it would take for a boolean is quoted. */
export function yaml(...documents: readonly object[]): string {
  return documents.map((document) => stringify(document, { version: '1.1' })).join('---\n');
}

export interface ContainerOptions {
  /** Runs before the program stays. */
  readonly script?: string;
  readonly image?: string;
  /** More fields of the container. */
  readonly container?: object;
  /** More fields of the pod. */
  readonly pod?: object;
}

/** The spec of a pod with one container named `main`. */
export function podSpec({ script = ':', image = BUSYBOX, container = {}, pod = {} }: ContainerOptions = {}): object {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image, command: ['sh', '-c', `${script}; ${STAY}`], ...container }],
    ...pod,
  };
}

export interface DeploymentOptions extends ContainerOptions {
  readonly replicas?: number;
  /** More fields of the Deployment's spec. */
  readonly spec?: object;
}

/** A Deployment in the namespace `default`. */
export function deployment(name: string, { replicas = 1, spec = {}, ...options }: DeploymentOptions = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      progressDeadlineSeconds: 60,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: podSpec(options) },
      ...spec,
    },
  };
}

export function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

export function secret(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

export function claim(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
  };
}
