// What a Docker Engine really holds of one cluster, read behind Holdfast's back.
import { ATTEMPT_LABEL, CLUSTER_LABEL, CONTAINER_LABEL, POD_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { byHand } from './docker.ts';

/** One container, as `docker inspect` tells it. */
export interface SeenContainer {
  readonly id: string;
  readonly name: string;
  /** `running`, `exited`, … */
  readonly state: string;
  readonly startedAt: string;
  readonly pid: number;
  readonly role: string;
  readonly pod: string;
  readonly container: string;
  readonly attempt: number;
  readonly image: string;
  readonly memory: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Everything of a cluster, in a form that two looks can be compared by. */
export interface EngineState {
  readonly containers: readonly SeenContainer[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly StartedAt: string; readonly Pid: number };
  readonly Config: { readonly Image: string; readonly Labels: Record<string, string> | null };
  readonly HostConfig: { readonly Memory: number };
}

const ofCluster = (cluster: string, more: Readonly<Record<string, readonly string[]>> = {}): string =>
  encodeURIComponent(JSON.stringify({ ...more, label: [`${CLUSTER_LABEL}=${cluster}`, ...(more['label'] ?? [])] }));

/** One container; undefined when it is gone. */
export async function inspectContainer(id: string): Promise<SeenContainer | undefined> {
  let found: Inspected;
  try {
    found = (await byHand('GET', `/containers/${id}/json`)) as Inspected;
  } catch (error) {
    if (error instanceof Error && error.message.includes('status 404')) return undefined;
    throw error;
  }
  const labels = found.Config.Labels ?? {};
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ''),
    state: found.State.Status,
    startedAt: found.State.StartedAt,
    pid: found.State.Pid,
    role: labels[ROLE_LABEL] ?? '',
    pod: labels[POD_LABEL] ?? '',
    container: labels[CONTAINER_LABEL] ?? '',
    attempt: Number(labels[ATTEMPT_LABEL] ?? 0),
    image: found.Config.Image,
    memory: found.HostConfig.Memory,
    labels,
  };
}

/** All containers of a cluster, dead ones too, by name. */
export function clusterContainers(cluster: string): Promise<readonly SeenContainer[]> {
  return containersOf(ofCluster(cluster));
}

async function containersOf(filters: string): Promise<readonly SeenContainer[]> {
  const listed = (await byHand('GET', `/containers/json?all=1&filters=${filters}`)) as { Id: string }[];
  const all = await Promise.all(listed.map(({ Id }) => inspectContainer(Id)));
  return all.filter((each) => each !== undefined).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Everything of a cluster. */
export async function engineState(cluster: string): Promise<EngineState> {
  const networks = (await byHand('GET', `/networks?filters=${ofCluster(cluster)}`)) as { Id: string; Name: string }[];
  return {
    containers: await clusterContainers(cluster),
    volumes: await clusterVolumes(cluster),
    networks: networks.map(({ Id, Name }) => `${Name} ${Id}`).toSorted(),
  };
}

/** Names of the Docker volumes of a cluster. */
export async function clusterVolumes(cluster: string): Promise<readonly string[]> {
  const answer = (await byHand('GET', `/volumes?filters=${ofCluster(cluster)}`)) as { Volumes: { Name: string }[] | null };
  return (answer.Volumes ?? []).map(({ Name }) => Name).toSorted();
}

/** Running containers of pods, without sandboxes; only those of the pods whose names begin so. */
export async function runningContainers(cluster: string, podPrefix = ''): Promise<readonly SeenContainer[]> {
  // Only they are inspected: waiting tests look often.
  const all = await containersOf(ofCluster(cluster, { status: ['running'], label: [`${ROLE_LABEL}=container`] }));
  return all.filter((each) => each.state === 'running' && each.pod.startsWith(podPrefix));
}

/** Slots that more than one living container fills: there must never be one. */
export function doubledSlots(containers: readonly SeenContainer[]): readonly string[] {
  const slots = containers
    .filter((each) => each.state === 'running' || each.state === 'paused')
    .map((each) => `${each.pod}/${each.role}/${each.container}`);
  return slots.filter((slot, index) => slots.indexOf(slot) !== index);
}
