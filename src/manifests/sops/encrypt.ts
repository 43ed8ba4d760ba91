// Encrypts files so that SOPS itself reads them, and changes files that are encrypted: other keys (`rotateFile`), other values (`sealEdited`).
// Every result was decrypted and compared before it is returned.
import { Buffer, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { blockSpan, blockValue, insertBlocks, keepBlocks, renewBlock } from './block.ts';
import { KEY_BYTES, looksEncrypted, sealValue } from './cipher.ts';
import { type DataKeys, recipientProblem, wrapDataKey } from './data-key.ts';
import { type EnvFile, type EnvLine, envTree, flatten, parseEnv, printEnv } from './dotenv.ts';
import { type OpenedFile, openFile, type Refused, refused } from './file.ts';
import { formatOfContent, formatOfName } from './format.ts';
import type { AgeEntry } from './metadata.ts';
import { type Coverage, MAC_ONLY_ENCRYPTED_START, readEncrypted } from './opened.ts';
import { quoted } from './print-scalar.ts';
import { compileRule, defaultRule, type RuleSetting, RuleTooCostly } from './rule.ts';
import { type Sealing, sealed, sealText } from './seal-text.ts';
import { type ParsedText, parseText, replaceParts } from './text-syntax.ts';

/** What the outside lends: good random bytes, and the time in milliseconds since the epoch. */
export interface World {
  readonly random: (length: number) => Uint8Array;
  readonly nowMs: number;
}

/** For whom a file is encrypted, and what of it. */
export interface EncryptionSettings {
  /** `age1…`, at least one. */
  readonly recipients: readonly string[];
  /** Which values; see `usualRule` for what fits when nobody says. */
  readonly rule: RuleSetting;
  readonly macOnlyEncrypted?: boolean;
}

export type Encrypted = { readonly bytes: Uint8Array } | Refused;

/** What Flux' users write for Kubernetes manifests, so that kind and name stay readable. */
const manifestRule: RuleSetting = { name: 'encrypted_regex', value: '^(data|stringData)$' };

/** The rule when none is given: of Kubernetes objects `data` and `stringData`, of other files everything. */
export function usualRule(path: string, bytes: Uint8Array): RuleSetting {
  if (formatOfName(path) !== 'structured') return defaultRule;
  const parsed = parseText(Buffer.from(bytes).toString('utf8'));
  const isManifest =
    !('fault' in parsed) &&
    parsed.documents.length > 0 &&
    parsed.documents.every(({ tree }) => ['apiVersion', 'kind'].every((name) => tree.entries.some(({ key }) => key === name)));
  return isManifest ? manifestRule : defaultRule;
}

/** Encrypts a file with a new data key. */
export async function encryptFile(
  path: string,
  bytes: Uint8Array,
  settings: EncryptionSettings,
  world: World,
): Promise<Encrypted> {
  if (formatOfContent(path, bytes) !== undefined)
    return refused('the file is encrypted already; use "holdfast secrets edit" or "rotate" to change it');
  const recipients = [...new Set(settings.recipients)];
  const problem = recipients.map(recipientProblem).find((found) => found !== undefined);
  if (problem !== undefined) return refused(problem);
  if (recipients.length === 0) return refused('no recipient was given; name one with --age, or in .sops.yaml');
  const key = world.random(KEY_BYTES);
  const coverage = { rule: settings.rule, macOnlyEncrypted: settings.macOnlyEncrypted ?? false };
  const sealing = sealingOf(key, coverage, world, new Map());
  if ('faults' in sealing) return sealing;
  const age = await wrapDataKey(key, recipients);
  return await checked(path, bytes, key, () => seal(path, bytes, sealing, age, world));
}

/** Encrypts again with a new data key, for other recipients when `change` says so. Other rules of the file stay. */
export async function rotateFile(
  path: string,
  bytes: Uint8Array,
  dataKeys: DataKeys,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  world: World,
): Promise<Encrypted> {
  const opened = await openFile(path, bytes, dataKeys);
  if ('faults' in opened) return opened;
  const { groups, rule, macOnlyEncrypted } = opened.metadata;
  const [group, ...others] = groups;
  if (group === undefined || others.length > 0 || group.others.length > 0) {
    const names = group?.others.join(', ') ?? '';
    const why = others.length > 0 ? 'its data key is split among groups of keys' : `it is encrypted for ${names} as well`;
    return refused(`${why}, for which Holdfast cannot encrypt; rotate it with sops`);
  }
  const before = group.age.map(({ recipient }) => recipient);
  const missing = change.remove.find((recipient) => !before.includes(recipient));
  if (missing !== undefined) return refused(`${missing.slice(0, 100)} is not among its recipients: ${before.join(', ')}`);
  const recipients = [...before, ...change.add].filter((recipient) => !change.remove.includes(recipient));
  if (recipients.length === 0) return refused('nobody could decrypt it any more; keep or add a recipient');
  return await encryptFile(path, opened.bytes, { recipients, rule, macOnlyEncrypted }, world);
}

/** Encrypts what an opened file was changed to, for the same recipients: only what changed is encrypted anew. */
export async function sealEdited(path: string, edited: Uint8Array, opened: OpenedFile, world: World): Promise<Encrypted> {
  const { rule, macOnlyEncrypted } = opened.metadata;
  const coverage = { rule, macOnlyEncrypted };
  const sealing = sealingOf(opened.key, coverage, world, opened.before);
  if ('faults' in sealing) return sealing;
  return await checked(path, edited, opened.key, () => sealKept(edited, opened, sealing, world));
}

/** What a rule refuses to look at is a fault like all others. */
async function checked(path: string, plain: Uint8Array, key: Uint8Array, work: () => Encrypted): Promise<Encrypted> {
  try {
    const result = work();
    return 'faults' in result ? result : await verified(path, result.bytes, key, plain);
  } catch (error) {
    if (error instanceof RuleTooCostly) return refused(error.message);
    throw error;
  }
}

/** What was encrypted must open again with the key. That values of YAML are the same was compared where they were encrypted. */
async function verified(path: string, made: Uint8Array, key: Uint8Array, plain: Uint8Array): Promise<Encrypted> {
  const result = await openFile(path, made, { open: () => Promise.resolve({ key }) });
  const format = formatOfContent(path, made)?.format;
  const expected = Buffer.from(format === 'dotenv' && plain.at(-1) !== 10 ? [...plain, 10] : plain);
  const isSame = !('faults' in result) && (format === 'structured' || expected.equals(Buffer.from(result.bytes)));
  return isSame ? { bytes: made } : refused('it cannot be encrypted so that it is decrypted to the same again');
}

function sealingOf(key: Uint8Array, coverage: Coverage, world: World, before: Sealing['before']): Sealing | Refused {
  const rule = compileRule(coverage.rule);
  if ('fault' in rule) return refused(rule.fault);
  if (rule.byForm)
    return refused(`files with ${coverage.rule.name} can be decrypted, but not encrypted here; use encrypted_regex, or sops`);
  return { key, coverage, rule, random: world.random, before };
}

const nothingToEncrypt = (rule: RuleSetting): Refused =>
  refused(`nothing in it is to be encrypted: no value fits ${rule.name} ${quoted(rule.value)}`);

/** RFC 3339 in whole seconds, as SOPS writes it. */
function timeOf({ nowMs }: World): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}

