// The records of the addresses that Services have (IPAddress), written in the transaction that writes the Services: two Services that were
// given one address at the same time cannot both be stored. Must not choose addresses; that is for src/model/admission.
import { ServiceAllocator } from '../model/admission/service-allocation.ts';
import { type IPAddress, keyOf, RECOVERED_ANNOTATION, type StoredOf } from '../model/resource.ts';
import {
  addressRecordOf,
  BALANCER_ANNOTATION,
  holderOf,
  NODE_PORTS_ANNOTATION,
  SERVICE_CIDR_NAME,
  serviceRangeOf,
} from '../model/service-address.ts';
import type { StoreReader, Write } from '../store/store.ts';
import type { PolicyReader } from './policy-reader.ts';

/** An allocator that knows what a store has. Costs time in proportion to the Services. */
export function allocatorOf(reader: PolicyReader): ServiceAllocator {
  return new ServiceAllocator({
    range: serviceRangeOf(reader.get('ServiceCIDR', '', SERVICE_CIDR_NAME)),
    services: reader.list('Service'),
    records: reader.list('IPAddress'),
  });
}

/**
 * The writes that make the records say what will be true once these writes have happened. Empty when no Service is among them. A Service that
 * goes later, because it has finalizers, keeps its record until then.
 */
export function addressWrites(writes: readonly Write[], reader: Pick<StoreReader, 'get'>): readonly Write[] {
  const { wanted, left } = turnsOf(writes, reader);
  const records: Write[] = [];
  for (const [address, holder] of left) {
    const existing = reader.get('IPAddress', '', address);
    if (wanted.has(address) || existing === undefined || holderOf(existing) !== holder) continue;
    records.push({ op: 'remove', key: keyOf(existing), uid: existing.metadata.uid });
  }
  for (const [address, record] of wanted) {
    const existing = reader.get('IPAddress', '', address);
    if (existing === undefined) records.push({ op: 'create', resource: record });
    else if (!saysTheSame(existing, record)) records.push({ op: 'update', resource: recordOver(record, existing) });
  }
  return records;
}

/** Records that should be there afterwards, and the holders of addresses that had them before, by address. */
function turnsOf(
  writes: readonly Write[],
  reader: Pick<StoreReader, 'get'>,
): { readonly wanted: ReadonlyMap<string, IPAddress>; readonly left: ReadonlyMap<string, string> } {
  const wanted = new Map<string, IPAddress>();
  const left = new Map<string, string>();
  for (const write of writes) {
    if (write.op === 'updateStatus') continue;
    const { kind, namespace, name } = write.op === 'remove' ? write.key : keyOf(write.resource);
    if (kind !== 'Service') continue;
    const before = write.op === 'create' ? undefined : reader.get('Service', namespace, name);
    const old = before === undefined ? undefined : addressRecordOf(before)?.metadata.name;
    if (old !== undefined) left.set(old, `${namespace}/${name}`);
    const after = write.op !== 'remove' && write.resource.kind === 'Service' ? addressRecordOf(write.resource) : undefined;
    if (after?.metadata.name !== undefined) wanted.set(after.metadata.name, after);
  }
  return { wanted, left };
}

/** Whether a record says all that it should, and nothing of a time before. */
export function saysTheSame(existing: IPAddress, record: IPAddress): boolean {
  const annotations = existing.metadata.annotations ?? {};
  return (
    holderOf(existing) === holderOf(record) &&
    annotations[NODE_PORTS_ANNOTATION] === record.metadata.annotations?.[NODE_PORTS_ANNOTATION] &&
    annotations[RECOVERED_ANNOTATION] === undefined
  );
}

/** The record that is there, saying what this one says; what it remembers of a load balancer, nothing else does. */
export function recordOver(record: IPAddress, existing: StoredOf<'IPAddress'>): StoredOf<'IPAddress'> {
  const { annotations: old, ...identity } = existing.metadata;
  const balancer = holderOf(existing) === holderOf(record) ? old?.[BALANCER_ANNOTATION] : undefined;
  const kept = balancer === undefined ? {} : { [BALANCER_ANNOTATION]: balancer };
  const merged = { ...kept, ...record.metadata.annotations };
  const annotations = Object.keys(merged).length === 0 ? undefined : merged;
  return { ...existing, spec: record.spec, metadata: { ...identity, ...(annotations === undefined ? {} : { annotations }) } };
}
