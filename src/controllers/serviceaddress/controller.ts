// Keeps the records of the Services' addresses (IPAddress) true: one for each address that a Service has, and none beside, but for those that
// are kept for Services which a lost store will get back. Addresses themselves are chosen where Services are admitted.

import { forgottenApplications } from '../../model/found-applications.ts';
import { type IPAddress, keyOf, type ResourceKey, type Service, type Stored, type StoredOf } from '../../model/resource.ts';
import { addressRecordOf, holderNameOf, holderOf } from '../../model/service-address.ts';
import { recordOver, saysTheSame } from '../../runtime/address-records.ts';
import type { Controller, Plan } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isRecovered } from '../claims.ts';

/** What is there beside a record or a Service. */
export interface AddressObserved {
  /** The Service that a record names. */
  readonly service: Service | undefined;
  /** The record of a Service's address. */
  readonly record: IPAddress | undefined;
  /**
   * Of a record that is kept: whether commits have brought back what they wanted. Every application has been live once since the store was made,
   * and none has pods here that nobody has applied.
   */
  readonly isSettled: boolean;
}

/** The key of the Service that a record names. */
function serviceKeyOf(record: Pick<IPAddress, 'spec'>): ResourceKey | undefined {
  const [namespace, name] = holderOf(record)?.split('/') ?? [];
  return namespace === undefined || name === undefined ? undefined : { kind: 'Service', namespace, name };
}

function wokenBy(changed: Stored, store: StoreReader): readonly ResourceKey[] {
  if (changed.kind === 'IPAddress') return [serviceKeyOf(changed)].filter((key) => key !== undefined);
  if (changed.kind === 'Application') return store.list('IPAddress').filter(isRecovered).map(keyOf);
  if (changed.kind !== 'Service') return [];
  // Its own record, and those that it had before.
  const holder = holderNameOf(changed);
  return store.list('IPAddress').flatMap((record) => (holderOf(record) === holder ? [keyOf(record)] : []));
}

function observe(store: StoreReader, resource: StoredOf<'IPAddress' | 'Service'>): AddressObserved {
  if (resource.kind === 'Service') {
    const address = addressRecordOf(resource)?.metadata.name;
    return {
      service: resource,
      record: address === undefined ? undefined : store.get('IPAddress', '', address),
      isSettled: false,
    };
  }
  const key = serviceKeyOf(resource);
  return {
    service: key === undefined ? undefined : store.get('Service', key.namespace, key.name),
    record: resource,
    isSettled: isRecovered(resource) && isSettled(store),
  };
}

function isSettled(store: StoreReader): boolean {
  const applications = store.list('Application');
  const isLive = applications.length > 0 && applications.every(({ status }) => status?.lastGood !== undefined);
  return isLive && forgottenApplications(applications, store.list('Pod')).length === 0;
}

/** The next step for a record, or for the record of a Service. */
export function planAddress(
  resource: StoredOf<'IPAddress' | 'Service'>,
  { service, record, isSettled }: AddressObserved,
): Plan<'IPAddress' | 'Service'> {
  if (resource.kind === 'Service') return { actions: record === undefined ? recordActions(resource) : [] };
  if (holderOf(resource) === undefined) return { actions: [] };
  const wanted = service === undefined ? undefined : addressRecordOf(service);
  const address = resource.metadata.name;
  if (wanted?.metadata.name === address) {
    if (saysTheSame(resource, wanted)) return { actions: [] };
    const message = `${address} belongs to ${holderOf(wanted) ?? ''}`;
    return {
      actions: [{ type: 'update', resource: recordOver(wanted, resource), reason: 'AddressRecorded', message, isQuiet: true }],
    };
  }
  if (service === undefined && isRecovered(resource) && !isSettled) return { actions: [] };
  const message = `${address} is free: ${holderOf(resource) ?? ''} does not have it any more`;
  const { uid } = resource.metadata;
  return { actions: [{ type: 'delete', key: keyOf(resource), uid, reason: 'AddressReleased', message, isQuiet: true }] };
}

function recordActions(service: StoredOf<'Service'>): Plan<'Service'>['actions'] {
  const record = addressRecordOf(service);
  if (record === undefined) return [];
  const message = `${record.metadata.name ?? ''} belongs to ${holderNameOf(service)}`;
  return [{ type: 'create', resource: record, reason: 'AddressRecorded', message, isQuiet: true }];
}

export const serviceAddressController: Controller<'IPAddress' | 'Service', AddressObserved> = {
  name: 'service-address-controller',
  kind: ['IPAddress', 'Service'],
  wakes: wokenBy,
  observe,
  plan: planAddress,
};
