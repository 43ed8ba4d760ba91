// The schemas at work: one validator per kind, compiled when the first object of the kind is seen, and its errors for people.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Kind } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { type Report, required } from '../report.ts';
import { didYouMean, nearest } from '../suggest.ts';
import type { SchemaNode } from './schema-node.ts';
import { definitions, schemas } from './schemas.generated.ts';

const ownWords = [
  'x-unsupported',
  'x-unsupported-values',
  'x-no-effect',
  'x-note',
  'x-managed',
  'x-same-as-absent',
  'x-internal',
  'x-scope',
  'x-input',
  'x-plural',
  'x-short-names',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
];

/** Of larger objects only the first fault is told: to collect all of them takes time that grows with their square. */
const MAX_NODES_FOR_ALL_FAULTS = 10_000;

interface Compiler {
  readonly ajv: Ajv2020;
  readonly validators: Map<Kind, ValidateFunction>;
}

const compilers = new Map<boolean, Compiler>();

function compilerOf(allErrors: boolean): Compiler {
  const ready = compilers.get(allErrors);
  if (ready !== undefined) return ready;
  const ajv = new Ajv2020({
    allErrors,
    strict: true,
    allowUnionTypes: true,
    allowMatchingProperties: true,
    verbose: true,
    validateSchema: false,
  });
  for (const word of ownWords) ajv.addKeyword(word);
  ajv.addSchema({ $id: 'definitions', $defs: definitions });
  const compiler = { ajv, validators: new Map<Kind, ValidateFunction>() };
  compilers.set(allErrors, compiler);
  return compiler;
}

/** The schema of a kind, without its status. */
export function schemaOf(kind: Kind): SchemaNode {
  return schemas[kind] ?? {};
}

function validatorOf(kind: Kind, allErrors: boolean): ValidateFunction {
  const { ajv, validators } = compilerOf(allErrors);
  const ready = validators.get(kind);
  if (ready !== undefined) return ready;
  const schema = schemaOf(kind);
  const { status: _status, ...properties } = schema.properties ?? {};
  const compiled = ajv.compile({ ...schema, properties });
  validators.set(kind, compiled);
  return compiled;
}

/** Whether a value has no more than so many parts. */
function isWithin(value: unknown, limit: number): boolean {
  let left = limit;
  const count = (part: unknown): boolean => {
    left -= 1;
    if (left < 0 || typeof part !== 'object' || part === null) return left >= 0;
    return Object.values(part).every(count);
  };
  return count(value);
}

interface Fault {
  readonly path: Path;
  readonly reason: ProblemReason;
  readonly message: string;
  /** The lower, the more of the other faults of a field it explains. */
  readonly rank: number;
}

/**
 * Judges an admitted object. One report per fault; none when the object fits its type. Yields whether what it says can be judged further: all
 * that is wrong are fields that the kind does not have, words that are not among those of an enumeration, and texts and numbers that have
 * quotes too many or too few, which are put right in `value`.
 */
export function validate(kind: Kind, value: object, report: Report): boolean {
  const areAllTold = isWithin(value, MAX_NODES_FOR_ALL_FAULTS);
  const validator = validatorOf(kind, areAllTold);
  if (validator(value)) return true;
  const faults = new Map<string, Fault>();
  for (const error of validator.errors ?? []) {
    const fault = explain(error, pathOf(error, value), kind);
    const key = JSON.stringify(fault.path);
    const other = faults.get(key);
    if (other === undefined || fault.rank < other.rank) faults.set(key, fault);
  }
  const unknown = new Map<string, string[]>();
  for (const { reason, path } of faults.values()) {
    if (reason !== 'UnknownField') continue;
    const parent = JSON.stringify(path.slice(0, -1));
    const names = unknown.get(parent) ?? [];
    names.push(String(path.at(-1)));
    unknown.set(parent, names);
  }
  for (const fault of faults.values()) if (!isExplained(fault, unknown)) report(fault.path, fault.reason, fault.message);
  const all = validator.errors ?? [];
  return (
    areAllTold && all.every((error) => judgeable.has(error.keyword) || (error.keyword === 'type' && writeAsMeant(error, value)))
  );
}

const judgeable: ReadonlySet<string> = new Set(['additionalProperties', 'enum']);

