// Fields that something else may own: what a live object says there is what it is to have. Pure.
import { isDeepStrictEqual } from 'node:util';
import { displayKey, keyOf, type ResourceKey, type Stored } from '../../model/resource.ts';
import type { IgnoreRule } from '../../model/sync-policy.ts';

/** A field that is not as the commit says, and is left so. */
export interface IgnoredField {
  readonly pointer: string;
  /** What the object has; undefined when nothing. */
  readonly found: unknown;
  /** What the commit says; undefined when nothing. */
  readonly wanted: unknown;
  /** Why it is left. */
  readonly reason: string;
}

/** The object to have, with the fields of the live one that the rules leave to others. */
export function leaveToOthers(
  next: Stored,
  live: Stored,
  rules: readonly IgnoreRule[],
): { readonly next: Stored; readonly ignored: readonly IgnoredField[] } {
  const ignored: IgnoredField[] = [];
  let result: unknown = next;
  for (const { jsonPointers, reason } of rules.filter((rule) => concerns(rule, next)))
    for (const pointer of jsonPointers) {
      const steps = pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
      const [found, wanted] = [valueAt(live, steps), valueAt(result, steps)];
      if (isDeepStrictEqual(found, wanted)) continue;
      const put = withValue(result, steps, found);
      if (put === result) continue;
      result = put;
      ignored.push({ pointer, found, wanted, reason });
    }
  // Only values at known places were taken from an object of the same kind.
  return { next: result as Stored, ignored };
}

/** Differences of an object that nobody puts right, and why. */
export function ignoredLines({ key, ignored = [] }: { key: ResourceKey; ignored?: readonly IgnoredField[] }): readonly string[] {
  return ignored.map((field) => `${displayKey(key)}: ${ignoredText(field, key.kind === 'Secret')}`);
}

/** `/spec/replicas is 5 and is left so (the commit says 2): scaled by hand`. No value of a Secret. */
function ignoredText({ pointer, found, wanted, reason }: IgnoredField, isSecret: boolean): string {
  const told = (value: unknown): string => (value === undefined ? 'absent' : isSecret ? '(secret)' : JSON.stringify(value));
  return `${pointer} is ${told(found)} and is left so (the commit says ${told(wanted)}): ${reason}`;
}

function concerns(rule: IgnoreRule, object: Stored): boolean {
  const { kind, namespace, name } = keyOf(object);
  if (rule.kind !== kind || (rule.name !== undefined && rule.name !== name)) return false;
  return rule.namespace === undefined || rule.namespace === namespace;
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  let at = value;
  for (const step of steps) {
    if (Array.isArray(at)) at = at[Number(step)];
    else if (isFields(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

/** A copy with another value at a place; undefined takes the field away. The same when there is no such place. */
function withValue(value: unknown, steps: readonly string[], put: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return put;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const index = Number(step);
    if (index >= items.length || (rest.length === 0 && put === undefined)) return value;
    return items.map((item, at) => (at === index ? withValue(item, rest, put) : item));
  }
  const fields = value === undefined ? {} : value;
  if (!isFields(fields)) return value;
  const old = Object.hasOwn(fields, step) ? fields[step] : undefined;
  const next = withValue(old, rest, put);
  if (next === old) return value;
  const { [step]: _old, ...others } = fields;
  return next === undefined ? others : { ...fields, [step]: next };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
