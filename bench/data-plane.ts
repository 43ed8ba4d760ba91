// How soon the kernel knows of a pod that became ready or is no more, and whether that takes longer with many Services: the parts of a node's
// network in this process, on a store in memory, with real network containers. Two clusters of different size, by turns.

import { endpointSliceController } from '../src/controllers/endpointslice/controller.ts';
import { createNetworkContainer } from '../src/docker/network-container.ts';
import { connectEngine } from '../src/installation/engine.ts';
import type { Resource } from '../src/model/resource.ts';
import { NODE_PORTS } from '../src/model/service.ts';
import { NetworkAgent } from '../src/network/agent/agent.ts';
import { FragmentLane } from '../src/network/agent/fragment-lane.ts';
import { PodFragments } from '../src/network/agent/pod-fragments.ts';
import { ServiceFragments } from '../src/network/agent/service-fragments.ts';
import { networkContainerSpec } from '../src/network/boot/container-spec.ts';
import { TAKE_AWAY_SCRIPT } from '../src/network/boot/take-away.ts';
import { fabricFrame } from '../src/network/fabric/fabric-frame.ts';
import { dnsPart } from '../src/network/names/dns-part.ts';
import type { NodeContainer } from '../src/network/node-container.ts';
import type { NodeNetwork } from '../src/network/node-network.ts';
import { policyFrame } from '../src/network/policies/policies.ts';
import { PolicyFragments } from '../src/network/policies/policy-fragments.ts';
import { serviceFrame } from '../src/network/services/service-frame.ts';
import { NETWORK_IMAGE } from '../src/node/network-image.ts';
import { runController } from '../src/runtime/run-controller.ts';
import { allQuiet } from '../src/runtime/watch-store.ts';
import { openMemoryStore } from '../src/store/memory-store.ts';
import type { Store, Write } from '../src/store/store.ts';
import { systemClock } from '../src/system/clock.ts';
import { systemIds } from '../src/system/ids.ts';
import { silentLogger } from '../src/system/logger.ts';
import { type Figure, median, medianOf } from './figures.ts';

const SIZES = [10, 1_000] as const;
const ENDPOINTS = 10;
const WARM_UPS = 4;
const PORT = 8080;
const clock = systemClock();
const ids = systemIds();

export interface DataPlaneOptions {
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names. */
  readonly cluster: string;
  readonly changes: number;
  readonly say: (text: string) => void;
}

/** One change, in milliseconds. */
interface Change {
  /** From the write of the condition until the network container had done it. */
  readonly totalMs: number;
  /** Of that, what the network container took. */
  readonly scriptMs: number;
}

/** A node with its Services. */
interface Plane {
  /** Changes whether one pod is ready. */
  change(): Promise<Change>;
  stop(): Promise<void>;
}

/** Figures of both sizes, and their ratio. */
export async function measureDataPlane(options: DataPlaneOptions): Promise<Figure[]> {
  const { changes, say } = options;
  const planes: Plane[] = [];
  const seen: Change[][] = SIZES.map(() => []);
  try {
    for (const [index, size] of SIZES.entries()) {
      say(`${size} Services with ${ENDPOINTS} endpoints each`);
      planes.push(await startPlane(options, index, size));
    }
    for (let round = -WARM_UPS; round < changes; round += 1)
      for (const [index, plane] of planes.entries()) {
        const change = await plane.change();
        if (round >= 0) seen[index]?.push(change);
      }
  } finally {
    for (const plane of planes) await plane.stop();
  }
  const [few = [], many = []] = seen;
  const ratios = many.map(({ scriptMs }, index) => scriptMs / (few[index]?.scriptMs ?? Number.NaN));
  return [
    ...SIZES.flatMap((size, index) => figuresOf(size, seen[index] ?? [])),
    {
      id: 'endpoint-change-ratio',
      title: `  ${SIZES[1]} Services against ${SIZES[0]}`,
      unit: 'ratio',
      value: median(ratios),
      target: 1.2,
    },
  ];
}

function figuresOf(size: number, changes: readonly Change[]): Figure[] {
  const totals = changes.map(({ totalMs }) => totalMs).toSorted((a, b) => a - b);
  const last = totals[Math.ceil(totals.length * 0.99) - 1];
  const what = `${size} Services: readiness to data plane`;
  return [
    { id: `ready-${size}-p50`, title: `${what}, median`, unit: 'ms', value: median(totals), target: 200 },
    { id: `ready-${size}-p99`, title: `${what}, p99`, unit: 'ms', ...(last === undefined ? {} : { value: last }), target: 200 },
    {
      ...medianOf(
        { id: `endpoint-change-${size}`, title: '  of that, the network container', unit: 'ms' },
        changes.map(({ scriptMs }) => scriptMs),
      ),
      samples: [],
    },
  ];
}

/** Ranges that nobody is expected to have; bridge and pods are not there, and nothing is sent to them. */
function nodeOf(cluster: string, index: number): NodeNetwork {
  const pods = `10.${201 + 2 * index}`;
  const services = `10.${202 + 2 * index}`;
  return {
    cluster,
    name: 'bench',
    address: '127.0.0.1',
    podRange: `${pods}.0.0/24`,
    gateway: `${pods}.0.1`,
    clusterRange: `${pods}.0.0/16`,
    serviceRange: `${services}.0.0/16`,
    dnsAddress: `${services}.0.10`,
    bridge: `hfbench${index}`,
    nodePorts: NODE_PORTS,
    peers: [],
  };
}

