// What a lost store has to know of Services again: their addresses and node ports, as the network container remembers them. Pure.
import { addressRecord, SERVICE_CIDR_NAME } from '../../model/service-address.ts';
import type { StoreReader, Write } from '../../store/store.ts';
import { STATE_DIRECTORY } from '../node-container.ts';
import type { ServiceMemory } from './service-fragments.ts';

/** Prints all that is remembered, one line of JSON each. */
export const MEMORY_SCRIPT = `for file in ${STATE_DIRECTORY}/memory/*.json; do [ ! -s "$file" ] || cat "$file"; done\n`;

/** Whether a store knows the range of Services: what is remembered is of no use to it then. */
export function knowsServices(store: Pick<StoreReader, 'get'>): boolean {
  return store.get('ServiceCIDR', '', SERVICE_CIDR_NAME) !== undefined;
}

/** The writes that make a store know the range of Services, and the addresses in it that are remembered. Lines that are no memory are left out. */
export function recoveredAddressWrites(store: Pick<StoreReader, 'get'>, serviceRange: string, output: string): readonly Write[] {
  const range: Write = {
    op: 'create',
    resource: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: SERVICE_CIDR_NAME },
      spec: { cidrs: [serviceRange] },
    },
  };
  const addresses = new Map(
    output.split('\n').flatMap((line) => memoryOf(line).map((memory) => [memory.address, memory] as const)),
  );
  const records = [...addresses].filter(([address]) => store.get('IPAddress', '', address) === undefined);
  return [
    ...(knowsServices(store) ? [] : [range]),
    ...records.map(([address, memory]): Write => ({ op: 'create', resource: addressRecord(address, memory, true) })),
  ];
}

function memoryOf(line: string): readonly ServiceMemory[] {
  if (line.trim() === '') return [];
  try {
    const memory = JSON.parse(line) as Partial<ServiceMemory>;
    const { address, namespace, name, nodePorts } = memory;
    const isWhole = [address, namespace, name, nodePorts].every((each) => typeof each === 'string');
    return isWhole && address !== '' ? [memory as ServiceMemory] : [];
  } catch {
    return [];
  }
}
