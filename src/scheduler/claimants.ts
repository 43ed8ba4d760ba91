// What the objects of a commit want of the nodes: which of their pods stay where they are, which give way, and which are to be seated.
import { completePod } from '../model/admission/admit-pod.ts';
import { findCondition } from '../model/conditions.ts';
import { daemonFit, daemonPodSpec } from '../model/daemon-set.ts';
import { canonicalJson } from '../model/hash.ts';
import type {
  Desired,
  LimitRange,
  ObjectMeta,
  Pod,
  PodSpec,
  PodTemplateSpec,
  PriorityClass,
  ResourceOf,
  RuntimeClass,
  StoredOf,
} from '../model/resource.ts';
import { controllerOf, displayKey, keyOf, keyString, TEMPLATE_HASH_LABEL } from '../model/resource.ts';
import { rolloutLimits, templateHash } from '../model/rollout.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import { demandOf } from './demand.ts';

type StoredPod = StoredOf<'Pod'>;

/** A pod to be seated. */
export interface Wanted {
  readonly candidate: Candidate;
  readonly pod: { readonly metadata: ObjectMeta; readonly spec: PodSpec };
}

/** An object of the commit that wants pods. */
export interface Claimant {
  readonly key: string;
  readonly replicas: number;
  /** What a pod of it is like: its priority orders the claimants, and it is the one that a rollout would start first. */
  readonly sample: Wanted;
  /** Pods that have no seat yet. */
  readonly wanted: Wanted[];
  /** Pods that stay where they are. */
  readonly kept: readonly StoredPod[];
  /** Pods that give way to new ones, or are too many. */
  readonly outdated: readonly StoredPod[];
  /** The rollout cannot take an old pod away before a new one is available. */
  readonly needsSurge: boolean;
  /** `all`: it is not well with fewer. `any`: it gets on with one, and later has room for the rest. `trial`: now and then, for a while. */
  readonly needs: 'all' | 'any' | 'trial';
}

/** What pods are given when they are made. */
export interface TemplatePolicies {
  readonly priorityClasses: readonly PriorityClass[];
  readonly limitRanges: readonly LimitRange[];
  readonly runtimeClasses: readonly RuntimeClass[];
}

/** What claims are made of, beside the object itself. */
export interface ClaimContext {
  readonly nodes: readonly StoredOf<'Node'>[];
  /** Pods that are on a node and not leaving. */
  readonly present: readonly StoredPod[];
  /** All pods. */
  readonly pods: readonly StoredPod[];
  readonly jobs: readonly StoredOf<'Job'>[];
  readonly policies: TemplatePolicies;
}

function wantedOf(resource: Desired, template: PodTemplateSpec, context: ClaimContext, labels = {}, name?: string): Wanted {
  const key = keyOf(resource);
  const metadata: ObjectMeta = {
    ...template.metadata,
    name: name ?? key.name,
    namespace: key.namespace,
    labels: { ...template.metadata?.labels, ...labels },
  };
  const spec = completed({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }, context.policies);
  const pod = { kind: 'Pod', metadata, spec } as const;
  return { candidate: candidateOf(pod, { group: keyString(key), name: displayKey(key) }), pod };
}

/** The spec with what admission will give it: priority, default requests, overhead. What it would refuse is not for the scheduler to say. */
function completed(pod: Pod, { priorityClasses, limitRanges, runtimeClasses }: TemplatePolicies): PodSpec {
  const { namespace } = keyOf(pod);
  const result = completePod(pod, {
    namespace: undefined,
    limitRanges: limitRanges.filter((range) => keyOf(range).namespace === namespace),
    priorityClasses,
    runtimeClass: (name) => runtimeClasses.find(({ metadata }) => metadata.name === name),
    serviceAccount: (name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }),
    quotas: [],
  });
  return result.ok ? result.pod.spec : pod.spec;
}

function isOwned(pod: StoredPod, kind: string, { namespace, name }: { namespace: string; name: string }): boolean {
  const owner = controllerOf(pod);
  return owner?.kind === kind && owner.name === name && keyOf(pod).namespace === namespace;
}

/** All that placing looks at: pods that are equal in it can take each other's seat. */
function placingOf(spec: PodSpec): string {
  const { amounts, ports } = demandOf(spec);
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints } = spec;
  return canonicalJson([Object.fromEntries(amounts), ports, nodeSelector, affinity, tolerations, topologySpreadConstraints]);
}

