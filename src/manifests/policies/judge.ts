// Judges manifests by policies, as Kubernetes' admission would judge the objects: with their defaults, one by one. Sees what is declared, not
// what controllers make of it. What it may cost is bounded for the whole set, so that nobody's expressions can hold up anything.
import { type CelResult, celInput, type Expression } from '../../cel/expression.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Manifest } from '../load.ts';
import type { Problem } from '../problem.ts';
import type { SourcePlace } from '../source.ts';
import type { Policy, Validation } from './policy.ts';
import { served } from './served.ts';

/** What the expressions for one set may cost: as much as a few that run away, and a fair share for each object and policy. */
const SET_BUDGET = 1_000_000;
const SHARE = 500;
/** What one expression may cost. */
const EXPRESSION_BUDGET = 200_000;
/** A message that an expression makes is cut here, as Kubernetes has it. */
const MAX_MESSAGE = 1_024;

type Values = Parameters<Expression['evaluate']>[0];

/** Judges the objects of a set. `application` is its name, where that is known. */
export function judge(policies: readonly Policy[], manifests: readonly Manifest[], application = ''): Problem[] {
  if (policies.length === 0) return [];
  return new Judgement(manifests, application, SET_BUDGET + SHARE * policies.length * manifests.length).of(policies);
}

class Judgement {
  readonly #manifests: readonly Manifest[];
  readonly #application: string;
  readonly #namespaces: ReadonlyMap<string, unknown>;
  readonly #problems: Problem[] = [];
  #budget: number;

  constructor(manifests: readonly Manifest[], application: string, budget: number) {
    this.#manifests = manifests;
    this.#application = application;
    this.#budget = budget;
    this.#namespaces = new Map(
      manifests.flatMap(({ resource }) => (resource.kind === 'Namespace' ? [[resource.metadata.name, resource]] : [])),
    );
  }

  of(policies: readonly Policy[]): Problem[] {
    for (const manifest of this.#manifests) {
      const applying = policies.filter((policy) => isAbout(policy, manifest));
      if (applying.length === 0) continue;
      const values = this.#valuesOf(manifest);
      for (const policy of applying) this.#judge(policy, manifest, values);
    }
    return this.#problems;
  }

  #valuesOf({ resource }: Manifest): Values {
    const { namespace } = resource.metadata;
    const named = (name: string): unknown =>
      this.#namespaces.get(name) ?? { metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } };
    return {
      object: celInput(served(resource)),
      namespaceObject: namespace === undefined ? null : celInput(named(namespace)),
      application: this.#application,
    };
  }

  #judge(policy: Policy, manifest: Manifest, values: Values): void {
    // What a Secret holds is never told, and a fault may quote it.
    const faultOf = (fault: string): string => (manifest.resource.kind === 'Secret' ? 'it does not fit this Secret' : fault);
    for (const { name, expression, place } of policy.conditions) {
      const answer = this.#ask(expression, values);
      if (answer.is === false) return;
      if (answer.is === true) continue;
      // An object that is known not to be meant is not judged, whatever cannot be told of it.
      if (policy.isFaultIgnored || policy.conditions.some((other) => this.#ask(other.expression, values).is === false)) return;
      this.#tell(policy, manifest, place, `the condition ${name} cannot be evaluated: ${faultOf(answer.fault)}`, false);
      return;
    }
    for (const validation of policy.validations) {
      const answer = this.#ask(validation.expression, values);
      if (answer.is === true || (answer.is === undefined && policy.isFaultIgnored)) continue;
      const message =
        answer.is === false ? this.#messageOf(validation, manifest, values) : unanswered(validation, faultOf(answer.fault));
      this.#tell(policy, manifest, validation.place, message, validation.isWarning);
    }
  }

  #ask(expression: Expression, values: Values): { readonly is: boolean | undefined; readonly fault: string } {
    const result = this.#evaluate(expression, values);
    if ('error' in result) return { is: undefined, fault: result.error };
    if (typeof result.value === 'boolean') return { is: result.value, fault: '' };
    return { is: undefined, fault: 'it is neither true nor false' };
  }

  #evaluate(expression: Expression, values: Values): CelResult {
    if (this.#budget <= 0) return { error: 'the policies cost too much to evaluate for all objects', cost: 0 };
    const result = expression.evaluate(values, EXPRESSION_BUDGET);
    this.#budget -= result.cost + 1;
    return result;
  }

  #messageOf({ message, messageExpression, expression }: Validation, { resource }: Manifest, values: Values): string {
    const otherwise = message ?? `failed expression: ${oneLine(expression.source)}`;
    // What a Secret holds is never told.
    if (messageExpression === undefined || resource.kind === 'Secret') return otherwise;
    const result = this.#evaluate(messageExpression, values);
    const made = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
    return made === '' || made.includes('\n') ? otherwise : made.slice(0, MAX_MESSAGE);
  }

  #tell(policy: Policy, manifest: Manifest, place: SourcePlace, message: string, isWarning: boolean): void {
    const { file, line, column } = manifest.locate?.([]) ?? { file: manifest.file, line: manifest.line, column: 1 };
    this.#problems.push({
      severity: isWarning ? 'note' : 'error',
      reason: 'PolicyViolation',
      file,
      line,
      column,
      field: '',
      message: `${message} (policy ${policy.name}, ${place.file}:${place.line})`,
    });
  }
}

function isAbout({ match }: Policy, { resource }: Manifest): boolean {
  const { kinds, namespaces, excludeNamespaces = [], labels } = match;
  const { namespace } = resource.metadata;
  if (kinds !== undefined && !kinds.includes(resource.kind)) return false;
  if (namespaces !== undefined && (namespace === undefined || !namespaces.includes(namespace))) return false;
  if (namespace !== undefined && excludeNamespaces.includes(namespace)) return false;
  return labels === undefined || matchesSelector(labels, resource.metadata.labels);
}

function unanswered({ message, expression }: Validation, fault: string): string {
  return `${message ?? oneLine(expression.source)}: the rule cannot be evaluated: ${fault}`;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
