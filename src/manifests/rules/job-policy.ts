// Rules for when a Job has failed or succeeded (Kubernetes, pkg/apis/batch/validation).
import type { JobSpec, PodFailureRule, SuccessRule } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, type Report, required, tooLong } from '../report.ts';
import { checkCount } from './amount.ts';
import { eachOf, holds } from './fault.ts';
import { checkQualifiedName } from './syntax.ts';

const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;
const MAX_INDEXES_BYTES = 64 * 1024;

const tooMany = (count: number, limit: number): string => `Too many: ${count}: must have at most ${limit} items`;

/** How failures of pods count. */
export function checkPodFailurePolicy(spec: JobSpec, path: Path, report: Report): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > MAX_RULES) report([...path, 'rules'], 'Invalid', tooMany(rules.length, MAX_RULES));
  for (const [rule, here] of eachOf(rules.slice(0, MAX_RULES), [...path, 'rules'])) checkFailureRule(rule, spec, here, report);
}

function checkFailureRule(rule: PodFailureRule, spec: JobSpec, path: Path, report: Report): void {
  const { action, onExitCodes, onPodConditions } = rule;
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    report([...path, 'action'], 'Invalid', invalid(action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes !== undefined && onPodConditions !== undefined)
    report(path, 'Invalid', 'Invalid value: specifying both OnExitCodes and OnPodConditions is not supported');
  if (onExitCodes === undefined && onPodConditions === undefined)
    report(path, 'Invalid', 'Invalid value: specifying one of OnExitCodes and OnPodConditions is required');
  checkExitCodes(rule, spec, [...path, 'onExitCodes'], report);
  const patterns = onPodConditions ?? [];
  const where = [...path, 'onPodConditions'];
  if (patterns.length > MAX_PATTERNS) report(where, 'Invalid', tooMany(patterns.length, MAX_PATTERNS));
  for (const [{ type }, here] of eachOf(patterns.slice(0, MAX_PATTERNS), where))
    holds(checkQualifiedName(type), type, [...here, 'type'], report);
}

function checkExitCodes({ onExitCodes }: PodFailureRule, { template }: JobSpec, path: Path, report: Report): void {
  if (onExitCodes === undefined) return;
  const { containerName, operator, values } = onExitCodes;
  const containers = [...template.spec.containers, ...(template.spec.initContainers ?? [])];
  if (containerName !== undefined && !containers.some(({ name }) => name === containerName))
    report(
      [...path, 'containerName'],
      'Invalid',
      invalid(containerName, 'must be one of the container or initContainer names in the pod template'),
    );
  const where = [...path, 'values'];
  if (values.length > MAX_EXIT_CODES) {
    report(where, 'Invalid', tooMany(values.length, MAX_EXIT_CODES));
    return;
  }
  const seen = new Set<number>();
  for (const [value, here] of eachOf(values, where)) {
    if (operator === 'In' && value === 0) report(here, 'Invalid', invalid(value, 'must not be 0 for the In operator'));
    if (seen.has(value)) report(here, 'Duplicate', duplicate(value));
    seen.add(value);
  }
  if (values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value))
    report(where, 'Invalid', invalid(values, 'must be ordered'));
}

/** When an indexed Job has succeeded early. */
export function checkSuccessPolicy({ successPolicy, completions }: JobSpec, path: Path, report: Report): void {
  if (successPolicy === undefined || completions === undefined) return;
  const { rules } = successPolicy;
  if (rules.length > MAX_RULES) report([...path, 'rules'], 'Invalid', tooMany(rules.length, MAX_RULES));
  for (const [rule, here] of eachOf(rules.slice(0, MAX_RULES), [...path, 'rules']))
    checkSuccessRule(rule, completions, here, report);
}

function checkSuccessRule(rule: SuccessRule, completions: number, path: Path, report: Report): void {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined)
    report(path, 'Required', required('at least one of succeededCount or succeededIndexes must be specified'));
  let total: number | undefined;
  if (indexes !== undefined && indexes.length > MAX_INDEXES_BYTES)
    report([...path, 'succeededIndexes'], 'Invalid', tooLong(MAX_INDEXES_BYTES));
  else if (indexes !== undefined) {
    const counted = countIndexes(indexes, completions);
    if (typeof counted === 'number') total = counted;
    else report([...path, 'succeededIndexes'], 'Invalid', invalid(indexes, `error parsing succeededIndexes: ${counted}`));
  }
  if (count === undefined) return;
  const where = [...path, 'succeededCount'];
  const limit = (most: number, what: string): string =>
    invalid(count, `must be less than or equal to ${most} (the number of ${what})`);
  checkCount(count, where, report);
  if (count > completions) report(where, 'Invalid', limit(completions, 'specified completions'));
  else if (total !== undefined && count > total)
    report(where, 'Invalid', limit(total, 'indexes in the specified succeededIndexes field'));
}

/** How many indexes a text such as `0,2-4` names, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let previous = -1;
  for (const interval of text.split(',')) {
    const limits = interval.split('-');
    if (limits.length > 2)
      return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    for (const limit of limits) {
      if (!/^\d{1,15}$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
      const index = Number(limit);
      if (index >= completions) return `too large index: ${JSON.stringify(limit)}`;
      if (index <= previous) return `non-increasing order, previous: ${previous}, current: ${index}`;
      total += limit === limits[0] ? 1 : index - previous;
      previous = index;
    }
  }
  return total;
}
