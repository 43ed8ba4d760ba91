// Regular expressions as kustomize's selectors and image names use them (RE2's syntax), matched in time that grows with the text alone:
// a pattern of a repository must not be able to stop the reader, which a backtracking engine cannot promise.
import { type CharTest, PatternFault, type PatternNode, readPattern } from './pattern-syntax.ts';

/** The longest pattern that is compiled, and the most states it may have once its repetitions are written out. */
export const MAX_PATTERN_CHARACTERS = 1000;
export const MAX_PATTERN_STATES = 2000;
/** The longest text that is matched; a longer one does not match. Names and images are much shorter. */
export const MAX_TEXT_CHARACTERS = 10_000;

/** A compiled pattern. */
export interface Pattern {
  /** Whether the pattern is found anywhere in the text. */
  isIn(text: string): boolean;
  /** Whether it describes the whole text. */
  isAll(text: string): boolean;
}

type State =
  | { readonly type: 'char'; readonly test: CharTest; readonly next: number }
  | { readonly type: 'split'; readonly next: readonly number[] }
  | { readonly type: 'start' | 'end'; readonly next: number }
  | { readonly type: 'match' };

/** The pattern of a source text, or what is wrong with it. What is not in RE2's syntax, such as look-ahead, is a fault. */
export function compilePattern(source: string): Pattern | { readonly fault: string } {
  if (source.length > MAX_PATTERN_CHARACTERS) return { fault: `the pattern is longer than ${MAX_PATTERN_CHARACTERS} characters` };
  try {
    const states: State[] = [{ type: 'match' }];
    const first = assemble(readPattern(source), 0, { states, steps: 0 });
    return {
      isIn: (text) => run(states, first, text, false),
      isAll: (text) => run(states, first, text, true),
    };
  } catch (error) {
    if (error instanceof PatternFault) return { fault: error.message };
    throw error;
  }
}

interface Assembly {
  readonly states: State[];
  /** Counts empty parts as well: written out, `(){1000}` in itself a few times would take for ever. */
  steps: number;
}

/** Adds the states of a node that go on to `next`; returns the first of them. */
function assemble(node: PatternNode, next: number, assembly: Assembly): number {
  assembly.steps += 1;
  if (assembly.steps > 4 * MAX_PATTERN_STATES || assembly.states.length >= MAX_PATTERN_STATES)
    throw new PatternFault('the pattern is too large');
  const add = (state: State): number => assembly.states.push(state) - 1;
  if (node.type === 'empty') return next;
  if (node.type === 'char') return add({ type: 'char', test: node.test, next });
  if (node.type === 'start' || node.type === 'end') return add({ type: node.type, next });
  if (node.type === 'sequence') return node.parts.reduceRight((after, part) => assemble(part, after, assembly), next);
  if (node.type === 'either') return add({ type: 'split', next: node.parts.map((part) => assemble(part, next, assembly)) });
  return assembleRepeat(node, next, assembly, add);
}

function assembleRepeat(
  { part, min, max }: Extract<PatternNode, { type: 'repeat' }>,
  next: number,
  assembly: Assembly,
  add: (state: State) => number,
): number {
  let after = next;
  if (max === Number.POSITIVE_INFINITY) {
    const ways = [next];
    const loop = add({ type: 'split', next: ways });
    ways.unshift(assemble(part, loop, assembly));
    after = loop;
  } else
    for (let count = min; count < max; count += 1) after = add({ type: 'split', next: [assemble(part, after, assembly), next] });
  for (let count = 0; count < min; count += 1) after = assemble(part, after, assembly);
  return after;
}

function run(states: readonly State[], first: number, text: string, isWhole: boolean): boolean {
  const chars = Array.from(text.slice(0, MAX_TEXT_CHARACTERS + 1));
  if (chars.length > MAX_TEXT_CHARACTERS) return false;
  let current = new Set<number>();
  for (let position = 0; position <= chars.length; position += 1) {
    if (position === 0 || !isWhole) follow(states, first, position, chars.length, current);
    if (current.has(0) && (!isWhole || position === chars.length)) return true;
    const char = chars[position];
    if (char === undefined) break;
    const after = new Set<number>();
    for (const index of current) {
      const state = states[index];
      if (state?.type === 'char' && state.test(char)) follow(states, state.next, position + 1, chars.length, after);
    }
    current = after;
  }
  return false;
}

/** Adds a state and all that it reaches without reading. */
function follow(states: readonly State[], from: number, position: number, length: number, into: Set<number>): void {
  const open = [from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (into.has(index)) continue;
    into.add(index);
    const state = states[index];
    if (state?.type === 'split') open.push(...state.next);
    if (state?.type === 'start' && position === 0) open.push(state.next);
    if (state?.type === 'end' && position === length) open.push(state.next);
  }
}