function macOf(checksum: Buffer, lastModified: string, { key, random }: Sealing): string {
  return sealValue({ type: 'str', bytes: checksum }, key, lastModified, random);
}

function seal(path: string, bytes: Uint8Array, sealing: Sealing, age: readonly AgeEntry[], world: World): Encrypted {
  const format = formatOfName(path);
  const lastModified = timeOf(world);
  const content = (checksum: Buffer): Parameters<typeof blockValue>[0] => ({
    ...sealing.coverage,
    age,
    lastModified,
    mac: macOf(checksum, lastModified, sealing),
  });
  if (format === 'ini') return refused('INI files cannot be encrypted; keep the values in a .env or .yaml file');
  if (format === 'binary') {
    const data = sealBinary(bytes, sealing);
    // One value has no rules: SOPS encrypts it always.
    const { [sealing.coverage.rule.name]: _rule, ...block } = blockValue(content(data.checksum));
    return { bytes: Buffer.from(`${JSON.stringify({ data: data.text, sops: block }, null, '\t')}\n`) };
  }
  const text = utf8(bytes);
  if (text === undefined) return refused('the file is not valid UTF-8');
  if (format === 'dotenv') {
    const result = sealEnv(text, sealing);
    if ('faults' in result) return result;
    return { bytes: Buffer.concat([result.bytes, Buffer.from(`${flatten(blockValue(content(result.checksum))).join('\n')}\n`)]) };
  }
  const result = sealText(text, sealing);
  if ('fault' in result) return refused(result.fault);
  if (result.count === 0) return nothingToEncrypt(sealing.coverage.rule);
  return { bytes: Buffer.from(insertBlocks(result.parsed, content(result.checksum))) };
}

function utf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined;
}

