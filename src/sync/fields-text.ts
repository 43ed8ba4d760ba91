// Fields that differ, in words: of a commit their names, of drift also what the commit says and what was found. Pure.
import type { FieldChange } from './diff.ts';

const SHOWN_FIELDS = 3;
const MAX_VALUE_CHARACTERS = 60;

/** `differs in spec.replicas`, and for drift `differs in spec.replicas: 2 → 5`; empty when nothing does. */
export function differsText(fields: readonly FieldChange[], kind: string, isDrift: boolean): string {
  if (fields.length === 0) return '';
  return `differs in ${isDrift ? fieldsText(fields, kind) : shortened(fields.map(({ path }) => path))}`;
}

/** `spec.replicas: 2 → 5`: what the commit says, and what was found. */
function differenceText({ path, old: found, new: wanted }: FieldChange, kind: string): string {
  if (kind === 'Secret' && typeof (found ?? wanted) === 'string' && String(found ?? wanted).startsWith('(secret'))
    return `${path}: ${wanted === undefined ? 'added' : found === undefined ? 'removed' : 'another secret value'}`;
  // Whoever knows the address of a receiver can often write there.
  if (kind === 'Application' && path.includes('notifications')) return `${path}: another value`;
  return `${path}: ${valueText(wanted)} → ${valueText(found)}`;
}

/** A value as it is told, cut where it is long. */
export function valueText(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length <= MAX_VALUE_CHARACTERS ? text : `${text.slice(0, MAX_VALUE_CHARACTERS)}…`;
}

/** The fields in which a live object differs, as the plan shows them: without values of Secrets. Empty when there are none. */
export function fieldsText(fields: readonly FieldChange[], kind: string): string {
  return shortened(fields.map((field) => differenceText(field, kind)));
}

function shortened(texts: readonly string[]): string {
  const rest = texts.length - SHOWN_FIELDS;
  return `${texts.slice(0, SHOWN_FIELDS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
