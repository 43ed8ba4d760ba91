// Values that were encrypted must not come out in what helm says of a chart.
import { parseYaml } from '../reading/yaml.ts';

/** A shorter text is no secret, and to hide it would make messages unreadable. */
const MIN_SECRET_LENGTH = 4;
const plainWords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'none']);

/** All texts and numbers of a YAML text that are long enough to be secrets. A text that cannot be read is one whole secret. */
export function scalarsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (value: string): void => {
    if (value.length >= MIN_SECRET_LENGTH && !plainWords.has(value.toLowerCase())) found.add(value);
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'string') for (const part of [value, ...value.split('\n')]) add(part.trim());
    else if (typeof value === 'number') add(String(value));
    else if (typeof value === 'object' && value !== null) for (const entry of Object.values(value)) visit(entry);
  };
  for (const { value, faults } of parseYaml(text)) {
    if (faults.length > 0) for (const line of text.split('\n')) add(line.trim());
    else visit(value);
  }
  return found;
}

/** A message without any of them. */
export function conceal(message: string, secrets: ReadonlySet<string>): string {
  const longestFirst = [...secrets].toSorted((one, other) => other.length - one.length);
  return longestFirst.reduce((told, secret) => {
    const escaped = JSON.stringify(secret).slice(1, -1);
    return told.replaceAll(secret, '***').replaceAll(escaped, '***');
  }, message);
}
