// Several Docker hosts on this machine, for tests of what happens between hosts and of hosts that go and come: each has a network, mounts, processes
// and an engine of its own. Needs root. They are kept by scripts/engine-hosts-keeper.mjs, which takes them away also when the tests are killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureTestImages } from '../../scripts/images.mjs';
import { ensureNetworkImage } from '../../scripts/network-image.mjs';
import { type CommandResult, runCommand } from './hosts-command.ts';

const KEEPER = join(fileURLToPath(import.meta.url), '../../../scripts/engine-hosts-keeper.mjs');

const ROUTER_ADDRESS = '198.19.0.1';

/** A place in the network: a host, the client, or the router. */
export interface Station {
  readonly name: string;
  /** Its address on the network that all are joined by. */
  readonly address: string;
  /** A command line that runs a command in its network; of a host with its engine in DOCKER_HOST. For processes that a test keeps. */
  readonly inside: (command: readonly string[]) => readonly string[];
  /** Runs a command in its network to its end. Rejects when it fails, unless it may. */
  readonly exec: (
    command: readonly string[],
    options?: { readonly mayFail?: boolean; readonly input?: string },
  ) => Promise<CommandResult>;
}

/** A Docker host. Only the engine's socket, its folder and the machine's files are reached from outside of its namespaces. */
export interface TestHost extends Station {
  /** `unix://…`; the same after a reboot. */
  readonly dockerHost: string;
  /** Ends the engine in order, and its containers with it. */
  readonly stopEngine: () => Promise<void>;
  /** Resolves when it answers. */
  readonly startEngine: () => Promise<void>;
  /**
   * As when the power goes and comes: all processes are killed, and packet filters, routes, links, addresses and connections of its network are gone;
   * what is on disk stays. Resolves when the engine answers.
   */
  readonly reboot: () => Promise<void>;
  /** Pulls the cable to the others. The engine is reached through its socket all the same. */
  readonly cutOff: () => Promise<void>;
  readonly reconnect: () => Promise<void>;
}

export interface TestHosts {
  readonly hosts: readonly TestHost[];
  /** Somebody outside, in a network of its own behind a router. */
  readonly client: Station;
  /** The router, seen from the client. What it is to lead to a host beside the hosts' own addresses, it has to be told. */
  readonly router: Station;
  /** Takes everything away. */
  readonly close: () => Promise<void>;
}

/** Where hosts stand: all on one subnet, behind one switch, or each on a subnet of its own, with a router between. */
export type HostLayout = 'subnet' | 'routed';

interface Announced {
  readonly hosts: readonly { name: string; namespace: string; dockerHost: string; address: string; port: string }[];
  readonly client: { name: string; namespace: string; address: string };
  readonly fabric: string;
}

/**
 * Starts `count` hosts (at most 8) named `one`, `two`, …, which have the images that tests run. The network has no way out of the machine. Rejects
 * with the reason when that cannot be done here.
 */
export async function startHosts({ count, layout = 'subnet' }: { count: number; layout?: HostLayout }): Promise<TestHosts> {
  const keeper = new Keeper(JSON.stringify({ count, layout }));
  const { hosts, client, fabric } = await keeper.announced();
  const setPort = async (port: string, state: 'up' | 'down'): Promise<void> => {
    await runCommand(['ip', '-n', fabric, 'link', 'set', port, state]);
  };
  try {
    await Promise.all(hosts.map(({ dockerHost }) => ensureTestImages(dockerHost, { mayPull: false })));
    for (const { dockerHost } of hosts) await ensureNetworkImage(dockerHost);
  } catch (error) {
    await keeper.close();
    throw error;
  }
  return {
    hosts: hosts.map(({ name, namespace, dockerHost, address, port }) => ({
      ...stationOf(name, address, namespace, dockerHost),
      dockerHost,
      stopEngine: () => keeper.act('stopEngine', name),
      startEngine: () => keeper.act('startEngine', name),
      reboot: () => keeper.act('reboot', name),
      cutOff: () => setPort(port, 'down'),
      reconnect: () => setPort(port, 'up'),
    })),
    client: stationOf(client.name, client.address, client.namespace),
    router: stationOf('router', ROUTER_ADDRESS, fabric),
    close: () => keeper.close(),
  };
}

function stationOf(name: string, address: string, namespace: string, dockerHost?: string): Station {
  const environment = dockerHost === undefined ? [] : ['env', `DOCKER_HOST=${dockerHost}`];
  const inside = (command: readonly string[]): readonly string[] => [
    'nsenter',
    `--net=/run/netns/${namespace}`,
    ...environment,
    ...command,
  ];
  return {
    name,
    address,
    inside,
    exec: (command, { mayFail = false, input = '' } = {}) => runCommand(inside(command), input, { mayFail }),
  };
}

interface Answer {
  readonly id: number;
  readonly error?: string;
}

/** The process that keeps the hosts: lines of JSON there and back. */
class Keeper {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #first: Promise<string>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(argument: string) {
    // Apart from our process group: Ctrl-C is for us, and the keeper ends when its standard input does.
    this.#process = spawn(process.execPath, [KEEPER, argument], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = once(this.#process, 'exit');
    this.#process.stdin?.on('error', () => {});
    const { stdout } = this.#process;
    if (stdout === null) throw new TypeError('the keeper has no standard output');
    const lines = createInterface({ input: stdout });
    this.#first = new Promise((resolve) => {
      lines.once('line', (line) => {
        resolve(line);
        lines.on('line', (each) => this.#take(JSON.parse(each) as Answer));
      });
      lines.once('close', () => {
        resolve('{"error":"the keeper of the hosts ended"}');
        for (const id of this.#waiting.keys()) this.#take({ id, error: 'the keeper of the hosts ended' });
      });
    });
  }

  async announced(): Promise<Announced> {
    const first = JSON.parse(await this.#first) as Announced | { error: string };
    if (!('error' in first)) return first;
    await this.close();
    throw new Error(first.error);
  }

  async act(act: string, host: string): Promise<void> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.stdin?.write(`${JSON.stringify({ id, act, host })}\n`);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    await this.#exited;
  }

  #take(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}
