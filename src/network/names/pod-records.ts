// The names that pods have by their address: `10-244-0-5.shop.pod.cluster.local`. Those by hostname and subdomain belong to the headless
// Service (see service-records.ts). Pure.
import type { Pod } from '../../model/generated.ts';
import type { Records } from '../fragment.ts';
import { absoluteName, addressData, CLUSTER_DOMAIN, recordLine } from './names.ts';

/** The records of pods that have an address and have not ended: as CoreDNS with `pods verified`. */
export function podRecords(pods: Iterable<Pod>): Records {
  return new Set([...pods].flatMap(recordsOf));
}

function recordsOf({ metadata, status }: Pod): readonly string[] {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
  const addresses = new Set([status?.podIP ?? '', ...(status?.podIPs ?? []).map(({ ip }) => ip ?? '')]);
  return [...addresses].flatMap((address) => {
    const data = addressData(address);
    const name = absoluteName(`${address.replaceAll(/[.:]/g, '-')}.${metadata.namespace ?? 'default'}.pod.${CLUSTER_DOMAIN}`);
    return data === undefined || name === undefined ? [] : [recordLine(name, data)];
  });
}
