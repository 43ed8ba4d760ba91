// The Docker Engine that the surroundings name. Turns what a user has to mend into a UsageFault.
import { hostname } from 'node:os';
import { type PlaceOptions } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import { createDockerEngine } from '../docker/docker-engine.ts';
import { type DockerHost, describeDockerHost, parseDockerHost } from '../docker/docker-host.ts';
import { type ContainerEngine, EngineError, type EngineInfo } from '../kubelet/engine/container-engine.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';

/** How long an engine may take to say who it is. */
const ENGINE_ANSWER_TIMEOUT_MS = 10_000;

/** An engine that has answered. */
export interface ConnectedEngine {
  readonly engine: ContainerEngine;
  readonly info: EngineInfo;
  /** When it was asked for that. */
  readonly askedAtMs: number;
  readonly host: DockerHost;
}

/** Connects to the engine that Docker's own environment variables name. Throws UsageFault when none answers. */
export async function connectEngine(
  { cluster }: Pick<PlaceOptions, 'cluster'>,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<ConnectedEngine> {
  const parsed = parseDockerHost({
    DOCKER_HOST: env['DOCKER_HOST'],
    DOCKER_TLS_VERIFY: env['DOCKER_TLS_VERIFY'],
    DOCKER_CERT_PATH: env['DOCKER_CERT_PATH'],
    HOME: env['HOME'],
  });
  if (!parsed.ok) throw new UsageFault(parsed.message);
  try {
    const engine = createDockerEngine({ cluster, host: parsed.host, clock });
    const askedAtMs = clock.now();
    const ask = (signal: AbortSignal): Promise<EngineInfo> => engine.info(signal);
    const info = await withDeadline(
      clock,
      `asking the Docker Engine at ${describeDockerHost(parsed.host)}`,
      ENGINE_ANSWER_TIMEOUT_MS,
      ask,
    );
    return { engine, info, askedAtMs, host: parsed.host };
  } catch (error) {
    if (error instanceof EngineError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

/**
 * Whether the engine is on this very machine, as far as names tell: then the lock of the machine keeps others away. A container that was given the
 * engine's socket, such as a CI job, has another name than the machine, and a folder for temporary files that nobody else sees.
 */
export function isOwnEngine(
  { info, host }: { readonly info: Pick<EngineInfo, 'name'>; readonly host: Pick<DockerHost, 'type'> },
  machine = hostname(),
): boolean {
  return host.type === 'unix' && info.name === machine;
}
