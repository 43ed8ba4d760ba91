// A Service and its endpoints as rules of a node (Kubernetes, "Virtual IPs and Service Proxies"). Every address and port of it leads to an
// endpoint that takes connections, or is refused; with a policy of Local and no endpoint on this node it is dropped, as Kubernetes has it. The
// frame has the rest (service-frame.ts). Pure; it must not know how rules reach the node.
//
//   services map ──▶ cluster/…   addresses inside: translate to one endpoint
//   services map ──▶ firewall/… ──▶ external/…   addresses outside: who may, whose address is kept; on to cluster/… or local/…
//   node-ports map ──▶ external/…
import { hashOf } from '../../model/hash.ts';
import { contains, formatRange, outermost, parseAddress, parseRange, type Range } from '../../model/ipv4.ts';
import type { Service, ServicePort, StoredOf } from '../../model/resource.ts';
import { DEFAULT_AFFINITY_SECONDS } from '../../model/service.ts';
import type { Rules } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { type Backend, backendsOf, type Choice, chooseBackends } from './backends.ts';
import { frontOf, isMoved, keepsFlows, leadOf } from './flows.ts';
import { balanceRules, clientSets, endpointChains, type PortRules } from './port-chains.ts';
import { HAIRPIN, MARK_RULE, NODE_PORTS, REFUSE, SERVICES } from './service-frame.ts';

/** nft takes names of 128 characters; a chain's name has up to 40 more than this. */
const MAX_BASE = 85;
const CUT_BASE = 60;

/**
 * The rules of a Service on a node; `slices` are those of this Service. Headless Services and those of type ExternalName have none. Endpoints
 * are preferred by the hints of their slices only, as kube-proxy does. Source ranges hold for the addresses of the load balancer, not for
 * node ports.
 */
export function serviceRules(
  service: StoredOf<'Service'>,
  slices: readonly StoredOf<'EndpointSlice'>[],
  node: NodeNetwork,
): Rules {
  const draft = new Draft();
  const { type, clusterIP = '' } = service.spec;
  if (type !== 'ExternalName' && parseAddress(clusterIP) !== undefined)
    for (const port of service.spec.ports ?? []) new PortPlan(draft, service, port, slices, node).write();
  return draft;
}

/** Rules in the making. */
class Draft implements Rules {
  readonly chains = new Map<string, readonly string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();
  readonly flows = new Map<string, ReadonlySet<string>>();

  /** What was said first about a key holds. */
  element(map: string, key: string, value: string): void {
    const elements = this.elements.get(map) ?? new Map<string, string>();
    if (!elements.has(key)) elements.set(key, value);
    this.elements.set(map, elements);
  }
}

/** One port of a Service on one node. */
class PortPlan {
  readonly #draft: Draft;
  readonly #spec: Service['spec'];
  readonly #status: Service['status'];
  readonly #port: ServicePort;
  readonly #node: NodeNetwork;
  readonly #rules: PortRules;
  readonly #backends: readonly Backend[];
  readonly #choice: Choice;

