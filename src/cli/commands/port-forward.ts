// `holdfast port-forward`: ports of this machine that lead to ports of a pod, through its sandbox, also on an engine that is elsewhere.
import type { Command } from 'commander';
import { ConnectFailure, type ContainerEngine, EngineError, type PodStream } from '../../kubelet/engine/container-engine.ts';
import { POD_UID_LABEL, ROLE_LABEL } from '../../kubelet/labels.ts';
import type { StoredOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { StoreReader } from '../../store/store.ts';
import { sleep } from '../../system/clock.ts';
import type { Finish } from '../endings.ts';
import { callEngine } from '../engine-call.ts';
import { findObject, parseTarget } from '../find-object.ts';
import { aborted, INTERRUPTED_EXIT_CODE } from '../interrupts.ts';
import { type LocalConnection, type LocalListener, type Parts } from '../parts.ts';
import { choosePod, readyFirst } from '../pod-containers.ts';
import { type PortMapping, podMappings, serviceMappings } from '../port-mappings.ts';
import { addPlaceOptions, placeOptions, type RawPlaceOptions } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';
import { withStore } from '../with-store.ts';

/** How long to wait before an engine that was lost is asked again. */
const ASK_AGAIN_MS = 1_000;
/** Where programs in a pod listen; those that listen on one family only are found too. */
const LOOPBACKS = ['127.0.0.1', '::1'] as const;

interface RawOptions extends RawPlaceOptions {
  namespace: string;
  address: string;
}

/** What the arguments mean. */
interface Forwarding {
  readonly pod: StoredOf<'Pod'>;
  readonly mappings: readonly PortMapping[];
  readonly notice?: string;
}

export function registerPortForward(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('port-forward')
    .description('make ports of a pod reachable on this machine, until Ctrl-C')
    .argument('<target>', 'a pod, or svc/NAME or deploy/NAME for one of its pods')
    .argument('<ports...>', '[LOCAL:]REMOTE, a number or a name; :REMOTE takes any free local port')
    .option('-n, --namespace <name>', 'namespace', 'default')
    .option(
      '--address <list>',
      'addresses of this machine to listen on, with commas; localhost is both its families',
      'localhost',
    );
  addPlaceOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast port-forward svc/web -n shop 8080:80')
    .action(async (target: string, ports: string[], raw: RawOptions) => finish(await portForward(target, ports, raw, parts)));
}

async function portForward(target: string, ports: readonly string[], raw: RawOptions, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  const { pod, mappings, notice } = await withStore(parts, place, (reader) => resolve(reader, target, ports, raw.namespace));
  const engine = await parts.openEngine(place);
  const sandbox = await findSandbox(engine, pod, parts);
  if (notice !== undefined) parts.stderr.write(`${notice}\n`);
  const ending = new AbortController();
  const until = AbortSignal.any([parts.interrupted, ending.signal]);
  const listeners: LocalListener[] = [];
  try {
    for (const mapping of mappings) {
      const forward = { parts, engine, sandbox, pod: pod.metadata.name, until, lost: () => ending.abort() };
      listeners.push(...(await listenAll(mapping, raw.address.split(','), forward)));
    }
    await Promise.race([aborted(until), sandboxGone(engine, sandbox, parts, until)]);
    if (parts.interrupted.aborted) return INTERRUPTED_EXIT_CODE;
    parts.stderr.write(`error: lost connection to pod: pod/${pod.metadata.name} does not run any more\n`);
    return 1;
  } finally {
    ending.abort();
    for (const listener of listeners) listener.close();
  }
}

function resolve(reader: StoreReader, target: string, ports: readonly string[], namespace: string): Forwarding {
  const wanted = target.includes('/') ? parseTarget(target, 'svc/web') : undefined;
  if (wanted?.kind !== 'Service') {
    const { pod, notice } = choosePod(reader, target, namespace);
    return { pod, mappings: podMappings(ports, pod), ...(notice === undefined ? {} : { notice }) };
  }
  const service = findObject(reader, 'Service', namespace, wanted.name);
  const pod = podOf(reader, service, namespace);
  return { pod, mappings: serviceMappings(ports, service, pod) };
}

/** A ready pod of the Service, or at least one that runs. */
function podOf(reader: StoreReader, { metadata, spec }: StoredOf<'Service'>, namespace: string): StoredOf<'Pod'> {
  const { selector = {} } = spec;
  if (Object.keys(selector).length === 0)
    throw new UsageFault(`service/${metadata.name} is without a selector: name a pod instead`);
  const running = reader
    .list('Pod', namespace)
    .filter((pod) => pod.status?.phase === 'Running' && matchesSelector({ matchLabels: selector }, pod.metadata.labels));
  const [best] = readyFirst(running);
  if (best === undefined)
    throw new UsageFault(`service/${metadata.name} has no running pods; "holdfast why service/${metadata.name}" says why`);
  return best;
}

/** The running sandbox of the pod. Throws UsageFault when there is none. */
async function findSandbox(engine: ContainerEngine, pod: StoredOf<'Pod'>, parts: Parts): Promise<string> {
  const all = await callEngine(parts, 'listing the containers', (signal) => engine.list(signal));
  const sandbox = all.find(
    ({ labels, state }) => labels[POD_UID_LABEL] === pod.metadata.uid && labels[ROLE_LABEL] === 'sandbox' && state === 'running',
  );
  if (sandbox !== undefined) return sandbox.id;
  throw new UsageFault(`pod/${pod.metadata.name} is not running: it is ${pod.status?.phase ?? 'Pending'}`);
}

/** What every connection needs. */
interface Forward {
  readonly parts: Parts;
  readonly engine: ContainerEngine;
  /** Id of the sandbox. */
  readonly sandbox: string;
  readonly pod: string;
  /** Aborted when all is over. */
  readonly until: AbortSignal;
  /** The pod is not there any more. */
  readonly lost: () => void;
}

/** Listens on each address; of localhost's two families one is enough. Throws UsageFault. */
async function listenAll({ local, remote }: PortMapping, names: readonly string[], forward: Forward): Promise<LocalListener[]> {
  const { parts } = forward;
  const listeners: LocalListener[] = [];
  let port = local;
  const isLocalhost = names.includes('localhost');
  const addresses = [...new Set(names.flatMap((name) => (name === 'localhost' ? LOOPBACKS : [name])))];
  for (const address of addresses) {
    try {
      // The first one that was free is taken for all.
      const listener = await parts.listen(address, port, (connection) => void serve(connection, port, remote, forward));
      listeners.push(listener);
      ({ port } = listener);
      const shown = address.includes(':') ? `[${address}]` : address;
      parts.stdout.write(`Forwarding from ${shown}:${port} -> ${remote}\n`);
    } catch (error) {
      if (isLocalhost && address === LOOPBACKS[1] && listeners.length > 0) continue;
      for (const listener of listeners) listener.close();
      throw error;
    }
  }
  return listeners;
}

async function serve(connection: LocalConnection, local: number, remote: number, forward: Forward): Promise<void> {
  const { parts, until, pod } = forward;
  parts.stdout.write(`Handling connection for ${local}\n`);
  const signal = AbortSignal.any([until, connection.ended]);
  try {
    const stream = await connectInside(remote, forward, signal);
    const upwards = sendAll(connection, stream);
    for await (const bytes of stream.incoming) await connection.send(bytes);
    connection.close();
    await upwards;
    stream.close();
  } catch (error) {
    connection.close();
    if (signal.aborted) return;
    if (error instanceof EngineError && (error.fault === 'NotFound' || error.fault === 'Conflict')) forward.lost();
    else parts.stderr.write(`an error occurred forwarding ${local} -> ${remote}: ${whatHappened(error, pod, remote)}\n`);
  }
}

async function sendAll(connection: LocalConnection, stream: PodStream): Promise<void> {
  // A client that has sent all may still read: the way back stays open.
  for await (const bytes of connection.incoming) await stream.send(bytes);
}

/** As seen from the pod itself: what it offers to nobody else is reached too. */
async function connectInside(port: number, { engine, sandbox }: Forward, signal: AbortSignal): Promise<PodStream> {
  const [first, second] = LOOPBACKS;
  try {
    return await engine.connect(sandbox, { address: first, port }, signal);
  } catch (error) {
    if (!(error instanceof ConnectFailure)) throw error;
    try {
      return await engine.connect(sandbox, { address: second, port }, signal);
    } catch (other) {
      throw other instanceof ConnectFailure ? error : other;
    }
  }
}

function whatHappened(error: unknown, pod: string, port: number): string {
  if (error instanceof ConnectFailure && error.code === 'ECONNREFUSED')
    return `connection refused: nothing listens on port ${port} in pod/${pod}`;
  return error instanceof Error ? error.message : String(error);
}

/** Resolves when the sandbox does not run any more. An engine that does not answer says nothing about it. */
async function sandboxGone(engine: ContainerEngine, id: string, { clock }: Parts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const sinceMs = clock.now();
      const events = engine.events(sinceMs, signal);
      const ask = (inner: AbortSignal): ReturnType<ContainerEngine['inspect']> => engine.inspect(id, inner);
      const seen = await callEngine({ clock, interrupted: signal }, 'inspecting the sandbox', ask);
      if (seen?.state !== 'running') return;
      for await (const { containerId, action } of events)
        if (containerId === id && (action === 'die' || action === 'destroy')) return;
    } catch {
      if (!signal.aborted) await sleep(clock, ASK_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}
