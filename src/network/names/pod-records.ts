// The names that pods have by their address: `10-244-0-5.shop.pod.cluster.local`. Those by hostname and subdomain belong to the headless
// Service (see service-records.ts). Pure.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import type { Pod } from '../../model/generated.ts';
import { isFinished } from '../../model/pod-phase.ts';
import { absoluteName, addressData, recordLine } from './names.ts';

/** By address of a pod: its record; none for a pod that has no address or has ended, as CoreDNS with `pods verified`. */
export function podRecords(pod: Pod): ReadonlyMap<string, string> {
  if (isFinished(pod)) return new Map();
  const { metadata, status } = pod;
  const addresses = new Set([status?.podIP ?? '', ...(status?.podIPs ?? []).map(({ ip }) => ip ?? '')]);
  return new Map(
    [...addresses].flatMap((address): readonly [string, string][] => {
      const data = addressData(address);
      const name = absoluteName(`${address.replaceAll(/[.:]/g, '-')}.${metadata.namespace ?? 'default'}.pod.${CLUSTER_DOMAIN}`);
      return data === undefined || name === undefined ? [] : [[address, recordLine(name, data)]];
    }),
  );
}
