// Many pods of one commit, looked at from the inside and through Docker.
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { byHand, testEngine } from './docker.ts';
import { clusterContainers, type SeenContainer } from './e2e-engine.ts';

const MAX_OUTPUT_BYTES = 65_536;

/** What `docker inspect` says of a container, as far as tests look at it. */
export interface Inspected {
  readonly Config: Readonly<Record<string, unknown>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly State: { readonly Pid: number; readonly ExitCode: number };
}

/** The containers of a scene's pods. */
export interface Inside {
  /** A living container of a pod; `_sandbox` for its sandbox. */
  find(pod: string, container?: string): SeenContainer;
  /** What a shell in the container prints, without the last line break; both streams. */
  run(pod: string, script: string, container?: string): Promise<string>;
  /** Through Docker. */
  inspect(pod: string, container?: string): Promise<Inspected>;
}

/** Looks at all containers of a cluster once. */
export async function lookInside(cluster: string): Promise<Inside> {
  const engine: ContainerEngine = await testEngine(cluster);
  const seen = await clusterContainers(cluster);
  const find = (pod: string, container = 'main'): SeenContainer => {
    const found = seen.find(
      (each) => each.pod === pod && (container === '_sandbox' ? each.role === 'sandbox' : each.container === container),
    );
    if (found === undefined) throw new Error(`no container ${container} of pod ${pod}`);
    return found;
  };
  return {
    find,
    async run(pod, script, container) {
      const command = ['sh', '-c', script];
      const { output } = await engine.exec(find(pod, container).id, command, MAX_OUTPUT_BYTES, new AbortController().signal);
      return output.trimEnd();
    },
    inspect: async (pod, container) => (await byHand('GET', `/containers/${find(pod, container).id}/json`)) as Inspected,
  };
}
