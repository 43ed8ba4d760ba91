// A process that can be killed at any moment: what it was given of the outside stops answering, so that it can do nothing more. What
// was under way has happened or not, and it does not learn which.
import type { ContainerEngine, EngineEvent, LogChunk } from '../../src/kubelet/engine/container-engine.ts';
import type { Prober } from '../../src/kubelet/probes/prober.ts';
import type { StatusTelling } from '../../src/signals/statuses/reporter.ts';
import type { Store, WatchEvent } from '../../src/store/store.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import type { Clock } from '../../src/system/clock.ts';

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** The life of one process. */
export class Life {
  readonly #death = new AbortController();
  readonly #onDeath: () => void;
  #operationsLeft: number | undefined;

  constructor(onDeath: () => void) {
    this.#onDeath = onDeath;
  }

  get isOver(): boolean {
    return this.#death.signal.aborted;
  }

  /** Ends it now. */
  kill(): void {
    if (this.isOver) return;
    this.#death.abort(new Error('killed'));
    this.#onDeath();
  }

  /** Ends it after so many more calls, or answers to calls, of anything outside; undefined lets it live. */
  killAfter(operations: number | undefined): void {
    this.#operationsLeft = operations;
  }

  #tick(): void {
    if (this.#operationsLeft === undefined) return;
    this.#operationsLeft -= 1;
    if (this.#operationsLeft < 0) this.kill();
  }

  /** A call of the outside. Death comes before it, so that it does not happen, or after it, so that its answer is lost. */
  async call<T>(effect: () => Promise<T>): Promise<T> {
    this.#tick();
    if (this.isOver) return await never<T>();
    let answer: { readonly value: T } | { readonly error: unknown };
    try {
      answer = { value: await effect() };
    } catch (error) {
      answer = { error };
    }
    this.#tick();
    if (this.isOver) return await never<T>();
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  /** A stream from the outside, which says nothing more after death. */
  async *stream<T>(open: (signal: AbortSignal) => AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
    for await (const value of open(AbortSignal.any([signal, this.#death.signal]))) {
      if (this.isOver) break;
      yield value;
    }
    if (this.isOver) await never();
  }
}

export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    after: (delayMs, callback) =>
      clock.after(delayMs, () => {
        if (!life.isOver) callback();
      }),
  };
}

/** `writing` stands around each transaction. */
export function mortalStore(store: Store, life: Life, writing: Store['write']): Store {
  return {
    revision: () => store.revision(),
    get: store.get.bind(store),
    list: store.list.bind(store),
    listOwned: store.listOwned.bind(store),
    listDependents: store.listDependents.bind(store),
    listApplied: store.listApplied.bind(store),
    podsWith: store.podsWith.bind(store),
    servicesSelecting: store.servicesSelecting.bind(store),
    write: (writes) => life.call(() => writing(writes)),
    watch: (from, signal) => life.stream<WatchEvent>((inner) => store.watch(from, inner), signal),
    lease: (name, holder, durationMs) => life.call(() => store.lease(name, holder, durationMs)),
    release: (name, holder) => life.call(() => store.release(name, holder)),
    close: () => Promise.resolve(),
  };
}

/** `before` is told of each call that asks the engine for something. */
export function mortalEngine(
  engine: ContainerEngine,
  life: Life,
  before: (call: string, args: readonly unknown[]) => Promise<void> | undefined,
): ContainerEngine {
  const through = <T>(name: string, args: readonly unknown[], effect: () => Promise<T>): Promise<T> =>
    life.call(async () => {
      const delay = before(name, args);
      if (delay !== undefined) await delay;
      return await effect();
    });
  return {
    info: (signal) => through('info', [], () => engine.info(signal)),
    list: (signal) => through('list', [], () => engine.list(signal)),
    inspect: (id, signal) => through('inspect', [id], () => engine.inspect(id, signal)),
    create: (spec, signal) => through('create', [spec], () => engine.create(spec, signal)),
    start: (id, signal) => through('start', [id], () => engine.start(id, signal)),
    kill: (id, how, signal) => through('kill', [id, how], () => engine.kill(id, how, signal)),
    remove: (id, signal) => through('remove', [id], () => engine.remove(id, signal)),
    exec: (id, command, max, signal, onOutput) =>
      through('exec', [id, command], () => engine.exec(id, command, max, signal, onOutput)),
    connect: (id, target, signal) => through('connect', [id, target], () => engine.connect(id, target, signal)),
    logs: (id, options, signal) => life.stream<LogChunk>((inner) => engine.logs(id, options, inner), signal),
    putFiles: (id, directory, files, signal) =>
      through('putFiles', [id, directory, files], () => engine.putFiles(id, directory, files, signal)),
    readLink: (id, path, signal) => through('readLink', [id, path], () => engine.readLink(id, path, signal)),
    image: (reference, signal) => through('image', [reference], () => engine.image(reference, signal)),
    stat: (id, path, signal) => through('stat', [id, path], () => engine.stat(id, path, signal)),
    listFiles: (id, directory, signal) => through('listFiles', [id, directory], () => engine.listFiles(id, directory, signal)),
    readFile: (id, path, max, signal) => through('readFile', [id, path], () => engine.readFile(id, path, max, signal)),
    giveToGroup: (id, directory, gid, signal) =>
      through('giveToGroup', [id, directory, gid], () => engine.giveToGroup(id, directory, gid, signal)),
    copyImage: (reference, id, directory, signal) =>
      through('copyImage', [reference, id, directory], () => engine.copyImage(reference, id, directory, signal)),
    listImages: (signal) => through('listImages', [], () => engine.listImages(signal)),
    removeImage: (id, signal) => through('removeImage', [id], () => engine.removeImage(id, signal)),
    pull: (request, signal) => through('pull', [request.reference], () => engine.pull(request, signal)),
    importImage: (reference, files, config, signal) =>
      through('importImage', [reference], () => engine.importImage(reference, files, config, signal)),
    networks: (signal) => through('networks', [], () => engine.networks(signal)),
    ensureNetwork: (spec, signal) => through('ensureNetwork', [spec.name], () => engine.ensureNetwork(spec, signal)),
    removeNetwork: (name, signal) => through('removeNetwork', [name], () => engine.removeNetwork(name, signal)),
    listVolumes: (signal) => through('listVolumes', [], () => engine.listVolumes(signal)),
    ensureVolume: (spec, signal) => through('ensureVolume', [spec], () => engine.ensureVolume(spec, signal)),
    removeVolume: (name, signal) => through('removeVolume', [name], () => engine.removeVolume(name, signal)),
    diskUse: (signal) => through('diskUse', [], () => engine.diskUse(signal)),
    events: (sinceMs, signal) => life.stream<EngineEvent>((inner) => engine.events(sinceMs, inner), signal),
  };
}

export function mortalSource(source: CommitSource, life: Life): CommitSource {
  return {
    description: source.description,
    revision: source.revision,
    head: (signal) => life.call(() => source.head(signal)),
    snapshot: (id, signal) => life.call(() => source.snapshot(id, signal)),
    changes: (signal) => life.stream<void>((inner) => source.changes(inner), signal),
    close: () => Promise.resolve(),
  };
}

export function mortalTelling({ client, targetOf }: StatusTelling, life: Life): StatusTelling {
  return { client: { send: (...asked) => life.call(() => client.send(...asked)) }, targetOf };
}

export function mortalProber(prober: Prober, life: Life): Prober {
  return {
    http: (...asked) => life.call(() => prober.http(...asked)),
    tcp: (...asked) => life.call(() => prober.tcp(...asked)),
    grpc: (...asked) => life.call(() => prober.grpc(...asked)),
  };
}
