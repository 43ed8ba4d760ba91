// What people say to a controller beside Git, in memory.
import type { AppOrders, OrderDesk, RetryOrder, UndeleteOrder } from '../../src/sync/gates/orders.ts';

export class FakeOrders implements OrderDesk {
  readonly #orders = new Map<string, AppOrders>();
  readonly #listeners = new Set<() => void>();

  of(application: string): AppOrders {
    return this.#orders.get(application) ?? {};
  }

  heard(application: string, order: RetryOrder | UndeleteOrder): void {
    const { retry, undelete = [], ...rest } = this.of(application);
    const again = 'objects' in order || retry?.at !== order.at ? retry : undefined;
    const back =
      'objects' in order
        ? undelete.filter(({ at, objects }) => at !== order.at || String(objects) !== String(order.objects))
        : undelete;
    this.#orders.set(application, {
      ...rest,
      ...(again === undefined ? {} : { retry: again }),
      ...(back.length === 0 ? {} : { undelete: back }),
    });
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
