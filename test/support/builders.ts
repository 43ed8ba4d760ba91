// Objects for tests: complete, valid, and with only what a test cares about spelled out. Everything is deterministic.
import { hashOf } from '../../src/model/hash.ts';
import type {
  ClaimSpec,
  Condition,
  ConfigMap,
  Container,
  DeploymentSpec,
  DeploymentStatus,
  Desired,
  NodeStatus,
  OwnerReference,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
  ReplicaSetSpec,
  ReplicaSetStatus,
  Resource,
  Secret,
  Stored,
  StoredMeta,
  StoredOf,
} from '../../src/model/resource.ts';
import { controllerReference, TEMPLATE_HASH_LABEL } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';

/** The time at which builders create their objects: 2026-01-01T00:00:00Z. */
export const START_MS = Date.UTC(2026, 0, 1);

/** What every builder takes. `owner` makes that object the controller; `uid` defaults to one derived from kind, namespace and name. */
export interface MetaOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly owner?: Stored;
  readonly ownerReferences?: OwnerReference[];
}

function metaOf(
  kind: string,
  options: MetaOptions,
  defaults: { name: string; labels?: Record<string, string>; isClusterWide?: boolean },
): StoredMeta {
  const name = options.name ?? defaults.name;
  const namespace = options.namespace ?? 'default';
  const labels = options.labels ?? defaults.labels;
  const owners = options.ownerReferences ?? (options.owner === undefined ? undefined : [controllerReference(options.owner)]);
  return {
    name,
    ...(defaults.isClusterWide === true ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    uid: options.uid ?? `uid-${kind.toLowerCase()}-${namespace}-${name}`,
    resourceVersion: options.resourceVersion ?? '1',
    generation: options.generation ?? 1,
    creationTimestamp: options.creationTimestamp ?? toRfc3339(START_MS),
    ...(options.deletionTimestamp === undefined ? {} : { deletionTimestamp: options.deletionTimestamp }),
    ...(owners === undefined ? {} : { ownerReferences: owners }),
  };
}

/** A condition that changed at `atMs`. */
export function aCondition(type: string, status: Condition['status'], reason = 'Test', atMs = START_MS, message = ''): Condition {
  return { type, status, reason, message, lastTransitionTime: toRfc3339(atMs) };
}

/** A container named `main` of `busybox:1.36`. */
export function aContainer(options: Partial<Container> = {}): Container {
  return { name: 'main', image: 'busybox:1.36', ...options };
}

/** A pod template labelled `app: web`. `container` changes its only container. */
export function aTemplate(
  options: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    container?: Partial<Container>;
    spec?: Partial<PodSpec>;
  } = {},
): PodTemplateSpec {
  return {
    metadata: {
      labels: options.labels ?? { app: 'web' },
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    },
    spec: {
      containers: [aContainer(options.container)],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      ...options.spec,
    },
  };
}

export interface PodOptions extends MetaOptions {
  readonly container?: Partial<Container>;
  readonly spec?: Partial<PodSpec>;
  readonly status?: PodStatus;
  /** Shorthand for spec.nodeName. */
  readonly nodeName?: string;
  /** Shorthand for status.phase. */
  readonly phase?: NonNullable<PodStatus['phase']>;
  /** Running and Ready since this time. */
  readonly readyAtMs?: number;
}

/** A pod labelled `app: web`, without a node and without a status, unless told. */
export function aPod(options: PodOptions = {}): StoredOf<'Pod'> {
  const phase = options.phase ?? (options.readyAtMs === undefined ? undefined : 'Running');
  const conditions =
    options.readyAtMs === undefined ? undefined : [aCondition('Ready', 'True', 'ContainersReady', options.readyAtMs)];
  const status: PodStatus = {
    ...(phase === undefined ? {} : { phase }),
    ...(conditions === undefined ? {} : { conditions }),
    ...options.status,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metaOf('Pod', options, { name: 'web', labels: { app: 'web' } }),
    spec: {
      containers: [aContainer(options.container)],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      ...(options.nodeName === undefined ? {} : { nodeName: options.nodeName }),
      ...options.spec,
    },
    ...(Object.keys(status).length === 0 ? {} : { status }),
  };
}

