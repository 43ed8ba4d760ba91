// The door of the room: expressions of CEL, the language in which Kubernetes' users write policies. An expression is checked when it is
// compiled, and its evaluation costs no more than its budget, whoever wrote it. Knows nothing of manifests; must not reach outside.
import { type CelInput, isCelError, isCelList, isCelMap, parse, plan } from '@bufbuild/cel';
import type { Expr, ParsedExpr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { environmentOf } from './functions.ts';
import { Meter } from './meter.ts';
import { withoutOptionalMarks } from './optional-syntax.ts';
import { ExpressionFault, prepare } from './prepare.ts';

/** Longer ones are refused. */
const MAX_LENGTH = 10_000;
/** What one evaluation may cost: about a second on a slow machine. */
const EXPRESSION_BUDGET = 200_000;

const meter = new Meter();
const environment = environmentOf(meter);

/** What is wrong with an expression. */
export interface CelFault {
  readonly message: string;
  /** Line and column in the expression, from 1. */
  readonly line: number;
  readonly column: number;
}

/** What came of an evaluation. */
export type CelResult = { readonly value: unknown; readonly cost: number } | { readonly error: string; readonly cost: number };

/** An expression that can be evaluated. */
export interface Expression {
  readonly source: string;
  /** For other expressions that have it as a variable. */
  readonly prepared: Expr;
  /** Evaluates it; `values` must have what `names` promised. Never throws. Texts, booleans and null come as themselves, whole numbers as bigint. */
  evaluate(values: Readonly<Record<string, CelInput>>, budget?: number): CelResult;
}

/** What an expression may refer to. */
export interface Scope {
  readonly names: readonly string[];
  /** By name; each may use those before it. */
  readonly variables?: ReadonlyMap<string, Expression>;
  /** Names that mean something elsewhere and nothing here: why. */
  readonly strangers?: Readonly<Record<string, string>>;
}

/** Reads an expression and checks the names and functions in it. */
export function compile(source: string, scope: Scope): { readonly expression: Expression } | { readonly fault: CelFault } {
  try {
    const prepared = preparedFrom(source, scope);
    const run = plan(environment, prepared);
    return { expression: { source, prepared, evaluate: (values, budget = EXPRESSION_BUDGET) => evaluate(run, values, budget) } };
  } catch (error) {
    return { fault: faultOf(error, source) };
  }
}

function preparedFrom(source: string, { names, variables = new Map(), strangers = {} }: Scope): Expr {
  if (source.trim() === '') throw new ExpressionFault('the expression is empty', 0);
  if (source.length > MAX_LENGTH) throw new ExpressionFault(`the expression is longer than ${MAX_LENGTH} characters`, 0);
  const { text, optionalAt, tooDeep } = withoutOptionalMarks(source);
  if (tooDeep !== undefined) throw new ExpressionFault('brackets are nested too deep', tooDeep);
  // The parser wants a line end after a comment.
  const parsed: ParsedExpr & { expr: Expr } = parse(`${text}\n`);
  return prepare(parsed.expr, {
    environment,
    names: new Set(names),
    variables: new Map([...variables].map(([name, { prepared }]) => [name, prepared])),
    strangers,
    positions: parsed.sourceInfo?.positions ?? {},
    optionalAt,
  });
}

function evaluate(run: ReturnType<typeof plan>, values: Readonly<Record<string, CelInput>>, budget: number): CelResult {
  meter.start(budget);
  const result = run(values);
  const cost = Math.ceil(budget - meter.left);
  if (meter.isSpent) return { error: `it costs more than ${budget} units to evaluate`, cost };
  if (isCelError(result)) return { error: result.message, cost };
  const value = isCelList(result) || isCelMap(result) ? `a ${isCelList(result) ? 'list' : 'map'}` : result;
  return { value: typeof value === 'object' && value !== null ? 'an object' : value, cost };
}

/** What is wrong with an expression, and where in it, as a sentence. */
export function faultText({ message, line, column }: CelFault, source: string): string {
  const where = source.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
  return `not a CEL expression that can be evaluated: ${message} (at its ${where})`;
}

/** `<input>:1:16: found . but expecting …` */
function faultOf(error: unknown, source: string): CelFault {
  if (error instanceof ExpressionFault) {
    const before = source.slice(0, error.offset).split('\n');
    return { message: error.message, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
  if (error instanceof RangeError) return { message: 'the expression is nested too deep', line: 1, column: 1 };
  const told = error instanceof Error ? error.message : String(error);
  const [, line, column, message] = /^<input>:(\d+):(\d+): (.*)$/s.exec(told) ?? [];
  if (message === undefined) return { message: told, line: 1, column: 1 };
  const found = message.replace(/ but expecting.*$/s, ' where it cannot stand');
  return { message: found, line: Number(line), column: Number(column) };
}

/** Plain data as an expression sees it: whole numbers are integers, others are doubles. */
export function celInput(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celInput);
  if (typeof value !== 'object' || value === null) return (value ?? null) as CelInput;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return new Map(entries.map(([key, entry]) => [key, celInput(entry)]));
}
