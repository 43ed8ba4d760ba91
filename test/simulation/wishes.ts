// What the commits of a scenario ask for, as plain data, and the manifests that say so.

export type Strategy =
  | { readonly type: 'RollingUpdate'; readonly maxSurge: number | string; readonly maxUnavailable: number | string }
  | { readonly type: 'Recreate' };

export interface DeploymentWish {
  readonly replicas: number;
  /** How its program behaves is in its name: see SimulatedEngine. */
  readonly image: string;
  readonly strategy: Strategy;
  readonly minReadySeconds: number;
  readonly hasSidecar: boolean;
  readonly probe: 'none' | 'http' | 'exec';
  /** A ConfigMap that it uses. */
  readonly config?: { readonly name: string; readonly as: 'env' | 'volume' };
  readonly claim?: string;
  readonly graceSeconds: number;
  readonly progressDeadlineSeconds: number;
}

/** A pod of its own. */
export interface PodWish {
  readonly image: string;
  readonly restartPolicy: 'Always' | 'Never';
}

/** All that one commit asks for, by name. */
export interface Wishes {
  readonly deployments: Readonly<Record<string, DeploymentWish>>;
  readonly configMaps: Readonly<Record<string, string>>;
  readonly claims: readonly string[];
  readonly pods: Readonly<Record<string, PodWish>>;
}

/**
 * What becomes of a commit: `good` ones become live; `invalid` and `refused` ones never touch anything; `unhealthy` ones are applied and
 * taken back.
 */
export type CommitClass = 'good' | 'invalid' | 'refused' | 'unhealthy';

export interface SimulatedCommit {
  readonly class: CommitClass;
  readonly wishes: Wishes;
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly about: string;
}

export const SIDECAR_IMAGE = 'side:1';
/** Label of a pod that names its Deployment, or itself when it has none. */
export const APP_LABEL = 'app';

function mainContainer(wish: DeploymentWish): object {
  const probe =
    wish.probe === 'none'
      ? undefined
      : wish.probe === 'http'
        ? { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 10, failureThreshold: 1 }
        : { exec: { command: ['ready'] }, periodSeconds: 10, failureThreshold: 1 };
  const env =
    wish.config?.as === 'env'
      ? [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: wish.config.name, key: 'value' } } }]
      : undefined;
  const volumeMounts = [
    ...(wish.config?.as === 'volume' ? [{ name: 'config', mountPath: '/etc/config' }] : []),
    ...(wish.claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }]),
  ];
  return { name: 'main', image: wish.image, imagePullPolicy: 'IfNotPresent', readinessProbe: probe, env, volumeMounts };
}

function deploymentManifest(name: string, wish: DeploymentWish): object {
  const { strategy } = wish;
  const labels = { [APP_LABEL]: name };
  const volumes = [
    ...(wish.config?.as === 'volume' ? [{ name: 'config', configMap: { name: wish.config.name } }] : []),
    ...(wish.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: wish.claim } }]),
  ];
  const sidecar = { name: 'side', image: SIDECAR_IMAGE, imagePullPolicy: 'IfNotPresent' };
  const rolling =
    strategy.type === 'Recreate' ? undefined : { maxSurge: strategy.maxSurge, maxUnavailable: strategy.maxUnavailable };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: wish.replicas,
      minReadySeconds: wish.minReadySeconds,
      progressDeadlineSeconds: wish.progressDeadlineSeconds,
      strategy: { type: strategy.type, rollingUpdate: rolling },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: wish.graceSeconds,
          containers: [mainContainer(wish), ...(wish.hasSidecar ? [sidecar] : [])],
          volumes,
        },
      },
    },
  };
}

function podManifest(name: string, { image, restartPolicy }: PodWish): object {
  const containers = [{ name: 'main', image, imagePullPolicy: 'IfNotPresent' }];
  const spec = { restartPolicy, terminationGracePeriodSeconds: 5, containers };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { [APP_LABEL]: name } }, spec };
}

/** The files of a commit that asks for this. JSON is YAML. */
export function filesOf({ deployments, configMaps, claims, pods }: Wishes): Record<string, string> {
  const objects: [string, object][] = [
    ...Object.entries(deployments).map(([name, wish]): [string, object] => [
      `deployment-${name}`,
      deploymentManifest(name, wish),
    ]),
    ...Object.entries(configMaps).map(([name, value]): [string, object] => [
      `config-${name}`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } },
    ]),
    ...claims.map((name): [string, object] => [
      `claim-${name}`,
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ]),
    ...Object.entries(pods).map(([name, wish]): [string, object] => [`pod-${name}`, podManifest(name, wish)]),
  ];
  return Object.fromEntries(objects.map(([name, object]) => [`${name}.yaml`, JSON.stringify(object)]));
}

/** Every image that the wishes name. */
export function imagesOf({ deployments, pods }: Wishes): readonly string[] {
  const wished = Object.values(deployments).flatMap((wish) => [wish.image, ...(wish.hasSidecar ? [SIDECAR_IMAGE] : [])]);
  return [...new Set([...wished, ...Object.values(pods).map((pod) => pod.image)])];
}

/** Containers that are to run, `app container image`, sorted; a sandbox is the container `_sandbox`. */
export function wishedContainers({ deployments, pods }: Wishes): readonly string[] {
  const ofDeployments = Object.entries(deployments).flatMap(([name, wish]) => {
    const pod = [`${name} _sandbox`, `${name} main ${wish.image}`, ...(wish.hasSidecar ? [`${name} side ${SIDECAR_IMAGE}`] : [])];
    return Array.from({ length: wish.replicas }, () => pod).flat();
  });
  const ofPods = Object.entries(pods)
    .filter(([, wish]) => wish.restartPolicy === 'Always')
    .flatMap(([name, wish]) => [`${name} _sandbox`, `${name} main ${wish.image}`]);
  return [...ofDeployments, ...ofPods].sort();
}
