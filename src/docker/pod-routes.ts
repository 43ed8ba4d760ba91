// Which way leads to a pod: over the network of this machine, or from inside the pod, through its sandbox (see relay.ts). The first costs
// next to nothing and needs a route; the second costs a command in the engine. Pods on the network of their host are judged apart: their
// address is one of this machine, or it is not.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectFailure, type ContainerEngine, EngineError } from '../kubelet/engine/container-engine.ts';
import type { AskedPod } from '../kubelet/probes/prober.ts';
import type { Logger } from '../system/logger.ts';
import { type Dial, dialDirectly } from './dial.ts';
import { podSocket } from './pod-socket.ts';
import type { ProbeTime } from './probe-time.ts';

/** Where there is a route it answers in far less. */
const HEAD_START_MS = 300;
/** After this time without an answer there is no route: the system repeats a lost packet after 1 s. */
const TRIAL_MS = 3_500;
/** Sandboxes of which something is remembered. */
const MAX_REMEMBERED = 2_000;
/** What a machine says that has no route, or one to somebody else. */
const NO_WAY: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ABORT_ERR',
]);
/** Said by a machine, which may be the wrong one. */
const REFUSED = 'ECONNREFUSED';

export interface PodRoutesOptions {
  readonly engine: Pick<ContainerEngine, 'connect'>;
  /** The engine is not on this machine: its pods are asked through their sandboxes from the start. */
  readonly isRemote: boolean;
  readonly logger: Logger;
  /** For tests: how a connection over this machine's network is made. */
  readonly dialDirectly?: (host: string, port: number, time: Pick<ProbeTime, 'signal'>) => Promise<Duplex>;
}

/** Connections to the pods of an engine. What is not a pod's own address is always reached over the network of this machine. */
export function podRoutes(options: PodRoutesOptions): Dial {
  const routes = new PodRoutes(options);
  return (host, port, time, pod) => routes.dial(host, port, time, pod);
}

type Outcome = { readonly ok: true; readonly socket: Duplex } | { readonly ok: false; readonly error: unknown };
type Network = 'pods' | 'host';

class PodRoutes {
  readonly #engine: Pick<ContainerEngine, 'connect'>;
  readonly #logger: Logger;
  readonly #direct: NonNullable<PodRoutesOptions['dialDirectly']>;
  /** The way to the pods of a network, once it is known. */
  readonly #ways = new Map<Network, 'direct' | 'relay'>();
  /** Sandboxes from before they could relay. */
  readonly #deaf = new Set<string>();
  /** How often a pod refused while the way was not known. */
  readonly #refusals = new Map<string, number>();

  constructor({ engine, isRemote, logger, dialDirectly: direct = dialDirectly }: PodRoutesOptions) {
    this.#engine = engine;
    this.#logger = logger;
    this.#direct = direct;
    if (isRemote) for (const network of ['pods', 'host'] as const) this.#ways.set(network, 'relay');
  }

