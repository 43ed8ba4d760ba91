// The lock of a cluster on its engine, as calls: a container that is never started. Its name can be had once; what its holder says of itself is in
// labels; and when it last said that it lives is its number of restarts, the one setting of a container that can be any number, changes
// without a file being written into it, and means nothing to what never runs. Does not carry the cluster's label: nothing else sees it.
import { EngineError } from '../kubelet/engine/container-engine.ts';
import type { Connection } from './connection.ts';
import { importRootFileSystem } from './images.ts';

const LOCK_LABEL = 'holdfast.dev/lock-of';
const HOLDER_LABEL = 'holdfast.dev/lock-holder';
const PLACE_LABEL = 'holdfast.dev/lock-place';
/** Holds nothing: a container has to be made of some image. */
const IMAGE = 'holdfast/lock:1';

/** Who holds a lock, as the engine has it. */
export interface LockSeen {
  readonly id: string;
  /** For people. */
  readonly holder: string;
  /** Where it runs, see cluster-lock.ts. */
  readonly place: string;
  /** When it last said that it lives, in epoch seconds of the engine's clock. */
  readonly renewedAt: number;
}

/** What was found, and what the engine's clock says, in epoch seconds. */
export interface LockLook {
  readonly seen: LockSeen | undefined;
  readonly engineNow: number;
}

interface LockBody {
  readonly Id?: string;
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> };
  readonly HostConfig?: { readonly RestartPolicy?: { readonly MaximumRetryCount?: number } };
}

/** One lock. All calls throw EngineError. */
export class EngineLock {
  readonly #connection: Connection;
  readonly #cluster: string;

  constructor(connection: Connection, cluster: string) {
    this.#connection = connection;
    this.#cluster = cluster;
  }

  get #name(): string {
    return `hf.${this.#cluster}._lock`;
  }

  async look(signal: AbortSignal): Promise<LockLook> {
    const what = 'look at the lock of the cluster';
    const path = `/containers/${this.#name}/json`;
    const { status, bytes, headers } = await this.#connection.call({ what, method: 'GET', path, expect: [200, 404], signal });
    const engineNow = Math.floor(Date.parse(String(headers['date'])) / 1000);
    if (Number.isNaN(engineNow)) throw new EngineError('Failed', `${what}: the engine does not say what time it is`);
    if (status === 404) return { seen: undefined, engineNow };
    const { Id: id = '', Config, HostConfig } = JSON.parse(bytes.toString()) as LockBody;
    const labels = Config?.Labels ?? {};
    if (labels[LOCK_LABEL] !== this.#cluster)
      throw new EngineError('Conflict', `a container of somebody else is called ${this.#name}: remove or rename it`);
    const renewedAt = HostConfig?.RestartPolicy?.MaximumRetryCount ?? 0;
    return { seen: { id, holder: labels[HOLDER_LABEL] ?? '', place: labels[PLACE_LABEL] ?? '', renewedAt }, engineNow };
  }

  /** Takes the lock; its id, or undefined when somebody has it. */
  async take(holder: string, place: string, engineNow: number, signal: AbortSignal): Promise<string | undefined> {
    const body = {
      Image: IMAGE,
      Cmd: ['/never'],
      Labels: { [LOCK_LABEL]: this.#cluster, [HOLDER_LABEL]: holder, [PLACE_LABEL]: place },
      HostConfig: { NetworkMode: 'none', RestartPolicy: restarts(engineNow) },
    };
    const create = async () =>
      await this.#connection.call({
        what: 'take the lock of the cluster',
        method: 'POST',
        path: '/containers/create',
        query: { name: this.#name },
        body,
        expect: [201, 404, 409],
        signal,
      });
    let answer = await create();
    if (answer.status === 404) {
      await importRootFileSystem(this.#connection, IMAGE, [{ path: 'lock', type: 'directory', mode: 0o755 }], ['/never'], signal);
      answer = await create();
    }
    return answer.status === 201 ? (JSON.parse(answer.bytes.toString()) as LockBody).Id : undefined;
  }

  /** Says that its holder lives. False when this lock is gone. */
  async renew(id: string, engineNow: number, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#connection.call({
      what: 'renew the lock of the cluster',
      method: 'POST',
      path: `/containers/${id}/update`,
      body: { RestartPolicy: restarts(engineNow) },
      expect: [200, 404],
      signal,
    });
    return status === 200;
  }

  /** Takes it away, whoever holds it. Harmless when it is gone. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    const what = 'give the lock of the cluster back';
    await this.#connection.call({
      what,
      method: 'DELETE',
      path: `/containers/${id}`,
      query: { force: true },
      expect: [204, 404, 409],
      signal,
    });
  }
}

function restarts(engineNow: number): object {
  return { Name: 'on-failure', MaximumRetryCount: engineNow };
}
