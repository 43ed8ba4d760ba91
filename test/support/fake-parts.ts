// What the commands need from the outside, in memory: what was printed can be read, and Ctrl-C can be pressed.
import type { Parts, RunningControlPlane } from '../../src/cli/parts.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import type { Stored } from '../../src/model/resource.ts';
import { keyOf } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSecretFiles } from '../../src/surroundings/secret-files.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { FakeNodeContainer } from './fake-node-container.ts';
import { seededIds } from './seeded-ids.ts';

/** Standard output and error of a command, and the world around it. */
export interface FakeParts extends Parts {
  readonly clock: FakeClock;
  readonly engine: FakeEngine;
  /** The store that `openStore` and the control plane share; closing it is counted, not done. */
  readonly store: Store;
  closedStores(): number;
  stoppedPlanes(): number;
  out(): string;
  err(): string;
  interrupt(): void;
  /** Lets the control plane's run end. */
  end(outcome: Outcome): void;
  /** Lets it break. */
  fail(error: Error): void;
}

/** Parts with an empty store, no terminal, no colours, UTC and a home folder. Anything can be replaced. */
export function fakeParts(overrides: Partial<Parts> = {}): FakeParts {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock, ids: seededIds(1) });
  const engine = new FakeEngine({ clock, images: ['busybox:1.36'] });
  const written = { out: '', err: '' };
  const counts = { closed: 0, stopped: 0 };
  const interrupts = new AbortController();
  let end: (outcome: Outcome) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const ending = new Promise<Outcome>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  ending.catch(() => {});
  const shared: Store = new Proxy(store, {
    get(target, property) {
      if (property === 'close') return async () => void counts.closed++;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const running: RunningControlPlane = {
    application: 'shop',
    store,
    outcome: ending,
    stop: async () => void counts.stopped++,
  };
  return {
    env: { HOME: '/home/ann', TZ: 'UTC' },
    version: '1.2.3',
    stdout: {
      write: (text) => void (written.out += textOf(text)),
      isTTY: false,
      columns: 80,
    },
    stderr: { write: (text) => void (written.err += textOf(text)), isTTY: false, columns: 80 },
    stdin: { isTTY: false },
    uid: 1000,
    processId: 7,
    interrupted: interrupts.signal,
    startControlPlane: async () => running,
    dryRun: () => Promise.reject(new UsageFault('no dry run in this test')),
    compareCommits: () => Promise.reject(new UsageFault('no comparison in this test')),
    openStore: async () => shared,
    controllerOf: async () => 'holdfast reconcile (process 7 on host-1)',
    receiptKey: async () => undefined,
    renderCommit: () => Promise.reject(new UsageFault('no rendering in this test')),
    giveOrder: () => {},
    askSync: () => ({ answer: () => undefined, withdraw: () => {} }),
    lockCluster: async () => async () => {},
    openEngine: async () => engine,
    openNodeContainer: async () => new FakeNodeContainer(),
    listen: () => Promise.reject(new UsageFault('nobody listens in this test')),
    loadPaths: async () => ({ manifests: [], problems: [], fileCount: 0 }),
    repositoryPath: (file) => file,
    readSourceLine: () => undefined,
    secretFiles: createSecretFiles({ env: {}, interrupted: interrupts.signal }),
    answer: () => Promise.reject(new UsageFault('nobody answers in this test')),
    ...overrides,
    clock,
    engine,
    store,
    closedStores: () => counts.closed,
    stoppedPlanes: () => counts.stopped,
    out: () => written.out,
    err: () => written.err,
    interrupt: () => interrupts.abort(new Error('interrupted')),
    end,
    fail,
  };
}

function textOf(text: string | Uint8Array): string {
  return typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
}

/** Puts objects into a store as they are, with uid and status; an object that is there already is replaced. */
export async function put(store: Store, ...objects: readonly Stored[]): Promise<void> {
  for (const object of objects) {
    const key = keyOf(object);
    const old = store.get(key.kind, key.namespace, key.name);
    const { uid } = object.metadata;
    const result = await store.write(
      old === undefined
        ? [{ op: 'create', resource: object, uid }]
        : [
            {
              op: 'update',
              resource: { ...object, metadata: { ...object.metadata, resourceVersion: old.metadata.resourceVersion } },
            },
          ],
    );
    if (!result.ok) throw new Error(result.message);
    if ('status' in object && object.status !== undefined) {
      const done = await store.write([{ op: 'updateStatus', key, uid: old?.metadata.uid ?? uid, status: object.status }]);
      if (!done.ok) throw new Error(done.message);
    }
  }
}
