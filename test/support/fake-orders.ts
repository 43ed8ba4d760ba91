// What people say to a controller beside Git, in memory.
import type { AppOrders, OrderDesk, RetryOrder } from '../../src/sync/gates/orders.ts';

export class FakeOrders implements OrderDesk {
  readonly #orders = new Map<string, AppOrders>();
  readonly #listeners = new Set<() => void>();

  of(application: string): AppOrders {
    return this.#orders.get(application) ?? {};
  }

  heard(application: string, { at }: RetryOrder): void {
    const { retry, ...rest } = this.of(application);
    if (retry?.at === at) this.#orders.set(application, rest);
  }

  onChange(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  /** Somebody says something of an application, which takes the place of what was said before. */
  say(application: string, orders: AppOrders): void {
    this.#orders.set(application, orders);
    for (const listener of this.#listeners) listener();
  }
}
