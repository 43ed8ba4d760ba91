// The pods that this kubelet knows of, and what is remembered of each. It finds; it decides nothing and calls nobody.
import type { Stored } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import type { ContainerSeen, EngineEvent, VolumeSeen } from './engine/container-engine.ts';
import { byPod, differing, isNews, podVolumes } from './engine/engine-listing.ts';
import { referencesOf } from './environment.ts';
import { NAMESPACE_LABEL, POD_LABEL, POD_UID_LABEL, ROLE_LABEL } from './labels.ts';
import { isAlive } from './plan/runs.ts';
import { PodMemory } from './pod-memory.ts';

/** What a listing shows. */
export interface Comparison {
  /** Pods that are to be worked on: those that differ from what is remembered, and those that nobody wants. */
  readonly due: readonly string[];
  /** Something differs of which no event has told. */
  readonly isUntold: boolean;
}

/** Memories of pods, by uid. */
export class PodTable {
  readonly #store: StoreReader;
  readonly #pods = new Map<string, PodMemory>();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  get(uid: string): PodMemory | undefined {
    return this.#pods.get(uid);
  }

  uids(): readonly string[] {
    return [...this.#pods.keys()];
  }

  delete(uid: string): void {
    this.#pods.delete(uid);
  }

  /** The memory of a pod, an empty one if there is none. */
  adopt(uid: string, namespace: string, name: string): PodMemory {
    const memory = this.#pods.get(uid) ?? new PodMemory(namespace, name);
    this.#pods.set(uid, memory);
    return memory;
  }

  #adoptLabelled(uid: string, labels: Readonly<Record<string, string>> | undefined): PodMemory {
    return this.adopt(uid, labels?.[NAMESPACE_LABEL] ?? '', labels?.[POD_LABEL] ?? '');
  }

  /** Whether containers of another pod of the same name live. */
  isNameTaken(uid: string): boolean {
    const memory = this.#pods.get(uid);
    return [...this.#pods].some(
      ([other, { namespace, name, seen }]) =>
        other !== uid &&
        namespace === memory?.namespace &&
        name === memory.name &&
        [...seen.values()].some((each) => each.labels[ROLE_LABEL] !== 'sandbox' && isAlive(each)),
    );
  }

  /** Takes a first, complete listing as the truth. */
  remember(seen: readonly ContainerSeen[], volumes: readonly VolumeSeen[]): void {
    for (const [uid, containers] of byPod(seen)) for (const each of containers) this.#adoptLabelled(uid, each.labels).saw(each);
    for (const [uid, { names, labels }] of podVolumes(volumes)) this.#adoptLabelled(uid, labels).volumes = new Set(names);
  }

  /** How many passes each pod has had, to tell later which listings are older than what is remembered. */
  passes(): ReadonlyMap<string, number> {
    return new Map([...this.#pods].map(([uid, memory]) => [uid, memory.passes]));
  }

  /** Compares a listing that was begun at `passes` with what is remembered, and marks what is to be looked at. */
  compare(seen: readonly ContainerSeen[], volumes: readonly VolumeSeen[], passes: ReadonlyMap<string, number>): Comparison {
    const listed = byPod(seen);
    const volumesOf = podVolumes(volumes);
    let isUntold = false;
    const due = [...new Set([...listed.keys(), ...volumesOf.keys(), ...this.#pods.keys()])].filter((uid) => {
      const memory = this.#adoptLabelled(uid, listed.get(uid)?.[0]?.labels ?? volumesOf.get(uid)?.labels);
      // A pass since then, or one under way, knows more than this listing; whatever it missed shows in the next one.
      if (memory.passes !== (passes.get(uid) ?? 0) || memory.passes % 2 === 1) return false;
      const ids = differing(memory, listed.get(uid) ?? []);
      if (ids.some((id) => !memory.dirty.has(id))) isUntold = true;
      for (const id of ids) memory.dirty.add(id);
      memory.volumes = new Set(volumesOf.get(uid)?.names);
      return ids.length > 0 || this.#store.get('Pod', memory.namespace, memory.name)?.metadata.uid !== uid;
    });
    return { due, isUntold };
  }

  /** The pod that an event may be news about, marked to be looked at unless that is under way; none when it tells nothing new. */
  heard(event: EngineEvent): readonly string[] {
    const { containerId, labels } = event;
    const uid = labels[POD_UID_LABEL] ?? this.uids().find((each) => this.#pods.get(each)?.seen.has(containerId));
    if (uid === undefined) return [];
    const memory = this.#pods.get(uid);
    const look = memory?.looks.get(containerId);
    // Whether it is news shows beside what is seen.
    if (look !== undefined) look.push(event);
    else if (isNews(event, memory?.seen.get(containerId))) this.#adoptLabelled(uid, labels).dirty.add(containerId);
    else return [];
    return [uid];
  }

  /** The pods that refer to an object. */
  consumersOf({ metadata }: Stored, what: 'configMaps' | 'secrets' | 'claims'): readonly string[] {
    return this.uids().filter((uid) => {
      const memory = this.#pods.get(uid);
      if (memory === undefined || memory.namespace !== metadata.namespace) return false;
      const pod = this.#store.get('Pod', memory.namespace, memory.name);
      return pod?.metadata.uid === uid && referencesOf(pod)[what].has(metadata.name);
    });
  }

  waitingForImages(): readonly string[] {
    return this.uids().filter((uid) => this.#pods.get(uid)?.isWaitingForImages === true);
  }
}
