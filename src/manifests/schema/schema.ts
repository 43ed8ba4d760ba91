// The schemas at work: what they say of an object, for people.
import type { Kind } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { type Report, required } from '../report.ts';
import { didYouMean, nearest } from '../suggest.ts';
import { type Misfit, misfitsOf } from './misfits.ts';
import type { SchemaNode } from './schema-node.ts';
import { schemas } from './schemas.generated.ts';

/** Of larger objects only the first fault is told: to collect all of them takes time that grows with their square. */
const MAX_NODES_FOR_ALL_FAULTS = 10_000;

/** The schema of a kind, without its status. */
export function schemaOf(kind: Kind): SchemaNode {
  return schemas[kind] ?? {};
}

const judged = new Map<Kind, SchemaNode>();

/** The schema of a kind without its status, which nobody judges. */
function judgedSchemaOf(kind: Kind): SchemaNode {
  const ready = judged.get(kind);
  if (ready !== undefined) return ready;
  const schema = schemaOf(kind);
  const { status: _status, ...properties } = schema.properties ?? {};
  const made = { ...schema, properties };
  judged.set(kind, made);
  return made;
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
  const misfits = misfitsOf(judgedSchemaOf(kind), value, !areAllTold);
  if (misfits.length === 0) return true;
  const faults = new Map<string, Fault>();
  for (const misfit of misfits) {
    const fault = explain(misfit, kind);
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
  const isJudgeable = (misfit: Misfit): boolean =>
    judgeable.has(misfit.keyword) || (misfit.keyword === 'type' && writeAsMeant(misfit, value));
  return areAllTold && misfits.every(isJudgeable);
}

const judgeable: ReadonlySet<string> = new Set(['additionalProperties', 'enum']);

/** Puts the text in the place of a number without quotes, and the number in the place of one with them; whether that could be done. */
function writeAsMeant({ path, schema, data: given }: Misfit, value: object): boolean {
  const wanted = typesOf(schema);
  const isPlain = typeof given === 'number' || typeof given === 'boolean';
  const isNumber = typeof given === 'string' && /^-?\d{1,9}$/.test(given) && wanted.includes('integer');
  const name = path.at(-1);
  if (name === undefined || !((isPlain && wanted.includes('string')) || isNumber)) return false;
  let owner: unknown = value;
  for (const step of path.slice(0, -1)) owner = (owner as Record<string | number, unknown> | undefined)?.[step];
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

function explain(misfit: Misfit, kind: Kind): Fault {
  const { path, schema, data } = misfit;
  switch (misfit.keyword) {
    case 'required':
      return { path: [...path, misfit.name], reason: 'Required', message: required(wordsFor[misfit.name]), rank: 2 };
    case 'minItems':
      return { path, reason: 'Required', message: required(), rank: 2 };
    case 'additionalProperties': {
      const { name } = misfit;
      const message = `unknown field "${name}".${didYouMean(name, Object.keys(schema.properties ?? {}))}`;
      return { path: [...path, name], reason: 'UnknownField', message, rank: 0 };
    }
    case 'type':
      return { path, reason: 'WrongType', message: explainType(misfit, kind), rank: 0 };
    case 'enum': {
      const allowed = schema.enum ?? [];
      const list = allowed.filter((entry) => entry !== '').join(', ');
      const message = `"${String(data)}" is not one of ${list}.${didYouMean(String(data), allowed)}`;
      return { path, reason: 'Invalid', message, rank: 1 };
    }
    case 'const':
      return { path, reason: 'Invalid', message: `"${String(data)}" is not "${schema.const ?? ''}"`, rank: 1 };
    case 'minimum':
    case 'maximum':
      break;
  }
  return { path, reason: 'Invalid', message: `${String(data)} does not fit into 32 bits`, rank: 1 };
}

const typesOf = ({ type = [] }: SchemaNode): readonly string[] => [type].flat();

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
function explainType({ path, schema, data: given }: Misfit, kind: Kind): string {
  const wanted = typesOf(schema);
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
