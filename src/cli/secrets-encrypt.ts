// `holdfast secrets encrypt`.
import { type CreationRule, findCreationRule, splitRecipients } from '../manifests/sops/creation-rules.ts';
import { type EncryptionSettings, encryptFile, usualRule, type World } from '../manifests/sops/encrypt.ts';
import type { Refused } from '../manifests/sops/file.ts';
import { faultLine } from '../manifests/sops/metadata.ts';
import type { RuleSetting } from '../manifests/sops/rule.ts';
import { type Parts } from './parts.ts';
import { count, printable } from './phrases.ts';
import { UsageFault } from './usage-fault.ts';

export interface EncryptOptions {
  age?: readonly string[];
  encryptedRegex?: string;
  unencryptedRegex?: string;
  encryptedSuffix?: string;
  unencryptedSuffix?: string;
  macOnlyEncrypted?: true;
  inPlace?: true;
  output?: string;
}

/** What encryption takes from the outside. */
export function worldOf(parts: Parts): World {
  return { random: (length) => parts.secretFiles.random(length), nowMs: parts.clock.now() };
}

/** One line on standard error for each fault; the file is named first. */
export function tellFaults(file: string, { faults }: Refused, parts: Parts): void {
  for (const fault of faults) parts.stderr.write(`holdfast: ${printable(`${file}: ${faultLine(fault)}`)}\n`);
}

/** Encrypts all files or none. */
export async function encrypt(files: readonly string[], raw: EncryptOptions, parts: Parts): Promise<number> {
  if (files.length > 1 && raw.inPlace !== true)
    throw new UsageFault('several files can only be encrypted in place: give --in-place, or one file at a time');
  const results: { readonly file: string; readonly bytes: Uint8Array; readonly recipients: number }[] = [];
  let isRefused = false;
  for (const file of files) {
    const bytes = await parts.secretFiles.read(file);
    const settings = await settingsFor(file, bytes, raw, parts);
    const result = await encryptFile(file, bytes, settings, worldOf(parts));
    if ('faults' in result) {
      isRefused = true;
      tellFaults(file, result, parts);
    } else results.push({ file, bytes: result.bytes, recipients: settings.recipients.length });
  }
  if (isRefused) {
    if (files.length > 1) parts.stderr.write('holdfast: nothing was written\n');
    return 1;
  }
  for (const { file, bytes, recipients } of results) {
    if (raw.inPlace === true) {
      await parts.secretFiles.replace(file, bytes);
      parts.stderr.write(`${file}: encrypted for ${count(recipients, 'recipient')}\n`);
    } else if (raw.output === undefined) parts.stdout.write(Buffer.from(bytes).toString('utf8'));
    else {
      await parts.secretFiles.create(raw.output, bytes, false);
      parts.stderr.write(`${raw.output}: encrypted for ${count(recipients, 'recipient')}\n`);
    }
  }
  return 0;
}

/** Options win over `.sops.yaml`, and that over the environment. */
async function settingsFor(file: string, bytes: Uint8Array, raw: EncryptOptions, parts: Parts): Promise<EncryptionSettings> {
  const named = (raw.age ?? []).flatMap(splitRecipients);
  const own = ruleOf(raw);
  const found = named.length > 0 && own !== undefined ? undefined : await rulesFor(raw.output ?? file, parts, named.length > 0);
  const fromEnv = splitRecipients(parts.env['SOPS_AGE_RECIPIENTS'] ?? '');
  const recipients = [named, found?.recipients ?? [], fromEnv].find((list) => list.length > 0);
  if (recipients === undefined)
    throw new UsageFault(
      `for whom? Give --age age1…, or write a .sops.yaml with creation_rules; "holdfast secrets keygen" makes a key and its recipient`,
    );
  return {
    recipients,
    rule: own ?? found?.rule ?? usualRule(file, bytes),
    macOnlyEncrypted: raw.macOnlyEncrypted ?? found?.macOnlyEncrypted ?? false,
  };
}

/** Who is named on the command line needs no rule for the file. */
async function rulesFor(file: string, parts: Parts, isOptional: boolean): Promise<CreationRule | undefined> {
  const rules = await parts.secretFiles.findRules(file);
  if (rules === undefined) return undefined;
  const found = findCreationRule(rules.text, rules.path);
  if (found === undefined || !('fault' in found)) return found;
  if (isOptional) return undefined;
  throw new UsageFault(`${rules.file}: ${found.fault}`);
}

function ruleOf(raw: EncryptOptions): RuleSetting | undefined {
  const rules: readonly (readonly [RuleSetting['name'], string | undefined])[] = [
    ['encrypted_regex', raw.encryptedRegex],
    ['unencrypted_regex', raw.unencryptedRegex],
    ['encrypted_suffix', raw.encryptedSuffix],
    ['unencrypted_suffix', raw.unencryptedSuffix],
  ];
  for (const [name, value] of rules) {
    if (value === '') throw new UsageFault(`--${name.replace('_', '-')} must not be empty`);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}