const times = (count: number, wanted: Wanted): Wanted[] => Array.from({ length: Math.max(0, count) }, () => wanted);

function claimDeployment(deployment: Desired<ResourceOf<'Deployment'>>, context: ClaimContext): Claimant {
  const key = keyOf(deployment);
  const limits = rolloutLimits(deployment);
  const hash = templateHash(deployment);
  const own = context.present.filter((pod) =>
    isOwned(pod, 'ReplicaSet', { ...key, name: `${key.name}-${pod.metadata.labels?.[TEMPLATE_HASH_LABEL]}` }),
  );
  // While a Deployment is paused, its pods stay what they are.
  const isPaused = deployment.spec.paused === true;
  const kept = own.filter((pod) => isPaused || pod.metadata.labels?.[TEMPLATE_HASH_LABEL] === hash).slice(0, limits.replicas);
  const sample = wantedOf(deployment, deployment.spec.template, context, { [TEMPLATE_HASH_LABEL]: hash });
  const replicas = isPaused ? kept.length : limits.replicas;
  return {
    key: keyString(key),
    replicas,
    sample,
    wanted: times(replicas - kept.length, sample),
    kept,
    outdated: own.filter((pod) => !kept.includes(pod)),
    needsSurge: limits.maxSurge > 0 && limits.maxUnavailable === 0 && own.length >= limits.replicas,
    needs: 'all',
  };
}

function claimSet(set: Desired<ResourceOf<'ReplicaSet' | 'ReplicationController'>>, context: ClaimContext): Claimant | undefined {
  const { template, replicas = 1 } = set.spec;
  if (template === undefined) return undefined;
  const own = context.present.filter((pod) => isOwned(pod, set.kind, keyOf(set)));
  return steady(set, wantedOf(set, template, context), own.slice(0, replicas), own.slice(replicas), replicas);
}

function steady(
  resource: Desired,
  sample: Wanted,
  kept: readonly StoredPod[],
  outdated: readonly StoredPod[],
  replicas: number,
): Claimant {
  const wanted = times(replicas - kept.length, sample);
  return { key: keyString(keyOf(resource)), replicas, sample, wanted, kept, outdated, needsSurge: false, needs: 'all' };
}

/** A StatefulSet replaces its pods in place, one after the other: those that need what they needed keep their seats. */
function claimStatefulSet(set: Desired<ResourceOf<'StatefulSet'>>, context: ClaimContext): Claimant {
  const { template, replicas = 1, ordinals, updateStrategy, volumeClaimTemplates = [] } = set.spec;
  const key = keyOf(set);
  const own = context.present.filter((pod) => isOwned(pod, 'StatefulSet', key));
  const first = ordinals?.start ?? 0;
  const partition =
    updateStrategy?.type === 'OnDelete' ? Number.POSITIVE_INFINITY : (updateStrategy?.rollingUpdate?.partition ?? 0);
  const kept: StoredPod[] = [];
  const wanted: Wanted[] = [];
  for (let ordinal = first; ordinal < first + replicas; ordinal++) {
    const name = `${key.name}-${ordinal}`;
    const pod = own.find(({ metadata }) => metadata.name === name);
    if (pod !== undefined && (ordinal < partition || placingOf(pod.spec) === placingOf(template.spec))) {
      kept.push(pod);
      continue;
    }
    const claims = volumeClaimTemplates.map(({ metadata }) => ({
      name: metadata?.name ?? '',
      persistentVolumeClaim: { claimName: `${metadata?.name ?? ''}-${name}` },
    }));
    const others = (template.spec.volumes ?? []).filter((volume) => claims.every((claim) => claim.name !== volume.name));
    const spec = claims.length === 0 ? template.spec : { ...template.spec, volumes: [...others, ...claims] };
    wanted.push(wantedOf(set, { ...template, spec }, context, {}, name));
  }
  const outdated = own.filter((pod) => !kept.includes(pod));
  return { ...steady(set, wantedOf(set, template, context), kept, outdated, replicas), wanted };
}

