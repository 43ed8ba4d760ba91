// What `holdfast net check` looks at from each node: the other nodes' pods, every Service, every name, every Ingress; and what it says of
// the answers. Pure; the scripts run in the network container, on the network of the host.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import { isConditionTrue } from '../../model/conditions.ts';
import { readyEndpoints } from '../../model/endpoint-slice.ts';
import { servingOf } from '../../model/ingress/class.ts';
import type { StoredOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { StoreReader } from '../../store/store.ts';
import { restricts } from '../policies/selection.ts';

/** How something is probed. */
export type Probe =
  /** A connection is made and closed. */
  | { readonly type: 'tcp'; readonly address: string; readonly port: number }
  /** A datagram is sent; nobody has to answer it, and nobody may refuse it. */
  | { readonly type: 'udp'; readonly address: string; readonly port: number }
  /** The name has exactly these addresses; none are given when any will do, as for one that stands for another (`alias`). */
  | { readonly type: 'name'; readonly name: string; readonly addresses: readonly string[]; readonly alias?: string }
  /** A request to the Ingress ports of the node is answered by somebody behind them. */
  | { readonly type: 'http'; readonly host: string; readonly path: string; readonly isTls: boolean }
  /** Nothing is done: it is said why. */
  | { readonly type: 'none' };

/** One thing to look at. */
export interface Check {
  /** `service shop/web:80`, for people. */
  readonly what: string;
  readonly probe: Probe;
  /** What should hold without asking anybody, such as that there is a pod to answer; the words say what is missing. */
  readonly expected: 'answer' | { readonly nothingBecause: string };
  /** What may keep this node out although all is as it should be; told when the probe fails. */
  readonly caveat?: string;
}

/** What a look has found. */
export interface CheckResult {
  readonly check: Check;
  readonly isRight: boolean;
  /** What is wrong, or a remark; empty when all is as it should be. */
  readonly message: string;
}

/** All that is to be looked at from a node. */
export function planChecks(store: StoreReader): readonly Check[] {
  const services = store.list('Service');
  const restricted = restrictedAddresses(store);
  return [
    ...nodeChecks(store, restricted),
    ...services.flatMap((service) => serviceChecks(service, store, restricted)),
    ...ingressChecks(store),
  ];
}

/** Addresses of pods that not everybody may reach. Their own node does, and it is asked here like any other. */
function restrictedAddresses(store: StoreReader): ReadonlySet<string> {
  const policies = store.list('NetworkPolicy').filter((policy) => restricts(policy, 'ingress'));
  if (policies.length === 0) return new Set();
  const isMeant = ({ metadata }: StoredOf<'Pod'>): boolean =>
    policies.some(
      (policy) =>
        policy.metadata.namespace === metadata.namespace &&
        matchesSelector(policy.spec?.podSelector ?? {}, metadata.labels ?? {}),
    );
  const pods = store.list('Pod').filter((pod) => pod.spec.hostNetwork !== true && isMeant(pod));
  return new Set(pods.flatMap(({ status }) => status?.podIP ?? []));
}

function caveatFor(namespace: string, addresses: readonly string[], restricted: ReadonlySet<string>): Pick<Check, 'caveat'> {
  if (!addresses.some((address) => restricted.has(address))) return {};
  return { caveat: `NetworkPolicies of namespace ${namespace} restrict who reaches its pods` };
}

/** One ready pod of every node: the way between nodes. If there is any, one that everybody may reach. */
function nodeChecks(store: StoreReader, restricted: ReadonlySet<string>): readonly Check[] {
  const pods = store
    .list('Pod')
    .filter(({ spec, status }) => spec.hostNetwork !== true && isConditionTrue(status?.conditions, 'Ready'));
  return store.list('Node').flatMap(({ metadata }): Check[] => {
    const own = pods.filter(({ spec }) => spec.nodeName === metadata.name && firstTcpPort(spec) !== undefined);
    const pod = own.find(({ status }) => !restricted.has(status?.podIP ?? '')) ?? own[0];
    const port = pod === undefined ? undefined : firstTcpPort(pod.spec);
    if (pod?.status?.podIP === undefined || port === undefined)
      return [
        unprobed(`pods of node ${metadata.name}`, 'none of them is ready and says in its manifest at which TCP port it listens'),
      ];
    const what = `pods of node ${metadata.name} (${pod.metadata.name})`;
    const address = pod.status.podIP;
    const caveat = caveatFor(pod.metadata.namespace ?? 'default', [address], restricted);
    return [{ what, probe: { type: 'tcp', address, port }, expected: 'answer', ...caveat }];
  });
}

function unprobed(what: string, why: string): Check {
  return { what, probe: { type: 'none' }, expected: { nothingBecause: `not probed: ${why}` } };
}

function firstTcpPort({ containers }: StoredOf<'Pod'>['spec']): number | undefined {
  return containers.flatMap(({ ports = [] }) => ports).find(({ protocol = 'TCP' }) => protocol === 'TCP')?.containerPort;
}

function serviceChecks(service: StoredOf<'Service'>, store: StoreReader, restricted: ReadonlySet<string>): readonly Check[] {
  const { metadata, spec } = service;
  const namespace = metadata.namespace ?? 'default';
  const id = `${namespace}/${metadata.name}`;
  const name = `${metadata.name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
  if (spec.type === 'ExternalName') {
    const { externalName: alias = '' } = spec;
    return [{ what: `name ${name}`, probe: { type: 'name', name, addresses: [], alias }, expected: 'answer' }];
  }
  const ready = readyAddresses(store, namespace, metadata.name);
  const { clusterIP = '' } = spec;
  const isHeadless = clusterIP === 'None' || clusterIP === '';
  const nobody = { nothingBecause: 'no pod behind it is ready' };
  const expected = ready.length === 0 ? nobody : 'answer';
  const addresses = isHeadless ? ready : [clusterIP];
  const named: Check = {
    what: `name ${name}`,
    probe: { type: 'name', name, addresses },
    expected: addresses.length === 0 ? nobody : 'answer',
  };
  if (isHeadless) return [named];
  const caveat = caveatFor(namespace, ready, restricted);
  const ports = (spec.ports ?? []).map(({ port, protocol = 'TCP' }): Check => {
    if (protocol === 'TCP')
      return { what: `service ${id}:${port}`, probe: { type: 'tcp', address: clusterIP, port }, expected, ...caveat };
    const what = `service ${id}:${port}/${protocol}`;
    return protocol === 'UDP'
      ? { what, probe: { type: 'udp', address: clusterIP, port }, expected }
      : unprobed(what, `there is no probe for ${protocol}`);
  });
  return [...ports, named];
}

function readyAddresses(store: StoreReader, namespace: string, name: string): readonly string[] {
  const ready = readyEndpoints(store.list('EndpointSlice', namespace), name);
  return [...new Set(ready.flatMap(({ addresses }) => addresses))].toSorted();
}

function ingressChecks(store: StoreReader): readonly Check[] {
  const classes = store.list('IngressClass');
  return store.list('Ingress').flatMap((ingress) => {
    const serving = servingOf(ingress, classes);
    const { metadata, spec } = ingress;
    const id = `ingress ${metadata.namespace ?? 'default'}/${metadata.name}`;
    if (!serving.isServed) return [unprobed(id, serving.reason)];
    const { rules = [], defaultBackend } = spec;
    const paths = rules.flatMap(({ host = '', http }) =>
      (http?.paths ?? []).map(({ path = '/' }) => ({ host, path, remark: '' })),
    );
    const rest =
      defaultBackend === undefined ? [] : hostsLeft(rules).map((host) => ({ host, path: '/', remark: ' (default backend)' }));
    return [...paths, ...rest].map(({ host, path, remark }): Check => {
      const isTls = (spec.tls ?? []).some(({ hosts = [] }) => hosts.includes(host));
      const named = host.replace(/^\*/, 'any');
      const what = `${id} ${isTls ? 'https' : 'http'}://${host || '*'}${path}${remark}`;
      return { what, probe: { type: 'http', host: named, path, isTls }, expected: 'answer' };
    });
  });
}

