// From what the parser gives to what is evaluated: names and functions are checked, variables are put in the place of their names, optional
// selections become calls, and what costs is counted.
import type { celEnv } from '@bufbuild/cel';
import type { Expr, Expr_Call, Expr_Comprehension, Expr_Select } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { CHARGE, CHARGE_DEEP, STEP } from './functions.ts';
import { givesOptional, OPTIONAL_HAS, OPTIONAL_INDEX, OPTIONAL_SELECT } from './optional-functions.ts';

/** More parts than this are no expression that a person wrote. */
const MAX_PARTS = 10_000;

/** What is wrong with an expression before it is evaluated, and where. */
export class ExpressionFault extends Error {
  readonly code = 'EXPRESSION_FAULT';
  /** Characters from its start. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.name = 'ExpressionFault';
    this.offset = offset;
  }
}

/** What an expression may refer to. */
export interface Preparation {
  readonly environment: ReturnType<typeof celEnv>;
  /** Names of what is given to it. */
  readonly names: ReadonlySet<string>;
  /** Prepared expressions for which `variables.NAME` stands. */
  readonly variables: ReadonlyMap<string, Expr>;
  /** Names that Kubernetes knows and that mean nothing here: why. */
  readonly strangers: Readonly<Record<string, string>>;
  readonly positions: Readonly<Record<string, number>>;
  readonly optionalAt: ReadonlySet<number>;
}

const typeNames: ReadonlySet<string> = new Set('bool bytes double int list map null_type string type uint'.split(' '));
/** What the evaluation knows without a function of that name. */
const builtIn: ReadonlySet<string> = new Set(['_[_]', '_?_:_', '_&&_', '_||_', '@not_strictly_false']);
/** Functions that look into all of what they are given. */
const deep: ReadonlySet<string> = new Set(['_==_', '_!=_', '@in']);

const VARIABLES = 'variables';

/** Prepares one expression. Throws ExpressionFault. */
export function prepare(expr: Expr, preparation: Preparation): Expr {
  const preparer = new Preparer(preparation);
  const prepared = preparer.of(expr, new Set());
  for (const offset of preparation.optionalAt)
    if (!preparer.marksSeen.has(offset))
      throw new ExpressionFault('optional elements of lists and maps are not supported', offset);
  if (countParts(prepared) > MAX_PARTS) throw new ExpressionFault(`the expression has more than ${MAX_PARTS} parts`, 0);
  return prepared;
}

class Preparer {
  readonly #given: Preparation;
  readonly marksSeen = new Set<number>();

  constructor(preparation: Preparation) {
    this.#given = preparation;
  }

  /** `locals` are the names that macros around it have defined. */
  of(expr: Expr | undefined, locals: ReadonlySet<string>): Expr {
    if (expr === undefined) throw new ExpressionFault('the expression is not complete', 0);
    const { exprKind } = expr;
    switch (exprKind.case) {
      case 'identExpr':
        return this.#name(expr, exprKind.value.name, locals);
      case 'selectExpr':
        return this.#select(expr, exprKind.value, locals);
      case 'callExpr':
        return this.#call(expr, exprKind.value, locals);
      case 'comprehensionExpr':
        return this.#comprehension(expr, exprKind.value, locals);
      case 'listExpr': {
        const elements = exprKind.value.elements.map((each) => this.of(each, locals));
        return { ...expr, exprKind: { case: 'listExpr', value: { ...exprKind.value, elements } } };
      }
      case 'structExpr': {
        const { value } = exprKind;
        if (value.messageName !== '') throw this.#fault(expr, `there is no type ${value.messageName}`);
        const entries = value.entries.map((entry) => {
          if (entry.keyKind.case !== 'mapKey') return entry;
          const keyKind = { case: 'mapKey' as const, value: this.of(entry.keyKind.value, locals) };
          return { ...entry, keyKind, value: this.of(entry.value, locals) };
        });
        return { ...expr, exprKind: { case: 'structExpr', value: { ...value, entries } } };
      }
      case 'constExpr':
      case undefined:
      default:
        return expr;
    }
  }

