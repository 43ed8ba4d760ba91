// Tells policies from other objects. What compiles and judges them is large, and is only loaded where there are any.
import type { Problem } from '../problem.ts';
import { isPlainObject } from '../schema/admit.ts';
import { partOf, type SourceObject } from '../source.ts';
import type { Policy } from './policy.ts';

/** What `takePolicies` found. */
export interface PolicyFinding {
  readonly policies: readonly Policy[];
  /** All other objects, in order. */
  readonly rest: readonly SourceObject[];
  readonly problems: readonly Problem[];
}

/** Takes the policies out of a set and compiles them. They are never applied themselves. */
export async function takePolicies(objects: readonly SourceObject[]): Promise<PolicyFinding> {
  const single = objects.flatMap(itemsIfAnyIsPolicy);
  const written = single.filter(({ value }) => isPolicy(value));
  if (written.length === 0) return { policies: [], rest: objects, problems: [] };
  const { compilePolicy } = await import('./policy.ts');
  const readings = written.map(compilePolicy);
  return {
    policies: readings.flatMap(({ policy }) => (policy === undefined ? [] : [policy])),
    rest: single.filter(({ value }) => !isPolicy(value)),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

function isPolicy(value: unknown): boolean {
  return isPlainObject(value) && value['kind'] === 'Policy' && value['apiVersion'] === 'holdfast.dev/v1';
}

function itemsIfAnyIsPolicy(object: SourceObject): readonly SourceObject[] {
  const { value } = object;
  if (!isPlainObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return [object];
  const items = value['items'] as readonly unknown[];
  return items.some(isPolicy) ? items.map((item, index) => partOf(object, ['items', index], item)) : [object];
}