/** A ReplicaSet `web` of 3 pods labelled `app: web`. */
export function aReplicaSet(
  options: MetaOptions & { spec?: Partial<ReplicaSetSpec>; status?: ReplicaSetStatus; replicas?: number } = {},
): StoredOf<'ReplicaSet'> {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: metaOf('ReplicaSet', options, { name: 'web', labels: { app: 'web' } }),
    spec: { replicas: options.replicas ?? 3, selector: { matchLabels: { app: 'web' } }, template: aTemplate(), ...options.spec },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}

/** The ReplicaSet that a Deployment's controller would make of a template: named, labelled and owned as such. */
export function aReplicaSetOf(
  deployment: StoredOf<'Deployment'>,
  options: MetaOptions & {
    template?: PodTemplateSpec;
    spec?: Partial<ReplicaSetSpec>;
    status?: ReplicaSetStatus;
    replicas?: number;
  } = {},
): StoredOf<'ReplicaSet'> {
  const template = options.template ?? deployment.spec.template;
  const hash = hashOf(template);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  return aReplicaSet({
    name: `${deployment.metadata.name}-${hash}`,
    namespace: deployment.metadata.namespace ?? 'default',
    labels,
    ...(options.ownerReferences === undefined ? { owner: deployment } : {}),
    ...options,
    spec: {
      selector: {
        ...deployment.spec.selector,
        matchLabels: { ...deployment.spec.selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
      ...options.spec,
    },
  });
}

/** A Deployment `web` of 3 pods labelled `app: web`, rolling with 25 % and 25 %. */
export function aDeployment(
  options: MetaOptions & { spec?: Partial<DeploymentSpec>; status?: DeploymentStatus; replicas?: number } = {},
): StoredOf<'Deployment'> {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metaOf('Deployment', options, { name: 'web', labels: { app: 'web' } }),
    spec: {
      replicas: options.replicas ?? 3,
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate(),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...options.spec,
    },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}

/** A Ready node `node-a` of 4 processors, 8 GiB and 110 pods. */
export function aNode(
  options: MetaOptions & {
    unschedulable?: boolean;
    isReady?: boolean;
    allocatable?: Partial<NonNullable<NodeStatus['allocatable']>>;
    status?: NodeStatus;
  } = {},
): StoredOf<'Node'> {
  const amounts = { cpu: '4', memory: '8Gi', pods: '110', ...options.allocatable };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: metaOf('Node', options, { name: 'node-a', isClusterWide: true }),
    spec: options.unschedulable === true ? { unschedulable: true } : {},
    status: {
      capacity: amounts,
      allocatable: amounts,
      conditions: [aCondition('Ready', options.isReady === false ? 'False' : 'True', 'EngineReady')],
      ...options.status,
    },
  };
}

/** A Namespace `shop`. */
export function aNamespace(options: MetaOptions = {}): StoredOf<'Namespace'> {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: metaOf('Namespace', options, { name: 'shop', isClusterWide: true }) };
}

/** A ConfigMap `config` with one key. */
export function aConfigMap(
  options: MetaOptions & Pick<ConfigMap, 'data' | 'binaryData' | 'immutable'> = {},
): StoredOf<'ConfigMap'> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metaOf('ConfigMap', options, { name: 'config' }),
    data: options.data ?? { key: 'value' },
    ...(options.binaryData === undefined ? {} : { binaryData: options.binaryData }),
    ...(options.immutable === undefined ? {} : { immutable: options.immutable }),
  };
}

/** A Secret `secret` with one key; `data` is base64. */
export function aSecret(options: MetaOptions & Pick<Secret, 'data' | 'immutable'> = {}): StoredOf<'Secret'> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metaOf('Secret', options, { name: 'secret' }),
    type: 'Opaque',
    data: options.data ?? { key: 'dmFsdWU=' },
    ...(options.immutable === undefined ? {} : { immutable: options.immutable }),
  };
}

/** A claim `data` of 1 GiB. */
export function aClaim(options: MetaOptions & { spec?: Partial<ClaimSpec> } = {}): StoredOf<'PersistentVolumeClaim'> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metaOf('PersistentVolumeClaim', options, { name: 'data' }),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...options.spec },
  };
}

/** The object as a manifest declares it: without what the store and the controllers add. */
export function asDesired<R extends Resource>(stored: Stored<R>): Desired<R> {
  const copy = structuredClone(stored) as Resource & { status?: unknown };
  delete copy.status;
  const { name, namespace, labels, annotations } = stored.metadata;
  copy.metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return copy as Desired<R>;
}
