// The manifests that say what the wishes of a commit are. JSON is YAML.
import type {
  ControllerWish,
  CronJobWish,
  DaemonSetWish,
  DeploymentWish,
  HookWish,
  JobWish,
  PodExtras,
  PodWish,
  StatefulSetWish,
  Wishes,
} from './wishes.ts';
import { APP_LABEL, SIDECAR_IMAGE, workloadsOf } from './wishes.ts';

const readiness = { periodSeconds: 10, failureThreshold: 1 };
const execReady = { exec: { command: ['ready'] } };

/** The classes of storage that claims of sets name. */
const storageClasses: Readonly<Record<string, object>> = {
  fast: { volumeBindingMode: 'Immediate', reclaimPolicy: 'Retain' },
  late: { volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Delete', allowVolumeExpansion: true },
};
const priorities: Readonly<Record<string, number>> = { high: 1000, low: 10 };

/** Its parts that any main container has. */
function mainContainer(image: string, { hasStartupProbe, hasLivenessProbe, hooks = [], milliCpus }: PodExtras): object {
  const lifecycle = {
    ...(hooks.includes('postStart') ? { postStart: { exec: { command: ['hook'] } } } : {}),
    ...(hooks.includes('preStop') ? { preStop: { exec: { command: ['hook'] } } } : {}),
  };
  return {
    name: 'main',
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(hasStartupProbe === true ? { startupProbe: { ...execReady, periodSeconds: 5, failureThreshold: 40 } } : {}),
    ...(hasLivenessProbe === true
      ? { livenessProbe: { exec: { command: ['alive'] }, periodSeconds: 10, failureThreshold: 2 } }
      : {}),
    ...(hooks.length === 0 ? {} : { lifecycle }),
    ...(milliCpus === undefined ? {} : { resources: { requests: { cpu: `${milliCpus}m` } } }),
  };
}

function podSpec(main: object, { init, hasHelper, priority }: PodExtras, rest: object): object {
  const helper = { name: 'helper', image: SIDECAR_IMAGE, imagePullPolicy: 'IfNotPresent', restartPolicy: 'Always' };
  const initContainers = [
    ...(hasHelper === true ? [helper] : []),
    ...(init === undefined ? [] : [{ name: 'init', image: init, imagePullPolicy: 'IfNotPresent' }]),
  ];
  return {
    ...(priority === undefined ? {} : { priorityClassName: priority }),
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: [main],
    ...rest,
  };
}

/** `serves`: it says when it is ready. */
function templateOf(app: string, image: string, extras: PodExtras, rest: object = {}, serves = true, mounts?: object): object {
  const main = {
    ...mainContainer(image, extras),
    ...(serves ? { readinessProbe: { ...execReady, ...readiness } } : {}),
    ...mounts,
  };
  return {
    metadata: { labels: { [APP_LABEL]: app } },
    spec: podSpec(main, extras, { terminationGracePeriodSeconds: 5, ...rest }),
  };
}

function deploymentManifest(name: string, wish: DeploymentWish): object {
  const { strategy, extras = {} } = wish;
  const labels = { [APP_LABEL]: name };
  const volumes = [
    ...(wish.config?.as === 'volume' ? [{ name: 'config', configMap: { name: wish.config.name } }] : []),
    ...(wish.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: wish.claim } }]),
  ];
  const volumeMounts = [
    ...(wish.config?.as === 'volume' ? [{ name: 'config', mountPath: '/etc/config' }] : []),
    ...(wish.claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }]),
  ];
  const env =
    wish.config?.as === 'env'
      ? [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: wish.config.name, key: 'value' } } }]
      : undefined;
  const probes = {
    none: undefined,
    http: { httpGet: { path: '/ready', port: 8080 }, ...readiness },
    exec: { ...execReady, ...readiness },
  };
  const main = { ...mainContainer(wish.image, extras), readinessProbe: probes[wish.probe], env, volumeMounts };
  const sidecar = { name: 'side', image: SIDECAR_IMAGE, imagePullPolicy: 'IfNotPresent' };
  const rolling =
    strategy.type === 'Recreate' ? undefined : { maxSurge: strategy.maxSurge, maxUnavailable: strategy.maxUnavailable };
  const containers = [main, ...(wish.hasSidecar ? [sidecar] : [])];
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
        spec: podSpec(main, extras, { terminationGracePeriodSeconds: wish.graceSeconds, containers, volumes }),
      },
    },
  };
}

