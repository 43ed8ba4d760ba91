// One file → its objects. Size, encoding and syntax are judged here, and what is no manifest is told from what is a bad one.

import { type ReadObject, readResources } from '../object.ts';
import { formatPath } from '../place.ts';
import type { Problem, ProblemReason } from '../problem.ts';
import { fromDocument } from '../source.ts';
import { parseYaml, type YamlDocument } from './yaml.ts';

/** The largest file that is read. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** What came out of one file. */
export interface ReadFile {
  readonly objects: readonly ReadObject[];
  readonly problems: readonly Problem[];
}

/** A problem with a whole file. */
export function fileProblem(file: string, reason: ProblemReason, message: string): Problem {
  return { severity: 'error', reason, file, line: 0, column: 0, field: '', message };
}

/** The problem of a file that is too large to be read. */
export function tooLargeProblem(file: string, sizeBytes: number): Problem {
  return fileProblem(file, 'TooLarge', `the file has ${sizeBytes} bytes; at most ${MAX_FILE_BYTES} are read`);
}

/** Reads one file. Never throws. */
export function readFile(file: string, bytes: Uint8Array): ReadFile {
  if (bytes.byteLength > MAX_FILE_BYTES) return failed(tooLargeProblem(file, bytes.byteLength));
  const text = decode(bytes);
  if (text === undefined) return failed(fileProblem(file, 'Unreadable', 'the file is not valid UTF-8'));
  if (file.endsWith('.json') && isOtherJson(text)) return { objects: [], problems: [] };
  const problems: Problem[] = [];
  const objects = parseYaml(text).flatMap((document) => readDocument(document, file, problems));
  return { objects, problems: text.includes('{{') ? problems.map(explainTemplate) : problems };
}

function readDocument(document: YamlDocument, file: string, problems: Problem[]): ReadObject[] {
  for (const { reason, message, path, place } of document.faults)
    problems.push({ severity: 'error', reason, file, ...place, field: formatPath(path), message });
  return document.faults.length > 0 ? [] : readResources(fromDocument(document, file), problems);
}

function failed(problem: Problem): ReadFile {
  return { objects: [], problems: [problem] };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON that is no Kubernetes object, such as package.json, is not for us. */
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
  return { ...problem, message: `templates with {{ }} are not supported yet; commit what they render to (${problem.message})` };
}
