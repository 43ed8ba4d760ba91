// The lane of Ingresses: the proxy's configuration by a reload, and pods, certificates and answers to ACME servers without one.
import { digestOf } from '../../model/hash.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import { type IngressPlan, ingressPlan } from '../ingress/plan.ts';
import {
  applyScript,
  EXIT_STALE,
  INGRESS_DIRECTORY,
  ingressEndpointScript,
  stateScript,
  stopScript,
} from '../ingress/scripts.ts';
import { selfSignedCertificate } from '../ingress/self-signed.ts';
import { type IngressState, readState } from '../ingress/state.ts';
import { CurrentSlices } from './current-slices.ts';
import { type LanePass, ScriptFailed } from './lane.ts';
import type { LeadsToPods } from './pod-traffic.ts';
import { podsServed, ServedPods } from './served-pods.ts';
import { SliceIndex } from './slice-index.ts';

/** Kinds that a plan is made from, beside slices. */
const SEEN: ReadonlySet<string> = new Set(['Ingress', 'IngressClass', 'Service', 'Secret', 'Node']);
/** Of the certificate that is shown where no other fits. */
const DEFAULT_NAME = 'holdfast.invalid';

export interface IngressLaneOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Answers for ACME servers; none when absent. */
  readonly challenges?: () => ReadonlyMap<string, string>;
  /** Whether the routes of a proxy that leads to these addresses stay as they are, whatever the store says; they never do when absent. */
  readonly keepsRoutes?: (addresses: ReadonlySet<string>, store: StoreReader) => boolean;
  /** Pods to which no Ingress leads any more, as far as it is known. */
  readonly onLeft?: (uids: readonly string[]) => void;
}

/** What the proxy leads to is counted as one. */
const PROXY = 'proxy';

/** See Lane. */
export class IngressLane implements LeadsToPods {
  readonly name = 'ingress';
  /** A port that is taken must not keep Services from being changed. */
  readonly isEssential = false;
  readonly #options: IngressLaneOptions;
  readonly #slices = new SliceIndex();
  readonly #current = new CurrentSlices();
  readonly #served = new ServedPods();
  /** What the container holds: undefined when that is not known, null when it holds nothing. */
  #held: IngressState | null | undefined;

  constructor(options: IngressLaneOptions) {
    this.#options = options;
  }

  /** Whether an Ingress still leads to this pod, by what the proxy is known to hold; true as long as that is not known. */
  isServed(uid: string): boolean {
    return this.#served.has(uid);
  }

  reset(store: StoreReader): void {
    this.#slices.reset(store);
  }

  take({ type, resource }: WatchEvent, store: StoreReader): boolean {
    if (this.#current.take(resource).length > 0) return true;
    const services = this.#slices.take(type, resource);
    if (services.length === 0 && !SEEN.has(resource.kind)) return false;
    return resource.kind === 'Ingress' || store.list('Ingress').length > 0;
  }

  forget(): void {
    this.#held = undefined;
  }

  async apply(pass: LanePass): Promise<void> {
    const { run } = pass;
    const held =
      this.#held === undefined ? (readState(await run('look at what the proxy holds', stateScript())) ?? null) : this.#held;
    const plan = this.#plan(pass, held);
    // Until it is known to be done, nothing is known.
    this.#held = undefined;
    if (held !== null && this.#options.keepsRoutes?.(addressesOf(held), pass.store) === true) {
      const kept = withRoutesOf(held, plan);
      if (!(await this.#follow(held, kept, run)))
        throw new Error('the proxy does not answer, and its routes cannot be made again');
      const state = stateOf(kept);
      const backends = new Map([...held.backends, ...state.backends]);
      this.#held = { ...state, backends, certificates: new Map([...held.certificates, ...state.certificates]) };
      return;
    }
    if (!plan.isNeeded) {
      if (held !== null) await run('end the proxy', stopScript());
      this.#held = null;
      this.#settle(pass);
      return;
    }
    if (held?.revision !== plan.revision || !(await this.#follow(held, plan, run))) {
      // Made each time, and used by the first alone: the container keeps its own.
      const certificate = selfSignedCertificate([DEFAULT_NAME], this.#options.now());
      await run('configure the proxy', applyScript(plan, certificate));
    }
    this.#held = stateOf(plan);
    this.#settle(pass);
  }

  #settle({ store }: LanePass): void {
    const everyone = this.#served.isKnown ? [] : store.list('Pod').map(({ metadata }) => metadata.uid);
    const left = [...everyone, ...this.#served.settle(new Set([PROXY]))];
    if (left.length > 0) this.#options.onLeft?.(left);
  }

  #plan({ store, node }: LanePass, held: IngressState | null): IngressPlan {
    const challenges = this.#options.challenges?.();
    const served = new Set<string>();
    const slices = (namespace: string, service: string): readonly StoredOf<'EndpointSlice'>[] => {
      const written = this.#slices.of(`${namespace}/${service}`);
      const found = this.#current.of(PROXY, written, store.get('Service', namespace, service), store);
      for (const uid of podsServed(found)) served.add(uid);
      return found;
    };
    const plan = ingressPlan({
      ingresses: store.list('Ingress'),
      classes: store.list('IngressClass'),
      service: (namespace, name) => store.get('Service', namespace, name),
      slices,
      secret: (namespace, name) => store.get('Secret', namespace, name),
      node,
      ...(held === null ? {} : { held: held.backends }),
      ...(challenges === undefined ? {} : { challenges }),
      directory: INGRESS_DIRECTORY,
    });
    this.#served.expect(PROXY, served);
    return plan;
  }

  /** Tells the running proxy what changed. False when it does not take it. */
  async #follow(held: IngressState, plan: IngressPlan, run: LanePass['run']): Promise<boolean> {
    const script = ingressEndpointScript(held, plan);
    if (script === undefined) return true;
    try {
      await run('tell the proxy of pods', script);
      return true;
    } catch (error) {
      if (error instanceof ScriptFailed && error.exitCode === EXIT_STALE) return false;
      throw error;
    }
  }
}

/** Where a proxy leads to, now or to connections that it has. */
function addressesOf({ backends }: IngressState): ReadonlySet<string> {
  return new Set([...backends.values()].flat().flatMap(({ address, state }) => (state === 'maint' ? [] : [address])));
}

/** Of a plan what a proxy takes without other routes: pods for the places that it has, certificates that it shows, answers to ACME servers. */
function withRoutesOf(held: IngressState, plan: IngressPlan): IngressPlan {
  const backends = [...plan.backends].filter(([name, { slots }]) => held.backends.get(name)?.length === slots.length);
  const certificates = [...plan.certificates].filter(([name]) => held.certificates.has(name));
  return { ...plan, revision: held.revision, backends: new Map(backends), certificates: new Map(certificates) };
}

function stateOf({ revision, backends, certificates, challenges }: IngressPlan): IngressState {
  return {
    revision,
    backends: new Map([...backends].map(([name, { slots }]) => [name, slots])),
    certificates: new Map([...certificates].map(([name, pem]) => [name, digestOf(pem)])),
    challenges,
  };
}
