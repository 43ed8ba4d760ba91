// What differs from the commit at rest and is left so, because the application wants that or is suspended. Pure.
import { type ApplicationStatus, displayKey } from '../../model/resource.ts';
import { isBegun } from '../decide.ts';
import { leftChanges } from '../drift.ts';
import { fieldsText, valueText } from '../fields-text.ts';
import type { View } from '../observe.ts';
import { keyOfEntry } from '../order.ts';
import type { PlannedChange } from '../planned.ts';

const SHOWN = 3;

/** One sentence; undefined when nothing differs, or it is put right. */
export function leftDrift(view: View): string | undefined {
  const back = isBegun(view.status.attempt) ? undefined : undeclared(view.status);
  const drift = differences(view);
  return back === undefined || drift === undefined ? (back ?? drift) : `${drift}; ${back}`;
}

/** What was removed by a commit and brought back by a person. */
function undeclared({ inventory = [], undeletions = [] }: ApplicationStatus): string | undefined {
  const back = inventory.filter(({ undeleted }) => undeleted === true).map((entry) => keyOfEntry(entry));
  if (back.length === 0) return undefined;
  const whos = undeletions.filter(({ endedAt }) => endedAt === undefined).map(({ who }) => who);
  const by = whos.length === 0 ? '' : `, brought back by ${[...new Set(whos)].join(' and ')}`;
  return `no commit declares these, and they are left until the next one: ${listed(back.map(displayKey), ', ')}${by}`;
}

function differences(view: View): string | undefined {
  const left = leftChanges(view) ?? [];
  if (left.length === 0) return undefined;
  const lines = left.map((change) => `${displayKey(change.key)} ${differenceOf(change)}`);
  return `not as the commit says, and left so: ${listed(lines, '; ')}`;
}

function listed(lines: readonly string[], between: string): string {
  const rest = lines.length - SHOWN;
  return `${lines.slice(0, SHOWN).join(between)}${rest > 0 ? `${between}and ${rest} more` : ''}`;
}

/** `spec.replicas is 5 (the commit says 2)`. Values of Secrets are not among the fields of a change. */
function differenceOf({ fields, message, key: { kind } }: PlannedChange): string {
  const [first] = fields;
  if (first === undefined) return message;
  if (kind === 'Secret' || kind === 'Application') return fieldsText(fields, kind);
  const rest = fields.length === 1 ? '' : `, and ${fields.length - 1} more fields`;
  return `${first.path} is ${valueText(first.old)} (the commit says ${valueText(first.new)})${rest}`;
}
