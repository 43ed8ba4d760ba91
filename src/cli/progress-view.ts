// Shows progress to a person while a store changes: a list that stays in place in a terminal, a line per change in a pipe.
// The list is our own rather than listr2's: its tasks own their promises, their errors and Ctrl-C, and cannot appear and vanish with
// the contents of a store, which is all that there is to show here.
import { RevisionCompacted, type Store } from '../store/store.ts';
import type { Cancel, Clock } from '../system/clock.ts';
import { type Colors, colorsFor, isRichTerminal } from './colour.ts';
import type { Parts } from './parts.ts';
import { fit } from './phrases.ts';
import { type ProgressLine, progressLines } from './progress.ts';
import { timeOfDayIn } from './times.ts';

/** At most so often is the picture renewed: a rollout changes the store many times per second. */
const REDRAW_MS = 100;
/** Lines of the live list beyond these are counted, so that it never outgrows a terminal. */
const MAX_LIVE_LINES = 16;

/** Where lines go. */
export interface ProgressView {
  show(lines: readonly ProgressLine[]): void;
  /** Leaves the terminal as a following command expects it. */
  end(): void;
}

const isNews = (line: ProgressLine): boolean => line.mark === 'good-news' || line.mark === 'bad-news';

const symbols: Record<ProgressLine['mark'], string> = { done: '✔', busy: '…', trouble: '✖', 'good-news': '✔', 'bad-news': '✖' };

function paint(line: ProgressLine, colors: Colors, text: string): string {
  if (line.mark === 'busy') return colors.cyan(text);
  return line.mark === 'done' || line.mark === 'good-news' ? colors.green(text) : colors.red(text);
}

/** Prints a line when its subject is new or its text has changed. A subject that vanishes and comes back is new again. */
export function plainView(write: (text: string) => void): ProgressView {
  let last = new Map<string, string>();
  const told = new Set<string>();
  return {
    show(lines) {
      for (const line of lines) {
        if (isNews(line) ? told.has(line.id) : last.get(line.id) === line.text) continue;
        if (isNews(line)) told.add(line.id);
        write(`${line.text}\n`);
      }
      last = new Map(lines.map((line) => [line.id, line.text]));
    },
    end() {},
  };
}

/** Keeps the list in place, redrawing it; news scroll by above it and stay. */
export function liveView(write: (text: string) => void, columns: () => number, colors: Colors): ProgressView {
  const told = new Set<string>();
  let drawn: readonly string[] = [];
  const erase = (): string => (drawn.length === 0 ? '' : `\u001b[${drawn.length}A\u001b[0J`);
  return {
    show(lines) {
      // A terminal wraps a full line; one column stays free.
      const width = Math.max(20, columns() - 1);
      const render = (line: ProgressLine): string => `${paint(line, colors, symbols[line.mark])} ${fit(line.text, width - 2)}`;
      const news = lines.filter((line) => isNews(line) && !told.has(line.id));
      for (const line of news) told.add(line.id);
      const current = lines.filter((line) => !isNews(line));
      const next = current.slice(0, MAX_LIVE_LINES).map(render);
      if (current.length > MAX_LIVE_LINES) next.push(colors.dim(`  and ${current.length - MAX_LIVE_LINES} more`));
      if (news.length === 0 && next.length === drawn.length && next.every((line, index) => line === drawn[index])) return;
      write(
        erase() +
          [...news.map((line) => `${paint(line, colors, symbols[line.mark])} ${line.text}`), ...next]
            .map((line) => `${line}\n`)
            .join(''),
      );
      drawn = next;
    },
    end() {
      drawn = [];
    },
  };
}

/** The view that suits standard error. */
export function viewFor(parts: Pick<Parts, 'stderr' | 'env'>): ProgressView {
  const write = (text: string): void => parts.stderr.write(text);
  return isRichTerminal(parts.stderr, parts.env)
    ? liveView(write, () => parts.stderr.columns, colorsFor(parts.stderr, parts.env))
    : plainView(write);
}

/**
 * Feeds a view from a store until the signal is aborted. What had ended before is not news. Never throws: a progress list is no
 * reason to stop work.
 */
export async function followProgress(
  application: string,
  store: Store,
  view: ProgressView,
  parts: Pick<Parts, 'clock' | 'env'>,
  signal: AbortSignal,
): Promise<void> {
  const timeOfDay = timeOfDayIn(parts.env['TZ']);
  const old = new Set(
    progressLines(application, store, timeOfDay)
      .filter(isNews)
      .map((line) => line.id),
  );
  const draw = (): void => view.show(progressLines(application, store, timeOfDay).filter((line) => !old.has(line.id)));
  const redraw = throttled(parts.clock, draw);
  draw();
  while (!signal.aborted) {
    try {
      const changes = store.watch(store.revision(), signal)[Symbol.asyncIterator]();
      while ((await changes.next()).done !== true) redraw.wake();
      break;
    } catch (error) {
      // Fallen behind: the picture comes from the store's present contents anyway, so watching from here on loses nothing.
      if (!(error instanceof RevisionCompacted)) break;
      redraw.wake();
    }
  }
  redraw.cancel();
  draw();
  view.end();
}

/** Calls at most once per REDRAW_MS, and always once after the last wake. */
function throttled(clock: Clock, call: () => void): { wake(): void; cancel: Cancel } {
  let cancel: Cancel | undefined;
  return {
    wake() {
      cancel ??= clock.after(REDRAW_MS, () => {
        cancel = undefined;
        call();
      });
    },
    cancel: () => cancel?.(),
  };
}
