// What the store says of where nodes are, as their networks want to know it.
import { internalAddressOf, ZONE_LABEL } from '../model/node.ts';
import type { StoredOf } from '../model/resource.ts';
import type { NodeRoute } from '../network/node-network.ts';
import type { StoreReader } from '../store/store.ts';

/** Where a node is reached, and its zone when it has one. */
export function addressAndZone(store: StoreReader, name: string): { readonly address: string; readonly zone?: string } {
  const node = store.get('Node', '', name);
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  return { address: addressOf(node), ...(zone === undefined ? {} : { zone }) };
}

function addressOf(node: StoredOf<'Node'> | undefined): string {
  return (node && internalAddressOf(node)) ?? '127.0.0.1';
}

/** The other nodes that have a slice and an address that leads somewhere. */
export function peersOf(store: StoreReader, name: string): readonly NodeRoute[] {
  return store.list('Node').flatMap((node) => {
    const podRange = node.spec?.podCIDR;
    const address = addressOf(node);
    if (node.metadata.name === name || podRange === undefined || address.startsWith('127.')) return [];
    return [{ name: node.metadata.name, podRange, address }];
  });
}