/** The hosts whose root no path has, so that a default backend has it; an empty one when there are no rules. */
function hostsLeft(rules: NonNullable<StoredOf<'Ingress'>['spec']['rules']>): readonly string[] {
  if (rules.length === 0) return [''];
  const hosts = [...new Set(rules.map(({ host = '' }) => host))];
  const paths = (of: string): readonly string[] =>
    rules.flatMap(({ host = '', http }) => (host === of ? (http?.paths ?? []).map(({ path = '/' }) => path) : []));
  return hosts.filter((host) => !paths(host).some((path) => path === '/' || path === ''));
}

/** What a probe has found: exit code and output of its command. */
export interface Found {
  readonly exitCode: number;
  readonly output: string;
}

/** Judges what was found. */
export function judgeCheck(check: Check, found: Found): CheckResult {
  const { probe, expected } = check;
  const fault = faultOf(probe, found);
  // Nobody has to answer a datagram.
  const remark = probe.type === 'udp' ? 'it was not refused; whether it was understood cannot be seen from outside' : '';
  if (expected === 'answer' && fault !== undefined) return { check, isRight: false, message: withCaveat(fault, check) };
  if (expected === 'answer') return { check, isRight: true, message: remark };
  // Nobody is there: to be refused is right, and the reason is worth a word.
  return { check, isRight: true, message: expected.nothingBecause };
}

/** What policies keep out is dropped: a refusal has another cause. */
function withCaveat(fault: string, { caveat }: Check): string {
  return caveat === undefined || /refused/i.test(fault) ? fault : `${fault}; ${caveat}`;
}

function faultOf(probe: Probe, { exitCode, output }: Found): string | undefined {
  const said = output.trim().split('\n').at(-1) ?? '';
  if (probe.type === 'none') return undefined;
  if (probe.type === 'tcp' || probe.type === 'udp') {
    if (exitCode === 0) return undefined;
    const what = probe.type === 'tcp' ? 'no connection to' : 'a datagram was refused at';
    const why = said.replace(/^.*?[EW] /, '').replace(/^.*: /, '');
    return `${what} ${probe.address}:${probe.port}${why === '' ? '' : `: ${why}`}`;
  }
  if (probe.type === 'name') return nameFault(probe, output);
  const status = /^HTTP\/[\d.]+ (\d{3})/.exec(output)?.[1];
  if (status === undefined) return 'the Ingress port of the host does not answer';
  return ['502', '503', '504'].includes(status) ? `answered with ${status}: no pod behind it took the request` : undefined;
}

function nameFault({ name, addresses, alias }: Extract<Probe, { type: 'name' }>, output: string): string | undefined {
  const found = output.split('\n').filter((line) => /^\d+\.\d+\.\d+\.\d+$/.test(line.trim()));
  if (found.length === 0) {
    const what = alias === undefined ? name : `${alias}, which ${name} stands for,`;
    return `${what} is not known to the node's DNS`;
  }
  if (addresses.length === 0) return undefined;
  const [seen, wanted] = [
    found
      .map((line) => line.trim())
      .toSorted()
      .join(' '),
    [...addresses].toSorted().join(' '),
  ];
  return seen === wanted ? undefined : `${name} is ${seen}, and should be ${wanted}`;
}
