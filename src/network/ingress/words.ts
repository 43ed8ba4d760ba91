// Text for the proxy's configuration: one argument each, whatever is in it (HAProxy Configuration Manual, "Quoting and escaping").

/** An argument: everything in it is taken as it is. It must have no line breaks. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Text within a log-format: a per cent sign stands for itself. */
export function plainFormat(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A regular expression that matches just this text. */
export function escapedRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
