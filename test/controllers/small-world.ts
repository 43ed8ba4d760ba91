// A store, a hand-driven clock and a stand-in for scheduler and kubelet: enough to run the controllers step by step, in any order.
import { allControllers } from '../../src/controllers/controllers.ts';
import type { Action } from '../../src/model/action.ts';
import { withCondition } from '../../src/model/conditions.ts';
import type { Kind, PodStatus, Resource, Stored, StoredOf } from '../../src/model/resource.ts';
import { keyOf } from '../../src/model/resource.ts';
import { type Controller, kindsOf } from '../../src/runtime/controller.ts';
import { CreateRefused, performActions } from '../../src/runtime/perform-actions.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Ids } from '../../src/system/ids.ts';
import { START_MS } from '../support/builders.ts';
import { seededIds } from '../support/seeded-ids.ts';

const MAX_ROUNDS = 200;

export class SmallWorld {
  now = START_MS;
  readonly store: Store;
  readonly ids: Ids;
  readonly actions: Action[] = [];
  /** When the controllers want to look again, epoch milliseconds by controller and object. */
  readonly alarms = new Map<string, number>();
  readonly #passes = allControllers((controller) => () => this.passAll(controller));

  constructor(seed = 1) {
    this.ids = seededIds(seed);
    this.store = openMemoryStore({
      clock: { now: () => this.now, elapsed: () => this.now, after: () => () => {} },
      ids: this.ids,
    });
  }

  async create(resource: Resource, uid?: string): Promise<void> {
    await this.#write({ op: 'create', resource, ...(uid === undefined ? {} : { uid }) });
  }

  async update(resource: Stored): Promise<void> {
    await this.#write({ op: 'update', resource });
  }

  async remove(resource: Stored): Promise<void> {
    await this.#write({ op: 'remove', key: keyOf(resource), uid: resource.metadata.uid });
  }

  async setPodStatus(pod: StoredOf<'Pod'>, status: PodStatus): Promise<void> {
    await this.#write({ op: 'updateStatus', key: keyOf(pod), uid: pod.metadata.uid, status });
  }

  async setReady(pod: StoredOf<'Pod'>, isReady: boolean): Promise<void> {
    const next = { type: 'Ready', status: isReady ? 'True' : 'False', reason: 'Test', message: '' } as const;
    const conditions = withCondition(pod.status?.conditions, next, this.now);
    await this.setPodStatus(pod, { ...pod.status, phase: 'Running', conditions });
  }

  /** One pass of one controller over one object. */
  async pass<K extends Kind, O>(controller: Controller<K, O>, resource: StoredOf<K>): Promise<void> {
    const plan = controller.plan(resource, controller.observe(this.store, resource), this.now, () => this.ids.suffix());
    const context = { now: this.now, component: controller.name, whenRefused: plan.whenRefused };
    const performed = performActions(this.store, resource, plan.actions, plan.status, context).catch((error: unknown) => {
      if (error instanceof CreateRefused) return error.performed;
      throw error;
    });
    this.actions.push(...(await performed));
    const stored: Stored = resource;
    const alarm = `${controller.name} ${stored.kind} ${stored.metadata.uid}`;
    // That events expire in an hour is true in every world.
    if (stored.kind === 'Event' || plan.checkAgainAfterMs === undefined) this.alarms.delete(alarm);
    else this.alarms.set(alarm, this.now + plan.checkAgainAfterMs);
  }

  /** One pass of a controller over each object of its kind. */
  async passAll<K extends Kind, O>(controller: Controller<K, O>): Promise<void> {
    for (const kind of kindsOf(controller)) {
      for (const { metadata } of this.store.list(kind) as readonly Stored[]) {
        const current = this.store.get(kind, metadata.namespace ?? '', metadata.name);
        if (current !== undefined) await this.pass(controller, current);
      }
    }
  }

  /** All controllers in turn until nobody writes any more. Throws when they never agree. */
  async settle(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = this.store.revision();
      for (const pass of this.#passes) await pass();
      if (this.store.revision() === before) return;
    }
    throw new Error('the controllers did not come to rest');
  }

  /** Binds what waits, makes every pod that `isGood` accepts ready, and removes what is to go. */
  async runPods(isGood: (pod: StoredOf<'Pod'>) => boolean = () => true): Promise<void> {
    for (const pod of this.store.list('Pod')) {
      if (pod.metadata.deletionTimestamp !== undefined) await this.remove(pod);
      else if (pod.spec.nodeName === undefined) await this.update({ ...pod, spec: { ...pod.spec, nodeName: 'node-a' } });
    }
    for (const pod of this.store.list('Pod')) await this.setReady(pod, isGood(pod));
  }

  /** Controllers and pods in turn until nothing changes. */
  async converge(isGood?: (pod: StoredOf<'Pod'>) => boolean): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = this.store.revision();
      await this.settle();
      await this.runPods(isGood);
      if (this.store.revision() === before) return;
    }
    throw new Error('the world did not come to rest');
  }

  deployment(name = 'web'): StoredOf<'Deployment'> {
    return found(this.store.get('Deployment', 'default', name), name);
  }

  /** Sets by name of their first container's image. */
  sizes(): Record<string, number> {
    const sets = this.store
      .list('ReplicaSet')
      .map((set) => [set.spec.template?.spec.containers[0].image ?? '', set.spec.replicas ?? 0] as const);
    return Object.fromEntries(sets);
  }

  pods(): readonly StoredOf<'Pod'>[] {
    return this.store.list('Pod');
  }

  messages(reason: string): string[] {
    return this.actions.filter((action) => action.reason === reason).map((action) => action.message);
  }

  async #write(write: Parameters<Store['write']>[0][number]): Promise<void> {
    const result = await this.store.write([write]);
    if (!result.ok) throw new Error(result.message);
  }
}

export function found<T>(value: T | undefined, what = 'value'): T {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}