function sealBinary(bytes: Uint8Array, sealing: Sealing): { readonly text: string; readonly checksum: Buffer } {
  const hash = createHash('sha512');
  if (sealing.coverage.macOnlyEncrypted) hash.update(MAC_ONLY_ENCRYPTED_START);
  const checksum = Buffer.from(hash.update(bytes).digest('hex').toUpperCase());
  return { text: sealed(['data'], 'str', Buffer.from(bytes), sealing), checksum };
}

function sealEnv(text: string, sealing: Sealing): Refused | { readonly bytes: Buffer; readonly checksum: Buffer } {
  const file = parseEnv(text);
  if ('fault' in file) return refused(file.fault);
  if (file.block !== undefined) return refused('keys that begin with "sops_" are kept for SOPS itself; rename them');
  const faults: string[] = [];
  let count = 0;
  const lines = file.lines.map((line): EnvLine => {
    const keys = line.type === 'entry' ? [line.key] : [];
    if (line.type === 'blank' || !sealing.rule.covers(keys)) return line;
    if (line.type === 'comment')
      return looksEncrypted(line.text) ? line : { ...line, text: sealed([], 'comment', Buffer.from(line.text), sealing) };
    const { bytes } = line.leaf.sealed;
    if (looksEncrypted(bytes.toString('utf8'))) faults.push(`${line.key}: the value is encrypted already`);
    if (bytes.length > 0) count += 1;
    return { ...line, leaf: { ...line.leaf, read: { type: 'str', bytes: Buffer.from(sealed(keys, 'str', bytes, sealing)) } } };
  });
  if (faults[0] !== undefined) return refused(faults[0]);
  if (count === 0) return nothingToEncrypt(sealing.coverage.rule);
  const read = readEncrypted([envTree({ ...file, lines })], sealing.coverage, sealing.key);
  if ('faults' in read) return read;
  return { bytes: printEnv(lines.map(envLine)), checksum: read.checksum };
}

function envLine(line: EnvLine): readonly [string, Buffer?] {
  if (line.type === 'blank') return [''];
  return line.type === 'comment' ? [`#${line.text}`] : [`${line.key}=`, line.leaf.read.bytes];
}

/** Encrypts an edited file under the `sops` block that it had. */
function sealKept(edited: Uint8Array, { source }: OpenedFile, sealing: Sealing, world: World): Encrypted {
  const lastModified = timeOf(world);
  if (source.format === 'dotenv') {
    const text = utf8(edited);
    if (text === undefined) return refused('the file is not valid UTF-8');
    const result = sealEnv(text, sealing);
    if ('faults' in result) return result;
    const mac = macOf(result.checksum, lastModified, sealing);
    return { bytes: Buffer.concat([result.bytes, Buffer.from(renewedLines(source.file, lastModified, mac))]) };
  }
  const kept = keepBlocks(source.parsed);
  if (kept === undefined) return refused('its "sops" block is written in a way that cannot be changed here; use sops');
  const renewed = (mac: string): ReturnType<typeof renewBlock>[] =>
    kept.map((block, index) => renewBlock(block, lastModified, mac, source.parsed.documents[index]?.isFlow ?? false));
  if (source.format === 'binary') {
    const data = sealBinary(edited, sealing);
    return {
      bytes: Buffer.from(replaceData(source.parsed, data.text, renewed(macOf(data.checksum, lastModified, sealing))[0]?.text)),
    };
  }
  const text = utf8(edited);
  if (text === undefined) return refused('the file is not valid UTF-8');
  const result = sealText(text, sealing);
  if ('fault' in result) return refused(result.fault);
  if (result.count === 0) return nothingToEncrypt(sealing.coverage.rule);
  const mac = macOf(result.checksum, lastModified, sealing);
  return { bytes: Buffer.from(insertBlocks(result.parsed, renewed(mac))) };
}

function renewedLines(file: EnvFile, lastModified: string, mac: string): string {
  return file.blockLines
    .map((line) =>
      line.startsWith('sops_mac=')
        ? `sops_mac=${mac}`
        : line.startsWith('sops_lastmodified=')
          ? `sops_lastmodified=${lastModified}`
          : line,
    )
    .map((line) => `${line}\n`)
    .join('');
}

function replaceData(parsed: ParsedText, data: string, block: string | undefined): string {
  const [document] = parsed.documents;
  const leaf = document?.tree.entries[0]?.tree;
  const span = document === undefined ? undefined : blockSpan(document, parsed.text);
  if (leaf?.span === undefined || span === undefined || block === undefined) return parsed.text;
  return replaceParts(parsed.text, [
    { ...leaf.span, with: quoted(data) },
    { ...span, with: block },
  ]);
}
