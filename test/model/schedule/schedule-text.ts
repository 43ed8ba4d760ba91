// Random schedules that are read.
import * as fc from 'fast-check';

const months = ['JAN', 'Feb', 'mar', 'apr', 'MAY', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['SUN', 'Mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function aField(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const text = value.map((number) => names[number - min] ?? String(number));
  const step = fc.integer({ min: 1, max: max - min });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const stepped = fc.oneof(
    step.map((by) => `*/${by}`),
    fc
      .tuple(value, value, step)
      .filter(([a, b, by]) => Math.abs(a - b) >= by)
      .map(([a, b, by]) => `${Math.min(a, b)}-${Math.max(a, b)}/${by}`),
  );
  const list = fc.array(fc.oneof(text, range), { minLength: 2, maxLength: 4 }).map((items) => items.join(','));
  return fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, { weight: 3, arbitrary: text }, range, stepped, list);
}

/** Five fields with names, ranges, steps and lists. */
export const aScheduleText: fc.Arbitrary<string> = fc
  .tuple(aField(0, 59), aField(0, 23), aField(1, 31), aField(1, 12, months), aField(0, 6, days))
  .map((fields) => fields.join(' '));
