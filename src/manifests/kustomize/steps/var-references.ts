// `$(NAME)` in a text.
import { formatNumber, MAX_VALUE_CHARACTERS } from './scalars.ts';

/** What became of a text, and the names that were replaced in it. */
export type Expanded = { readonly used: readonly string[] } & (
  | { readonly value: string | number | boolean }
  | { readonly fault: string }
);

/**
 * Replaces the references to known names. `$$` is a dollar sign, and what refers to nothing known stays, for Kubernetes has references of this
 * form as well. A text that is one reference and nothing else becomes the value itself, with its type. `budget` counts characters over all
 * texts of a build.
 */
export function expand(text: string, values: ReadonlyMap<string, string | number | boolean>, budget: { left: number }): Expanded {
  const used: string[] = [];
  const parts: string[] = [];
  let length = 0;
  let at = 0;
  const lastClose = text.lastIndexOf(')');
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1 || dollar + 1 >= text.length) break;
    parts.push(text.slice(at, dollar));
    const close = text[dollar + 1] === '(' && dollar < lastClose ? text.indexOf(')', dollar) : -1;
    if (close === -1) {
      parts.push(text[dollar + 1] === '$' ? '$' : text.slice(dollar, dollar + 2));
      at = dollar + 2;
      continue;
    }
    const name = text.slice(dollar + 2, close);
    const value = values.get(name);
    at = close + 1;
    if (value === undefined) parts.push(text.slice(dollar, at));
    else {
      used.push(name);
      if (dollar === 0 && at === text.length) return { value, used };
      const shown = typeof value === 'string' ? value : formatNumber(value);
      length += shown.length;
      parts.push(shown);
    }
    if (length > Math.min(MAX_VALUE_CHARACTERS, budget.left))
      return { fault: 'the text gets too long when its vars are replaced', used };
  }
  budget.left -= length;
  return { value: parts.join('') + text.slice(at), used };
}
