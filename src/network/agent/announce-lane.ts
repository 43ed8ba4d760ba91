// The lane of addresses of pools that this node answers for in its host's own subnets. It tells the store which subnets those are, and has the host have
// the addresses that fall to it. Who gets which is not decided here.
import { POOLS_CONFIG_MAP } from '../../model/address-pools.ts';
import { addressesToAnnounce, announcerOf } from '../../model/announcement.ts';
import { keyOf, keyString, type StoredOf } from '../../model/resource.ts';
import { isBalanced } from '../../model/service.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import { announceCheck, announceRemoval, announceScript, readSubnets, subnetsScript } from '../announce/announce-script.ts';
import { ANNOUNCE_CHECK_FILE, ANNOUNCE_FILE, ANNOUNCE_REMOVAL_FILE } from '../boot/announce.ts';
import { quoted } from '../change-script.ts';
import type { NodeNetwork } from '../node-network.ts';
import type { Lane, LanePass } from './lane.ts';
import { SliceIndex } from './slice-index.ts';

type Service = StoredOf<'Service'>;

const POOLS_KEY = keyString({ kind: 'ConfigMap', ...POOLS_CONFIG_MAP });
/** How often the subnets of the host are looked at. */
const LOOK_MS = 60_000;
/** How long the other nodes may take to tell theirs, when those of this one are news. */
const OTHERS_MS = 1_000;

export interface AnnounceLaneOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Takes down the ranges of this node's subnets; yields whether they are news. Rejects when the store fails. */
  readonly onSubnets: (ranges: readonly string[]) => Promise<boolean>;
}

/** See Lane. */
export class AnnounceLane implements Lane {
  readonly name = 'announce';
  /** Pods can do without. */
  readonly isEssential = false;
  readonly #options: AnnounceLaneOptions;
  readonly #slices = new SliceIndex();
  /** The addresses that the host has, in order; undefined when that is not known. */
  #held: string | undefined;
  /** Whether neighbours may have heard of another host meanwhile. */
  #mustTell = true;
  /** What the subnets were, and when they are looked at again. */
  #subnets = '';
  #lookAt = 0;
  /** Until when the others are waited for. */
  #waitUntil = 0;

  constructor(options: AnnounceLaneOptions) {
    this.#options = options;
  }

  reset(store: StoreReader): void {
    this.#slices.reset(store);
  }

  take({ type, resource }: WatchEvent, store: StoreReader): boolean {
    const services = this.#slices.take(type, resource);
    if (resource.kind === 'ConfigMap') return keyString(keyOf(resource)) === POOLS_KEY;
    const isConcerned = poolsIn(store) !== undefined || (this.#held !== undefined && this.#held !== '');
    if (!isConcerned) return false;
    if (resource.kind === 'Service' || resource.kind === 'Node') return true;
    return services.some((service) => isLocal(service, store));
  }

  /** The container was made anew, or the node was away: others may have answered meanwhile. */
  forget(): void {
    this.#held = undefined;
    this.#mustTell = true;
    this.#lookAt = 0;
  }

  async apply(pass: LanePass): Promise<{ readonly checkAgainAfterMs?: number } | void> {
    const { store, node, run } = pass;
    const hasPools = poolsIn(store) !== undefined;
    if (hasPools) await this.#look(pass);
    const waitMs = hasPools ? this.#waitUntil - this.#options.now() : 0;
    if (waitMs > 0) return { checkAgainAfterMs: waitMs };
    const wanted = this.#wanted(store, node);
    const text = wanted.join(' ');
    if (text !== this.#held) {
      const again = this.#mustTell ? wanted : [];
      this.#held = undefined;
      // When it fails the host may be on other subnets than it was.
      this.#lookAt = 0;
      await run('answer for addresses of pools', leaving(node, wanted, again));
      this.#held = text;
      this.#mustTell = false;
      this.#lookAt = this.#options.now() + LOOK_MS;
    }
    return hasPools ? { checkAgainAfterMs: LOOK_MS } : undefined;
  }

  async #look({ node, run }: LanePass): Promise<void> {
    const { now, onSubnets } = this.#options;
    if (now() < this.#lookAt) return;
    const found = await run('look at the subnets of the host', subnetsScript(node));
    // The same range may be on another device now.
    if (found !== this.#subnets) this.#held = undefined;
    this.#subnets = found;
    if (await onSubnets(readSubnets(found))) this.#waitUntil = now() + OTHERS_MS;
    this.#lookAt = now() + LOOK_MS;
  }

  #wanted(store: StoreReader, { name }: NodeNetwork): readonly string[] {
    const nodes = store.list('Node');
    const services = addressesToAnnounce(poolsIn(store), store.list('Service'), nodes);
    const facts = { nodes, slices: (service: Service) => this.#slices.of(idOf(service)) };
    const isOurs = (announcer: ReturnType<typeof announcerOf>): boolean => 'node' in announcer && announcer.node === name;
    return [...services]
      .filter(([address, its]) => isOurs(announcerOf(address, its, facts)))
      .map(([address]) => address)
      .toSorted();
  }
}

function poolsIn(store: StoreReader): StoredOf<'ConfigMap'> | undefined {
  return store.get('ConfigMap', POOLS_CONFIG_MAP.namespace, POOLS_CONFIG_MAP.name);
}

function idOf({ metadata }: Service): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

/** Whether it matters where the endpoints of a Service are: by `NAMESPACE/NAME`. */
function isLocal(id: string, store: StoreReader): boolean {
  const [namespace = '', name = ''] = id.split('/');
  const service = store.get('Service', namespace, name);
  return service !== undefined && isBalanced(service) && service.spec.externalTrafficPolicy === 'Local';
}

/** Leaves the scripts' files and runs them; without addresses there are none. */
function leaving(node: NodeNetwork, addresses: readonly string[], again: readonly string[]): string {
  const files = [
    [ANNOUNCE_REMOVAL_FILE, announceRemoval(node)],
    [ANNOUNCE_CHECK_FILE, announceCheck(node, addresses)],
    [ANNOUNCE_FILE, announceScript(node, addresses)],
  ] as const;
  if (addresses.length === 0)
    return `rm -f ${ANNOUNCE_FILE} ${ANNOUNCE_CHECK_FILE}\n(\n${announceRemoval(node)}) && rm -f ${ANNOUNCE_REMOVAL_FILE}\n`;
  const writes = files.map(([path, text]) => `printf '%s' ${quoted(text)} >${path}.next && mv -f ${path}.next ${path}`);
  return `${writes.join(' &&\n')} || exit 1\n(again='${again.join(' ')}'; . ${ANNOUNCE_FILE})\n`;
}
