// Whether pods would find a place, asked of the scheduler. Plans are made with this alone: it loads no controller.
import type { Desired } from '../model/resource.ts';
import { checkPlacement } from '../scheduler/placement.ts';
import type { StoreReader } from '../store/store.ts';
import type { PlacementCheck } from '../sync/ports.ts';

/** The scheduler's dry run over the nodes and pods of a store. */
export function placementCheck(store: StoreReader): PlacementCheck {
  return (wanted: readonly Desired[], now: number) =>
    checkPlacement(wanted, store.list('Node'), store.list('Pod'), now, {
      namespaces: store.list('Namespace'),
      claims: store.list('PersistentVolumeClaim'),
      volumes: store.list('PersistentVolume'),
      classes: store.list('StorageClass'),
      priorityClasses: store.list('PriorityClass'),
      limitRanges: store.list('LimitRange'),
      runtimeClasses: store.list('RuntimeClass'),
      budgets: store.list('PodDisruptionBudget'),
      jobs: store.list('Job'),
    });
}
