// The node's network container on Docker, and its plug: made, kept as it should be, and told what to do. It must not know what scripts are about. What does
// not carry the cluster's label is never touched.

import { EngineError } from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL, SPEC_HASH_LABEL } from '../kubelet/labels.ts';
import { type NodeContainer, NodeContainerError, type NodeContainerSpec, type ScriptResult } from '../network/node-container.ts';
import type { ContainerBody, InfoBody } from './bodies.ts';
import { Connection } from './connection.ts';
import type { DockerHost } from './docker-host.ts';
import { RefusedByEngine } from './failures.ts';
import { putFilesInto } from './files.ts';
import { findImage } from './images.ts';
import { logsOf } from './inside.ts';
import { toInfo } from './mapping.ts';
import {
  hashOfBody,
  type NodeContainerKind,
  networkContainerKind,
  networkContainerName,
  plugKind,
} from './network-container-body.ts';
import { NetworkContainerSession, reasonOf } from './network-container-session.ts';
import { Storage } from './storage.ts';

/** Rounds of looking and acting, when another one acts at the same time. */
const MAX_ROUNDS = 5;
const LOG_TAIL_LINES = 3;
/** What engines say when they may not run such a container; they have no code for it. */
const IMPOSSIBLE = /operation not permitted|permission denied|cannot share the host|not (supported|allowed)|rootless/i;

export interface NetworkContainerOptions {
  readonly cluster: string;
  readonly host: DockerHost;
  /** Whether this keeps the node's network: scripts of another that does, which are under way when this one begins, are not run any more. */
  readonly isOwner?: boolean;
}

/** The network container of a cluster on an engine; nothing is called yet. Throws EngineError Invalid when the TLS files cannot be read. */
export function createNetworkContainer(options: NetworkContainerOptions): NodeContainer {
  return new NetworkContainer(options, networkContainerKind(options.cluster));
}

/** The plug of a cluster on an engine, likewise: another container of the same port. */
export function createPlugContainer(options: NetworkContainerOptions): NodeContainer {
  return new NetworkContainer(options, plugKind(options.cluster));
}

/** An image that the engine has and that the network container of a cluster was made of; undefined when there is none. Throws EngineError. */
export async function networkImageInUse(
  { cluster, host }: NetworkContainerOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const connection = new Connection(host);
  const name = networkContainerName(cluster);
  const what = `inspect container ${name}`;
  const path = `/containers/${encodeURIComponent(name)}/json`;
  const { status, bytes } = await connection.call({ what, method: 'GET', path, expect: [200, 404], signal });
  if (status === 404) return undefined;
  const { Config, Image = '' } = JSON.parse(bytes.toString()) as ContainerBody;
  if (Config?.Labels?.[CLUSTER_LABEL] !== cluster) return undefined;
  // By its name where that still means the same: another name would be another container.
  const named = await findImage(connection, Config.Image ?? Image, signal);
  if (named?.id === Image) return Config.Image ?? Image;
  return (await findImage(connection, Image, signal)) === undefined ? undefined : Image;
}

class NetworkContainer implements NodeContainer {
  readonly #connection: Connection;
  readonly #cluster: string;
  readonly #kind: NodeContainerKind;
  readonly #name: string;
  readonly #storage: Storage;
  readonly #isOwner: boolean;
  #session: NetworkContainerSession | undefined;
  /** Settles when all scripts so far have ended or were given up. */
  #scripts: Promise<unknown> = Promise.resolve();

  constructor({ cluster, host, isOwner = false }: NetworkContainerOptions, kind: NodeContainerKind) {
    this.#isOwner = isOwner;
    this.#connection = new Connection(host);
    this.#cluster = cluster;
    this.#kind = kind;
    this.#name = kind.name;
    this.#storage = new Storage(this.#connection, cluster);
  }

