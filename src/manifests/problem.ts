// A user's mistake, with its place. Never thrown, always returned.

/** `error` refuses the commit; `note` says that a field was accepted without effect. */
export interface Problem {
  readonly severity: 'error' | 'note';
  /** CamelCase class of the mistake, stable for machines. */
  readonly reason: ProblemReason;
  /** Path in the repository, or as given on the command line; empty when the problem is with the whole. */
  readonly file: string;
  /** From 1; 0 when the problem is with the whole file. */
  readonly line: number;
  readonly column: number;
  /** Path of the field, such as `spec.template.spec.containers[0].image`; empty for the whole document. */
  readonly field: string;
  /** What is wrong, and what would be right. One line. */
  readonly message: string;
}

export type ProblemReason =
  | 'Unreadable'
  | 'TooLarge'
  | 'InvalidYaml'
  | 'DuplicateKey'
  | 'NotAnObject'
  | 'UnsupportedKind'
  | 'UnsupportedField'
  | 'UnknownField'
  | 'WrongType'
  | 'Required'
  | 'Invalid'
  | 'Duplicate'
  | 'NotFound'
  | 'Conflict'
  | 'Empty'
  | 'NoEffect'
  | 'Converted'
  | 'RenderFailed'
  | 'Undecryptable'
  | 'Immutable'
  | 'Forbidden'
  | 'PolicyViolation'
  | 'Guarded'
  | 'PlanMoved'
  | 'ImageUnavailable'
  | 'Unschedulable'
  | 'Unhealthy'
  | 'Untrusted'
  | 'Waiting'
  | 'SourceFailed';

/** One line for people: `apps/web.yaml:14:11 spec.replicas: must be a whole number`. */
export function formatProblem(problem: Problem): string {
  const place =
    problem.file === '' ? '' : problem.line === 0 ? `${problem.file} ` : `${problem.file}:${problem.line}:${problem.column} `;
  return `${place}${problem.field === '' ? '' : `${problem.field}: `}${problem.message}`;
}
