// A cluster over several hosts in one process: one store, all controllers, and on each host that joined a kubelet and its network. Objects are
// written into the store as a commit would; what is asked, is asked from inside pods, from hosts and from outside.
import { readdir, readFile } from 'node:fs/promises';
import { allControllers } from '../../src/controllers/controllers.ts';
import { createDockerEngine } from '../../src/docker/docker-engine.ts';
import { type DockerHost, parseDockerHost } from '../../src/docker/docker-host.ts';
import { createNetworkContainer } from '../../src/docker/network-container.ts';
import { nodeProber } from '../../src/docker/node-prober.ts';
import { podRoutes } from '../../src/docker/pod-routes.ts';
import { yieldingStore } from '../../src/installation/yielding-store.ts';
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { CONTAINER_LABEL, POD_LABEL } from '../../src/kubelet/labels.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { isConditionTrue } from '../../src/model/conditions.ts';
import type { Desired, Kind, Stored, StoredOf } from '../../src/model/resource.ts';
import { keyOf } from '../../src/model/resource.ts';
import { ClusterTraffic } from '../../src/node/cluster-traffic.ts';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { type NodePlane, startNode } from '../../src/node/node-plane.ts';
import { addressWrites } from '../../src/runtime/address-records.ts';
import { Admitter } from '../../src/runtime/admission.ts';
import type { Controller } from '../../src/runtime/controller.ts';
import { deletionWrite } from '../../src/runtime/deletion.ts';
import { type RunningController, runController } from '../../src/runtime/run-controller.ts';
import { schedulerController } from '../../src/scheduler/schedule.ts';
import { taintEvictionController } from '../../src/scheduler/taint-eviction.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store, Write } from '../../src/store/store.ts';
import { processLog } from '../../src/surroundings/process-log.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import { yaml } from './e2e-manifests.ts';
import { until } from './e2e-until.ts';
import type { TestHost } from './hosts.ts';
import { memorySnapshot } from './memory-snapshot.ts';

const MAX_OUTPUT_BYTES = 1024 * 1024;
const EXEC_TIMEOUT_MS = 60_000;

type StoredPod = StoredOf<'Pod'>;

/** A pod that runs, for tests. */
export interface PodSeen {
  readonly name: string;
  readonly node: string;
  readonly address: string;
}

/** One cluster, of one test. Whatever it made goes away with the hosts. */
export class NetworkCluster {
  readonly name: string;
  readonly clock = systemClock();
  readonly ids = systemIds();
  store: Store = this.#newStore();
  readonly #engines = new Map<string, ContainerEngine>();
  readonly #nodes = new Map<string, NodePlane>();
  #traffic = new ClusterTraffic();
  #controllers: RunningController[] = [];

  constructor(name: string) {
    this.name = name;
  }

