// Rules for quantities.
import { parseQuantity } from '../../model/quantity.ts';
import type { Quantity } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report } from '../report.ts';

/** Whether a quantity can be read and is not negative (`isPositive`: nor zero); says so when not. */
export function checkQuantity(quantity: Quantity, path: Path, report: Report, options: { isPositive?: boolean } = {}): boolean {
  const value = parseQuantity(quantity);
  if (value === undefined)
    report(
      path,
      'Invalid',
      invalid(quantity, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    );
  else if (options.isPositive === true && value <= 0) report(path, 'Invalid', invalid(quantity, 'must be greater than zero'));
  else if (value < 0) report(path, 'Invalid', invalid(quantity, 'must be greater than or equal to 0'));
  else return true;
  return false;
}
