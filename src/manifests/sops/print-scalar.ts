// A value as it is written into a text: so that Kubernetes and SOPS read it back alike, and lines of a text stay lines.
import { resolvePlain } from '../reading/scalar.ts';
import { readAsSops } from './go-scalar.ts';

/** Where a value stands. */
export interface Surroundings {
  /** Inside of braces or brackets, as everything in JSON is. */
  readonly isFlow: boolean;
  /** How far the lines of a text are indented. */
  readonly indent: number;
}

/** A printed value; `lines` go below the line that it stands in. */
export interface PrintedScalar {
  readonly text: string;
  readonly lines?: string;
}

const plain = /^[A-Za-z0-9_/.](?:[A-Za-z0-9_/.+@%=:,~^(){}|$?*&!-]| (?![#\s]))*$/;
// What YAML readers take for line breaks or do not show.
const special = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;
const unfitForLines = /[^\P{Cc}\t\n]|[\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u;

/** Text in double quotes, as JSON and YAML both read it. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(special, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Prints text. */
export function printText(text: string, { isFlow, indent }: Surroundings): PrintedScalar {
  if (isFlow) return { text: quoted(text) };
  if (text.includes('\n') && canBeLines(text)) {
    const end = /\n*$/.exec(text)?.[0].length ?? 0;
    const chomping = end === 0 ? '-' : end === 1 ? '' : '+';
    const body = end === 0 ? text : text.slice(0, -1);
    const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
    return { text: `|${chomping}`, lines: lines.join('\n') };
  }
  return { text: isPlain(text) ? text : quoted(text) };
}

/** The first line says how far all are indented, so it must have no spaces of its own; and nothing may look like an end of the document. */
function canBeLines(text: string): boolean {
  return !unfitForLines.test(text) && /^[^\s]/.test(text) && /[^\n]/.test(text) && !/[ \t]$/m.test(text);
}

function isPlain(text: string): boolean {
  if (!plain.test(text) || /:(?: |$)/.test(text) || text.startsWith('...') || text.endsWith(' ')) return false;
  return resolvePlain(text) === text && readAsSops(text, true).type === 'str';
}
