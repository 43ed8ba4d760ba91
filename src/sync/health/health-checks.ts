// Health as people ask for it with CEL expressions (`healthCheckExprs`, in Flux's order: observed, inProgress, failed, current). What the
// expressions say is asked beside what the kind itself demands: they can make an object less healthy, never more. Pure.
import { celInput, type Expression } from '../../cel/expression.ts';
import { served } from '../../manifests/policies/served.ts';
import { compileHealthCheck, fieldsOf, type HealthExpressions } from '../../manifests/variables/health-checks.ts';
import { type HealthCheckExpr, keyOf, type Stored } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import { type Health, healthy, progressing, unseen } from './verdict.ts';

/** What one evaluation may cost: about a tenth of a second on a slow machine. Conditions of an object take a few hundred. */
const BUDGET = 10_000;
/** Expressions and messages are cut here. */
const MAX_TEXT = 512;

type Values = Parameters<Expression['evaluate']>[0];

/** A check belongs to a stored object, which is frozen: it is compiled once, and asked once of each state of an object. */
const compiled = new WeakMap<HealthCheckExpr, HealthExpressions>();
const answers = new WeakMap<HealthCheckExpr, WeakMap<Stored, Health>>();

/** What the checks that are about an object say of it: the worst. Healthy when none is about it. */
export function checkedHealth(object: Stored, checks: readonly HealthCheckExpr[]): Health {
  return checks
    .filter((check) => isAbout(check, object))
    .reduce<Health>((worst, check) => worse(worst, answer(check, object)), healthy);
}

const ranks = { healthy: 0, progressing: 1, stuck: 2 } as const;

/** The one that says more against the object; the first of two that say as much. */
export function worse(first: Health, second: Health): Health {
  const rank = ({ state, isFinal = false }: Health): number => ranks[state] + (isFinal ? 1 : 0);
  return rank(second) > rank(first) ? second : first;
}

function isAbout({ kind, name, namespace }: HealthCheckExpr, object: Stored): boolean {
  const key = keyOf(object);
  if (kind !== key.kind || (name !== undefined && name !== key.name)) return false;
  return namespace === undefined || namespace === key.namespace;
}

function answer(check: HealthCheckExpr, object: Stored): Health {
  const known = answers.get(check) ?? new WeakMap<Stored, Health>();
  const said = known.get(object) ?? judge(check, object);
  answers.set(check, known.set(object, said));
  return said;
}

function judge(check: HealthCheckExpr, object: Stored): Health {
  const { generation } = object.metadata;
  const status: Readonly<Record<string, unknown>> = 'status' in object ? { ...object.status } : {};
  const { observedGeneration = generation } = status;
  if (observedGeneration !== generation) return unseen;
  const expressions = compiled.get(check) ?? compileHealthCheck(check);
  compiled.set(check, expressions);
  const values = valuesOf(object);
  const tell = (what: string, { source }: Expression): string => {
    const rule = `${what}: ${oneLine(source)}`;
    const message = messageOf(check, expressions, object, values);
    return message === undefined ? `its health check says ${rule}` : `${message} (its health check says ${rule})`;
  };
  for (const part of ['inProgress', 'failed', 'current'] as const) {
    const expression = expressions[part];
    if (expression === undefined) continue;
    const { is, fault } = ask(expression, values);
    if (is === undefined) {
      // What a Secret holds is never told, and a fault may quote it.
      const why = object.kind === 'Secret' ? 'it does not fit this Secret' : fault;
      return progressing(`its health check cannot be evaluated: ${part}: ${why}`);
    }
    if (part === 'current') return is ? healthy : progressing(tell('not current', expression));
    if (is && part === 'failed') return { ...failedSince(object), message: tell('failed', expression) };
    if (is) return progressing(tell('in progress', expression));
  }
  // A check that was stored has all that it needs.
  return progressing('its health check has no expression that can be evaluated');
}

function failedSince(object: Stored): Omit<Health, 'message'> {
  return { state: 'stuck', isFinal: true, sinceMs: lastMoved(object) };
}

/**
 * When the object's status moved last, by the newest time in it: what failed before a commit came does not speak against the commit. Without
 * any time there, what it says is of now.
 */
function lastMoved(object: Stored): number {
  let newest = Number.NEGATIVE_INFINITY;
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      const time = /^\d{4}-\d\d-\d\dT/.test(value) ? fromRfc3339(value) : Number.NaN;
      if (time > newest) newest = time;
    } else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) look(part);
  };
  if ('status' in object) look(object.status);
  return newest === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : newest;
}

/** The fields of the object under their names. One that is absent is empty, so that it can be looked into. */
function valuesOf(object: Stored): Values {
  const fields: Readonly<Record<string, unknown>> = { ...served(object) };
  const named = fieldsOf(object.kind).map((field) => [field, celInput(fields[field] ?? {})]);
  return { ...Object.fromEntries(named), object: celInput(fields) };
}

function ask(expression: Expression, values: Values): { readonly is: boolean | undefined; readonly fault: string } {
  const result = expression.evaluate(values, BUDGET);
  if ('error' in result) return { is: undefined, fault: shortened(result.error) };
  if (typeof result.value === 'boolean') return { is: result.value, fault: '' };
  return { is: undefined, fault: 'it is neither true nor false' };
}

function messageOf(
  { message }: HealthCheckExpr,
  { messageExpression }: HealthExpressions,
  { kind }: Stored,
  values: Values,
): string | undefined {
  if (messageExpression === undefined || kind === 'Secret') return message;
  const result = messageExpression.evaluate(values, BUDGET);
  const made = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
  return made === '' ? message : oneLine(made);
}

const shortened = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
const oneLine = (text: string): string => shortened(text.trim().replaceAll(/\s+/g, ' '));
