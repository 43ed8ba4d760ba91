// The `sops` block of an encrypted file: who can open it, by which rule it was encrypted, and its checksum.
import { formatPath, type Path } from '../place.ts';
import { defaultRule, type RuleSetting, readRule } from './rule.ts';

/** What is wrong, at which field of the file. Never shows plain text or a key. */
export interface SopsFault {
  readonly path: Path;
  readonly message: string;
}

/** A data key that was encrypted for an age recipient. */
export interface AgeEntry {
  readonly recipient: string;
  /** The armored age file. */
  readonly enc: string;
}

/** Keys that each open the same part of the data key. */
export interface KeyGroup {
  readonly age: readonly AgeEntry[];
  /** The others, named for people. */
  readonly others: readonly string[];
}

export interface Metadata {
  /** One group holds the data key itself; of several, `threshold` must be opened. */
  readonly groups: readonly KeyGroup[];
  readonly threshold: number;
  /** As it is bound to the checksum. */
  readonly lastModified: string;
  readonly mac: string;
  readonly rule: RuleSetting;
  readonly macOnlyEncrypted: boolean;
}

/** Limits of what a file may make us compute. */
const MAX_GROUPS = 32;
const MAX_ENTRIES = 256;
const MAX_WRAPPED_BYTES = 256 * 1024;

type PlainMap = Readonly<Record<string, unknown>>;

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kinds of keys that only other programs can use, and the field that names one. */
const otherKinds: readonly (readonly [field: string, called: string, name: string])[] = [
  ['pgp', 'PGP key', 'fp'],
  ['kms', 'AWS KMS key', 'arn'],
  ['gcp_kms', 'Google Cloud KMS key', 'resource_id'],
  ['hckms', 'Huawei Cloud KMS key', 'key_id'],
  ['azure_kv', 'Azure Key Vault key', 'name'],
  ['hc_vault', 'Vault key', 'key_name'],
];

/** Reads the block; it may come from anybody, so nothing about it is taken for granted. */
export function readMetadata(block: unknown): Metadata | { readonly fault: SopsFault } {
  if (!isPlainMap(block)) return fault([], 'must be a map, as "holdfast secrets encrypt" or sops writes it');
  const rule = readRule(block);
  if (rule !== undefined && 'fault' in rule) return fault([], rule.fault);
  const isMarked = block['mac_only_encrypted'];
  const macOnlyEncrypted = isMarked === true || isMarked === 'true';
  if (macOnlyEncrypted && rule?.name.endsWith('_comment_regex') === true)
    return fault(['mac_only_encrypted'], `together with ${rule.name} is not supported; remove one of both with sops`);
  const lastModified = normalTime(block['lastmodified']);
  if (lastModified === undefined) return fault(['lastmodified'], 'must be a time such as 2026-01-31T12:00:00Z; it was changed');
  const { mac } = block;
  if (typeof mac !== 'string' || mac === '') return fault(['mac'], 'the checksum is missing; the file is not complete');
  const groups = readGroups(block);
  if ('fault' in groups) return groups;
  const threshold = Number(block['shamir_threshold'] ?? 0);
  if (!Number.isInteger(threshold) || threshold < 0) return fault(['shamir_threshold'], 'must be a whole number');
  return { ...groups, threshold, lastModified, mac, rule: rule ?? defaultRule, macOnlyEncrypted };
}

function fault(path: Path, message: string): { readonly fault: SopsFault } {
  return { fault: { path: ['sops', ...path], message } };
}

/** RFC 3339 as Go prints a time that it has read: without fractions. */
function normalTime(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[-+]\d\d:\d\d)$/.exec(value);
  if (match === null) return undefined;
  return `${match[1]}${/^[-+]00:00$/.test(match[2] ?? '') ? 'Z' : match[2]}`;
}

function readGroups(block: PlainMap): { readonly groups: readonly KeyGroup[] } | { readonly fault: SopsFault } {
  const own = readGroup(block, []);
  if ('fault' in own) return own;
  const hasOwn = own.age.length + own.others.length > 0;
  const listed = block['key_groups'];
  const groups: KeyGroup[] = hasOwn ? [own] : [];
  if (!hasOwn && Array.isArray(listed)) {
    if (listed.length > MAX_GROUPS) return fault(['key_groups'], `there are more than ${MAX_GROUPS} groups of keys`);
    for (const [index, entry] of listed.entries()) {
      const group = isPlainMap(entry) ? readGroup(entry, ['key_groups', index]) : fault(['key_groups', index], 'must be a map');
      if ('fault' in group) return group;
      groups.push(group);
    }
  }
  const entries = groups.flatMap(({ age }) => age);
  const size = entries.reduce((sum, { enc }) => sum + enc.length, 0);
  if (entries.length > MAX_ENTRIES || size > MAX_WRAPPED_BYTES) return fault([], 'the file is encrypted for too many keys');
  return { groups };
}

function readGroup(block: PlainMap, path: Path): KeyGroup | { readonly fault: SopsFault } {
  const age: AgeEntry[] = [];
  for (const [index, entry] of listOf(block['age']).entries()) {
    const { recipient, enc } = isPlainMap(entry) ? entry : {};
    if (typeof recipient !== 'string' || typeof enc !== 'string')
      return fault([...path, 'age', index], 'must have "recipient" and "enc"; the file is not complete');
    age.push({ recipient, enc });
  }
  const others = otherKinds.flatMap(([field, called, name]) =>
    listOf(block[field]).map((entry) => {
      const text = isPlainMap(entry) ? entry[name] : undefined;
      return `${called} ${typeof text === 'string' ? shown(text) : 'without a name'}`;
    }),
  );
  return { age, others };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A name from a file, fit for a line of a message. */
export function shown(text: string): string {
  const clean = text.replace(/\p{Cc}+/gu, ' ').trim();
  return clean.length <= 100 ? clean : `${clean.slice(0, 99)}…`;
}

/** One line about a fault of a file that is no object, such as an env file. */
export function faultLine({ path, message }: SopsFault): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}
