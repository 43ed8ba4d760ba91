// Small clusters for the tests of policies: two nodes, pods with addresses, policies by their specs.
import type { Kind, NetworkPolicy, Stored, StoredOf } from '../../src/model/resource.ts';
import type { Fragment, Rules } from '../../src/network/fragment.ts';
import type { NodeNetwork } from '../../src/network/node-network.ts';
import { PolicyFragments } from '../../src/network/policies/policy-fragments.ts';
import type { Labels, PolicyPod } from '../../src/network/policies/policy-pod.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { aPod } from '../support/builders.ts';

/** The node whose rules are planned; the other one has 10.244.2.0/24. */
export const NODE: NodeNetwork = {
  name: 'one',
  address: '192.0.2.1',
  podRange: '10.244.1.0/24',
  cluster: 'test',
  bridge: 'hf-test',
  gateway: '10.244.1.1',
  clusterRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
  nodePorts: { first: 30000, last: 32767 },
  peers: [{ name: 'two', podRange: '10.244.2.0/24', address: '192.0.2.2' }],
};

/** A policy of namespace `shop` unless its name has another: `other/name`. */
export function aPolicy(name: string, spec: NonNullable<NetworkPolicy['spec']>): StoredOf<'NetworkPolicy'> {
  const [namespace, short] = name.includes('/') ? (name.split('/') as [string, string]) : ['shop', name];
  const metadata = {
    name: short,
    namespace,
    uid: name,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
}

/** A pod `namespace/name` of the node that its address tells. */
export function aPolicyPod(key: string, address: string, labels: Labels = {}, ports: PolicyPod['ports'] = []): PolicyPod {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name, labels, node: address.startsWith('10.244.1.') ? 'one' : 'two', address, ports };
}

/** The fragments of a node, in the order of their ids. */
export function allFragments(
  policies: readonly StoredOf<'NetworkPolicy'>[],
  pods: readonly PolicyPod[],
  labels: Readonly<Record<string, Labels>> = {},
  node: NodeNetwork = NODE,
): ReadonlyMap<string, Fragment> {
  const namespaces = Object.entries(labels).map(([name, own]) => aNamespace(name, own));
  const store = readerOf([...policies, ...pods.map(storedPod), ...namespaces]);
  const source = new PolicyFragments();
  return new Map(
    source
      .reset(store)
      .toSorted()
      .flatMap((id): [string, Fragment][] => {
        const fragment = source.plan(id, store, node);
        return fragment === undefined ? [] : [[id, fragment]];
      }),
  );
}

/** The rules of all fragments of a node. */
export function allRules(...scene: Parameters<typeof allFragments>): readonly Rules[] {
  return [...allFragments(...scene).values()].map(({ rules }) => rules);
}

/** A namespace with labels. */
export function aNamespace(name: string, labels: Labels): StoredOf<'Namespace'> {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { ...aPolicy('any', {}).metadata, name, labels } };
}

/** A store of these objects, for reading. */
export function readerOf(objects: Iterable<Stored>): StoreReader {
  const list = (kind: Kind): readonly Stored[] => [...objects].filter((each) => each.kind === kind);
  const get = (kind: Kind, namespace: string, name: string): Stored | undefined =>
    list(kind).find(({ metadata }) => (metadata.namespace ?? '') === namespace && metadata.name === name);
  return { list, get } as unknown as StoreReader;
}

function storedPod({ namespace, name, labels, node, address, ports }: PolicyPod): StoredOf<'Pod'> {
  return aPod({
    name,
    namespace,
    labels,
    nodeName: node,
    status: { podIP: address },
    container: { ports: ports.map((port) => ({ name: port.name, protocol: port.protocol, containerPort: port.port })) },
  });
}

/** Rules as text that can be compared and read. */
export function rulesText({ chains, sets, elements }: Rules): string {
  return [
    ...[...sets].map(([name, type]) => `set ${name} { ${type} }`),
    ...[...chains].map(([name, lines]) => `chain ${name} {\n${lines.map((line) => `  ${line}`).join('\n')}\n}`),
    ...[...elements].map(
      ([name, entries]) =>
        `elements ${name}: ${[...entries].map(([key, value]) => (value === '' ? key : `${key} : ${value}`)).join(', ')}`,
    ),
  ].join('\n');
}