/** Puts the text in the place of a number without quotes, and the number in the place of one with them; whether that could be done. */
function writeAsMeant(error: ErrorObject, value: object): boolean {
  const wanted = [(error.params as { type: string | string[] }).type].flat();
  const given: unknown = error.data;
  const isPlain = typeof given === 'number' || typeof given === 'boolean';
  const isNumber = typeof given === 'string' && /^-?\d{1,9}$/.test(given) && wanted.includes('integer');
  const path = pathOf(error, value);
  const name = path.pop();
  if (name === undefined || !((isPlain && wanted.includes('string')) || isNumber)) return false;
  let owner: unknown = value;
  for (const step of path) owner = (owner as Record<string | number, unknown> | undefined)?.[step];
  if (typeof owner !== 'object' || owner === null || Object.isFrozen(owner)) return false;
  (owner as Record<string | number, unknown>)[name] = isNumber ? Number(given) : String(given);
  return true;
}

/** A misspelt field that is required is one fault, not an unknown and a missing one. */
function isExplained({ reason, path }: Fault, unknown: ReadonlyMap<string, readonly string[]>): boolean {
  if (reason !== 'Required') return false;
  const name = String(path.at(-1));
  return unknown.get(JSON.stringify(path.slice(0, -1)))?.some((other) => nearest(other, [name]) !== undefined) === true;
}

/** A JSON pointer as a path: positions only where the value is a list. */
function pathOf(error: ErrorObject, value: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let current: unknown = value;
  for (const raw of error.instancePath.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(current) ? Number(step) : step);
    current = (current as Record<string, unknown> | undefined)?.[step];
  }
  return path;
}

function explain(error: ErrorObject, path: Path, kind: Kind): Fault {
  const params = error.params as Record<string, unknown>;
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  switch (error.keyword) {
    case 'required': {
      const name = String(params['missingProperty']);
      return { path: [...path, name], reason: 'Required', message: required(wordsFor[name]), rank: 2 };
    }
    case 'minItems':
      return { path, reason: 'Required', message: required(), rank: 2 };
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const candidates = Object.keys(schema.properties ?? {});
      return {
        path: [...path, name],
        reason: 'UnknownField',
        message: `unknown field "${name}".${didYouMean(name, candidates)}`,
        rank: 0,
      };
    }
    case 'type':
      return { path, reason: 'WrongType', message: explainType(error, path, kind), rank: 0 };
    case 'enum': {
      const allowed = schema.enum ?? [];
      const given = String(error.data);
      const list = allowed.filter((entry) => entry !== '').join(', ');
      return { path, reason: 'Invalid', message: `"${given}" is not one of ${list}.${didYouMean(given, allowed)}`, rank: 1 };
    }
    case 'const':
      return { path, reason: 'Invalid', message: `"${String(error.data)}" is not "${schema.const ?? ''}"`, rank: 1 };
    case 'minimum':
    case 'maximum':
      return { path, reason: 'Invalid', message: `${String(error.data)} does not fit into 32 bits`, rank: 1 };
    default:
      return { path, reason: 'Invalid', message: error.message ?? 'is not valid', rank: 3 };
  }
}

/** What to write for fields that manifests of before do not have. */
const wordsFor: Readonly<Record<string, string>> = {
  pathType:
    'write Prefix for the path and all below it, Exact for the path alone, or ImplementationSpecific for what controllers did before there was this field',
};

const typeNames: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'whole number',
  number: 'number',
  boolean: 'boolean',
  object: 'mapping',
  array: 'list',
  null: 'null',
};

/** What is wanted, what is there, and what to do about it. The data of a Secret is never repeated. */
function explainType(error: ErrorObject, path: Path, kind: Kind): string {
  const wanted = [(error.params as { type: string | string[] }).type].flat();
  const given: unknown = error.data;
  const givenType = Array.isArray(given) ? 'array' : given === null ? 'null' : typeof given;
  const isSecret = kind === 'Secret' && /data$/i.test(String(path[0]));
  const isScalar = givenType === 'number' || givenType === 'boolean' || givenType === 'string';
  const what = typeNames[givenType] ?? givenType;
  const shown = isScalar && !isSecret ? `the ${what} ${JSON.stringify(given)}` : givenType === 'null' ? 'null' : `a ${what}`;
  const isQuotable = wanted.includes('string') && isScalar;
  const isQuoted = givenType === 'string' && !isSecret && /^(?:[-+]?\d+|true|false)$/.test(String(given));
  const cure = isQuotable ? '; put it in quotes' : isQuoted ? '; write it without quotes' : '';
  return `must be ${wanted.map((name) => `a ${typeNames[name] ?? name}`).join(' or ')}, not ${shown}${cure}`;
}