  #newStore(): Store {
    return yieldingStore(openMemoryStore({ clock: this.clock, ids: this.ids }));
  }

  /** The store is lost while no controller runs; what `objects` say is applied once the nodes have come back. */
  async startAnew(hosts: readonly TestHost[], ...objects: readonly object[]): Promise<void> {
    this.store = this.#newStore();
    await this.#start(hosts);
    await this.apply(...objects);
    await this.noteCommit();
  }

  /** Starts the controller, with a node for each of these hosts. */
  async start(hosts: readonly TestHost[]): Promise<void> {
    await this.noteCommit();
    await this.#start(hosts);
  }

  async #start(hosts: readonly TestHost[]): Promise<void> {
    this.#traffic = new ClusterTraffic();
    for (const host of hosts) await this.join(host);
    const logger = await processLog(process.env['HOLDFAST_LOG']);
    const run = <K extends Kind, Observed>(controller: Controller<K, Observed>): RunningController =>
      runController(controller, { store: this.store, clock: this.clock, ids: this.ids, logger });
    this.#controllers = [run(schedulerController), run(taintEvictionController), ...allControllers(run)];
  }

  /** The store counts as whole: nodes hold back while it may have been lost. */
  async noteCommit(): Promise<void> {
    const key = { kind: 'Application', namespace: '', name: 'test' } as const;
    if (this.store.get('Application', '', key.name) !== undefined) return;
    const spec = { repo: '/repo', revision: 'branch main', path: '', timeoutSeconds: 300 };
    const inventory = [{ kind: 'ConfigMap', namespace: 'default', name: 'first', uid: 'first' }];
    const resource = { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: key.name }, spec } as const;
    await this.write([{ op: 'create', resource }]);
    const uid = this.store.get('Application', '', key.name)?.metadata.uid ?? '';
    await this.write([{ op: 'updateStatus', key, uid, status: { inventory } }]);
  }

  /** A host becomes a node. */
  async join(host: TestHost): Promise<void> {
    const engine = this.engine(host);
    const { clock, ids, store, name: cluster } = this;
    const logger = await processLog(process.env['HOLDFAST_LOG']);
    const subnet = `${host.address.replace(/\d+$/, '0')}/24`;
    const facts = { address: host.address, ranges: [subnet], resolver: { servers: [], searches: [], options: [] } };
    const node = await startNode({
      cluster,
      store,
      engine,
      // The hosts have the files of one machine, and their engines one id.
      nodeName: host.name,
      // This process is on none of the hosts.
      prober: nodeProber(podRoutes({ engine, isRemote: true, logger })),
      network: {
        mode: 'container',
        container: createNetworkContainer({ cluster, host: dockerHostOf(host) }),
        image: () => Promise.resolve(NETWORK_IMAGE),
        choices: { hostFacts: () => Promise.resolve(facts) },
      },
      traffic: this.#traffic,
      clock,
      ids,
      logger,
    });
    this.#nodes.set(host.name, node);
  }

  /** The controller ends as when it is killed; everything else goes on. */
  async stop(): Promise<void> {
    await Promise.all(this.#controllers.splice(0).map((controller) => controller.stop()));
    await Promise.all([...this.#nodes.keys()].map((name) => this.#stopNode(name)));
  }

  /** The node is no part of the cluster any more, and its pods are forgotten. */
  async leave(host: TestHost): Promise<void> {
    await this.#stopNode(host.name);
    const pods = this.store.list('Pod').filter(({ spec }) => spec.nodeName === host.name);
    const gone: readonly Stored[] = [...pods, ...this.store.list('Node').filter(({ metadata }) => metadata.name === host.name)];
    await this.write(gone.map((object) => ({ op: 'remove', key: keyOf(object), uid: object.metadata.uid })));
  }

  async #stopNode(name: string): Promise<void> {
    const node = this.#nodes.get(name);
    this.#nodes.delete(name);
    await node?.stop();
  }

  /** Makes objects, or gives those that are there the written spec. Defaults and addresses come as from a commit. */
  async apply(...objects: readonly object[]): Promise<void> {
    const { manifests, problems } = await createManifestLoader().load(memorySnapshot({ 'all.yaml': yaml(...objects) }));
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
    const admitter = new Admitter(this.store);
    await this.write(manifests.map(({ resource }) => this.#writeOf(resource, admitter)));
  }

  #writeOf(resource: Desired, admitter: Admitter): Write {
    const { kind, namespace, name } = keyOf(resource);
    const old = this.store.get(kind, namespace, name);
    if (old !== undefined)
      return { op: 'update', resource: { ...old, ...('spec' in resource ? { spec: resource.spec } : {}) } as Stored };
    const admission = admitter.admit(resource);
    if (!admission.ok) throw new Error(admission.message);
    return { op: 'create', resource: admission.resource };
  }

  /** Deletes an object as `kubectl delete` does. */
  async remove(kind: Kind, name: string, namespace = 'default'): Promise<void> {
    const current = this.store.get(kind, namespace, name);
    const write = current === undefined ? undefined : deletionWrite(current, this.clock.now());
    if (write !== undefined) await this.write([write]);
  }

  /** One transaction. Services have their addresses noted in it. */
  async write(writes: readonly Write[]): Promise<void> {
    const result = await this.store.write([...writes, ...addressWrites(writes, this.store)]);
    if (!result.ok) throw new Error(result.message);
  }

  service(name: string): { readonly address: string; readonly nodePort: number } {
    const spec = this.store.get('Service', 'default', name)?.spec;
    return { address: spec?.clusterIP ?? '', nodePort: spec?.ports?.[0]?.nodePort ?? 0 };
  }

  /** Pods `app: NAME` that are ready, in the order of their nodes. */
  pods(app: string): readonly PodSeen[] {
    const isReady = ({ metadata, status }: StoredPod): boolean =>
      metadata.labels?.['app'] === app &&
      metadata.deletionTimestamp === undefined &&
      isConditionTrue(status?.conditions, 'Ready');
    return this.store
      .list('Pod')
      .filter(isReady)
      .map(({ metadata, spec, status }) => ({ name: metadata.name, node: spec.nodeName ?? '', address: status?.podIP ?? '' }))
      .toSorted((a, b) => (`${a.node}/${a.name}` < `${b.node}/${b.name}` ? -1 : 1));
  }

  /** Waits until so many pods `app: NAME` are ready, and every node's network holds what the store says. */
  async ready(app: string, count: number, timeoutMs = 60_000): Promise<readonly PodSeen[]> {
    const explain = (): string => {
      const pods = this.store.list('Pod').filter(({ metadata }) => metadata.labels?.['app'] === app);
      const events = this.store.list('Event').slice(-10);
      return JSON.stringify({ pods: pods.map(({ metadata, spec, status }) => [metadata.name, spec.nodeName, status]), events });
    };
    await until(
      `${count} pods of ${app}`,
      () => this.pods(app),
      (pods) => pods.length === count,
      { timeoutMs, explain },
    );
    await this.settled();
    return this.pods(app);
  }

  /** Every controller has seen everything, and every node's network holds it. */
  async settled(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.idle()));
    await Promise.all([...this.#nodes.values()].map((node) => node.settled()));
  }

  /** The engine of a host as this cluster sees it. */
  engine(host: TestHost): ContainerEngine {
    const known = this.#engines.get(host.name);
    if (known !== undefined) return known;
    const engine = createDockerEngine({ cluster: this.name, host: dockerHostOf(host), clock: this.clock });
    this.#engines.set(host.name, engine);
    return engine;
  }

  /** What a shell command in the pod prints. */
  async inside(host: TestHost, pod: string, script: string): Promise<string> {
    const engine = this.engine(host);
    const signal = AbortSignal.timeout(EXEC_TIMEOUT_MS);
    const container = (await engine.list(signal)).find(
      ({ labels, state }) => labels[POD_LABEL] === pod && labels[CONTAINER_LABEL] !== undefined && state === 'running',
    );
    if (container === undefined) throw new Error(`pod ${pod} does not run on host ${host.name}`);
    return (await engine.exec(container.id, ['sh', '-c', script], MAX_OUTPUT_BYTES, signal)).output.trim();
  }

  /** Ends the network container of a host as the kernel does when memory is short. Docker does not learn who did it. */
  async killNetworkContainer(host: TestHost): Promise<void> {
    const id = await this.networkContainer(host);
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const [cgroup, status] = await Promise.all([read('cgroup'), read('status')]);
      if (cgroup.includes(id) && /^NSpid:.*\s1$/m.test(status)) process.kill(Number(pid), 'SIGKILL');
    }
  }

  /** The id of the network container while it runs. */
  async networkContainer(host: TestHost): Promise<string> {
    const { output } = await host.exec(['docker', 'ps', '-q', '--no-trunc', '--filter', `name=hf.${this.name}._network`]);
    return output.trim();
  }
}

function dockerHostOf({ dockerHost }: TestHost): DockerHost {
  const parsed = parseDockerHost({ DOCKER_HOST: dockerHost });
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.host;
}
