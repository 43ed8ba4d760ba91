// Colour helps in a terminal and harms everywhere else.
import pc from 'picocolors';
import type { Parts } from './parts.ts';

export type Colors = ReturnType<typeof pc.createColors>;

/** Whether this stream is a terminal that understands more than lines. */
export function isRichTerminal(stream: { readonly isTTY: boolean }, env: Parts['env']): boolean {
  return stream.isTTY && env['TERM'] !== 'dumb';
}

/** Colours for a terminal unless NO_COLOR is set (no-color.org: to anything but nothing); else none. */
export function colorsFor(stream: { readonly isTTY: boolean }, env: Parts['env']): Colors {
  return pc.createColors(isRichTerminal(stream, env) && (env['NO_COLOR'] ?? '') === '');
}
