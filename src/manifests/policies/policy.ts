// A Policy (holdfast.dev/v1) → expressions that can be evaluated. Every fault is told at its field; a policy with a fault is none, and the
// commit is refused, so that a misspelt rule never lets anything pass.
import { compile, type Expression, faultText, type Scope } from '../../cel/expression.ts';
import { kindNaming } from '../../model/kinds.generated.ts';
import type { Kind, LabelSelector } from '../../model/resource.ts';
import { formatPath, type Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import { invalid, type Report } from '../report.ts';
import { checkObjectMeta } from '../rules/metadata.ts';
import { admit } from '../schema/admit.ts';
import { schemaOf, validate } from '../schema/schema.ts';
import type { SourceObject, SourcePlace } from '../source.ts';
import { didYouMean } from '../suggest.ts';

/** Only what has a schema is validated; that a Policy never becomes a resource does not matter for that. */
const policyKind = 'Policy' as Kind;

/** The kinds that manifests may hold. */
const kindNames: ReadonlySet<string> = new Set(
  Object.entries(kindNaming).flatMap(([kind, { isSupported }]) => (isSupported ? [kind] : [])),
);

/** What the expressions of a policy may refer to, beside its own variables. */
const names = ['object', 'namespaceObject', 'application'];

const noRequest = 'a policy judges manifests, not requests: there are object, namespaceObject, application and variables';
const strangers: Readonly<Record<string, string>> = {
  oldObject: noRequest,
  request: noRequest,
  authorizer: noRequest,
  params: 'a policy has no parameters; write the values into it',
};

/** The fields of a Policy once the schema has judged it. */
interface PolicyFields {
  readonly metadata: { readonly name?: string };
  readonly spec: {
    readonly match?: PolicyMatch;
    readonly matchConditions?: readonly Named[];
    readonly variables?: readonly Named[];
    readonly validations: readonly WrittenValidation[];
    readonly failurePolicy?: 'Fail' | 'Ignore';
  };
}

interface Named {
  readonly name: string;
  readonly expression: string;
}

interface WrittenValidation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly action?: 'deny' | 'warn';
}

/** Which objects a policy is about. */
export interface PolicyMatch {
  readonly kinds?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly excludeNamespaces?: readonly string[];
  readonly labels?: LabelSelector;
}

/** One rule, ready to be evaluated. */
export interface Validation {
  readonly expression: Expression;
  readonly message?: string;
  readonly messageExpression?: Expression;
  readonly isWarning: boolean;
  readonly place: SourcePlace;
}

/** A policy, ready to judge. */
export interface Policy {
  readonly name: string;
  readonly match: PolicyMatch;
  readonly conditions: readonly { readonly name: string; readonly expression: Expression; readonly place: SourcePlace }[];
  readonly validations: readonly Validation[];
  readonly isFaultIgnored: boolean;
}

/** What one object was compiled to: objects are shared between loads, and never changed. */
const compiled = new WeakMap<object, PolicyReading>();

/** What came of one object. */
export interface PolicyReading {
  /** Absent when there is a fault. */
  readonly policy: Policy | undefined;
  readonly problems: readonly Problem[];
}

/** Compiles a policy; once, however often it is asked for. */
export function compilePolicy(source: SourceObject): PolicyReading {
  const value = source.value as object;
  const known = compiled.get(value) ?? readPolicy(source);
  compiled.set(value, known);
  return known;
}

function readPolicy(source: SourceObject): PolicyReading {
  const problems: Problem[] = [];
  const report: Report = (path, reason, message, severity = 'error') => {
    problems.push({ severity, reason, ...source.locate(path), field: formatPath(path), message });
  };
  const admitted = admit(schemaOf(policyKind), source.value as Readonly<Record<string, unknown>>, report);
  validate(policyKind, admitted.value, report);
  const isFaulty = (): boolean => problems.some(({ severity }) => severity === 'error');
  if (isFaulty()) return { policy: undefined, problems };
  // The schema has just said so.
  const fields = admitted.value as unknown as PolicyFields;
  checkObjectMeta(admitted.value as never, report);
  for (const [index, kind] of (fields.spec.match?.kinds ?? []).entries())
    if (!kindNames.has(kind)) report(['spec', 'match', 'kinds', index], 'Invalid', invalid(kind, unknownKind(kind)));
  const policy = expressionsOf(fields, source, report);
  return { policy: isFaulty() ? undefined : policy, problems };
}

const unknownKind = (kind: string): string => `there is no such kind.${didYouMean(kind, kindNames)}`;

function expressionsOf({ metadata, spec }: PolicyFields, source: SourceObject, report: Report): Policy | undefined {
  const variables = new Map<string, Expression>();
  const scope: Scope = { names, variables, strangers };
  const of = (path: Path, text: string): Expression | undefined => {
    const result = compile(text, scope);
    if ('expression' in result) return result.expression;
    report(path, 'Invalid', faultText(result.fault, text));
    return undefined;
  };
  for (const [index, { name, expression }] of (spec.variables ?? []).entries()) {
    const path = ['spec', 'variables', index];
    if (!/^[A-Za-z_]\w*$/.test(name)) report([...path, 'name'], 'Invalid', invalid(name, 'a name has letters, digits and "_"'));
    if (variables.has(name)) report([...path, 'name'], 'Duplicate', `Duplicate value: "${name}"`);
    const result = of([...path, 'expression'], expression);
    if (result !== undefined) variables.set(name, result);
  }
  const conditions = (spec.matchConditions ?? []).flatMap(({ name, expression }, index) => {
    const path = ['spec', 'matchConditions', index, 'expression'];
    const result = of(path, expression);
    return result === undefined ? [] : [{ name, expression: result, place: source.locate(path) }];
  });
  const validations = spec.validations.flatMap((written, index): Validation[] => {
    const path = ['spec', 'validations', index];
    const expression = of([...path, 'expression'], written.expression);
    const text = written.messageExpression;
    const messageExpression = text === undefined ? undefined : of([...path, 'messageExpression'], text);
    if (expression === undefined) return [];
    return [
      {
        expression,
        isWarning: written.action === 'warn',
        place: source.locate([...path, 'expression']),
        ...(written.message === undefined ? {} : { message: written.message }),
        ...(messageExpression === undefined ? {} : { messageExpression }),
      },
    ];
  });
  const { match = {}, failurePolicy } = spec;
  return { name: metadata.name ?? '', match, conditions, validations, isFaultIgnored: failurePolicy === 'Ignore' };
}
