// Receivers of notifications in memory: they remember what they were sent, and fail or hang when told to.
import { type Courier, NotDelivered, type Post } from '../../src/signals/notify/courier.ts';

export class FakeCourier implements Courier {
  readonly delivered: { readonly url: string; readonly body: string }[] = [];
  /** Calls so far, by address. */
  readonly calls = new Map<string, number>();
  /** What is wrong, by address. */
  readonly faults = new Map<string, string>();
  /** Addresses that never answer. */
  readonly hanging = new Set<string>();

  async deliver(url: string, { body }: Post, signal: AbortSignal): Promise<void> {
    this.calls.set(url, (this.calls.get(url) ?? 0) + 1);
    if (this.hanging.has(url))
      await new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    const fault = this.faults.get(url);
    if (fault !== undefined) throw new NotDelivered(fault);
    this.delivered.push({ url, body });
  }

  /** The texts that an address has, oldest first; of a webhook, its `text`. */
  texts(url: string): readonly string[] {
    return this.delivered
      .filter((each) => each.url === url)
      .map(({ body }) => (body.startsWith('{') ? ((JSON.parse(body) as { text: string }).text ?? '') : body));
  }
}