/** One pod for every node that the DaemonSet is for; none at all is fine. */
function claimDaemonSet(set: Desired<ResourceOf<'DaemonSet'>>, context: ClaimContext): Claimant {
  const { template, updateStrategy } = set.spec;
  const own = context.present.filter((pod) => isOwned(pod, 'DaemonSet', keyOf(set)));
  const kept: StoredPod[] = [];
  const wanted: Wanted[] = [];
  for (const node of context.nodes) {
    const { shouldRun, mayStay } = daemonFit(set, node);
    const pod = own.find(({ spec }) => spec.nodeName === node.metadata.name);
    const spec = daemonPodSpec(template.spec, node.metadata.name);
    const isAlike = pod !== undefined && (updateStrategy?.type === 'OnDelete' || placingOf(pod.spec) === placingOf(spec));
    if (pod !== undefined && mayStay && (isAlike || !shouldRun)) kept.push(pod);
    else if (shouldRun) wanted.push(wantedOf(set, { ...template, spec }, context));
  }
  const outdated = own.filter((pod) => !kept.includes(pod));
  const sample = wantedOf(set, template, context);
  return { ...steady(set, sample, kept, outdated, kept.length + wanted.length), wanted };
}

function isFinished(job: Desired<ResourceOf<'Job'>>, jobs: readonly StoredOf<'Job'>[]): boolean {
  const live = jobs.find((other) => keyString(keyOf(other)) === keyString(keyOf(job)));
  const isTrue = (type: string): boolean => findCondition(live?.status?.conditions, type)?.status === 'True';
  return isTrue('Complete') || isTrue('Failed');
}

/** A Job runs as many pods at a time as it may and can: with one place it gets to its end. */
function claimJob(job: Desired<ResourceOf<'Job'>>, context: ClaimContext): Claimant | undefined {
  const { template, suspend, parallelism = 1, completions } = job.spec;
  if (suspend === true || isFinished(job, context.jobs)) return undefined;
  const key = keyOf(job);
  const succeeded = context.pods.filter((pod) => pod.status?.phase === 'Succeeded' && isOwned(pod, 'Job', key)).length;
  const replicas = completions === undefined ? parallelism : Math.max(0, Math.min(parallelism, completions - succeeded));
  const own = context.present.filter((pod) => isOwned(pod, 'Job', key));
  const sample = wantedOf(job, template, context);
  return { ...steady(job, sample, own.slice(0, replicas), own.slice(replicas), replicas), needs: 'any' };
}

function claimCronJob(cron: Desired<ResourceOf<'CronJob'>>, context: ClaimContext): Claimant | undefined {
  const { suspend, jobTemplate } = cron.spec;
  if (suspend === true || jobTemplate.spec.suspend === true) return undefined;
  return { ...steady(cron, wantedOf(cron, jobTemplate.spec.template, context), [], [], 1), needs: 'trial' };
}

function claimPod(wanted: Desired<ResourceOf<'Pod'>>, context: ClaimContext): Claimant | undefined {
  if ((wanted.spec.schedulingGates ?? []).length > 0) return undefined;
  const key = keyString(keyOf(wanted));
  const existing = context.present.find((pod) => keyString(keyOf(pod)) === key);
  const withoutNode = ({ nodeName: _nodeName, ...spec }: PodSpec): string => canonicalJson(spec);
  const isSame =
    existing !== undefined &&
    withoutNode(existing.spec) === withoutNode(wanted.spec) &&
    (wanted.spec.nodeName === undefined || wanted.spec.nodeName === existing.spec.nodeName);
  const own = existing === undefined ? [] : [existing];
  const sample = wantedOf(wanted, { metadata: wanted.metadata, spec: wanted.spec }, context);
  return steady(wanted, sample, isSame ? own : [], isSame ? [] : own, 1);
}

/** What an object wants; undefined for one that wants no place, or none now. */
export function claimOf(resource: Desired, context: ClaimContext): Claimant | undefined {
  const { kind } = resource;
  if (kind === 'Deployment') return claimDeployment(resource, context);
  if (kind === 'ReplicaSet' || kind === 'ReplicationController') return claimSet(resource, context);
  if (kind === 'StatefulSet') return claimStatefulSet(resource, context);
  if (kind === 'DaemonSet') return claimDaemonSet(resource, context);
  if (kind === 'Job') return claimJob(resource, context);
  if (kind === 'CronJob') return claimCronJob(resource, context);
  return kind === 'Pod' ? claimPod(resource, context) : undefined;
}