async function startPlane({ dockerHost, cluster: prefix, say }: DataPlaneOptions, index: number, size: number): Promise<Plane> {
  const cluster = `${prefix}-${size}`;
  const node = nodeOf(cluster, index);
  const store = openMemoryStore({ clock, ids });
  await fill(store, node, size);
  const { host } = await connectEngine({ cluster }, { ...process.env, DOCKER_HOST: dockerHost }, clock);
  const inner = createNetworkContainer({ cluster, host });
  const timed = new TimedContainer(inner);
  const fragments = new FragmentLane({
    sources: [new ServiceFragments(), new PodFragments(), new PolicyFragments()],
    frame: (of) => [serviceFrame(of), policyFrame(), fabricFrame(of)],
  });
  const controller = runController(endpointSliceController, { store, clock, ids, logger: silentLogger });
  const agent = new NetworkAgent({
    store,
    clock,
    logger: silentLogger,
    random: () => ids.random(),
    container: timed,
    node: () => node,
    image: () => Promise.resolve(NETWORK_IMAGE),
    containerSpec: (of, image) => networkContainerSpec(of, image, [dnsPart(of)]),
    lanes: [fragments],
    onState: (state) => {
      if (state.phase !== 'ready') say(`the network container: ${JSON.stringify(state)}`);
    },
  });
  const never = new AbortController().signal;
  const stop = async (): Promise<void> => {
    await controller.stop();
    await agent.stop();
    await inner.run(TAKE_AWAY_SCRIPT, never).catch(() => undefined);
    await inner.remove(never);
    inner.close();
  };
  const quiet = allQuiet([controller, agent]);
  try {
    await quiet.idle();
    agent.start();
    await agent.prepare();
    await quiet.idle();
  } catch (error) {
    await stop();
    throw error;
  }
  let turn = 0;
  const change = async (): Promise<Change> => {
    const script = timed.next();
    const begunMs = performance.now();
    // Each pod goes and comes again, at Services far from each other.
    await setReady(store, `pod-${(Math.floor(turn / 2) * 7) % size}-3`, turn % 2 === 1);
    turn += 1;
    const { begunMs: scriptBegunMs, endedMs } = await script;
    await quiet.idle();
    return { totalMs: endedMs - begunMs, scriptMs: endedMs - scriptBegunMs };
  };
  return { change, stop };
}

/** Tells when scripts run. */
class TimedContainer implements NodeContainer {
  readonly #inner: NodeContainer;
  #waiter: ((run: { readonly begunMs: number; readonly endedMs: number }) => void) | undefined;

  constructor(inner: NodeContainer) {
    this.#inner = inner;
  }

  /** The next script that comes to its end. */
  next(): Promise<{ readonly begunMs: number; readonly endedMs: number }> {
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }

  ensure: NodeContainer['ensure'] = (spec, signal) => this.#inner.ensure(spec, signal);
  remove: NodeContainer['remove'] = (signal) => this.#inner.remove(signal);

  async run(script: string, signal: AbortSignal): ReturnType<NodeContainer['run']> {
    const begunMs = performance.now();
    const result = await this.#inner.run(script, signal);
    this.#waiter?.({ begunMs, endedMs: performance.now() });
    this.#waiter = undefined;
    return result;
  }

  close(): void {
    // It is asked to clean up after the agent has ended.
  }
}

async function fill(store: Store, node: NodeNetwork, size: number): Promise<void> {
  const pods = node.clusterRange.split('.').slice(0, 2).join('.');
  const services = node.serviceRange.split('.').slice(0, 2).join('.');
  const address = (number: number): string => `${1 + Math.floor(number / 200)}.${1 + (number % 200)}`;
  for (let index = 0; index < size; index += 1) {
    const app = `app-${index}`;
    const clusterIP = `${services}.${address(index)}`;
    const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const, targetPort: PORT }];
    const spec = { type: 'ClusterIP' as const, selector: { app }, clusterIP, clusterIPs: [clusterIP], ports };
    const service: Resource = { apiVersion: 'v1', kind: 'Service', metadata: { name: app, namespace: 'default' }, spec };
    const made = Array.from(
      { length: ENDPOINTS },
      (_, each): Resource => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `pod-${index}-${each}`, namespace: 'default', labels: { app } },
        spec: { nodeName: node.name, containers: [{ name: 'main', image: 'none' }] },
      }),
    );
    const result = await store.write([service, ...made].map((resource): Write => ({ op: 'create', resource })));
    if (!result.ok) throw new Error(result.message);
    for (let each = 0; each < ENDPOINTS; each += 1)
      await setReady(store, `pod-${index}-${each}`, true, `${pods}.${address(index * ENDPOINTS + each)}`);
  }
}

async function setReady(store: Store, name: string, isReady: boolean, podIP?: string): Promise<void> {
  const key = { kind: 'Pod', namespace: 'default', name } as const;
  const pod = store.get('Pod', 'default', name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  const place = podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] };
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  const status = { ...pod.status, phase: 'Running', ...place, conditions };
  const result = await store.write([{ op: 'updateStatus', key, uid: pod.metadata.uid, status }]);
  if (!result.ok) throw new Error(result.message);
}
