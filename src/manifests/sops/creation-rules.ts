// `.sops.yaml`: for whom new files are encrypted, and what of them. Only its creation rules matter here.
import { compilePattern } from '../kustomize/steps/pattern.ts';
import { parseYaml } from '../reading/yaml.ts';
import { isPlainMap, shown } from './metadata.ts';
import { defaultRule, type RuleSetting, readRule } from './rule.ts';

/** What a rule asks for. */
export interface CreationRule {
  readonly recipients: readonly string[];
  readonly rule: RuleSetting;
  readonly macOnlyEncrypted: boolean;
}

/** Keys that only sops itself can encrypt for. */
const foreign = ['pgp', 'kms', 'gcp_kms', 'hckms', 'azure_keyvault', 'hc_vault_transit_uri', 'hc_vault'];

/**
 * The first rule whose `path_regex` fits the path (relative to the folder of the file with the rules, with forward slashes), as sops
 * chooses it. Undefined when there are no creation rules at all.
 */
export function findCreationRule(text: string, path: string): CreationRule | undefined | { readonly fault: string } {
  const [document] = parseYaml(text);
  if (document === undefined) return undefined;
  const [broken] = document.faults;
  if (broken !== undefined) return { fault: `line ${broken.place.line}: ${broken.message}` };
  const rules = isPlainMap(document.value) ? document.value['creation_rules'] : undefined;
  if (rules === undefined || rules === null) return undefined;
  if (!Array.isArray(rules)) return { fault: 'creation_rules must be a list' };
  for (const [index, rule] of (rules as readonly unknown[]).entries()) {
    const at = `creation_rules[${index}]`;
    if (!isPlainMap(rule)) return { fault: `${at} must be a map` };
    const fits = matches(rule['path_regex'], path);
    if (typeof fits === 'object') return { fault: `${at}.path_regex is not a pattern: ${fits.fault}` };
    if (!fits) continue;
    const found = readCreationRule(rule);
    return 'fault' in found ? { fault: `${at}: ${found.fault}` } : found;
  }
  return { fault: `no path_regex of its creation rules fits ${shown(path)}` };
}

function matches(regex: unknown, path: string): boolean | { readonly fault: string } {
  if (regex === undefined || regex === null || regex === '') return true;
  if (typeof regex !== 'string') return { fault: 'it must be a text' };
  const pattern = compilePattern(regex);
  return 'fault' in pattern ? pattern : pattern.isIn(path);
}

function readCreationRule(rule: Readonly<Record<string, unknown>>): CreationRule | { readonly fault: string } {
  const setting = readRule(rule);
  if (setting !== undefined && 'fault' in setting) return setting;
  const groups = rule['key_groups'];
  const isGrouped = Array.isArray(groups) && groups.length > 0;
  if (isGrouped && groups.length > 1)
    return { fault: 'data keys that are split among key_groups cannot be made here; encrypt with sops' };
  const keys: unknown = isGrouped ? groups[0] : rule;
  if (!isPlainMap(keys)) return { fault: 'key_groups[0] must be a map' };
  const other = [...foreign, 'merge'].find((name) => !isEmpty(keys[name]));
  if (other !== undefined)
    return { fault: `it asks for "${other}" as well, for which Holdfast cannot encrypt; encrypt with sops` };
  const recipients = readRecipients(keys['age']);
  if (recipients === undefined) return { fault: 'age must be a text or a list of texts' };
  return { recipients, rule: setting ?? defaultRule, macOnlyEncrypted: rule['mac_only_encrypted'] === true };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function readRecipients(value: unknown): readonly string[] | undefined {
  if (isEmpty(value)) return [];
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!entries.every((entry) => typeof entry === 'string')) return undefined;
  return entries.flatMap(splitRecipients);
}

/** Recipients of a text, with commas between them. */
export function splitRecipients(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
