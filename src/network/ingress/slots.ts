// The places that a backend keeps for pods: more than there are, so that pods come and go through the runtime socket, without a reload. A
// pod stays in its place; the number of places grows by powers of two and never shrinks while the proxy runs.
import type { StoredOf } from '../../model/resource.ts';
import { backendsOf } from '../services/backends.ts';

/** `drain`: old connections go on, new ones go elsewhere. `maint`: the place is empty. */
export type SlotState = 'ready' | 'drain' | 'maint';

/** A place for a pod. */
export interface Slot {
  /** Empty when no pod has had it. */
  readonly address: string;
  readonly port: number;
  readonly state: SlotState;
}

/** A pod behind a Service's port. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly isDraining: boolean;
}

const FEWEST_SLOTS = 4;
const emptySlot: Slot = { address: '', port: 0, state: 'maint' };

/** The pods behind a port of a Service, by its name: those that are ready, or those that end and serve still when no other is (Kubernetes, "Endpoint conditions"). */
export function targetsOf(slices: readonly StoredOf<'EndpointSlice'>[], portName: string): readonly Target[] {
  const all = backendsOf({ name: portName, protocol: 'TCP' }, slices).filter(
    ({ isReady, isServing, isTerminating }) => isReady || (isServing && isTerminating),
  );
  const hasReady = all.some(({ isReady }) => isReady);
  return all.map(({ address, port, isReady }) => ({ address, port, isDraining: hasReady && !isReady }));
}

function keyOf({ address, port }: Pick<Target, 'address' | 'port'>): string {
  return `${address}:${port}`;
}

/** Puts pods into places: each where it was, new ones where nobody is. */
export function assignSlots(before: readonly Slot[], targets: readonly Target[]): readonly Slot[] {
  const size = before.length >= targets.length && before.length > 0 ? before.length : sizeFor(targets.length);
  const slots = Array.from({ length: size }, (_, index): Slot => {
    const old = before[index] ?? emptySlot;
    return { ...old, state: 'maint' };
  });
  const places = new Map(slots.map((slot, index) => [keyOf(slot), index]));
  const taken = new Set<number>();
  const homeless: Target[] = [];
  for (const target of targets) {
    const place = places.get(keyOf(target));
    if (place === undefined) homeless.push(target);
    else put(slots, taken, place, target);
  }
  // Places that nobody ever had come first: the old connections of one that was left may still be open.
  const free = [...slots.keys()]
    .filter((index) => !taken.has(index))
    .toSorted((one, other) => Number(slots[one]?.address !== '') - Number(slots[other]?.address !== '') || one - other);
  for (const [index, target] of homeless.entries()) put(slots, taken, free[index] ?? 0, target);
  return slots;
}

function put(slots: Slot[], taken: Set<number>, place: number, { address, port, isDraining }: Target): void {
  slots[place] = { address, port, state: isDraining ? 'drain' : 'ready' };
  taken.add(place);
}

/** Room for a rolling update that has old and new pods at once. */
function sizeFor(targets: number): number {
  let size = FEWEST_SLOTS;
  while (size < 2 * targets) size *= 2;
  return size;
}