function statefulSetManifest(name: string, wish: StatefulSetWish): object {
  const { nature, update } = wish;
  const rollingUpdate = { partition: wish.partition, maxUnavailable: wish.maxUnavailable };
  const claim = {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(nature.claims === '' ? {} : { storageClassName: nature.claims }),
      resources: { requests: { storage: '1Gi' } },
    },
  };
  const mounts = nature.claims === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: wish.namespace },
    spec: {
      replicas: wish.replicas,
      serviceName: name,
      podManagementPolicy: nature.isParallel ? 'Parallel' : 'OrderedReady',
      ordinals: { start: nature.startOrdinal },
      minReadySeconds: wish.minReadySeconds,
      updateStrategy: { type: update, ...(update === 'OnDelete' ? {} : { rollingUpdate }) },
      selector: { matchLabels: { [APP_LABEL]: name } },
      template: templateOf(name, wish.image, wish.extras, {}, true, mounts),
      ...(nature.claims === undefined ? {} : { volumeClaimTemplates: [claim] }),
      ...(wish.releasesClaims ? { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } } : {}),
    },
  };
}

function daemonSetManifest(name: string, wish: DaemonSetWish): object {
  const rollingUpdate = { maxSurge: wish.maxSurge, maxUnavailable: 1 - wish.maxSurge };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: wish.namespace },
    spec: {
      updateStrategy: { type: wish.update, ...(wish.update === 'OnDelete' ? {} : { rollingUpdate }) },
      selector: { matchLabels: { [APP_LABEL]: name } },
      template: templateOf(name, wish.image, wish.extras),
    },
  };
}

function controllerManifest(name: string, wish: ControllerWish): object {
  const selector = { [APP_LABEL]: name };
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, namespace: wish.namespace },
    spec: { replicas: wish.replicas, selector, template: templateOf(name, wish.image, wish.extras) },
  };
}

function jobSpec(name: string, wish: Omit<JobWish, 'isSuspended'> & { isSuspended?: boolean }): object {
  return {
    completions: wish.completions,
    parallelism: wish.parallelism,
    completionMode: wish.isIndexed ? 'Indexed' : 'NonIndexed',
    ...(wish.isIndexed && wish.isLimitedPerIndex
      ? { backoffLimitPerIndex: wish.backoffLimit }
      : { backoffLimit: wish.backoffLimit }),
    ...(wish.isSuspended === true ? { suspend: true } : {}),
    ...(wish.ttlSeconds === undefined ? {} : { ttlSecondsAfterFinished: wish.ttlSeconds }),
    template: templateOf(name, wish.image, wish.extras, { restartPolicy: wish.restartPolicy }, false),
  };
}

function jobManifest(name: string, wish: JobWish): object {
  const annotations = { 'holdfast.dev/replace': 'true' };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: wish.namespace, annotations },
    spec: jobSpec(name, wish),
  };
}

function cronJobManifest(name: string, { policy, schedule, isSuspended, namespace, ...rest }: CronJobWish): object {
  const job = {
    ...rest,
    completions: 1,
    parallelism: 1,
    isIndexed: false,
    restartPolicy: 'Never',
    isLimitedPerIndex: false,
    backoffLimit: 2,
  } as const;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace },
    spec: {
      schedule,
      concurrencyPolicy: policy,
      suspend: isSuspended,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: jobSpec(name, job) },
    },
  };
}

function podManifest(name: string, { image, restartPolicy }: PodWish): object {
  const containers = [{ name: 'main', image, imagePullPolicy: 'IfNotPresent' }];
  const spec = { restartPolicy, terminationGracePeriodSeconds: 5, containers };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { [APP_LABEL]: name } }, spec };
}

/** The claim of this name is for a volume that is declared with it. */
const DECLARED = 'archive';

function claimManifests(name: string): object[] {
  const accessModes = ['ReadWriteOnce'];
  const storageClassName = name === DECLARED ? 'manual' : undefined;
  const spec = { accessModes, storageClassName, resources: { requests: { storage: '1Gi' } } };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec };
  if (name !== DECLARED) return [claim];
  const hostPath = { path: '/srv/archive', type: 'DirectoryOrCreate' };
  const volume = {
    accessModes,
    storageClassName,
    capacity: { storage: '1Gi' },
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath,
  };
  return [claim, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: volume }];
}

