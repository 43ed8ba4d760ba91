// Health checks that people write as CEL expressions, by the names that Flux gives them (`healthCheckExprs`): what is wrong with them, and
// what they are compiled to.
import { compile, type Expression, faultText, type Scope } from '../../cel/expression.ts';
import { kindNaming } from '../../model/kinds.generated.ts';
import type { HealthCheckExpr, Kind } from '../../model/resource.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { schemaOf } from '../schema/schema.ts';
import { didYouMean } from '../suggest.ts';

/** As many as anybody could want: each is asked whenever an object of its kind changes. */
const MAX_CHECKS = 100;

const kinds = (Object.keys(kindNaming) as Kind[]).filter((kind) => kindNaming[kind].isSupported);

const parts = ['inProgress', 'failed', 'current', 'messageExpression'] as const;

/** The expressions of one check, ready to be evaluated. */
export type HealthExpressions = { readonly [P in (typeof parts)[number]]?: Expression };

/** Fields that objects of a kind have at their top, which expressions know by their names. */
export function fieldsOf(kind: string): readonly string[] {
  return Object.keys(schemaOf(kind as Kind).properties ?? {});
}

/** What the expressions are compiled to; one that has a fault is left out, and `report` hears of it. */
export function compileHealthCheck(
  check: HealthCheckExpr,
  report: (part: (typeof parts)[number], message: string) => void = () => undefined,
): HealthExpressions {
  const scope: Scope = { names: ['object', ...fieldsOf(check.kind)] };
  const ready = parts.flatMap((part) => {
    const text = check[part];
    if (text === undefined) return [];
    const result = compile(text, scope);
    if ('expression' in result) return [[part, result.expression] as const];
    report(part, faultText(result.fault, text));
    return [];
  });
  return Object.fromEntries(ready);
}

/** Tells what is wrong with the checks. */
export function checkHealthChecks(checks: readonly HealthCheckExpr[], report: Report): void {
  if (checks.length > MAX_CHECKS)
    report(['spec', 'healthCheckExprs'], 'Invalid', `there are ${checks.length} checks, and ${MAX_CHECKS} at most`);
  for (const [index, check] of checks.slice(0, MAX_CHECKS).entries()) {
    const here = ['spec', 'healthCheckExprs', index] as const;
    const { apiVersion, kind, namespace, name } = check;
    const known = kinds.find((each) => each === kind);
    if (known === undefined) {
      report([...here, 'kind'], 'Invalid', `there is no kind "${kind}" here.${didYouMean(kind, kinds)}`);
      continue;
    }
    if (known === 'Application') {
      report([...here, 'kind'], 'Invalid', forbidden(NO_APPLICATIONS));
      continue;
    }
    const naming = kindNaming[known];
    if (apiVersion !== naming.apiVersion)
      report([...here, 'apiVersion'], 'Invalid', invalid(apiVersion, `a ${known} is of ${naming.apiVersion}`));
    if (namespace !== undefined && !naming.isNamespaced)
      report([...here, 'namespace'], 'Invalid', invalid(namespace, `a ${known} is in no namespace`));
    for (const [field, value] of Object.entries({ name, namespace }))
      if (value === '') report([...here, field], 'Required', required('leave the field out for all'));
    compileHealthCheck(check, (part, message) => report([...here, part], 'Invalid', message));
  }
}

const NO_APPLICATIONS =
  'what an application declares begins when the commit that declares it is live, so that nothing can wait for it; write dependsOn into the one that waits';
