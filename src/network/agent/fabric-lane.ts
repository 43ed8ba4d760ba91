// The lane of the ways to pods and other nodes: scripts that also a boot and a check run.
import { FABRIC_CHECK_FILE, FABRIC_FILE, FABRIC_REMOVAL_FILE } from '../boot/fabric.ts';
import { quoted } from '../change-script.ts';
import { fabricCheck } from '../fabric/fabric-check.ts';
import { fabricRemoval, fabricScript, hairpinScript } from '../fabric/fabric-script.ts';
import type { NodeNetwork } from '../node-network.ts';
import type { Lane, LanePass } from './lane.ts';

/** See Lane. */
export class FabricLane implements Lane {
  readonly name = 'fabric';
  readonly isEssential = true;
  #held: string | undefined;
  /** Pods that have an address, which means a port of the bridge. */
  readonly #connected = new Set<string>();
  #hasNewPods = true;

  reset(): void {
    this.#connected.clear();
    this.#hasNewPods = true;
  }

  take({ type, resource }: Parameters<Lane['take']>[0]): boolean {
    if (resource.kind !== 'Pod') return resource.kind === 'Node';
    const { uid } = resource.metadata;
    if (type === 'removed') this.#connected.delete(uid);
    if (type === 'removed' || resource.status?.podIP === undefined || this.#connected.has(uid)) return false;
    this.#connected.add(uid);
    this.#hasNewPods = true;
    return true;
  }

  forget(): void {
    this.#held = undefined;
  }

  async apply({ node, run }: LanePass): Promise<void> {
    const script = leaving(node);
    if (script === this.#held && !this.#hasNewPods) return;
    this.#hasNewPods = false;
    try {
      if (script !== this.#held) {
        this.#held = undefined;
        await run('make the ways to pods and nodes', script);
        this.#held = script;
      }
      await run('connect pods', hairpinScript(node));
    } catch (error) {
      this.#hasNewPods = true;
      throw error;
    }
  }
}

/** Leaves the scripts' files, and makes the fabric. The removal knows all that was ever made: it does not depend on the other nodes. */
function leaving(node: NodeNetwork): string {
  const files = [
    [FABRIC_FILE, fabricScript(node)],
    [FABRIC_CHECK_FILE, fabricCheck(node)],
    [FABRIC_REMOVAL_FILE, fabricRemoval(node)],
  ] as const;
  const writes = files.map(([path, text]) => `printf '%s' ${quoted(text)} >${path}.next && mv -f ${path}.next ${path}`);
  return `${writes.join(' &&\n')} || exit 1\n(. ${FABRIC_FILE})\n`;
}
