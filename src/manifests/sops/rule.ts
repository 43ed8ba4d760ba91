// Which values of a file are encrypted. One of six rules holds for a file; without any, everything is but keys that end in `_unencrypted`.
import { compilePattern, MAX_TEXT_CHARACTERS } from '../kustomize/steps/pattern.ts';

/** The names of the rules, as `sops` blocks and `.sops.yaml` have them. */
export const ruleNames = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const;
export type RuleName = (typeof ruleNames)[number];

/** One rule, as written. */
export interface RuleSetting {
  readonly name: RuleName;
  readonly value: string;
}

/** What SOPS does when nothing is said. */
export const defaultRule: RuleSetting = { name: 'unencrypted_suffix', value: '_unencrypted' };

/** How many characters of different keys a pattern is tried on; honest files have far fewer. */
const MAX_CHARACTERS = 200_000;

/** A file has more and longer keys than a pattern can be tried on in bounded time. */
export class RuleTooCostly extends Error {
  readonly code = 'RULE_TOO_COSTLY';
  constructor() {
    super('the keys of the file are too long for a rule with a pattern');
    this.name = 'RuleTooCostly';
  }
}

/** Whether the value under these keys is to be encrypted. `byForm`: comments decide, so that only the value itself tells. */
export type Rule = { readonly byForm: false; readonly covers: (path: readonly string[]) => boolean } | { readonly byForm: true };

/** The rule of a map of settings: undefined when there is none, a fault when there are several or one that is no text. */
export function readRule(settings: Readonly<Record<string, unknown>>): RuleSetting | undefined | { readonly fault: string } {
  const found: RuleSetting[] = [];
  for (const name of ruleNames) {
    const value = settings[name];
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string') return { fault: `${name} must be a text` };
    found.push({ name, value });
  }
  if (found.length > 1) return { fault: `only one of ${found.map(({ name }) => name).join(', ')} can hold for a file` };
  return found[0];
}

/** What a rule says of paths. What it returns may throw RuleTooCostly. */
export function compileRule({ name, value }: RuleSetting): Rule | { readonly fault: string } {
  if (name === 'unencrypted_comment_regex' || name === 'encrypted_comment_regex') return { byForm: true };
  const isNegative = name.startsWith('unencrypted');
  if (name.endsWith('_suffix'))
    return { byForm: false, covers: (path) => path.some((key) => key.endsWith(value)) !== isNegative };
  const compiled = compilePattern(value);
  if ('fault' in compiled) return { fault: `${name} is not a pattern that can be used: ${compiled.fault}` };
  const answers = new Map<string, boolean>();
  let left = MAX_CHARACTERS;
  const matches = (key: string): boolean => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    left -= key.length;
    if (left < 0 || key.length > MAX_TEXT_CHARACTERS) throw new RuleTooCostly();
    const answer = compiled.isIn(key);
    answers.set(key, answer);
    return answer;
  };
  return { byForm: false, covers: (path) => path.some(matches) !== isNegative };
}