  #name(expr: Expr, written: string, locals: ReadonlySet<string>): Expr {
    const name = written.replace(/^\./, '');
    const { names, strangers } = this.#given;
    if (locals.has(name) || names.has(name) || typeNames.has(name)) return expr;
    if (name === VARIABLES) throw this.#fault(expr, 'write variables.NAME');
    const reason = Object.hasOwn(strangers, name) ? strangers[name] : undefined;
    throw this.#fault(expr, reason ?? `undeclared reference to "${name}": there are ${[...names].join(', ')}`);
  }

  #select(expr: Expr, select: Expr_Select, locals: ReadonlySet<string>): Expr {
    const { operand, field, testOnly } = select;
    if (nameOf(operand) === VARIABLES && !locals.has(VARIABLES)) {
      const variable = this.#given.variables.get(field);
      if (variable === undefined) throw this.#fault(expr, `there is no variable "${field}" before this`);
      return variable;
    }
    const from = this.of(operand, locals);
    if (testOnly && isOptional(from)) return call(expr, OPTIONAL_HAS, [from, text(expr, field)]);
    if (this.#isMarked(expr) || isOptional(from)) return call(expr, OPTIONAL_SELECT, [from, text(expr, field)]);
    return { ...expr, exprKind: { case: 'selectExpr', value: { ...select, operand: from } } };
  }

  #call(expr: Expr, { target, function: name, args: written, ...rest }: Expr_Call, locals: ReadonlySet<string>): Expr {
    const { environment } = this.#given;
    const qualified = nameOf(target) === undefined ? undefined : `${nameOf(target)}.${name}`;
    const isQualified = qualified !== undefined && environment.funcs.find(qualified) !== undefined;
    const receiver = target === undefined || isQualified ? undefined : this.of(target, locals);
    const args = written.map((each) => this.of(each, locals));
    if ((name === 'orValue' || name === 'or') && receiver !== undefined && isOptional(receiver) && args[0] !== undefined)
      return alternative(expr, receiver, args[0], name === 'orValue');
    if (name === '_[_]' && (this.#isMarked(expr) || isOptional(args[0]))) return call(expr, OPTIONAL_INDEX, args);
    if (builtIn.has(name)) return { ...expr, exprKind: { case: 'callExpr', value: { ...rest, function: name, args } } };
    if ((deep.has(name) || name === '_+_') && args.some(isOptional))
      throw this.#fault(expr, 'an optional value is compared by what it holds: write .orValue(…) first');
    this.#checkFunction(expr, isQualified ? qualified : name, receiver !== undefined, args.length);
    const isFree = (part: Expr): boolean => name === '_+_' || costsNothing(part);
    const charge = (part: Expr): Expr => (isFree(part) ? part : call(part, deep.has(name) ? CHARGE_DEEP : CHARGE, [part]));
    const paid = args.map(charge);
    const whole =
      target === undefined || isQualified
        ? { ...rest, function: name, args: paid, ...(target === undefined ? {} : { target }) }
        : { ...rest, function: name, args: paid, target: receiver === undefined ? target : charge(receiver) };
    return { ...expr, exprKind: { case: 'callExpr', value: whole } };
  }

  #checkFunction(expr: Expr, name: string, isMethod: boolean, count: number): void {
    const found = this.#given.environment.funcs.find(name);
    const told = name.replaceAll('@', '');
    if (found === undefined) throw this.#fault(expr, `there is no function ${told}() here`);
    const overloads = [...found];
    const isFitting = overloads.some((each) => each.arguments.length === count && (each.target !== undefined) === isMethod);
    const how = isMethod ? 'method of a value' : 'function';
    if (!isFitting)
      throw this.#fault(expr, `there is no ${how} ${told}() with ${count === 1 ? 'one argument' : `${count} arguments`}`);
  }