function policyManifests({ policies }: Wishes): object[] {
  const { quotaPods, hasLimits, budgets } = policies;
  const limit = { type: 'Container', default: { memory: '64Mi' }, defaultRequest: { cpu: '10m', memory: '16Mi' } };
  return [
    ...(quotaPods === undefined
      ? []
      : [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota' }, spec: { hard: { pods: String(quotaPods) } } }]),
    ...(hasLimits ? [{ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits' }, spec: { limits: [limit] } }] : []),
    ...Object.entries(budgets).map(([app, minAvailable]) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: app },
      spec: { minAvailable, selector: { matchLabels: { [APP_LABEL]: app } } },
    })),
  ];
}

/** Classes that the wishes name: of priority and of storage. */
function classManifests(wishes: Wishes): object[] {
  const extras = [...Object.values(workloadsOf(wishes)), ...Object.values(wishes.deployments)].map((wish) => wish.extras);
  const prioritized = new Set(extras.flatMap((each) => each?.priority ?? []));
  const stored = new Set(Object.values(wishes.statefulSets).flatMap(({ nature }) => nature.claims ?? []));
  return [
    ...Object.entries(priorities)
      .filter(([name]) => prioritized.has(name))
      .map(([name, value]) => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value })),
    ...Object.entries(storageClasses)
      .filter(([name]) => stored.has(name))
      .map(([name, parts]) => ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name },
        provisioner: 'docker.holdfast.dev',
        ...parts,
      })),
  ];
}

function hookManifest(name: string, { event, image, wave, policy, backoffLimit }: HookWish): object {
  const annotations = {
    'argocd.argoproj.io/sync-wave': String(wave),
    'holdfast.dev/hook': event,
    'holdfast.dev/hook-delete-policy': policy,
  };
  const template = templateOf(name, image, {}, { restartPolicy: 'Never' }, false);
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, annotations }, spec: { backoffLimit, template } };
}

/** Waves and hooks take their time one after the other. */
function applicationManifests({ waves, hooks }: Wishes): object[] {
  const isOrdered = [waves, hooks].some((named) => Object.keys(named).length > 0);
  const spec = { timeoutSeconds: 900 };
  return isOrdered ? [{ apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop' }, spec }] : [];
}

/** The object with its wave, if its name has one. */
function inWave(object: object, { waves }: Wishes): object {
  const { kind, metadata } = object as { kind: string; metadata: { name: string } };
  const wave = waves[metadata.name];
  if (wave === undefined || (kind !== 'Deployment' && kind !== 'ConfigMap')) return object;
  return { ...object, metadata: { ...metadata, annotations: { 'holdfast.dev/sync-wave': String(wave) } } };
}

/** The files of a commit that asks for this. */
export function filesOf(wishes: Wishes): Record<string, string> {
  const each = <W>(named: Readonly<Record<string, W>>, manifest: (name: string, wish: W) => object): object[] =>
    Object.entries(named).map(([name, wish]) => manifest(name, wish));
  const objects = [
    ...wishes.namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...each(wishes.deployments, deploymentManifest),
    ...each(wishes.statefulSets, statefulSetManifest),
    ...each(wishes.daemonSets, daemonSetManifest),
    ...each(wishes.controllers, controllerManifest),
    ...each(wishes.jobs, jobManifest),
    ...each(wishes.cronJobs, cronJobManifest),
    ...each(wishes.configMaps, (name, value) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } })),
    ...wishes.claims.flatMap(claimManifests),
    ...each(wishes.pods, podManifest),
    ...policyManifests(wishes),
    ...classManifests(wishes),
    ...each(wishes.hooks, hookManifest),
    ...applicationManifests(wishes),
  ].map((object) => inWave(object, wishes));
  const text = objects.map((object) => JSON.stringify(object));
  const nameOf = (object: object): string => {
    const { kind, metadata } = object as { kind: string; metadata: { name: string } };
    return `${kind}-${metadata.name}.yaml`.toLowerCase();
  };
  return Object.fromEntries(objects.map((object, index) => [nameOf(object), text[index] ?? '']));
}
