// Rules for counts, and for amounts that are a count or per cent of one (Kubernetes, ValidatePositiveIntOrPercent and its like).
import type { IntOrString } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report } from '../report.ts';

const notNegative = 'must be greater than or equal to 0';
const notPercent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A count that may be absent. */
export function checkCount(value: number | undefined, path: Path, report: Report): void {
  if (value !== undefined && value < 0) report(path, 'Invalid', invalid(value, notNegative));
}

/** The number, of pods or per cent, or undefined when it is neither. */
export function checkAmount(amount: IntOrString, path: Path, report: Report): number | undefined {
  if (typeof amount === 'number') {
    checkCount(amount, path, report);
    return amount;
  }
  if (/^[0-9]+%$/.test(amount)) return Number(amount.slice(0, -1));
  report(path, 'Invalid', invalid(amount, notPercent));
  return undefined;
}

/** As `checkAmount`, and no more than all of them. */
export function checkShare(amount: IntOrString, path: Path, report: Report): number | undefined {
  const number = checkAmount(amount, path, report);
  if (typeof amount === 'string' && number !== undefined && number > 100)
    report(path, 'Invalid', invalid(amount, 'must not be greater than 100%'));
  return number;
}
