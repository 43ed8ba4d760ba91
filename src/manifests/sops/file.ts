// Whole files that SOPS encrypted, as the bytes that they were: for generators, `holdfast secrets decrypt`, and as the first half of every
// change to a file.
import { Buffer } from 'node:buffer';
import { additionalData, isEncryptedValue, openValue, wasEncrypted } from './cipher.ts';
import { createDataKeys, type DataKeys } from './data-key.ts';
import { type EnvFile, envTree, parseEnv, printEnv } from './dotenv.ts';
import { type Format, formatOfContent } from './format.ts';
import type { DecryptionKeys } from './keys.ts';
import { type Metadata, readMetadata, type SopsFault } from './metadata.ts';
import { openText, readEncryptedText } from './open-text.ts';
import { openDocuments } from './opened.ts';
import { valueId } from './seal-text.ts';
import type { ParsedText, TextFault } from './text-syntax.ts';

/** A decrypted file, with what is needed to encrypt it again. */
export interface OpenedFile {
  readonly bytes: Uint8Array;
  readonly key: Uint8Array;
  readonly metadata: Metadata;
  /** Encrypted values by what they mean, see `valueId`. */
  readonly before: ReadonlyMap<string, string>;
  readonly source:
    | { readonly format: 'structured' | 'binary'; readonly parsed: ParsedText }
    | { readonly format: 'dotenv'; readonly file: EnvFile };
}

export type Refused = { readonly faults: readonly SopsFault[] };

/** Whether SOPS encrypted a file, by its content. */
export function isEncryptedFile(path: string, bytes: Uint8Array): boolean {
  return formatOfContent(path, bytes) !== undefined;
}

/** Decrypts a file with keys that are used for nothing else. */
export async function decryptFile(
  path: string,
  bytes: Uint8Array,
  keys: DecryptionKeys,
): Promise<{ readonly bytes: Uint8Array } | Refused> {
  const result = await openFile(path, bytes, createDataKeys(keys));
  return 'faults' in result ? result : { bytes: result.bytes };
}

/** Decrypts a file. Faults name fields and recipients, never values. */
export async function openFile(path: string, bytes: Uint8Array, dataKeys: DataKeys): Promise<OpenedFile | Refused> {
  const found = formatOfContent(path, bytes);
  if (found === undefined) return refused('the file is not encrypted with SOPS');
  const { format, parsed } = found;
  if (format === 'ini')
    return refused('INI files encrypted with SOPS are not supported; keep the values in a .env or .yaml file');
  if (format !== 'dotenv')
    return parsed === undefined ? refused('the file is not complete') : await openStructured(parsed, format, dataKeys);
  return await openEnv(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'), dataKeys);
}

export function refused(message: string): Refused {
  return { faults: [{ path: [], message }] };
}

async function openEnv(text: string, dataKeys: DataKeys): Promise<OpenedFile | Refused> {
  const file = parseEnv(text);
  if ('fault' in file) return refused(file.fault);
  if (file.block === undefined) return refused('the "sops_" lines that say how to decrypt the file are missing');
  const metadata = readMetadata(file.block);
  if ('fault' in metadata) return { faults: [metadata.fault] };
  const opened = await dataKeys.open(metadata);
  if ('fault' in opened) return { faults: [opened.fault] };
  const read = openDocuments([envTree(file)], metadata, opened.key);
  if ('faults' in read) return read;
  const before = new Map<string, string>();
  const faults: SopsFault[] = [];
  const lines = file.lines.map((line, index): readonly [string, Buffer?] => {
    if (line.type === 'blank') return [''];
    if (line.type === 'entry') {
      const found = read.leaves.get(line.leaf);
      if (found?.sealed !== undefined) before.set(valueId([line.key], found.sealed.type, found.bytes), found.sealed.text);
      return [`${line.key}=`, found?.bytes ?? line.leaf.read.bytes];
    }
    if (!isEncryptedValue(line.text) && !wasEncrypted(line.text)) return [`#${line.text}`];
    const comment = openValue(line.text, opened.key, additionalData([]));
    if (comment?.type !== 'comment') {
      faults.push({ path: [], message: `the encrypted comment number ${index + 1} was changed or moved; restore it from Git` });
      return [''];
    }
    before.set(valueId([], 'comment', comment.bytes), line.text);
    return ['#', comment.bytes];
  });
  if (faults.length > 0) return { faults };
  return { bytes: printEnv(lines), key: opened.key, metadata, before, source: { format: 'dotenv', file } };
}

async function openStructured(
  parsed: ParsedText | TextFault,
  format: Exclude<Format, 'dotenv' | 'ini'>,
  dataKeys: DataKeys,
): Promise<OpenedFile | Refused> {
  if ('fault' in parsed) return refused(parsed.fault);
  const encrypted = readEncryptedText(parsed);
  if ('fault' in encrypted) return { faults: [encrypted.fault] };
  const { metadata } = encrypted;
  const opened = await dataKeys.open(metadata);
  if ('fault' in opened) return { faults: [opened.fault] };
  const { key } = opened;
  const source = { format, parsed };
  if (format === 'structured') {
    const result = openText(encrypted, key);
    if ('faults' in result) return result;
    return { bytes: Buffer.from(result.text), key, metadata, before: result.before, source };
  }
  const [tree] = parsed.documents.map((document) => document.tree);
  const data = tree?.entries[0]?.tree;
  if (tree === undefined || data?.kind !== 'leaf') return refused('the file has no "data"');
  const read = openDocuments([tree], metadata, key);
  if ('faults' in read) return read;
  const bytes = read.leaves.get(data)?.bytes ?? Buffer.alloc(0);
  return { bytes, key, metadata, before: new Map(), source };
}
