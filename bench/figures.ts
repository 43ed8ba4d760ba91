// What the benchmark tells: figures, each with its target, as a table for people and as one object for machines.

/** One measured value. */
export interface Figure {
  /** Stable, for machines. */
  readonly id: string;
  readonly title: string;
  /** Absent when it was not measured; `note` then says why. */
  readonly value?: number;
  readonly unit: 's' | 'ms' | 'MB' | 'ratio' | 'calls' | 'rate';
  /** The value must not be above it. */
  readonly target?: number;
  /** The single measurements behind a median, in their order. */
  readonly samples?: readonly number[];
  readonly note?: string;
}

/** The middle value; of an even number the mean of the two in the middle. Throws without samples. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('a median needs samples');
  return (lower + upper) / 2;
}

/** A figure that is the median of its samples. */
export function medianOf(figure: Omit<Figure, 'value' | 'samples'>, samples: readonly number[]): Figure {
  return { ...figure, value: median(samples), samples };
}

/** Whether a figure holds its target; undefined when it has none or was not measured. */
export function isHeld({ value, target }: Figure): boolean | undefined {
  return value === undefined || target === undefined ? undefined : value <= target;
}

const DIGITS: Readonly<Record<Figure['unit'], number>> = { s: 2, ms: 1, MB: 1, ratio: 2, calls: 1, rate: 1 };

/** What is below one millisecond is told in microseconds' digits. */
function number(value: number, unit: Figure['unit']): string {
  return value.toFixed(unit === 'ms' && value < 1 ? 3 : DIGITS[unit]);
}

function written(value: number, unit: Figure['unit']): string {
  return `${number(value, unit)}${unit === 'ratio' ? '' : ` ${unit === 'rate' ? 'per s' : unit}`}`;
}

/** One line per figure: title, value, target and whether it holds, the samples or the note. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { title, value, unit, target, samples, note } = figure;
    const held = isHeld(figure);
    const spread = samples === undefined || samples.length < 2 ? '' : `[${samples.map((each) => number(each, unit)).join(' ')}]`;
    return [
      title,
      value === undefined ? '-' : written(value, unit),
      target === undefined ? '' : `<= ${written(target, unit)}`,
      held === undefined ? '' : held ? 'ok' : 'MISSED',
      [spread, note ?? ''].filter((text) => text !== '').join(' '),
    ];
  });
  const lines = [['figure', 'median', 'target', '', 'samples, notes'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** All figures as one object: by id, with the machine they were measured on. */
export function asJson(figures: readonly Figure[], machine: Readonly<Record<string, string | number>>): string {
  const entries = figures.map(({ id, ...rest }) => [
    id,
    { ...rest, ...(isHeld({ id, ...rest }) === undefined ? {} : { isHeld: isHeld({ id, ...rest }) }) },
  ]);
  return JSON.stringify({ machine, figures: Object.fromEntries(entries) });
}
