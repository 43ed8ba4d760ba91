// What differs from the commit at rest and is left so, because the application wants that or is suspended. Pure.
import { displayKey } from '../../model/resource.ts';
import { isBegun } from '../decide.ts';
import type { View } from '../observe.ts';
import type { PlannedChange } from '../plan.ts';
import { isDue } from '../writes.ts';

const SHOWN = 3;
const MAX_VALUE_CHARACTERS = 60;

/** One sentence; undefined when nothing differs, or it is put right. */
export function leftDrift({ status, observed, target }: View): string | undefined {
  const isHeld = observed.gate?.holds === 'everything' || observed.gate?.holds === 'sync';
  if (target === undefined || isBegun(status.attempt) || !(isHeld || observed.isDriftLeft === true)) return undefined;
  const lines = target.plan.changes
    .filter((change) => isDue(change) && change.reason === 'Drifted')
    .map((change) => `${displayKey(change.key)} ${differenceOf(change)}`);
  if (lines.length === 0) return undefined;
  const rest = lines.length - SHOWN;
  const told = `${lines.slice(0, SHOWN).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
  return `not as the commit says, and left so: ${told}`;
}

/** `spec.replicas is 5 (the commit says 2)`. Values of Secrets are not among the fields of a change. */
function differenceOf({ fields, message }: PlannedChange): string {
  const [first] = fields;
  if (first === undefined) return message;
  const rest = fields.length === 1 ? '' : `, and ${fields.length - 1} more fields`;
  return `${first.path} is ${valueText(first.old)} (the commit says ${valueText(first.new)})${rest}`;
}

function valueText(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length <= MAX_VALUE_CHARACTERS ? text : `${text.slice(0, MAX_VALUE_CHARACTERS)}…`;
}
