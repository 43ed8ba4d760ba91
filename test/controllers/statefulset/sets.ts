// StatefulSets for tests, and a world to run them in.
import type { PersistentVolumeClaim, StatefulSet, StatefulSetSpec, Stored, StoredOf } from '../../../src/model/resource.ts';
import { aTemplate, type MetaOptions } from '../../support/builders.ts';
import { found, SmallWorld } from '../small-world.ts';

export interface SetOptions extends Pick<MetaOptions, 'annotations'> {
  readonly replicas?: number;
  readonly image?: string;
  readonly spec?: Partial<StatefulSetSpec>;
  /** Names of claim templates. */
  readonly claims?: readonly string[];
}

/** A StatefulSet `db` with its defaults set, of 3 pods labelled `app: db`, as a commit brings it. */
export function aSet({ replicas = 3, image = 'v1', spec = {}, claims = [], annotations }: SetOptions = {}): StatefulSet & {
  metadata: { name: string };
} {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: aTemplate({ labels: { app: 'db' }, container: { image } }),
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      ...(claims.length === 0
        ? {}
        : {
            volumeClaimTemplates: claims.map((name) => ({
              metadata: { name },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            })),
          }),
      ...spec,
    },
  };
}

/** A world with one StatefulSet in it. */
export class SetWorld extends SmallWorld {
  static async with(options: SetOptions = {}): Promise<SetWorld> {
    const world = new SetWorld();
    await world.create(aSet(options));
    return world;
  }

  set(): StoredOf<'StatefulSet'> {
    return found(this.store.get('StatefulSet', 'default', 'db'), 'db');
  }

  /** What a commit does: replaces the spec in part. */
  async commit(options: SetOptions): Promise<void> {
    const live = this.set();
    const image = options.image ?? live.spec.template.spec.containers[0].image ?? 'v1';
    const { spec } = aSet({ ...options, image, replicas: options.replicas ?? live.spec.replicas ?? 3 });
    const { volumeClaimTemplates } = live.spec;
    await this.update({
      ...live,
      spec: { ...spec, ...(volumeClaimTemplates === undefined ? {} : { volumeClaimTemplates }) },
    });
  }

  pod(ordinal: number): StoredOf<'Pod'> {
    return found(this.store.get('Pod', 'default', `db-${ordinal}`), `db-${ordinal}`);
  }

  claims(): readonly (PersistentVolumeClaim & Stored)[] {
    return this.store.list('PersistentVolumeClaim');
  }

  /** Names and images of the pods, with `-` before those on their way out: `db-0 v1`, `-db-1 v1`. */
  look(): string[] {
    return this.pods()
      .map((pod) => {
        const isLeaving = pod.metadata.deletionTimestamp !== undefined;
        return `${isLeaving ? '-' : ''}${pod.metadata.name} ${pod.spec.containers[0].image}`;
      })
      .toSorted();
  }

  /** Gives a pod a node and makes it ready, or not. */
  async run(ordinal: number, isReady = true): Promise<void> {
    const pod = this.pod(ordinal);
    if (pod.spec.nodeName === undefined) await this.update({ ...pod, spec: { ...pod.spec, nodeName: 'node-a' } });
    await this.setReady(this.pod(ordinal), isReady);
    await this.settle();
  }

  /** The kubelet has removed a pod that was to go. */
  async reap(ordinal: number): Promise<void> {
    await this.remove(this.pod(ordinal));
    await this.settle();
  }

  async fail(ordinal: number, phase: 'Failed' | 'Succeeded' = 'Failed'): Promise<void> {
    await this.setPodStatus(this.pod(ordinal), { phase, reason: 'Evicted' });
    await this.settle();
  }
}