  async dial(host: string, port: number, time: ProbeTime, pod: AskedPod | undefined): Promise<Duplex> {
    const way = pod === undefined ? 'direct' : this.#ways.get(pod.isOnHostNetwork ? 'host' : 'pods');
    if (pod === undefined || way === 'direct' || this.#deaf.has(pod.sandboxId)) return await this.#direct(host, port, time);
    return way === 'relay' ? await this.#throughPod(host, port, time, pod) : await this.#explore(host, port, time, pod);
  }

  /** A sandbox that cannot relay is reached as before, until its pod is replaced. */
  async #throughPod(host: string, port: number, time: ProbeTime, pod: AskedPod): Promise<Duplex> {
    try {
      return await this.#relay(host, port, time, pod);
    } catch (error) {
      if (this.#deaf.has(pod.sandboxId)) return await this.#direct(host, port, time);
      if (!(error instanceof EngineError) || error.fault !== 'Failed') throw error;
      // An engine behind something that does not pass such streams on.
      return await this.#direct(host, port, time).catch(() => Promise.reject(error));
    }
  }

  async #relay(host: string, port: number, time: ProbeTime, { sandboxId }: AskedPod): Promise<Duplex> {
    const goOn = time.hold();
    try {
      const address = isIP(host) === 0 ? (await lookup(host)).address : host;
      return podSocket(await this.#engine.connect(sandboxId, { address, port, onBegin: goOn }, time.signal));
    } catch (error) {
      if (error instanceof EngineError && error.fault === 'Invalid') {
        if (this.#deaf.size >= MAX_REMEMBERED) this.#deaf.clear();
        this.#deaf.add(sandboxId);
      }
      throw error;
    } finally {
      goOn();
    }
  }

  /** Tries this machine's network; where that does not lead to the pod and the sandbox does, it will be the sandbox from now on. */
  async #explore(host: string, port: number, time: ProbeTime, pod: AskedPod): Promise<Duplex> {
    const network = pod.isOnHostNetwork ? 'host' : 'pods';
    // Beyond a gateway somebody may answer in the place of others.
    const trial = isOnLink(host) ? this.#try(host, port) : Promise.resolve(notOnLink(host));
    const early = await Promise.race([trial, delay(HEAD_START_MS, undefined, { ref: false })]);
    if (early?.ok === true) {
      this.#ways.set(network, 'direct');
      return early.socket;
    }
    if (early !== undefined && !this.#isWorthTheRelay(early.error, pod)) throw early.error;
    const relayed = await outcomeOf(this.#relay(host, port, time, pod));
    // What refused may have begun to listen between the two.
    const again = relayed.ok && early !== undefined && codeOf(early.error) === REFUSED;
    void (again ? this.#try(host, port) : trial).then((outcome) => this.#conclude(network, outcome, relayed.ok));
    if (relayed.ok) return relayed.socket;
    if (relayed.error instanceof ConnectFailure) throw relayed.error;
    return await this.#direct(host, port, time);
  }

  #try(host: string, port: number): Promise<Outcome> {
    return outcomeOf(this.#direct(host, port, { signal: AbortSignal.timeout(TRIAL_MS) }));
  }

  /** Refusals are common while pods start: of those, fewer and fewer are looked into. */
  #isWorthTheRelay(error: unknown, { sandboxId }: AskedPod): boolean {
    const code = codeOf(error);
    if (code !== REFUSED) return NO_WAY.has(code);
    const refusals = (this.#refusals.get(sandboxId) ?? 0) + 1;
    if (this.#refusals.size >= MAX_REMEMBERED) this.#refusals.clear();
    this.#refusals.set(sandboxId, refusals);
    return Number.isInteger(Math.log2(refusals));
  }

  /** What an attempt over this machine's network tells of it, beside one from inside the pod. */
  #conclude(network: Network, outcome: Outcome, isThereFromInside: boolean): void {
    if (outcome.ok) outcome.socket.destroy();
    if (this.#ways.has(network)) return;
    if (outcome.ok) this.#ways.set(network, 'direct');
    else if (isThereFromInside && NO_WAY.has(codeOf(outcome.error))) {
      this.#ways.set(network, 'relay');
      this.#refusals.clear();
      const error = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
      const which = network === 'host' ? 'pods on the network of their host' : 'pods';
      this.#logger.info(
        { error },
        `no route from here to ${which}: probes and http hooks go through their sandboxes from now on`,
      );
    }
  }
}

/** Whether an address is in a network that this machine is part of, as the bridges of its own engine are. */
function isOnLink(address: string): boolean {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (isIP(address) === 0) return true;
  const networks = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return networks.some(({ cidr }) => {
    const [network = '', bits] = cidr?.split('/') ?? [];
    if (isIP(network) === 0 || isIPv4(network) !== isIPv4(address)) return false;
    const list = new BlockList();
    list.addSubnet(network, Number(bits), family);
    return list.check(address, family);
  });
}

function notOnLink(host: string): Outcome {
  const error = new Error(`no network of this machine holds ${host}`);
  return { ok: false, error: Object.assign(error, { code: 'ENETUNREACH' }) };
}

async function outcomeOf(dialled: Promise<Duplex>): Promise<Outcome> {
  try {
    return { ok: true, socket: await dialled };
  } catch (error) {
    return { ok: false, error };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
