// The fragments of Services: rules, names, and what a lost store has to know of their addresses again.
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { Fragment } from '../fragment.ts';
import { serviceRecords } from '../names/service-records.ts';
import type { NodeNetwork } from '../node-network.ts';
import { serviceRules } from '../services/service-rules.ts';
import type { FragmentSource } from './fragment-source.ts';
import { SliceIndex } from './slice-index.ts';

const PREFIX = 'service/';

/** What a fragment remembers of a Service's addresses (see recovered-addresses.ts). */
export interface ServiceMemory {
  readonly namespace: string;
  readonly name: string;
  readonly clusterIP: string;
  /** Node ports by `PROTOCOL/port`. */
  readonly nodePorts: Readonly<Record<string, number>>;
}

/** The source of the fragments `service/NAMESPACE/NAME`. */
export class ServiceFragments implements FragmentSource {
  readonly #slices = new SliceIndex();

  reset(store: StoreReader): readonly string[] {
    this.#slices.reset(store);
    return store.list('Service').map(idOf);
  }

  take({ type, resource }: WatchEvent): readonly string[] {
    if (resource.kind === 'Service') return [idOf(resource)];
    return this.#slices.take(type, resource).map((service) => `${PREFIX}${service}`);
  }

  plan(id: string, store: StoreReader, node: NodeNetwork): Fragment | undefined {
    if (!id.startsWith(PREFIX)) return undefined;
    const key = id.slice(PREFIX.length);
    const [namespace = '', name = ''] = key.split('/');
    const service = store.get('Service', namespace, name);
    if (service === undefined) return undefined;
    const slices = this.#slices.of(key);
    const memory = memoryOf(service);
    return {
      rules: serviceRules(service, slices, node),
      records: serviceRecords(service, slices),
      ...(memory === undefined ? {} : { memory: JSON.stringify(memory) }),
    };
  }
}

function idOf({ metadata }: StoredOf<'Service'>): string {
  return `${PREFIX}${metadata.namespace ?? 'default'}/${metadata.name}`;
}

function memoryOf({ metadata, spec }: StoredOf<'Service'>): ServiceMemory | undefined {
  const { clusterIP = '' } = spec;
  if (clusterIP === '' || clusterIP === 'None') return undefined;
  const nodePorts = (spec.ports ?? []).flatMap(({ nodePort, port, protocol = 'TCP' }): [string, number][] =>
    nodePort === undefined || nodePort === 0 ? [] : [[`${protocol}/${port}`, nodePort]],
  );
  return { namespace: metadata.namespace ?? 'default', name: metadata.name, clusterIP, nodePorts: Object.fromEntries(nodePorts) };
}
