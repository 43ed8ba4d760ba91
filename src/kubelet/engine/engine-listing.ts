// What all listings together say, against what is remembered: which pods have to be looked at. Pure.

import { POD_UID_LABEL, ROLE_LABEL } from '../labels.ts';
import { isAlive } from '../plan/runs.ts';
import { hasChanged, type PodMemory } from '../pod-memory.ts';
import type { ContainerSeen, EngineEvent, VolumeSeen } from './container-engine.ts';

/** Events that tell of nothing that matters: our own doing, or what another event tells too. */
const IGNORED_ACTIONS: ReadonlySet<string> = new Set([
  'kill',
  'attach',
  'resize',
  'top',
  'export',
  'commit',
  'stop',
  'archive-path',
  'extract-to-dir',
  'copy',
]);

/** Containers by the uid of their pod. Those without one are not pods' and are left alone. */
export function byPod(seen: readonly ContainerSeen[]): ReadonlyMap<string, readonly ContainerSeen[]> {
  const pods = new Map<string, ContainerSeen[]>();
  for (const each of seen) {
    const uid = each.labels[POD_UID_LABEL];
    if (uid !== undefined) pods.set(uid, [...(pods.get(uid) ?? []), each]);
  }
  return pods;
}

/** Volumes of one pod, and the labels that say whose they are. */
export interface PodVolumes {
  readonly names: ReadonlySet<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The volumes of pods, by the uid of the pod. */
export function podVolumes(volumes: readonly VolumeSeen[]): ReadonlyMap<string, PodVolumes> {
  const pods = new Map<string, PodVolumes>();
  for (const { name, labels } of volumes) {
    const uid = labels[POD_UID_LABEL];
    if (labels[ROLE_LABEL] === 'pod' && uid !== undefined)
      pods.set(uid, { names: new Set(pods.get(uid)?.names).add(name), labels });
  }
  return pods;
}

/**
 * The containers of a pod that a listing shows otherwise than they are remembered. A listing may be older than the memory, so these
 * are to be looked at, not believed.
 */
export function differing(memory: PodMemory, listed: readonly ContainerSeen[]): readonly string[] {
  const ids = new Set(listed.map((each) => each.id));
  const gone = [...memory.seen.keys()].filter((id) => !ids.has(id));
  return [...gone, ...listed.filter((each) => hasChanged(memory.seen.get(each.id), each)).map((each) => each.id)];
}

/** Whether an event tells something that is not known yet. */
export function isNews(event: EngineEvent, known: ContainerSeen | undefined): boolean {
  const { action } = event;
  if (IGNORED_ACTIONS.has(action) || action.startsWith('exec_') || action.startsWith('health_status')) return false;
  if (known === undefined) return action === 'create' || action === 'start' || action === 'rename';
  if (action === 'create') return false;
  if (action === 'start' || action === 'connect') return known.state !== 'running';
  if (action === 'die') return isAlive(known) || known.state === 'created';
  return true;
}
