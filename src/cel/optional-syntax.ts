// The marks of optional selection, `a.?b` and `a[?b]`, which the parser does not know: taken out without moving anything, and remembered.

/** How deep brackets may be nested: what nobody writes by hand, and what the parser still reads quickly. */
const MAX_DEPTH = 100;

/** An expression without its marks. */
export interface Unmarked {
  /** As long as the source: every other character stands where it stood. */
  readonly text: string;
  /** Where the `.` or `[` of each marked selection stands. */
  readonly optionalAt: ReadonlySet<number>;
}

// Raw texts end at the first quote; in the others a backslash protects it.
const token =
  /\/\/[^\n]*|[bB]?[rR][bB]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')|"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[.[]\s*\?|[A-Za-z_]\w*|[()[\]{}]/g;

/** Takes the marks out. `tooDeep` is where brackets are nested deeper than anybody needs. */
export function withoutOptionalMarks(source: string): Unmarked & { readonly tooDeep?: number } {
  const optionalAt = new Set<number>();
  let text = '';
  let done = 0;
  let depth = 0;
  for (const { 0: found, index } of source.matchAll(token)) {
    const isMarked = found.endsWith('?') && /^[.[]/.test(found);
    if (isMarked) {
      optionalAt.add(index);
      text += `${source.slice(done, index + found.length - 1)} `;
      done = index + found.length;
    }
    if (/^[([{]/.test(found)) depth += 1;
    else if (/^[)\]}]/.test(found)) depth -= 1;
    if (depth > MAX_DEPTH) return { text: source, optionalAt, tooDeep: index };
  }
  return { text: text + source.slice(done), optionalAt };
}
