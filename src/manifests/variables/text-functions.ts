// What placeholders do with a value. Counts characters, not bytes.

/** The value in upper or lower case. Letters without a single counterpart, such as ß, stay. */
export function inCase(value: string, isUpper: boolean, isFirstOnly: boolean): string {
  const convert = (char: string): string => {
    const other = isUpper ? char.toUpperCase() : char.toLowerCase();
    return Array.from(other).length === 1 ? other : char;
  };
  if (!isFirstOnly) return Array.from(value, convert).join('');
  const [first = ''] = value;
  return convert(first) + value.slice(first.length);
}

/** From a position on; a negative one counts from the end, and so does a negative length. What is outside is cut off. */
export function slice(value: string, from: number, length: number | undefined): string {
  const chars = Array.from(value);
  const start = from < 0 ? Math.max(0, chars.length + from) : from;
  const end = length === undefined ? chars.length : length < 0 ? chars.length + length : start + length;
  return chars.slice(start, Math.max(start, end)).join('');
}

/** Replaces a literal text. An empty one at the start or end puts the replacement there. */
export function replace(value: string, text: string, by: string, where: 'first' | 'all' | 'start' | 'end'): string {
  if (where === 'start') return value.startsWith(text) ? by + value.slice(text.length) : value;
  if (where === 'end') return value.endsWith(text) ? value.slice(0, value.length - text.length) + by : value;
  if (text === '') return value;
  if (where === 'all') return value.split(text).join(by);
  const at = value.indexOf(text);
  return at === -1 ? value : value.slice(0, at) + by + value.slice(at + text.length);
}
