// One file → its objects. Size, encoding and syntax are judged here, and what is no manifest is told from what is a bad one.

import { createPlaceFinder, formatPath } from '../place.ts';
import type { Problem, ProblemReason } from '../problem.ts';
import type { FileObjects } from '../rendering.ts';
import { fromDocument } from '../source.ts';
import type { Reading } from './scalar.ts';
import { type PlacedFault, readYaml } from './yaml.ts';

/** The largest file that is read. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** A problem with a whole file. */
export function fileProblem(file: string, reason: ProblemReason, message: string): Problem {
  return { severity: 'error', reason, file, line: 0, column: 0, field: '', message };
}

/** The problem of a file that is too large to be read. */
export function tooLargeProblem(file: string, sizeBytes: number): Problem {
  return fileProblem(file, 'TooLarge', `the file has ${sizeBytes} bytes; at most ${MAX_FILE_BYTES} are read`);
}

/** The documents of one file, and the means to let go of what only places need. */
export interface FileText extends FileObjects {
  /** Whether variables may stand in it. */
  readonly hasDollar: boolean;
  readonly release: () => void;
}

/** Reads the documents of a YAML or JSON file; a `List` stays one object. Never throws. */
export function readObjects(file: string, bytes: Uint8Array, reading: Reading = 'kubernetes'): FileText {
  if (bytes.byteLength > MAX_FILE_BYTES) return failed(tooLargeProblem(file, bytes.byteLength));
  const text = decode(bytes);
  if (text === undefined) return failed(fileProblem(file, 'Unreadable', encodingFault(bytes)));
  const illegal = illegalCharacter(text, file);
  if (illegal !== undefined) return failed(illegal);
  const { documents, release } = readYaml(text, reading);
  const problems = documents.flatMap(({ faults }) => faults.map((fault) => problemOf(fault, file)));
  return {
    objects: documents.filter(({ faults }) => faults.length === 0).map((document) => fromDocument(document, file)),
    problems: text.includes('{{') ? problems.map(explainTemplate) : problems,
    hasDollar: text.includes('$'),
    release,
  };
}

/** The same for a file that nobody named: JSON that is no Kubernetes object, such as package.json, is not for us. */
export function readManifestFile(file: string, bytes: Uint8Array): FileText {
  const text = file.endsWith('.json') && bytes.byteLength <= MAX_FILE_BYTES ? decode(bytes) : undefined;
  return text !== undefined && isOtherJson(text) ? withoutObjects([]) : readObjects(file, bytes);
}

const nothing = (): void => {};

function problemOf({ reason, message, path, place }: PlacedFault, file: string): Problem {
  return { severity: 'error', reason, file, ...place, field: formatPath(path), message };
}

function failed(problem: Problem): FileText {
  return withoutObjects([problem]);
}

/** What is made of a file that gives no objects. */
export function withoutObjects(problems: readonly Problem[]): FileText {
  return { objects: [], problems, hasDollar: false, release: nothing };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingFault([first, second]: Uint8Array): string {
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 ? 'the file is UTF-16; save it as UTF-8' : 'the file is not valid UTF-8';
}

/** Characters that YAML does not allow unescaped, and a byte order mark that got into the middle when files were joined. */
const illegalCharacters = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]|(?<=\n)\ufeff/u;

function illegalCharacter(text: string, file: string): Problem | undefined {
  const found = illegalCharacters.exec(text);
  if (found === null) return undefined;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const cure =
    code === 'FEFF' ? 'a byte order mark belongs to the beginning of a file' : 'write it as an escape in double quotes';
  const message = `the character U+${code} is not allowed here; ${cure}`;
  return { severity: 'error', reason: 'InvalidYaml', file, ...createPlaceFinder(text)(found.index), field: '', message };
}

function isOtherJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== 'object' || value === null || !('apiVersion' in value || 'kind' in value);
  } catch {
    return !/"(?:apiVersion|kind)"\s*:/.test(text);
  }
}

/** Templates are the usual cause of YAML that cannot be read. */
function explainTemplate(problem: Problem): Problem {
  if (problem.reason !== 'InvalidYaml') return problem;
  return {
    ...problem,
    message: `templates with {{ }} are rendered in Helm charts only; commit what they render to (${problem.message})`,
  };
}
