// Fields that Kubernetes does not let anybody change once an object exists. Pure.
import { isDeepStrictEqual } from 'node:util';
import { parseQuantity } from '../model/quantity.ts';
import type { ConfigMap, Desired, PersistentVolumeClaim, Quantity, Secret, Stored } from '../model/resource.ts';
import { isRecovered } from './applied.ts';

interface Refusal {
  readonly field: string;
  readonly message: string;
}

/**
 * Changes that the kind forbids: data of a ConfigMap or Secret with `immutable: true`, the type of a Secret, the spec of a claim other
 * than asking for more storage. An object that was rebuilt from Docker is known in part only and refuses nothing.
 */
export function immutableFields(next: Desired | Stored, live: Stored): readonly Refusal[] {
  if (isRecovered(live)) return [];
  if (next.kind === 'ConfigMap' && live.kind === 'ConfigMap') return immutableData(next, live);
  if (next.kind === 'Secret' && live.kind === 'Secret') {
    const typed =
      (next.type ?? 'Opaque') === (live.type ?? 'Opaque')
        ? []
        : [{ field: 'type', message: 'the type of a Secret cannot be changed; give it another name' }];
    return [...typed, ...immutableData(next, live)];
  }
  if (next.kind === 'PersistentVolumeClaim' && live.kind === 'PersistentVolumeClaim') return claimSpec(next, live);
  return [];
}

function immutableData(next: ConfigMap | Secret, live: ConfigMap | Secret): readonly Refusal[] {
  if (live.immutable !== true) return [];
  const message = `the ${live.kind} is immutable; give the changed one another name and refer to that`;
  const fields = ['data', 'binaryData', 'stringData'] as const;
  const changed: string[] = fields.filter((field) => !isDeepStrictEqual(valueOf(next, field), valueOf(live, field)));
  if (next.immutable !== true) changed.push('immutable');
  return changed.map((field) => ({ field, message }));
}

function valueOf(resource: object, field: string): unknown {
  return (field in resource ? Reflect.get(resource, field) : undefined) ?? {};
}

function claimSpec(next: PersistentVolumeClaim, live: PersistentVolumeClaim): readonly Refusal[] {
  const { resources: wanted, ...rest } = next.spec;
  const { resources: has, ...liveRest } = live.spec;
  const refusals: Refusal[] = [];
  for (const field of ['accessModes', 'storageClassName', 'volumeMode'] as const)
    if (!isDeepStrictEqual(rest[field], liveRest[field]))
      refusals.push({
        field: `spec.${field}`,
        message: 'cannot be changed once the claim exists; make a new claim under another name',
      });
  if (bytes(wanted.requests?.storage) < bytes(has.requests?.storage))
    refusals.push({ field: 'spec.resources.requests.storage', message: 'a claim cannot shrink' });
  return refusals;
}

function bytes(quantity: Quantity | undefined): number {
  return quantity === undefined ? 0 : (parseQuantity(quantity) ?? 0);
}