  #comprehension(expr: Expr, loop: Expr_Comprehension, locals: ReadonlySet<string>): Expr {
    const { iterVar, iterVar2, accuVar } = loop;
    for (const name of [iterVar, iterVar2])
      if (this.#given.names.has(name) || name === VARIABLES)
        throw this.#fault(expr, `"${name}" is something else already: give the variable of the macro another name`);
    const inside = new Set([...locals, iterVar, accuVar, ...(iterVar2 === '' ? [] : [iterVar2])]);
    const condition = this.of(loop.loopCondition, inside);
    const value: Expr_Comprehension = {
      ...loop,
      iterRange: this.of(loop.iterRange, locals),
      accuInit: this.of(loop.accuInit, locals),
      loopCondition: call(condition, STEP, [condition]),
      loopStep: this.of(loop.loopStep, inside),
      result: this.of(loop.result, inside),
    };
    return { ...expr, exprKind: { case: 'comprehensionExpr', value } };
  }

  #isMarked(expr: Expr): boolean {
    const offset = this.#offsetOf(expr);
    if (offset === undefined || !this.#given.optionalAt.has(offset)) return false;
    this.marksSeen.add(offset);
    return true;
  }

  #offsetOf(expr: Expr): number | undefined {
    return this.#given.positions[String(expr.id)];
  }

  #fault(expr: Expr, message: string): ExpressionFault {
    return new ExpressionFault(message, this.#offsetOf(expr) ?? 0);
  }
}

function nameOf(expr: Expr | undefined): string | undefined {
  return expr?.exprKind.case === 'identExpr' ? expr.exprKind.value.name : undefined;
}

function isOptional(expr: Expr | undefined): boolean {
  if (expr?.exprKind.case !== 'callExpr') return false;
  const { target, function: name, args } = expr.exprKind.value;
  if (name === '_?_:_') return args.slice(1).some(isOptional);
  const owner = nameOf(target);
  return givesOptional.has(owner === undefined ? name : `${owner}.${name}`);
}

/** Constants and names of numbers are not worth counting. */
function costsNothing({ exprKind }: Expr): boolean {
  return exprKind.case === 'constExpr' && exprKind.value.constantKind.case !== 'stringValue';
}

function call(at: Expr, name: string, args: Expr[], target?: Expr): Expr {
  const value: Expr_Call = { $typeName: 'cel.expr.Expr.Call', function: name, args, ...(target === undefined ? {} : { target }) };
  return { $typeName: 'cel.expr.Expr', id: at.id, exprKind: { case: 'callExpr', value } };
}

/** What an optional value holds, or something else, which is only looked at when it holds nothing. */
function alternative(at: Expr, optional: Expr, other: Expr, isValue: boolean): Expr {
  const hasValue = call(at, 'hasValue', [], optional);
  return call(at, '_?_:_', [hasValue, isValue ? call(at, 'value', [], optional) : optional, other]);
}

function text(at: Expr, value: string): Expr {
  return {
    $typeName: 'cel.expr.Expr',
    id: at.id,
    exprKind: {
      case: 'constExpr',
      value: { $typeName: 'cel.expr.Constant', constantKind: { case: 'stringValue', value } },
    },
  };
}

/** How many parts there are, as if each variable were written out; stops counting beyond the limit. */
function countParts(expr: Expr): number {
  let count = 0;
  const open: (Expr | undefined)[] = [expr];
  for (let at = open.pop(); at !== undefined && count <= MAX_PARTS; at = open.pop()) {
    count += 1;
    open.push(...partsOf(at).filter((part) => part !== undefined));
  }
  return count;
}

function partsOf({ exprKind }: Expr): readonly (Expr | undefined)[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return [exprKind.value.operand];
    case 'callExpr':
      return [exprKind.value.target, ...exprKind.value.args];
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return exprKind.value.entries.flatMap(({ keyKind, value }) => [
        keyKind.case === 'mapKey' ? keyKind.value : undefined,
        value,
      ]);
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
      return [iterRange, accuInit, loopCondition, loopStep, result];
    }
    case 'identExpr':
    case 'constExpr':
    case undefined:
    default:
      return [];
  }
}
