// From `web-abc` or `deploy/web` to the Docker container that is meant. The labels on the containers are the truth: they also tell
// earlier runs, which a pod's status no longer names.
import type { ContainerEngine, ContainerSeen } from '../kubelet/engine/container-engine.ts';
import { ATTEMPT_LABEL, CONTAINER_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../kubelet/labels.ts';
import { isConditionTrue } from '../model/conditions.ts';
import type { Stored, StoredOf } from '../model/resource.ts';
import { allContainersOf } from '../model/workload.ts';
import type { StoreReader } from '../store/store.ts';
import { type Clock } from '../system/clock.ts';
import { callEngine } from './engine-call.ts';
import { findObject, parseTarget } from './find-object.ts';
import { count } from './phrases.ts';
import { UsageFault } from './usage-fault.ts';
import { workloadKinds } from './workloads.ts';

/** Names the container that is meant when nobody says which (kubectl, well-known annotations). */
const DEFAULT_CONTAINER_ANNOTATION = 'kubectl.kubernetes.io/default-container';

/** A pod, and what to tell when it was chosen among several. */
export interface ChosenPod {
  readonly pod: StoredOf<'Pod'>;
  readonly notice?: string;
}

/** The pod that `NAME`, `pod/NAME` or `deploy/NAME` and the like mean; of several, a ready one of the newest template. Throws UsageFault. */
export function choosePod(reader: StoreReader, target: string, namespace: string): ChosenPod {
  if (!target.includes('/')) return { pod: findObject(reader, 'Pod', namespace, target) };
  const { kind, name } = parseTarget(target, 'deploy/web');
  if (kind === 'Pod') return { pod: findObject(reader, 'Pod', namespace, name) };
  const workload = workloadKinds.find((known) => known === kind);
  if (workload === undefined) throw new UsageFault(`${target} has no containers: name a pod or what makes pods`);
  const owner: Stored = findObject(reader, workload, namespace, name);
  const pods = ownersOfPods(owner, reader).flatMap((each) => readyFirst(reader.listOwned('Pod', each.metadata.uid)));
  const [first] = readyFirst(pods);
  if (first === undefined)
    throw new UsageFault(`${kind.toLowerCase()}/${name} has no pods; "holdfast why ${kind.toLowerCase()}/${name}" says why`);
  return pods.length === 1
    ? { pod: first }
    : { pod: first, notice: `found ${count(pods.length, 'pod')}, using pod/${first.metadata.name}` };
}

/** Whose pods belong to a workload: its ReplicaSets' or Jobs', the newest first, or its own. */
function ownersOfPods(owner: Stored, reader: StoreReader): readonly Stored[] {
  const { uid } = owner.metadata;
  if (owner.kind === 'Deployment') return newestFirst(reader.listOwned('ReplicaSet', uid));
  return owner.kind === 'CronJob' ? newestFirst(reader.listOwned('Job', uid)) : [owner];
}

function newestFirst<T extends { metadata: { creationTimestamp: string } }>(objects: readonly T[]): T[] {
  return objects.toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));
}

/** Those that are ready first, those that are about to end last. */
export function readyFirst(pods: readonly StoredOf<'Pod'>[]): StoredOf<'Pod'>[] {
  return pods.toSorted((a, b) => readyRank(a) - readyRank(b));
}

function readyRank(pod: StoredOf<'Pod'>): number {
  return (pod.metadata.deletionTimestamp === undefined ? 0 : 4) + (isConditionTrue(pod.status?.conditions, 'Ready') ? 0 : 2);
}

/** The container of the pod that is meant, by name or the first one. Throws UsageFault for a name that the pod does not have. */
export function chooseContainer(
  pod: StoredOf<'Pod'>,
  wanted: string | undefined,
): { readonly name: string; readonly notice?: string } {
  if (wanted !== undefined) {
    const all = allContainersOf(pod.spec).map((container) => container.name);
    if (all.includes(wanted)) return { name: wanted };
    throw new UsageFault(`pod/${pod.metadata.name} has no container "${wanted}"; it has ${all.join(', ')}`);
  }
  const names = pod.spec.containers.map((container) => container.name);
  const annotated = pod.metadata.annotations?.[DEFAULT_CONTAINER_ANNOTATION];
  if (annotated !== undefined && names.includes(annotated)) return { name: annotated };
  const first = pod.spec.containers[0].name;
  return names.length === 1
    ? { name: first }
    : { name: first, notice: `using container ${first} out of ${names.join(', ')}; -c NAME chooses another` };
}

/** The Docker container: the latest run, or the one before it. Throws UsageFault when it is not there. */
export async function findContainer(
  engine: ContainerEngine,
  pod: StoredOf<'Pod'>,
  container: string,
  run: 'latest' | 'previous',
  clock: Clock,
  signal: AbortSignal,
): Promise<ContainerSeen> {
  const all = await callEngine({ clock, interrupted: signal }, 'listing the containers', (inner) => engine.list(inner));
  const runs = all
    .filter(
      ({ labels }) =>
        labels[POD_UID_LABEL] === pod.metadata.uid && labels[CONTAINER_LABEL] === container && labels[ROLE_LABEL] === 'container',
    )
    .toSorted((a, b) => Number(b.labels[ATTEMPT_LABEL] ?? 0) - Number(a.labels[ATTEMPT_LABEL] ?? 0));
  const found = runs[run === 'latest' ? 0 : 1];
  if (found !== undefined) return found;
  const name = `container ${container} of pod/${pod.metadata.name}`;
  throw new UsageFault(
    run === 'latest'
      ? `${name} does not exist yet; "holdfast why pod/${pod.metadata.name}" says what it waits for`
      : `there is no earlier run of ${name}`,
  );
}
