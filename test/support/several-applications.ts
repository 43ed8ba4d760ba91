// A whole control plane over one repository in memory in which applications declare others.
import { type ControlPlane, startControlPlane } from '../../src/control-plane/control-plane.ts';
import { CONTAINER_LABEL } from '../../src/kubelet/labels.ts';
import type { ApplicationStatus, StoredOf } from '../../src/model/resource.ts';
import type { StatusTelling } from '../../src/signals/statuses/reporter.ts';
import type { WantedSource } from '../../src/sources/declared-source.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import type { Wait } from '../../src/sync/waiters.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { FakeOrders } from './fake-orders.ts';
import { FakeSource } from './fake-source.ts';
import { seededIds } from './seeded-ids.ts';

const MINUTE_MS = 60_000;

/** A Deployment of one pod. */
export function webOf(name: string, image: string, namespace?: string): string {
  const labels = { app: name };
  const container = { name: 'main', image };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  });
}

/** A declaration, as text. */
export function declare(name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec });
}

export class SeveralApplications {
  readonly clock = new FakeClock();
  readonly engine = new FakeEngine({ clock: this.clock, name: 'node-a', images: ['web:1', 'web:2', 'bad:1'] });
  /** What the command line names. */
  readonly source: FakeSource;
  /** Other repositories, by URL. */
  readonly others = new Map<string, FakeSource>();
  readonly opened: WantedSource[] = [];
  /** What people say beside Git. */
  readonly orders = new FakeOrders();
  /** How forges are told of commits, from the next start on. */
  statuses: StatusTelling | undefined;
  store = openMemoryStore({ clock: this.clock, ids: seededIds(1) });
  #plane: ControlPlane | undefined;
  #ids = 2;

  constructor(repository?: string) {
    this.source = new FakeSource(repository);
    this.engine.behave('bad:1', { startError: 'exec: "main": not found' });
  }

  async start(options: { readonly once?: boolean } = {}): Promise<{ readonly outcome: Promise<Outcome> }> {
    const { clock, engine, source, store } = this;
    const answer = () => Promise.resolve({ ok: true as const });
    this.#ids += 1;
    this.#plane = await startControlPlane({
      cluster: 'test',
      application: { name: 'root', repo: source.description, path: 'root' },
      store,
      engine,
      prober: { grpc: answer, http: answer, tcp: answer },
      source,
      ...(this.statuses === undefined ? {} : { statuses: this.statuses }),
      openDeclared: (wanted) => {
        this.opened.push(wanted);
        return shared(wanted.repository === undefined ? source : this.#other(wanted.repository));
      },
      orders: this.orders,
      clock,
      ids: seededIds(this.#ids),
      logger: silentLogger,
      once: options.once ?? false,
      intervalMs: 30_000,
      timeoutMs: 5 * MINUTE_MS,
    });
    return { outcome: this.#plane.outcome };
  }

  #other(url: string): FakeSource {
    const known = this.others.get(url) ?? new FakeSource(url);
    this.others.set(url, known);
    return known;
  }

  async stop(): Promise<void> {
    await this.#plane?.stop();
    this.#plane = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
    await this.clock.settle();
  }

  /** Another process that knows nothing. */
  async loseStore(): Promise<void> {
    await this.stop();
    this.#ids += 1;
    this.store = openMemoryStore({ clock: this.clock, ids: seededIds(1_000 + this.#ids) });
    await this.start();
    await this.clock.settle();
  }

  /** Waits beside the controller for how a commit ends. */
  conclude(application: string | undefined, wait: Wait): Promise<Outcome> {
    if (this.#plane === undefined) throw new Error('no plane runs');
    return this.#plane.conclude(application, wait);
  }

  /** Commits files, and lets a minute pass. */
  async push(files: Readonly<Record<string, string>>, minutes = 1): Promise<string> {
    const id = this.source.commit({ files });
    await this.clock.advance(minutes * MINUTE_MS);
    return id;
  }

  application(name: string): StoredOf<'Application'> | undefined {
    return this.store.get('Application', '', name);
  }

  status(name: string): ApplicationStatus {
    return this.application(name)?.status ?? {};
  }

  /** Names of Deployments and their images. */
  deployments(): Readonly<Record<string, string>> {
    const all = this.store.list('Deployment').map(({ metadata, spec }) => {
      const place = metadata.namespace === 'default' ? metadata.name : `${metadata.namespace}/${metadata.name}`;
      return [place, spec.template.spec.containers[0].image] as const;
    });
    return Object.fromEntries(all);
  }

  /** Images of the containers that run. */
  running(): readonly string[] {
    return this.engine
      .containers()
      .filter(({ state, labels }) => state === 'running' && labels[CONTAINER_LABEL] !== undefined)
      .map(({ image }) => image)
      .toSorted();
  }

  /** Ids of the containers that run. */
  containers(): readonly string[] {
    const ours = this.engine.containers().filter(({ labels }) => labels[CONTAINER_LABEL] !== undefined);
    return ours
      .filter(({ state }) => state === 'running')
      .map(({ id }) => id)
      .toSorted();
  }
}

/** The same source for several readers: none of them ends it. */
function shared(source: FakeSource): CommitSource {
  return {
    description: source.description,
    revision: source.revision,
    head: (signal) => source.head(signal),
    snapshot: (commitId, signal) => source.snapshot(commitId, signal),
    changes: (signal) => source.changes(signal),
    close: async () => {},
  };
}
