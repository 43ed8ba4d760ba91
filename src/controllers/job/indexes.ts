// Sets of completion indexes as a Job's status writes them: `1,3-5,7`. Kept as ranges, so that a hundred thousand indexes that are done
// cost no more than one.

/** Indexes from `first` to `last`, both included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** Ranges in ascending order that neither touch nor overlap. */
export type Indexes = readonly Range[];

/** Reads what a status or a success policy says, as far as it lies below `completions`. What cannot be read is left out. */
export function parseIndexes(text: string | undefined, completions: number): Indexes {
  const ranges = (text ?? '').split(',').flatMap((part): Range[] => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return [];
    const first = Number(match[1]);
    const last = Math.min(Number(match[2] ?? first), completions - 1);
    return first <= last ? [{ first, last }] : [];
  });
  return joined(ranges);
}

/** Both sets together. */
export function unionOf(a: Indexes, b: Indexes): Indexes {
  return joined([...a, ...b]);
}

/** The set with more indexes in it. */
export function withIndexes(indexes: Indexes, more: Iterable<number>): Indexes {
  return unionOf(
    indexes,
    [...more].map((index) => ({ first: index, last: index })),
  );
}

function joined(ranges: readonly Range[]): Indexes {
  const result: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before === undefined || range.first > before.last + 1) result.push(range);
    else if (range.last > before.last) result[result.length - 1] = { first: before.first, last: range.last };
  }
  return result;
}

/** As a status writes them: two neighbours are a list, more are a range. */
export function formatIndexes(indexes: Indexes): string {
  return indexes
    .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');
}

/** How many there are. */
export function countIndexes(indexes: Indexes): number {
  return indexes.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** Whether an index is in the set. */
export function hasIndex(indexes: Indexes, index: number): boolean {
  return indexes.some(({ first, last }) => first <= index && index <= last);
}

/** How many indexes are in both sets. */
export function countCommon(a: Indexes, b: Indexes): number {
  let common = 0;
  for (const left of a)
    for (const right of b) common += Math.max(0, Math.min(left.last, right.last) - Math.max(left.first, right.first) + 1);
  return common;
}

/** The lowest `count` indexes below `completions` that are not in the set. */
export function firstMissing(indexes: Indexes, count: number, completions: number): number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...indexes, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) missing.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}
