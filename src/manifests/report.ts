// How faults are told while an object is looked at: by path; the place is found afterwards, and only when there is a fault.
import type { Path } from './place.ts';
import type { Problem, ProblemReason } from './problem.ts';

/** Tells one fault. The severity is `error` unless said otherwise. */
export type Report = (path: Path, reason: ProblemReason, message: string, severity?: Problem['severity']) => void;

/** Kubernetes' wording of its field errors. */
export const required = (detail = ''): string => (detail === '' ? 'Required value' : `Required value: ${detail}`);
export const forbidden = (detail: string): string => `Forbidden: ${detail}`;
export const duplicate = (value: unknown): string => `Duplicate value: ${JSON.stringify(value)}`;
export const invalid = (value: unknown, detail: string): string => `Invalid value: ${JSON.stringify(value)}: ${detail}`;
export const notFound = (value: string): string => `Not found: ${JSON.stringify(value)}`;
export const tooLong = (limit: number, unit = 'bytes'): string => `Too long: may not be more than ${limit} ${unit}`;
export const tooMany = (count: number, limit: number): string => `Too many: ${count}: must have at most ${limit} items`;
export const unsupported = (value: unknown, supported: readonly string[]): string =>
  `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((entry) => JSON.stringify(entry)).join(', ')}`;
