// What Holdfast does with a kind or a field, as the schemas say it: what `holdfast explain` prints. Pure.
import { didYouMean } from '../suggest.ts';
import { definitionProse, kindProse, type Prose } from './prose.generated.ts';
import type { SchemaNode } from './schema-node.ts';
import { definitions, schemas } from './schemas.generated.ts';

/** What becomes of a field that a manifest sets. */
export type Answer = 'honoured' | 'accepted without effect' | 'set by Holdfast' | 'refused';

/** One field among those of its parent. */
export interface ExplainedField {
  readonly name: string;
  /** `string`, `[]Container`, `map[string]string`… */
  readonly type: string;
  readonly isRequired: boolean;
  readonly answer: Answer;
}

export interface Explanation {
  readonly kind: string;
  readonly apiVersion: string;
  /** Names of fields from the top, without list positions; empty for the kind itself. */
  readonly path: readonly string[];
  readonly type: string;
  readonly description: string;
  readonly answer: Answer;
  /** Why it is not simply honoured; also a remark about a field that is. */
  readonly reason?: string;
  /** The words it may be, where there is a list of them. */
  readonly values: readonly string[];
  /** Words that Kubernetes has and Holdfast refuses: why. */
  readonly refusedValues: Readonly<Record<string, string>>;
  readonly fields: readonly ExplainedField[];
}

/** A part of a schema together with its prose. */
interface Part {
  readonly node: SchemaNode;
  readonly prose: Prose;
}

/** The kinds that can be explained, sorted. */
export const explainedKinds: readonly string[] = Object.keys(schemas).sort();

/** Explains a kind of `explainedKinds`, or a field of it; what is wrong with the question as a message. */
export function explain(kind: string, path: readonly string[]): Explanation | { readonly message: string } {
  const top = schemas[kind];
  if (top === undefined) return { message: `there is no kind "${kind}".${didYouMean(kind, explainedKinds)}` };
  let part: Part = { node: top, prose: kindProse[kind] ?? '' };
  let own: SchemaNode = top;
  let inherited = answerOf(top, {});
  const walked: string[] = [];
  for (const step of path) {
    const { node } = contentOf(part);
    const next = node.properties?.[step];
    if (next === undefined) return { message: missing(kind, walked, step, node) };
    part = { node: next, prose: proseOfField(part, step) };
    own = next;
    walked.push(step);
    inherited = answerOf(next, inherited, isStatus(walked));
  }
  const { node } = contentOf(part);
  const values = (own.enum ?? node.enum ?? (own.const === undefined ? [] : [own.const])).filter((value) => value !== '');
  return {
    kind,
    apiVersion: top.properties?.['apiVersion']?.const ?? '',
    path: walked,
    type: typeOf(own),
    description: textOf(part),
    ...inherited,
    answer: inherited.answer ?? 'honoured',
    values,
    refusedValues: own['x-unsupported-values'] ?? {},
    fields: Object.entries(node.properties ?? {}).map(([name, property]) => ({
      name,
      type: typeOf(property),
      isRequired: node.required?.includes(name) === true,
      answer: answerOf(property, inherited, isStatus([...walked, name])).answer ?? 'honoured',
    })),
  };
}

/** The answer of a field, given that of its parent: what is below a refused field is refused with it. */
function answerOf(
  node: SchemaNode,
  parent: { readonly answer?: Answer; readonly reason?: string },
  isManaged = false,
): { readonly answer?: Answer; readonly reason?: string } {
  if (parent.answer !== undefined && parent.answer !== 'honoured') return parent;
  const refusal = node['x-unsupported'] ?? node['x-internal'];
  if (refusal !== undefined) return { answer: 'refused', reason: refusal };
  const ineffective = node['x-no-effect'];
  if (ineffective !== undefined) return { answer: 'accepted without effect', reason: ineffective };
  if (isManaged || node['x-managed'] === true) return { answer: 'set by Holdfast', reason: 'What a manifest says is not used.' };
  const remark = node['x-note'];
  return { answer: 'honoured', ...(remark === undefined ? {} : { reason: remark }) };
}

/** The status of an object, which is reported and never read from a manifest. */
const isStatus = (path: readonly string[]): boolean => path.length === 1 && path[0] === 'status';

const nameOfRef = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** What stands behind references and in the items of lists and maps: where the next field is looked for. */
function contentOf({ node, prose }: Part): Part {
  if (node.$ref !== undefined) {
    const name = nameOfRef(node.$ref);
    return contentOf({ node: definitions[name] ?? {}, prose: definitionProse[name] ?? '' });
  }
  if (node.items !== undefined) return contentOf({ node: node.items, prose });
  if (node.properties === undefined && typeof node.additionalProperties === 'object')
    return contentOf({ node: node.additionalProperties, prose });
  return { node, prose };
}

function proseOfField(part: Part, name: string): Prose {
  const { prose } = contentOf(part);
  return typeof prose === 'string' ? '' : (prose.fields[name] ?? '');
}

/** The field's own description, else that of its type. */
function textOf(part: Part): string {
  const own = typeof part.prose === 'string' ? part.prose : part.prose.text;
  if (own !== '') return own;
  const { prose } = contentOf(part);
  return typeof prose === 'string' ? prose : prose.text;
}

const shortTypes: Readonly<Record<string, string>> = { array: 'list', object: 'object' };

function typeOf(node: SchemaNode): string {
  if (node.$ref !== undefined) {
    const name = nameOfRef(node.$ref);
    const target = definitions[name] ?? {};
    // A name for a plain value tells more than the type of the value.
    return target.properties === undefined && typeof target.additionalProperties === 'object' ? typeOf(target) : name;
  }
  if (node.items !== undefined) return `[]${typeOf(node.items)}`;
  if (node.properties === undefined && typeof node.additionalProperties === 'object')
    return `map[string]${typeOf(node.additionalProperties)}`;
  if (node.const !== undefined || node.enum !== undefined) return 'string';
  return [node.type ?? 'any']
    .flat()
    .map((type) => shortTypes[type] ?? type)
    .join(' or ');
}

function missing(kind: string, walked: readonly string[], step: string, node: SchemaNode): string {
  const where = [kind, ...walked].join('.');
  const names = Object.keys(node.properties ?? {});
  if (names.length === 0) return `${where} has no fields`;
  return `${where} has no field "${step}".${didYouMean(step, names)}`;
}
