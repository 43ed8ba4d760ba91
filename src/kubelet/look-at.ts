// One look at one container of a pod. Events that arrive while the engine answers tell mostly what the answer tells, too, above all that a container
// which was just started runs: only what is news beside the answer asks for another look.
import type { EngineEvent } from './engine/container-engine.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import { isNews } from './engine/engine-listing.ts';
import type { PodMemory } from './pod-memory.ts';

/** Looks at a container and remembers what is seen. Rejects as the engine's call does; then it is still to be looked at. */
export async function lookAt(id: string, memory: PodMemory, calls: Pick<EngineCalls, 'inspect'>): Promise<void> {
  // What was heard of it until now is older than what is read next.
  memory.dirty.delete(id);
  const heard: EngineEvent[] = [];
  memory.looks.set(id, heard);
  try {
    const seen = await calls.inspect(id);
    if (seen === undefined) memory.lost(id);
    else memory.saw(seen);
  } catch (error) {
    memory.dirty.add(id);
    throw error;
  } finally {
    memory.looks.delete(id);
  }
  if (heard.some((event) => isNews(event, memory.seen.get(id)))) memory.dirty.add(id);
}
