// What a change of one pod, policy or namespace costs, from the watch to the script: counted in what is read of objects and of fragments, with few of
// them around and with many.
import { expect, test } from 'vitest';
import type { Stored, StoredOf } from '../../src/model/resource.ts';
import { FragmentLane } from '../../src/network/agent/fragment-lane.ts';
import type { FragmentSource } from '../../src/network/agent/fragment-source.ts';
import { policyFrame } from '../../src/network/policies/policies.ts';
import { PolicyFragments } from '../../src/network/policies/policy-fragments.ts';
import type { WatchEvent } from '../../src/store/store.ts';
import { aPod } from '../support/builders.ts';
import { aNamespace, aPolicy, NODE, readerOf } from './policies-scene.ts';

/** What was read, by sort. */
type Counts = Record<'properties' | 'lists' | 'plans' | 'fragments', number>;

/** The same value, of which each look at a property is counted, however deep. */
function counted<T>(value: T, counts: Counts): T {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, property) {
      counts.properties += 1;
      return counted<unknown>(Reflect.get(target, property), counts);
    },
    ownKeys(target) {
      counts.properties += Object.keys(target).length;
      return Reflect.ownKeys(target);
    },
  });
}

function countedSource(source: FragmentSource, counts: Counts): FragmentSource {
  return {
    reset: (store) => source.reset(store),
    take: (event, store) => source.take(event, store),
    plan(id, store, node) {
      counts.plans += 1;
      const fragment = source.plan(id, store, node);
      if (typeof fragment !== 'object') return fragment;
      return Object.defineProperty({ ...fragment }, 'rules', {
        get: () => {
          counts.fragments += 1;
          return fragment.rules;
        },
      });
    },
  };
}

const app = (index: number): { readonly matchLabels: Record<string, string> } => ({
  matchLabels: { of: 'shop', app: `app-${index}` },
});
const octets = (number: number): string => `${Math.floor(number / 250)}.${1 + (number % 250)}`;
const space = (index: number): string => `team-${index % 10}`;

/** The pod of an application. All are of this node, and all have a label in common. */
function podOf(
  index: number,
  change: { readonly labels?: Record<string, string>; readonly address?: string } = {},
): StoredOf<'Pod'> {
  return aPod({
    name: `app-${index}`,
    namespace: 'shop',
    labels: change.labels ?? app(index).matchLabels,
    nodeName: NODE.name,
    status: { podIP: change.address ?? `10.244.${octets(index)}` },
    container: { ports: [{ name: `port-${index}`, containerPort: 80 }] },
  });
}

/** A policy for the pod of an application: from the one before it, from one of another namespace, and to a port that one has. */
function policyOf(index: number, from = index + 1): StoredOf<'NetworkPolicy'> {
  return aPolicy(`shop/app-${index}`, {
    podSelector: app(index),
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      { from: [{ podSelector: app(from) }] },
      { from: [{ namespaceSelector: { matchLabels: { team: `${index}` } }, podSelector: { matchLabels: { app: 'probe' } } }] },
    ],
    egress: [{ ports: [{ port: `port-${from}`, protocol: 'TCP' }] }],
  });
}

class Cluster {
  readonly counts: Counts = { properties: 0, lists: 0, plans: 0, fragments: 0 };
  readonly scripts: string[] = [];
  readonly #lane = new FragmentLane({
    sources: [countedSource(new PolicyFragments(), this.counts)],
    frame: () => [policyFrame()],
  });
  readonly #store;

  constructor(size: number) {
    const all = Array.from({ length: size }, (_, index): Stored[] => [
      podOf(index),
      policyOf(index),
      aNamespace(space(index), { team: space(index) }),
      aPod({
        name: `probe-${index}`,
        namespace: space(index),
        labels: { app: 'probe' },
        nodeName: 'two',
        status: { podIP: `10.245.${octets(index)}` },
      }),
    ]);
    const reader = readerOf(all.flat().map((each) => counted(each, this.counts)));
    this.#store = {
      ...reader,
      list: ((kind: 'Pod') => {
        this.counts.lists += 1;
        return reader.list(kind);
      }) as typeof reader.list,
    };
  }

  async begin(): Promise<this> {
    this.#lane.reset(this.#store);
    await this.#apply();
    return this;
  }

  /** A change, all that follows, and what that has cost. */
  async change(type: WatchEvent['type'], resource: Stored): Promise<Counts> {
    Object.assign(this.counts, { properties: 0, lists: 0, plans: 0, fragments: 0 });
    this.scripts.length = 0;
    this.#lane.take({ type, resource: counted(resource, this.counts), revision: 1 }, this.#store);
    await this.#apply();
    return { ...this.counts };
  }

  async #apply(): Promise<void> {
    const run = async (what: string, script: string): Promise<string> => {
      if (what !== 'look at what the network holds') this.scripts.push(script);
      return '';
    };
    await this.#lane.apply({ store: this.#store, node: NODE, run });
  }
}

test('is the same with twenty pods and policies and with five hundred', async () => {
  const [few, many] = await Promise.all([new Cluster(20).begin(), new Cluster(500).begin()]);
  const changes: readonly [string, WatchEvent['type'], Stored][] = [
    ['a pod goes', 'removed', podOf(7)],
    ['it comes back', 'added', podOf(7)],
    ['with another address', 'modified', podOf(7, { address: '10.244.200.7' })],
    ['and with other labels', 'modified', podOf(7, { labels: app(8).matchLabels })],
    ['a policy lets in another pod', 'modified', policyOf(7, 12)],
    ['a policy goes', 'removed', policyOf(7)],
    ['and comes back', 'added', policyOf(7)],
    ['a namespace of nobody gets a label', 'modified', aNamespace('lonely', { team: '3' })],
  ];
  for (const [what, type, resource] of changes) {
    const cost = await few.change(type, resource);
    expect([what, await many.change(type, resource)]).toEqual([what, cost]);
    expect([what, many.scripts]).toEqual([what, few.scripts]);
    expect([what, cost.lists]).toEqual([what, 0]);
  }
  expect(many.scripts).toEqual([]);
});
