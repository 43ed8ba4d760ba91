// The fragments of Services: rules, names, and what a lost store has to know of their addresses again.
import type { StoredOf } from '../../model/resource.ts';
import { clusterAddressOf, selectsPods } from '../../model/service.ts';
import { type AddressMemory, balancerText, nodePortsText } from '../../model/service-address.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { Fragment } from '../fragment.ts';
import { serviceRecords } from '../names/service-records.ts';
import type { NodeNetwork } from '../node-network.ts';
import { serviceRules } from '../services/service-rules.ts';
import { CurrentSlices } from './current-slices.ts';
import { type FragmentSource, UNKNOWN } from './fragment-source.ts';
import { podsServed } from './served-pods.ts';
import { SliceIndex } from './slice-index.ts';

const PREFIX = 'service/';

/** What a fragment remembers of a Service (see recovered-addresses.ts). */
export interface ServiceMemory extends AddressMemory {
  readonly address: string;
}

/** The source of the fragments `service/NAMESPACE/NAME`. */
export class ServiceFragments implements FragmentSource {
  readonly #slices = new SliceIndex();
  readonly #current = new CurrentSlices();

  reset(store: StoreReader): readonly string[] {
    this.#slices.reset(store);
    return store.list('Service').map(idOf);
  }

  take({ type, resource }: WatchEvent): readonly string[] {
    if (resource.kind === 'Service') return [idOf(resource)];
    if (resource.kind === 'Pod') return this.#current.take(resource);
    return this.#slices.take(type, resource).map((service) => `${PREFIX}${service}`);
  }

  plan(id: string, store: StoreReader, node: NodeNetwork): Fragment | undefined | typeof UNKNOWN {
    if (!id.startsWith(PREFIX)) return undefined;
    const key = id.slice(PREFIX.length);
    const [namespace = '', name = ''] = key.split('/');
    const service = store.get('Service', namespace, name);
    if (service === undefined) return undefined;
    const written = this.#slices.of(key);
    // Whoever writes slices writes one even for no pods: without any, it has not looked yet, and pods may well be running.
    if (written.length === 0 && selectsPods(service.spec)) return UNKNOWN;
    const slices = this.#current.of(id, written, service, store);
    const memory = memoryOf(service);
    return {
      rules: serviceRules(service, slices, node),
      records: serviceRecords(service, slices),
      ...(memory === undefined ? {} : { memory: JSON.stringify(memory) }),
    };
  }

  served(id: string, store: StoreReader): readonly string[] {
    const key = id.slice(PREFIX.length);
    const [namespace = '', name = ''] = key.split('/');
    return podsServed(this.#current.of(id, this.#slices.of(key), store.get('Service', namespace, name), store));
  }
}

function idOf({ metadata }: StoredOf<'Service'>): string {
  return `${PREFIX}${metadata.namespace ?? 'default'}/${metadata.name}`;
}

function memoryOf(service: StoredOf<'Service'>): ServiceMemory | undefined {
  const address = clusterAddressOf(service);
  if (address === undefined) return undefined;
  const { namespace = 'default', name } = service.metadata;
  const balancer = balancerText(service);
  return { address, namespace, name, nodePorts: nodePortsText(service), ...(balancer === '' ? {} : { balancer }) };
}
