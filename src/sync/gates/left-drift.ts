// What differs from the commit at rest and is left so, because the application wants that or is suspended. Pure.
import { displayKey } from '../../model/resource.ts';
import { leftChanges } from '../drift.ts';
import { fieldsText, valueText } from '../fields-text.ts';
import type { View } from '../observe.ts';
import type { PlannedChange } from '../plan.ts';

const SHOWN = 3;

/** One sentence; undefined when nothing differs, or it is put right. */
export function leftDrift(view: View): string | undefined {
  const left = leftChanges(view) ?? [];
  if (left.length === 0) return undefined;
  const lines = left.map((change) => `${displayKey(change.key)} ${differenceOf(change)}`);
  const rest = lines.length - SHOWN;
  const told = `${lines.slice(0, SHOWN).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
  return `not as the commit says, and left so: ${told}`;
}

/** `spec.replicas is 5 (the commit says 2)`. Values of Secrets are not among the fields of a change. */
function differenceOf({ fields, message, key: { kind } }: PlannedChange): string {
  const [first] = fields;
  if (first === undefined) return message;
  if (kind === 'Secret' || kind === 'Application') return fieldsText(fields, kind);
  const rest = fields.length === 1 ? '' : `, and ${fields.length - 1} more fields`;
  return `${first.path} is ${valueText(first.old)} (the commit says ${valueText(first.new)})${rest}`;
}
