// Puts the values of variables into the objects of a set, after they were rendered and before they are admitted: what Flux calls post-build
// substitution, done on values and not on the text of a file, so that a value can never change the structure of an object.
import { formatPath, type Path } from '../place.ts';
import type { Problem, ProblemReason } from '../problem.ts';
import { put } from '../reading/plain.ts';
import { resolvePlain } from '../reading/scalar.ts';
import { parseYaml } from '../reading/yaml.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { SourceObject } from '../source.ts';
import { type Expansion, expand } from './expand.ts';
import type { VariableSet } from './variable-set.ts';

/** Labels and annotations that keep an object as it is, with the value `disabled`. */
const switches = ['kustomize.toolkit.fluxcd.io/substitute', 'holdfast.dev/substitute'];

/** What changed below a value: the way back from new keys to written ones, and which scalars came from variables. */
interface Trace {
  readonly children: Map<string | number, Trace>;
  /** The key as it is written, when it came from a variable. */
  writtenKey?: string;
  names?: readonly string[];
}

interface Work {
  readonly source: SourceObject;
  readonly set: VariableSet;
  readonly problems: Problem[];
}

/**
 * The object with all placeholders of its keys and texts expanded, at any depth; the object itself when there are none. A text that is
 * written without quotes is read anew afterwards, as YAML would: `${REPLICAS}` can become a number. In quotes it stays text. Faults are added
 * to `problems`, never with a value of a Secret, and what they are in stays as it is written. Never throws.
 */
export function substitute(source: SourceObject, set: VariableSet, problems: Problem[]): SourceObject {
  if (!set.isConfigured) return source;
  const { value, trace } = walk(source.value, source.value, [], { source, set, problems });
  return trace === undefined ? source : withTrace(source, value, trace);
}

/** Where the value of a field comes from when it is not written at its place, for the end of a message; empty for most. */
export function explainOrigin(source: SourceObject, path: Path): string {
  const names = source.variablesAt?.(path) ?? [];
  const from = names.length === 0 ? '' : ` (from ${names.map((name) => `\${${name}}`).join(' and ')})`;
  return source.template === undefined ? from : `${from} (in ${source.template})`;
}

function withTrace(source: SourceObject, value: unknown, trace: Trace): SourceObject {
  const find = (path: Path): { written: Path; at: Trace | undefined } => {
    let at: Trace | undefined = trace;
    const written = path.map((step) => {
      at = at?.children.get(step);
      return at?.writtenKey ?? step;
    });
    return { written, at };
  };
  return {
    ...source,
    value,
    locate: (path) => source.locate(find(path).written),
    sourceAt: (path) => {
      const { written, at } = find(path);
      // What stands there now is nowhere written.
      return at?.names === undefined ? source.sourceAt(written) : undefined;
    },
    variablesAt: (path) => find(path).at?.names ?? [],
  };
}

interface Walked {
  readonly value: unknown;
  /** Undefined when nothing changed. */
  readonly trace?: Trace;
}

/** `path` is that of the value as it is written. */
function walk(value: unknown, top: unknown, path: Path, work: Work): Walked {
  if (typeof value === 'string') return value.includes('$') ? walkText(value, path, work) : { value };
  if (Array.isArray(value)) return walkList(value, path, work);
  if (!isPlainObject(value)) return { value };
  if (isListOf(value) && value === top) return walkItems(value, path, work);
  return value === top && isDisabled(value) ? { value } : walkMap(value, path, work);
}

/** A `List` of objects: each of them is its own. */
function isListOf(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items']);
}

function walkItems(value: Readonly<Record<string, unknown>>, path: Path, work: Work): Walked {
  const items = value['items'] as readonly unknown[];
  const walked = items.map((item, index) => walk(item, item, [...path, 'items', index], work));
  const changed = collect(walked.map((each, index) => [index, each] as const));
  if (changed === undefined) return { value };
  const trace: Trace = { children: new Map([['items', changed]]) };
  return { value: { ...value, items: walked.map((each) => each.value) }, trace };
}

function isDisabled({ metadata }: Readonly<Record<string, unknown>>): boolean {
  if (!isPlainObject(metadata)) return false;
  return [metadata['labels'], metadata['annotations']].some(
    (map) => isPlainObject(map) && switches.some((name) => Object.hasOwn(map, name) && map[name] === 'disabled'),
  );
}

function walkList(list: readonly unknown[], path: Path, work: Work): Walked {
  const walked = list.map((item, index) => walk(item, undefined, [...path, index], work));
  const trace = collect(walked.map((each, index) => [index, each] as const));
  return trace === undefined ? { value: list } : { value: walked.map((each) => each.value), trace };
}

/** One trace of those of the entries; undefined when none has any. */
function collect(entries: readonly (readonly [string | number, Walked])[]): Trace | undefined {
  const children = entries.flatMap(([key, { trace }]) => (trace === undefined ? [] : [[key, trace] as const]));
  return children.length === 0 ? undefined : { children: new Map(children) };
}

function walkMap(map: Readonly<Record<string, unknown>>, path: Path, work: Work): Walked {
  const out: Record<string, unknown> = {};
  const children = new Map<string | number, Trace>();
  for (const [key, entry] of Object.entries(map)) {
    const here = [...path, key];
    const walked = walk(entry, undefined, here, work);
    const name = key.includes('$') ? newKey(key, here, work) : key;
    if (Object.hasOwn(out, name))
      tell(work, here, 'DuplicateKey', `the key "${name}" is there twice once its variables are known`);
    put(out, name, walked.value);
    if (name !== key) children.set(name, { children: new Map(), ...walked.trace, writtenKey: key });
    else if (walked.trace !== undefined) children.set(name, walked.trace);
  }
  return children.size === 0 ? { value: map } : { value: out, trace: { children } };
}

function newKey(key: string, path: Path, work: Work): string {
  const expanded = expandHere(key, path, work);
  return expanded === undefined ? key : expanded.text;
}

function walkText(text: string, path: Path, work: Work): Walked {
  const expanded = expandHere(text, path, work);
  if (expanded === undefined || expanded.text === text) return { value: text };
  const isPlain = work.source.sourceAt(path) === text;
  const value = isPlain ? readPlain(expanded.text) : expanded.text;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    tell(work, path, 'Invalid', `${text} becomes a number that JSON does not have; put it in quotes`);
    return { value: text };
  }
  return { value, trace: { children: new Map(), names: [...expanded.names] } };
}

function expandHere(text: string, path: Path, work: Work): Expansion | undefined {
  const expanded = expand(text, work.set);
  if ('faults' in expanded) {
    for (const { reason, message } of expanded.faults) tell(work, path, reason, message);
    return undefined;
  }
  if (expanded.showsSecret) work.set.hide(expanded.text);
  return expanded;
}

/** What a text means to YAML when it stands there without quotes; a value may bring its own quotes along. */
function readPlain(text: string): unknown {
  const trimmed = text.trim();
  if (!/^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')$/s.test(trimmed)) return resolvePlain(trimmed);
  const [document, ...others] = parseYaml(trimmed);
  const isText =
    document !== undefined && others.length === 0 && document.faults.length === 0 && typeof document.value === 'string';
  return isText ? document.value : trimmed;
}

function tell({ source, set, problems }: Work, path: Path, reason: ProblemReason, message: string): void {
  const field = formatPath(path);
  problems.push({ severity: 'error', reason, ...source.locate(path), field, message: set.conceal(message) });
}