  constructor(
    draft: Draft,
    service: StoredOf<'Service'>,
    port: ServicePort,
    slices: readonly StoredOf<'EndpointSlice'>[],
    node: NodeNetwork,
  ) {
    this.#draft = draft;
    this.#spec = service.spec;
    this.#status = service.status;
    this.#port = port;
    this.#node = node;
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    const { sessionAffinity, sessionAffinityConfig } = service.spec;
    const timeoutSeconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
    this.#rules = {
      base: baseName(service, protocol, port.port),
      protocol,
      ...(sessionAffinity === 'ClientIP' ? { affinity: { timeoutSeconds } } : {}),
    };
    this.#backends = backendsOf(port, slices);
    this.#choice = chooseBackends(this.#backends, node);
  }

  write(): void {
    const { clusterIP = '', internalTrafficPolicy } = this.#spec;
    const isInside = internalTrafficPolicy === 'Local' ? this.#toLocal() : this.#toCluster();
    this.#front(clusterIP, isInside);
    const balancers = this.#balancerAddresses();
    const others = (this.#spec.externalIPs ?? []).filter((address) => parseAddress(address) !== undefined);
    const nodePort = this.#nodePort();
    if (balancers.length + others.length === 0 && nodePort === undefined) return;
    const outside = this.#toExternal();
    const guarded = balancers.length === 0 ? outside : this.#behindFirewall(outside, balancers);
    for (const address of balancers) this.#front(address, guarded);
    for (const address of others) this.#front(address, outside);
    if (nodePort === undefined) return;
    this.#draft.element(NODE_PORTS, `${this.#rules.protocol} . ${nodePort}`, outside);
    this.#allowFlows('*', nodePort);
  }

  #front(address: string, verdict: string): void {
    const { port } = this.#port;
    this.#draft.element(SERVICES, `${address} . ${this.#rules.protocol} . ${port}`, verdict);
    this.#allowFlows(address, port);
  }

  #allowFlows(address: string, port: number): void {
    const { protocol } = this.#rules;
    if (!isMoved(protocol)) return;
    this.#draft.flows.set(frontOf(protocol, address, port), new Set(this.#backends.filter(keepsFlows).map(leadOf)));
  }

  /** Verdict for traffic that any node's endpoints may get. */
  #toCluster(): string {
    return this.#to('cluster', this.#choice.cluster);
  }

  /** Verdict for traffic that stays on this node. */
  #toLocal(): string {
    return this.#to('local', this.#choice.local);
  }

  #to(kind: 'cluster' | 'local', backends: readonly Backend[]): string {
    if (backends.length === 0) return this.#choice.hasAny ? 'drop' : `goto ${REFUSE}`;
    const chain = `${kind}/${this.#rules.base}`;
    this.#draft.chains.set(chain, balanceRules(this.#rules, backends));
    for (const [name, rules] of endpointChains(this.#rules, backends)) this.#draft.chains.set(name, rules);
    for (const [name, body] of clientSets(this.#rules, backends)) this.#draft.sets.set(name, body);
    for (const { address, nodeName } of backends)
      if (nodeName === undefined || nodeName === this.#node.name) this.#draft.element(HAIRPIN, `${address} . ${address}`, '');
    return `goto ${chain}`;
  }

  /**
   * Verdict for traffic that comes to an outer address. With policy Local the client's address is kept; what this node and its own pods send
   * goes to any endpoint then, as if it had gone out to a balancer and come back.
   */
  #toExternal(): string {
    if (!this.#choice.hasAny) return `goto ${REFUSE}`;
    const chain = `external/${this.#rules.base}`;
    const cluster = this.#toCluster();
    const rules =
      this.#spec.externalTrafficPolicy === 'Local'
        ? [
            `ip saddr ${this.#node.podRange} ${cluster}`,
            `fib saddr type local ${MARK_RULE}`,
            `fib saddr type local ${cluster}`,
            this.#toLocal(),
          ]
        : [MARK_RULE, cluster];
    this.#draft.chains.set(chain, rules);
    return `goto ${chain}`;
  }

  /** Verdict for the addresses of the load balancer, which only the source ranges may reach. */
  #behindFirewall(verdict: string, balancers: readonly string[]): string {
    const allowed = (this.#spec.loadBalancerSourceRanges ?? [])
      .map((range) => parseRange(range.trim()))
      .filter((range) => range !== undefined);
    if (allowed.length === 0 || allowed.some(({ prefix }) => prefix === 0)) return verdict;
    const self = parseAddress(this.#node.address);
    const isSelfAllowed = self !== undefined && allowed.some((range) => contains(range, self));
    // A node that has the balancer's address as its own reaches it from that address.
    const sources = outermost([...allowed, ...(isSelfAllowed ? balancers.map(hostRange) : [])]);
    const chain = `firewall/${this.#rules.base}`;
    this.#draft.chains.set(chain, [`ip saddr != { ${sources.map(formatRange).join(', ')} } drop`, verdict]);
    return `goto ${chain}`;
  }

  #balancerAddresses(): readonly string[] {
    if (this.#spec.type !== 'LoadBalancer') return [];
    const ingress = this.#status?.loadBalancer?.ingress ?? [];
    return ingress
      .filter(({ ipMode }) => ipMode !== 'Proxy')
      .map(({ ip = '' }) => ip)
      .filter((ip) => parseAddress(ip) !== undefined);
  }

  #nodePort(): number | undefined {
    const { type } = this.#spec;
    const { nodePort = 0 } = this.#port;
    return (type === 'NodePort' || type === 'LoadBalancer') && nodePort > 0 ? nodePort : undefined;
  }
}

/** Readable as long as it is short, and unique: a whole name has three slashes, one that was cut has two at most. */
function baseName({ metadata }: StoredOf<'Service'>, protocol: string, port: number): string {
  const whole = `${metadata.namespace ?? 'default'}/${metadata.name}/${protocol}/${port}`;
  return whole.length <= MAX_BASE ? whole : `${whole.slice(0, CUT_BASE)}/${hashOf(whole)}`;
}

function hostRange(address: string): Range {
  return { base: parseAddress(address) ?? 0, prefix: 32 };
}
