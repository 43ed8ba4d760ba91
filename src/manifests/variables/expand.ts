// A template and the values of variables → text. Values are never looked at for placeholders, so nothing expands twice.
import { didYouMean } from '../suggest.ts';
import { matchLength, parseGlob } from './glob.ts';
import { type Operation, type Placeholder, parseTemplate, type Template } from './template.ts';
import { inCase, replace, slice } from './text-functions.ts';
import { MAX_RESULT_LENGTH, MIN_HIDDEN_LENGTH, type VariableSet } from './variable-set.ts';

/** Why a text could not be expanded. */
export interface ExpansionFault {
  readonly reason: 'Invalid' | 'NotFound' | 'TooLarge';
  readonly message: string;
}

/** The text, and the variables that went into it. */
export interface Expansion {
  readonly text: string;
  readonly names: ReadonlySet<string>;
  /** Whether a value of a Secret is in it in another form than its own, so that the text itself must be kept secret. */
  readonly showsSecret: boolean;
}

interface State {
  readonly set: VariableSet;
  readonly names: Set<string>;
  readonly faults: ExpansionFault[];
  showsSecret: boolean;
}

const tooLarge: ExpansionFault = {
  reason: 'TooLarge',
  message: `the substitution of variables gives more than ${MAX_RESULT_LENGTH} characters here, or too much in all manifests together`,
};
const tooMuchWork: ExpansionFault = {
  reason: 'TooLarge',
  message: 'the functions of the placeholders are too much work for the length of the values',
};

/** Expands all placeholders of a text; all faults when there is any. */
export function expand(text: string, set: VariableSet): Expansion | { readonly faults: readonly ExpansionFault[] } {
  const parsed = parseTemplate(text);
  if ('fault' in parsed) return { faults: [{ reason: 'Invalid', message: parsed.fault }] };
  const state: State = { set, names: new Set(), faults: [], showsSecret: false };
  const result = join(parsed.template, state);
  return state.faults.length > 0
    ? { faults: state.faults }
    : { text: result, names: state.names, showsSecret: state.showsSecret };
}

function fail(state: State, fault: ExpansionFault): string {
  if (!state.faults.some(({ message }) => message === fault.message)) state.faults.push(fault);
  return '';
}

/** Nothing is made before its length is known to be allowed. */
function join(template: Template, state: State): string {
  let text = '';
  for (const part of template) {
    const next = typeof part === 'string' ? part : valueOf(part, state);
    if (text.length + next.length > MAX_RESULT_LENGTH && text.length + next.length > lengthOf(template))
      return fail(state, tooLarge);
    if (typeof part !== 'string' && !state.set.allowance.takeText(next.length)) return fail(state, tooLarge);
    text += next;
  }
  return text;
}

/** What is written as it is: a long text is nobody's fault here. */
function lengthOf(template: Template): number {
  return template.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
}

function valueOf(placeholder: Placeholder, state: State): string {
  const { name, operation, written } = placeholder;
  const variable = state.set.variables.get(name);
  state.names.add(name);
  if (operation.type === 'default') {
    if (variable === undefined || (operation.whenEmpty && variable.value === '')) return join(operation.word, state);
  } else if (variable === undefined && state.set.isStrict) return fail(state, undefinedVariable(name, written, state.set));
  const { value = '', isSecret = false } = variable ?? {};
  const isWhole = operation.type === 'value' || operation.type === 'default';
  if (isSecret && (!isWhole || value.length < MIN_HIDDEN_LENGTH)) state.showsSecret = true;
  if (!isWhole && !state.set.allowance.takeSteps(value.length)) return fail(state, tooMuchWork);
  return perform(operation, value, written, state);
}

function undefinedVariable(name: string, written: string, set: VariableSet): ExpansionFault {
  const guess = didYouMean(name, set.variables.keys());
  const cure =
    guess === ''
      ? ` Define it under spec.substitute of the Application, give it a default (\${${name}:=value}), or write $${written} for the text itself`
      : guess;
  return { reason: 'NotFound', message: `the variable ${name} is not defined.${cure}` };
}

function perform(operation: Operation, value: string, written: string, state: State): string {
  if (operation.type === 'length') return String(Array.from(value).length);
  if (operation.type === 'case') return inCase(value, operation.isUpper, operation.isFirstOnly);
  if (operation.type === 'slice') return performSlice(operation, value, written, state);
  if (operation.type === 'trim') return performTrim(operation, value, written, state);
  if (operation.type === 'replace') return performReplace(operation, value, state);
  return value;
}

function performSlice(operation: Operation & { type: 'slice' }, value: string, written: string, state: State): string {
  const numberOf = (template: Template, what: string): number => {
    const text = join(template, state);
    // An undefined variable is told as such.
    if (state.faults.length > 0 || /^[-+]?\d{1,9}$/.test(text)) return Number(text);
    // The word may come from a Secret.
    const shown = template.every((part) => typeof part === 'string') ? ` ${JSON.stringify(text)}` : '';
    fail(state, { reason: 'Invalid', message: `${written}: the ${what}${shown} is not a whole number` });
    return 0;
  };
  const from = numberOf(operation.from, 'position');
  const length = operation.length === undefined ? undefined : numberOf(operation.length, 'length');
  return slice(value, from, length);
}

function performTrim(operation: Operation & { type: 'trim' }, value: string, written: string, state: State): string {
  const { side, isLongest } = operation;
  const parsed = parseGlob(join(operation.pattern, state));
  if ('fault' in parsed) return fail(state, { reason: 'Invalid', message: `${written}: ${parsed.fault}` });
  const chars = Array.from(value);
  if (!state.set.allowance.takeSteps(chars.length * (parsed.glob.length + 1))) return fail(state, tooMuchWork);
  const length = matchLength(chars, parsed.glob, side, isLongest) ?? 0;
  return (side === 'start' ? chars.slice(length) : chars.slice(0, chars.length - length)).join('');
}

function performReplace(operation: Operation & { type: 'replace' }, value: string, state: State): string {
  const text = join(operation.text, state);
  const by = join(operation.by, state);
  const count = operation.where === 'all' && text !== '' ? value.split(text).length - 1 : 1;
  if (value.length + count * by.length > MAX_RESULT_LENGTH) return fail(state, tooLarge);
  return replace(value, text, by, operation.where);
}
