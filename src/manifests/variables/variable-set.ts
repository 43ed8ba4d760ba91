// The variables of one set of manifests: their values, where each came from, and how much work substituting them may be.
import type { Problem } from '../problem.ts';

/** One variable. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  /** For people: `spec.substitute`, `ConfigMap "settings"`, `--substitute`. */
  readonly origin: string;
  /** Whether it came from a Secret: its value is never shown. */
  readonly isSecret: boolean;
}

/** The longest text that a substitution may give. */
export const MAX_RESULT_LENGTH = 1024 * 1024;
/** How much text the values of a set may become in all places together, and how many steps that may take. */
export const MAX_SET_LENGTH = 64 * 1024 * 1024;
export const MAX_SET_STEPS = 20_000_000;
/** Texts this short are hidden only where they stand as a value: a message without the letter "a" tells nobody anything. */
export const MIN_HIDDEN_LENGTH = 4;

/** How much the substitutions of a set may still cost. */
export class Allowance {
  #length = MAX_SET_LENGTH;
  #steps = MAX_SET_STEPS;

  /** Whether so much text may come from values. What is written as it is costs nothing: files have limits of their own. */
  takeText(length: number): boolean {
    this.#length -= length;
    return this.#length >= 0;
  }

  /** Whether so many steps may be taken. */
  takeSteps(count: number): boolean {
    this.#steps -= count;
    return this.#steps >= 0;
  }
}

/** What substitution works with. Made for one pass over one set. */
export class VariableSet {
  /** Nothing is touched unless somebody configured variables. */
  readonly isConfigured: boolean;
  /** Whether a variable that is not defined is a mistake. */
  readonly isStrict: boolean;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly allowance = new Allowance();
  readonly #secretTexts = new Set<string>();

  constructor(variables: Iterable<Variable>, { isConfigured, isStrict }: { isConfigured: boolean; isStrict: boolean }) {
    this.isConfigured = isConfigured;
    this.isStrict = isStrict;
    this.variables = new Map(Array.from(variables, (variable) => [variable.name, variable]));
    for (const { value, isSecret } of this.variables.values()) if (isSecret) this.hide(value);
  }

  /** A text that no message may show, such as what a Secret's value became. */
  hide(text: string): void {
    if (text !== '') this.#secretTexts.add(text);
  }

  /** A message without any value of a Secret. */
  conceal(message: string): string {
    let told = message;
    for (const text of [...this.#secretTexts].toSorted((one, other) => other.length - one.length))
      for (const shown of new Set([text, JSON.stringify(text).slice(1, -1)]))
        told = shown.length >= MIN_HIDDEN_LENGTH ? told.replaceAll(shown, '***') : told.replaceAll(standing(shown), '$1***');
    return told;
  }

  /** The same problems, without any value of a Secret. */
  concealIn(problems: readonly Problem[]): readonly Problem[] {
    if (this.#secretTexts.size === 0) return problems;
    return problems.map((problem) => ({
      ...problem,
      message: this.conceal(problem.message),
      field: this.conceal(problem.field),
    }));
  }
}

/** A short text where it is a value: in quotes, or after the name of its type. */
function standing(text: string): RegExp {
  const literal = text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(`("|\\b(?:number|boolean|string) )${literal}(?![\\w.])`, 'g');
}

/** No variables: everything stays as it is. */
export function noVariables(): VariableSet {
  return new VariableSet([], { isConfigured: false, isStrict: true });
}

/**
 * What to say of a placeholder that is still there where a value is needed. `isConfigured`: the set has variables, so it was left alone on
 * purpose.
 */
export function explainPlaceholder(found: string, isConfigured = false): string {
  const name = /^\$\{#?([A-Za-z_][A-Za-z0-9_]*)/.exec(found)?.[1];
  if (name === undefined)
    return `templates such as ${found} are not rendered here; write the value itself, or declare the chart with a HelmChart (holdfast.dev/v1)`;
  if (isConfigured)
    return `${found} was left as it is: the substitution of variables is disabled for this object, or the dollar is escaped with another`;
  return (
    `${found} is not substituted, for no variables are configured: define ${name} under spec.substitute of an Application ` +
    `(holdfast.dev/v1) in this path, or give --substitute ${name}=VALUE`
  );
}
