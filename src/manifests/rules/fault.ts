// Telling the faults that syntax.ts finds.
import type { Path } from '../place.ts';
import { invalid, type Report } from '../report.ts';
import type { Fault } from './syntax.ts';

/** Whether a value has no fault; says so when it has one. */
export function holds(fault: Fault, value: unknown, path: Path, report: Report): boolean {
  if (fault !== undefined) report(path, 'Invalid', invalid(value, fault));
  return fault === undefined;
}

/** As `holds`, for a value that may be absent. */
export function holdsIfGiven<T>(value: T | undefined, check: (value: T) => Fault, path: Path, report: Report): boolean {
  return value === undefined || holds(check(value), value, path, report);
}

/** The items of a list that may be absent, each with its path. */
export function eachOf<T>(items: readonly T[] | undefined, path: Path): [T, Path][] {
  return (items ?? []).map((item, index) => [item, [...path, index]]);
}
