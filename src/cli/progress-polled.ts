// Progress of a controller that is another process: its store is read anew now and then, which shows what it holds then.
import type { StoreReader } from '../store/store.ts';
import type { Parts } from './parts.ts';
import { type ProgressLine, progressLines } from './progress.ts';
import { viewFor } from './progress-view.ts';
import { timeOfDayIn } from './times.ts';

/** Reading a store of thousands of objects takes a moment. */
const LOOK_EVERY_MS = 1_000;

/** Opens the store for a look at these applications. */
export type ProgressSource = (look: (reader: StoreReader, applications: readonly string[]) => void) => Promise<void>;

/** Progress on standard error. `draw` may be called as often as one likes; neither ever throws. */
export function progressOf(
  source: ProgressSource,
  parts: Pick<Parts, 'stderr' | 'env' | 'clock'>,
): { draw(): Promise<void>; end(): void } {
  const view = viewFor(parts);
  const timeOfDay = timeOfDayIn(parts.env['TZ']);
  let old: ReadonlySet<string> | undefined;
  let nextMs = 0;
  return {
    draw: async () => {
      const now = parts.clock.elapsed();
      if (now < nextMs) return;
      nextMs = now + LOOK_EVERY_MS;
      await source((reader, applications) => {
        const lines = applications.flatMap((name): readonly ProgressLine[] => {
          const prefix = applications.length === 1 ? '' : `${name}: `;
          return progressLines(name, reader, timeOfDay).map((line) => ({
            ...line,
            id: `${name} ${line.id}`,
            text: `${prefix}${line.text}`,
          }));
        });
        // What had ended before is not news.
        old ??= new Set(lines.filter(({ mark }) => mark === 'good-news' || mark === 'bad-news').map(({ id }) => id));
        view.show(lines.filter(({ id }) => old?.has(id) !== true));
      }).catch(() => undefined);
    },
    end: () => view.end(),
  };
}
