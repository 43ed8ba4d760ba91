// DaemonSets for tests, and a world of nodes to run them on.
import { pinnedNode } from '../../../src/model/node-fit.ts';
import type { DaemonSet, DaemonSetSpec, Node, PodSpec, StoredOf } from '../../../src/model/resource.ts';
import { aNode, aTemplate } from '../../support/builders.ts';
import { found, SmallWorld } from '../small-world.ts';

export interface DaemonOptions {
  readonly image?: string;
  readonly spec?: Partial<DaemonSetSpec>;
  readonly pod?: Partial<PodSpec>;
}

/** A DaemonSet `agent` with its defaults set, labelled `app: agent`, as a commit brings it. */
export function aDaemonSet({
  image = 'v1',
  spec = {},
  pod = {},
}: DaemonOptions = {}): DaemonSet & { metadata: { name: string } } {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: aTemplate({ labels: { app: 'agent' }, container: { image }, spec: pod }),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      ...spec,
    },
  };
}

export const surging = (maxSurge: number | string): Partial<DaemonSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge } },
});

/** A world with nodes and one DaemonSet in it. */
export class DaemonWorld extends SmallWorld {
  static async with(nodes: readonly string[], options: DaemonOptions = {}, seed = 1): Promise<DaemonWorld> {
    const world = new DaemonWorld(seed);
    for (const name of nodes) await world.addNode(name);
    await world.create(aDaemonSet(options));
    return world;
  }

  async addNode(
    name: string,
    node: Partial<Pick<Node, 'spec'>> & { labels?: Record<string, string>; isReady?: boolean } = {},
  ): Promise<void> {
    const { labels = {}, isReady = true, spec = {} } = node;
    const stored = aNode({ name, isReady });
    await this.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec });
    await this.setNodeStatus(name, stored.status);
  }

  async setNodeStatus(name: string, status: Node['status']): Promise<void> {
    const { uid } = this.node(name).metadata;
    const result = await this.store.write([{ op: 'updateStatus', key: { kind: 'Node', namespace: '', name }, uid, status }]);
    if (!result.ok) throw new Error(result.message);
  }

  node(name: string): StoredOf<'Node'> {
    return found(this.store.get('Node', '', name), name);
  }

  daemonSet(): StoredOf<'DaemonSet'> {
    return found(this.store.get('DaemonSet', 'default', 'agent'), 'agent');
  }

  /** What a commit does: replaces the spec. */
  async commit(options: DaemonOptions): Promise<void> {
    const live = this.daemonSet();
    const { spec } = aDaemonSet({ image: live.spec.template.spec.containers[0].image ?? 'v1', ...options });
    await this.update({ ...live, spec });
  }

  /** The pods of a node that are not on their way out, or all of them. */
  on(name: string, withLeaving = false): StoredOf<'Pod'>[] {
    return this.pods().filter((pod) => {
      const isLeaving = pod.metadata.deletionTimestamp !== undefined;
      return (pod.spec.nodeName ?? pinnedNode(pod.spec)) === name && (withLeaving || !isLeaving);
    });
  }

  /** Nodes and images of the pods, with `-` before those on their way out: `a v1`, `-b v1`. */
  look(): string[] {
    return this.pods()
      .map((pod) => {
        const isLeaving = pod.metadata.deletionTimestamp !== undefined;
        return `${isLeaving ? '-' : ''}${pod.spec.nodeName ?? pinnedNode(pod.spec)} ${pod.spec.containers[0].image}`;
      })
      .toSorted();
  }

  /** Binds what waits for a node that is there. */
  async bind(): Promise<void> {
    for (const pod of this.pods()) {
      const nodeName = pinnedNode(pod.spec);
      const isWaiting = pod.spec.nodeName === undefined && nodeName !== undefined;
      if (isWaiting && this.store.get('Node', '', nodeName) !== undefined)
        await this.update({ ...pod, spec: { ...pod.spec, nodeName } });
    }
  }

  override async runPods(isGood: (pod: StoredOf<'Pod'>) => boolean = () => true): Promise<void> {
    await this.bind();
    for (const pod of this.pods()) {
      if (pod.metadata.deletionTimestamp !== undefined) await this.remove(pod);
      else if (pod.spec.nodeName !== undefined) await this.setReady(pod, isGood(pod));
    }
  }

  /** Gives the pods of a node their node and makes them ready, or not. */
  async run(name: string, isReady = true): Promise<void> {
    await this.bind();
    for (const pod of this.on(name)) await this.setReady(pod, isReady);
    await this.settle();
  }

  /** The kubelet of a node has removed what was to go. */
  async reap(name: string): Promise<void> {
    for (const pod of this.on(name, true)) if (pod.metadata.deletionTimestamp !== undefined) await this.remove(pod);
    await this.settle();
  }

  async fail(name: string): Promise<void> {
    for (const pod of this.on(name)) await this.setPodStatus(pod, { phase: 'Failed', reason: 'Evicted' });
    await this.settle();
  }
}
