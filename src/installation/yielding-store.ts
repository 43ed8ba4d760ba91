// A store whose writers let the process breathe. Writes end without waiting for anything outside, so that parts that answer each other's writes
// without end would keep timers, signals and engines waiting for ever. Nothing else changes.
import type { Store } from '../store/store.ts';

/** How long writes may follow each other before everything else has its turn. */
const TURN_MS = 20;

/** The same store; a write that ends a long turn resolves after everything else that waited. */
export function yieldingStore(store: Store): Store {
  let turn: Promise<void> | undefined;
  let beganMs = 0;
  /** Begins with the first write after everything else had its turn. */
  const breath = async (): Promise<void> => {
    const nowMs = performance.now();
    if (turn === undefined) {
      beganMs = nowMs;
      turn = new Promise((resolve) => {
        setImmediate(() => {
          turn = undefined;
          resolve();
        });
      });
    }
    if (nowMs - beganMs >= TURN_MS) await turn;
  };
  return new Proxy(store, {
    get(target, property) {
      if (property === 'write')
        return async (...args: Parameters<Store['write']>) => {
          const result = await target.write(...args);
          await breath();
          return result;
        };
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
