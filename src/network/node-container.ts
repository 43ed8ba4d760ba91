// The port to a node's network container: the one privileged part of a node, on the network of its host with NET_ADMIN. It has the tools
// (busybox sh, nft, ip, bridge, conntrack, iptables, named, nsupdate, rndc, haproxy, socat) and knows nothing: every script comes from here.
// Declared here, implemented by the docker room. Naked calls: no retries inside, every call ends when its signal is aborted.
import { FaultError } from '../system/fault-error.ts';

/** A file to have in the container. */
export interface ContainerFile {
  /** Absolute. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** The container to have. It is made anew when anything of this is another than it was made from; the files below STATE_DIRECTORY stay. */
export interface NodeContainerSpec {
  /** Reference of the image, which the engine has. */
  readonly image: string;
  /** Written before it starts. One of them is `command[0]`. */
  readonly files: readonly ContainerFile[];
  readonly command: readonly string[];
}

/** What came of a script. */
export interface ScriptResult {
  readonly exitCode: number;
  /** Standard output and error together, cut to MAX_SCRIPT_OUTPUT_BYTES. */
  readonly output: string;
}

/** Lies on a volume of the cluster, so that it outlives the container. Docker starts the container with the engine. */
export const STATE_DIRECTORY = '/state';
export const MAX_SCRIPT_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Closed list of what calls can end in, beside success. */
export type NodeContainerFault =
  /** No answer, or the connection broke: whether a script ran to its end is not known. Worth another try. */
  | 'Unreachable'
  /** The container does not run: `ensure` it. */
  | 'NotRunning'
  /** The engine cannot run such a container at all: rootless, no NET_ADMIN. Final. */
  | 'Impossible'
  | 'Failed';

/** A call failed. */
export class NodeContainerError extends FaultError<NodeContainerFault> {
  override readonly name = 'NodeContainerError';
  readonly code = 'NODE_CONTAINER_ERROR';
}

/** The network container of one cluster on one engine. */
export interface NodeContainer {
  /** Makes the container and starts it unless it is as it should be. Resolves with true when it was made or started just now. */
  ensure(spec: NodeContainerSpec, signal: AbortSignal): Promise<boolean>;
  /**
   * Runs a script of busybox sh in it and waits for its end. Scripts run one after the other, through a session that is kept open, so that a
   * small one takes milliseconds. A signal gives up waiting; the script runs on.
   */
  run(script: string, signal: AbortSignal): Promise<ScriptResult>;
  /** Ends and removes the container and its state. What it programmed stays in the kernel: run what takes it away before. Harmless when it is gone. */
  remove(signal: AbortSignal): Promise<void>;
  /** Closes the session. The container goes on. */
  close(): void;
}
