// What one endpoint's change costs from the pod's condition to the script: counted in objects and fragments that are read, with few Services and many.
import { expect, test } from 'vitest';
import { endpointSliceController } from '../../../src/controllers/endpointslice/controller.ts';
import type { Stored, StoredOf } from '../../../src/model/resource.ts';
import { FragmentLane } from '../../../src/network/agent/fragment-lane.ts';
import type { FragmentSource } from '../../../src/network/agent/fragment-source.ts';
import { PodFragments } from '../../../src/network/agent/pod-fragments.ts';
import { ServiceFragments } from '../../../src/network/agent/service-fragments.ts';
import type { Fragment } from '../../../src/network/fragment.ts';
import { performActions } from '../../../src/runtime/perform-actions.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import type { Store, StoreReader, WatchEvent } from '../../../src/store/store.ts';
import { aPod, asDesired, START_MS } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';
import { aService } from '../services/service-objects.ts';

const ENDPOINTS = 3;
const READY = { type: 'Ready', status: 'True' } as const;

/** What was read or done, by sort. */
type Counts = Record<'objects' | 'plans' | 'fragments' | 'writes', number>;

/** A store whose reads are counted by the objects that they yield. */
function countedReader(store: Store, counts: Counts): Store {
  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = value.apply(target, args);
        if (property === 'write') counts.writes += 1;
        else counts.objects += Array.isArray(result) ? result.length : 1;
        return result;
      };
    },
  });
}

/** The same fragments, of which each look is counted. */
function countedSource(source: FragmentSource, counts: Counts): FragmentSource {
  const counted = (fragment: Fragment): Fragment => ({
    get rules() {
      counts.fragments += 1;
      return fragment.rules;
    },
    get records() {
      counts.fragments += 1;
      return fragment.records;
    },
    ...(fragment.memory === undefined ? {} : { memory: fragment.memory }),
  });
  return {
    reset: (store) => source.reset(store),
    take: (event, store) => source.take(event, store),
    plan(id, store, node) {
      counts.plans += 1;
      const fragment = source.plan(id, store, node);
      return typeof fragment === 'object' ? counted(fragment) : fragment;
    },
    served: (id, store) => source.served?.(id, store) ?? [],
  };
}

const octets = (number: number): string => `${Math.floor(number / 250)}.${1 + (number % 250)}`;

/** Controllers and lane of a cluster with so many Services in one namespace, all with a label in common. */
class Cluster {
  readonly counts: Counts = { objects: 0, plans: 0, fragments: 0, writes: 0 };
  readonly scripts: string[] = [];
  readonly #clock = new FakeClock();
  readonly #store = openMemoryStore({ clock: this.#clock, ids: seededIds(1) });
  readonly #reader = countedReader(this.#store, this.counts);
  readonly #lane = new FragmentLane({
    sources: [new ServiceFragments(), new PodFragments()].map((source) => countedSource(source, this.counts)),
    frame: () => [{ ip: ['map services { type ipv4_addr . inet_proto . inet_service : verdict; }'] }],
  });

  static async of(services: number): Promise<Cluster> {
    const cluster = new Cluster();
    for (let index = 0; index < services; index += 1) await cluster.#add(index);
    for (const service of cluster.#store.list('Service')) await cluster.#pass(service);
    cluster.#lane.reset(cluster.#store);
    await cluster.#apply();
    return cluster;
  }

  /** A pod's change, all that follows, and what that has cost. */
  async change(change: (store: Store) => Promise<unknown>): Promise<Counts> {
    Object.assign(this.counts, { objects: 0, plans: 0, fragments: 0, writes: 0 });
    this.scripts.length = 0;
    const from = this.#store.revision();
    await change(this.#store);
    await this.#follow(from);
    await this.#apply();
    return { ...this.counts };
  }

  async #add(index: number): Promise<void> {
    const labels = { of: 'shop', app: `app-${index}` };
    const clusterIP = `10.96.${octets(index)}`;
    const service = aService({ clusterIP, clusterIPs: [clusterIP], selector: labels }, { name: `app-${index}` });
    const pods = Array.from({ length: ENDPOINTS }, (_, each) =>
      aPod({ name: `app-${index}-${each}`, namespace: 'shop', labels, nodeName: 'a' }),
    );
    await this.#store.write([service, ...pods].map((resource) => ({ op: 'create', resource: asDesired(resource) })));
    for (const [each, { metadata }] of pods.entries())
      await setStatus(this.#store, metadata.name, {
        phase: 'Running',
        podIP: `10.244.${octets(index * ENDPOINTS + each)}`,
        conditions: [READY],
      });
  }

  async #follow(from: number): Promise<void> {
    let seen = from;
    for await (const event of this.#store.watch(from, new AbortController().signal)) {
      await this.#hear(event);
      seen = event.revision;
      if (seen === this.#store.revision() && event.more !== true) break;
    }
  }

  async #hear(event: WatchEvent): Promise<void> {
    this.#lane.take(event, this.#reader);
    for (const key of endpointSliceController.wakes(event.resource, this.#reader, event.before)) {
      const service = this.#reader.get('Service', key.namespace, key.name);
      if (service !== undefined) await this.#pass(service);
    }
  }

  async #pass(service: StoredOf<'Service'>): Promise<void> {
    const observed = endpointSliceController.observe(this.#reader, service);
    const { actions } = endpointSliceController.plan(service, observed, START_MS, () => 'abcde');
    await performActions(this.#reader, service, actions, undefined, { now: START_MS, component: 'test' });
  }

  async #apply(): Promise<void> {
    const run = async (what: string, script: string): Promise<string> => {
      if (what !== 'look at what the network holds') this.scripts.push(script);
      return '';
    };
    await this.#lane.apply({ store: this.#reader, node: NODE, run });
  }
}

async function setStatus(store: Store, name: string, status: object): Promise<void> {
  const pod = podOf(store, name);
  const { namespace = '', uid } = pod.metadata;
  const result = await store.write([
    { op: 'updateStatus', key: { kind: 'Pod', namespace, name }, uid, status: { ...pod.status, ...status } },
  ]);
  expect(result.ok).toBe(true);
}

function podOf(store: StoreReader, name: string): StoredOf<'Pod'> {
  const pod: Stored | undefined = store.get('Pod', 'shop', name);
  if (pod?.kind !== 'Pod') throw new Error(`no pod ${name}`);
  return pod;
}

test('is the same with ten Services and with a thousand', async () => {
  const [few, many] = [await Cluster.of(10), await Cluster.of(1_000)];
  const changes: readonly ((store: Store) => Promise<unknown>)[] = [
    // Not ready, ready again, another address, gone.
    (store) => setStatus(store, 'app-3-1', { conditions: [{ ...READY, status: 'False' }] }),
    (store) => setStatus(store, 'app-3-1', { conditions: [READY] }),
    (store) => setStatus(store, 'app-3-1', { podIP: '10.244.200.7' }),
    (store) => store.write([{ op: 'remove', key: { kind: 'Pod', namespace: 'shop', name: 'app-3-1' } }]),
  ];
  for (const change of changes) {
    const cost = await few.change(change);
    expect(await many.change(change)).toEqual(cost);
    expect(many.scripts).toHaveLength(1);
    expect(many.scripts).toEqual(few.scripts);
    expect(cost.writes).toBe(1);
  }
});
