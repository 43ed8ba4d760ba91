// How an Application wants to be synced: what its schema cannot say of it.
import { kindNaming } from '../../model/kinds.generated.ts';
import type { Kind } from '../../model/resource.ts';
import { DURATION_RULE, durationMs, type SyncPolicy } from '../../model/sync-policy.ts';
import type { Path } from '../place.ts';
import { invalid, type Report, required } from '../report.ts';
import { checkSchedule } from '../rules/cron.ts';
import { checkTimeZone } from '../rules/cron-job.ts';
import { resolveSchema } from '../schema/admit.ts';
import { schemaOf } from '../schema/schema.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { didYouMean } from '../suggest.ts';
import { checkHealthChecks } from './health-checks.ts';
import { checkRevert } from './revert.ts';

/** As many as anybody could want: each is looked at whenever anything happens. */
const MAX_WINDOWS = 50;
const MAX_RULES = 100;

/** Tells what is wrong. */
export function checkPolicy(policy: SyncPolicy, report: Report): void {
  checkWindows(policy.windows ?? [], report);
  const { duration, maxDuration } = policy.retry?.backoff ?? {};
  checkDuration(duration, ['spec', 'retry', 'backoff', 'duration'], report);
  checkDuration(maxDuration, ['spec', 'retry', 'backoff', 'maxDuration'], report);
  checkDuration(policy.softDelete, ['spec', 'softDelete'], report);
  checkRules(policy.ignoreDifferences ?? [], report);
  checkHealthChecks(policy.healthCheckExprs ?? [], report);
  checkRevert(policy.rollback ?? {}, report);
}

function checkDuration(text: string | undefined, path: Path, report: Report): void {
  if (text !== undefined && durationMs(text) === undefined) report(path, 'Invalid', invalid(text, DURATION_RULE));
}

function checkWindows(windows: NonNullable<SyncPolicy['windows']>, report: Report): void {
  if (windows.length > MAX_WINDOWS)
    report(['spec', 'windows'], 'Invalid', `there are ${windows.length} windows, and ${MAX_WINDOWS} at most`);
  for (const [index, { schedule, duration, timeZone }] of windows.entries()) {
    const here = ['spec', 'windows', index] as const;
    const isEvery = schedule.startsWith('@every');
    const fault = isEvery
      ? '@every counts from no time of the day: write five fields, such as "0 22 * * *"'
      : checkSchedule(schedule);
    if (fault !== undefined) report([...here, 'schedule'], 'Invalid', invalid(schedule, fault));
    checkDuration(duration, [...here, 'duration'], report);
    const wrong = timeZone === undefined ? undefined : checkTimeZone(timeZone);
    if (wrong !== undefined) report([...here, 'timeZone'], 'Invalid', invalid(timeZone, wrong));
  }
}

const kinds = (Object.keys(kindNaming) as Kind[]).filter((kind) => kindNaming[kind].isSupported);

function checkRules(rules: NonNullable<SyncPolicy['ignoreDifferences']>, report: Report): void {
  if (rules.length > MAX_RULES)
    report(['spec', 'ignoreDifferences'], 'Invalid', `there are ${rules.length} rules, and ${MAX_RULES} at most`);
  for (const [index, { kind, namespace, jsonPointers, reason }] of rules.entries()) {
    const here = ['spec', 'ignoreDifferences', index] as const;
    const known = kinds.find((each) => each === kind);
    if (reason.trim() === '') report([...here, 'reason'], 'Required', required('say who owns these fields'));
    if (jsonPointers.length === 0) report([...here, 'jsonPointers'], 'Required', required());
    if (known === undefined) {
      report([...here, 'kind'], 'Invalid', `there is no kind "${kind}" here.${didYouMean(kind, kinds)}`);
      continue;
    }
    if (namespace !== undefined && !kindNaming[known].isNamespaced)
      report([...here, 'namespace'], 'Invalid', invalid(namespace, `a ${known} is in no namespace`));
    for (const [at, pointer] of jsonPointers.entries()) {
      const fault = checkPointer(known, pointer);
      if (fault !== undefined) report([...here, 'jsonPointers', at], 'Invalid', invalid(pointer, fault));
    }
  }
}

/** Why the pointer leads to no field that a commit sets; undefined when it does. */
function checkPointer(kind: Kind, pointer: string): string | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer))
    return 'must be a JSON pointer (RFC 6901), such as "/spec/replicas"; "/" within a name is "~1", "~" is "~0"';
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [first, second] = steps;
  if (first === 'status') return 'the status is never compared: there is nothing to ignore';
  if (first === 'kind' || first === 'apiVersion') return 'the kind of an object cannot be left to somebody else';
  if (first === 'metadata' && (steps.length < 3 || (second !== 'labels' && second !== 'annotations')))
    return 'of metadata only single labels and annotations are compared: write "/metadata/annotations/NAME"';
  let node: SchemaNode = schemaOf(kind);
  for (const [index, step] of steps.entries()) {
    const next = stepInto(node, step);
    if (typeof next === 'string') return `${index === 0 ? kind : `/${steps.slice(0, index).join('/')}`} ${next}`;
    node = next;
  }
  return undefined;
}

function stepInto(given: SchemaNode, step: string): SchemaNode | string {
  const node = resolveSchema(given);
  if (node.items !== undefined)
    return /^(?:0|[1-9]\d*)$/.test(step) ? node.items : `is a list: the next step is a position, not "${step}"`;
  if (node.properties !== undefined) {
    const found = Object.hasOwn(node.properties, step) ? node.properties[step] : undefined;
    return found ?? `has no field "${step}".${didYouMean(step, Object.keys(node.properties))}`;
  }
  if (typeof node.additionalProperties === 'object') return node.additionalProperties;
  return node.type === 'object' || node.type === undefined ? {} : `has no fields`;
}