  async ensure(spec: NodeContainerSpec, signal: AbortSignal): Promise<boolean> {
    const body = this.#kind.body(spec);
    return await asNodeError(async () => {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const seen = await this.#inspect(signal);
        if (seen !== undefined && isAsItShouldBe(seen, body)) return false;
        const isReady = await this.#step(seen, body, spec, signal);
        if (isReady) return true;
      }
      throw new NodeContainerError('Failed', `another controller changes container ${this.#name} at the same time`);
    });
  }

  async run(script: string, signal: AbortSignal): Promise<ScriptResult> {
    const before = this.#scripts;
    const running = asNodeError(async () => {
      await until(before, signal);
      this.#session = this.#session?.isOpen === true ? this.#session : await this.#open(signal);
      return await this.#session.run(script, signal);
    });
    this.#scripts = Promise.allSettled([before, running]);
    return await running;
  }

  async remove(signal: AbortSignal): Promise<void> {
    await asNodeError(async () => {
      const seen = await this.#inspect(signal);
      if (seen !== undefined) await this.#remove(seen, signal);
      const { volume } = this.#kind;
      if (volume !== undefined) await this.#storage.removeVolume(volume.name, signal);
    });
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #open(signal: AbortSignal): Promise<NetworkContainerSession> {
    const seen = await this.#inspect(signal);
    const status = seen?.State?.Status ?? 'missing';
    if (status !== 'running') throw notRunning(`container ${this.#name} does not run: it is ${status}`);
    try {
      const how = { isOwner: this.#isOwner, isLocking: this.#kind.isLocking };
      return await NetworkContainerSession.open(this.#connection, seen?.Id ?? this.#name, how, signal);
    } catch (error) {
      const hasEnded = error instanceof EngineError && (error.fault === 'NotFound' || error.fault === 'Conflict');
      throw hasEnded ? notRunning(error.message, error) : error;
    }
  }

  /** One change towards the wanted state; true when that is reached, false when one has to look again. */
  async #step(seen: ContainerBody | undefined, body: object, spec: NodeContainerSpec, signal: AbortSignal): Promise<boolean> {
    if (seen === undefined) {
      await this.#refuseImpossible(signal);
      const { volume } = this.#kind;
      if (volume !== undefined) await this.#storage.ensureVolume({ ...volume, inMemory: false, sizeBytes: 0 }, signal);
      const query = { name: this.#name };
      // 409: another controller, or a call of ours whose answer was lost.
      await this.#post('create', '/containers/create', [201, 409], signal, query, body);
      return false;
    }
    const path = this.#pathOf(seen);
    const status = seen.State?.Status;
    const isOther = seen.Config?.Labels?.[SPEC_HASH_LABEL] !== hashOfBody(body);
    if (isOther || status === 'removing' || status === 'dead') {
      await this.#remove(seen, signal);
      return false;
    }
    if (status === 'restarting') throw await this.#whyRestarting(seen, signal);
    if (status === 'paused') {
      await this.#post('unpause', `${path}/unpause`, [204, 304, 404, 409], signal);
      return false;
    }
    // Whoever made it may have been killed before all files were there.
    if (status === 'created' && spec.files.length > 0) await this.#putFiles(seen, spec, signal);
    return await this.#start(path, signal);
  }

  async #putFiles({ Id = '' }: ContainerBody, { files }: NodeContainerSpec, signal: AbortSignal): Promise<void> {
    const entries = files.map(
      ({ path, mode, content }) =>
        ({ path: path.replace(/^\/+/, ''), type: 'file', mode, content: Buffer.from(content) }) as const,
    );
    await putFilesInto(this.#connection, Id, '/', entries, signal);
  }

  async #start(path: string, signal: AbortSignal): Promise<boolean> {
    this.close();
    try {
      const status = await this.#post('start', `${path}/start`, [204, 304], signal);
      return status === 204;
    } catch (error) {
      const status = error instanceof EngineError && error.cause instanceof RefusedByEngine ? error.cause.status : undefined;
      // 404 also stands for a missing program.
      if ((status === 404 || status === 409) && (await this.#inspect(signal))?.State?.Status !== 'created') return false;
      if (error instanceof EngineError && status !== undefined && IMPOSSIBLE.test(error.message))
        throw new NodeContainerError('Impossible', error.message, { cause: error });
      throw error;
    }
  }

  async #remove(seen: ContainerBody, signal: AbortSignal): Promise<void> {
    this.close();
    const what = `remove container ${this.#name}`;
    const path = this.#pathOf(seen);
    const query = { force: true };
    const { status } = await this.#connection.call({ what, method: 'DELETE', path, query, expect: [204, 404, 409], signal });
    // 409: another removal is under way.
    if (status === 409) await this.#post('wait for', `${path}/wait`, [200, 404], signal, { condition: 'removed' });
  }

  /** The container of the name, or undefined. Throws Failed when it is somebody else's. */
  async #inspect(signal: AbortSignal): Promise<ContainerBody | undefined> {
    const path = `/containers/${encodeURIComponent(this.#name)}/json`;
    const what = `inspect container ${this.#name}`;
    const { status, bytes } = await this.#connection.call({ what, method: 'GET', path, expect: [200, 404], signal });
    if (status === 404) return undefined;
    const body = JSON.parse(bytes.toString()) as ContainerBody;
    // Docker also finds a container by the beginning of its id.
    if (body.Name !== `/${this.#name}`) return undefined;
    if (body.Config?.Labels?.[CLUSTER_LABEL] === this.#cluster) return body;
    throw new NodeContainerError('Failed', `container ${this.#name} exists and does not belong to cluster ${this.#cluster}`);
  }

  async #refuseImpossible(signal: AbortSignal): Promise<void> {
    const request = { what: 'read the engine', method: 'GET', path: '/info', expect: [200], signal } as const;
    const { securityOptions } = toInfo(await this.#connection.json<InfoBody>(request), {});
    if (securityOptions.includes('rootless'))
      throw new NodeContainerError(
        'Impossible',
        'the Docker Engine is rootless: its containers cannot program the network of the host',
      );
  }

  /** It ends again and again: only its own words tell why. */
  async #whyRestarting({ Id = '', State }: ContainerBody, signal: AbortSignal): Promise<NodeContainerError> {
    const options = { follow: false, timestamps: false, tailLines: LOG_TAIL_LINES };
    const words: Uint8Array[] = [];
    for await (const { bytes } of logsOf(this.#connection, Id, options, false, signal)) words.push(bytes);
    const tail = Buffer.concat(words).toString().trim().replaceAll('\n', '; ');
    const code = State?.ExitCode ?? 0;
    return new NodeContainerError('Failed', `container ${this.#name} ended with exit code ${code} and is started again: ${tail}`);
  }

  async #post(
    verb: string,
    path: string,
    expect: readonly number[],
    signal: AbortSignal,
    query: Readonly<Record<string, string>> = {},
    body: object = {},
  ): Promise<number> {
    const what = `${verb} container ${this.#name}`;
    return (await this.#connection.call({ what, method: 'POST', path, query, body, expect, signal })).status;
  }

  #pathOf({ Id }: ContainerBody): string {
    return `/containers/${encodeURIComponent(Id ?? this.#name)}`;
  }
}

function isAsItShouldBe(seen: ContainerBody, body: object): boolean {
  return seen.State?.Status === 'running' && seen.Config?.Labels?.[SPEC_HASH_LABEL] === hashOfBody(body);
}

function notRunning(message: string, cause?: unknown): NodeContainerError {
  return new NodeContainerError('NotRunning', message, { cause });
}

/** Waits for what never fails; rejects when the signal is aborted before. */
async function until(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void =>
      reject(new NodeContainerError('Unreachable', `a script was not begun: ${reasonOf(signal)}`, { cause: signal.reason }));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true, signal: over.signal });
  });
  try {
    await Promise.race([before, aborted]);
  } finally {
    over.abort();
  }
}

/** The failures of a call as the port has them. */
async function asNodeError<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new NodeContainerError(error.fault === 'Unreachable' ? 'Unreachable' : 'Failed', error.message, { cause: error });
  }
}
