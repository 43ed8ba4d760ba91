// Which of SOPS' formats a file is in: for files that are to be encrypted by its name, as SOPS does it; for encrypted ones by their content.
import { Buffer } from 'node:buffer';
import { isEncryptedDocument } from './document.ts';
import { type ParsedText, parseText } from './text-syntax.ts';

/** `structured` is YAML and JSON. */
export type Format = 'structured' | 'dotenv' | 'binary' | 'ini';

/** The format of a file that is not encrypted. */
export function formatOfName(path: string): Format {
  if (/\.(?:ya?ml|json)$/.test(path)) return 'structured';
  if (path.endsWith('.env')) return 'dotenv';
  return path.endsWith('.ini') ? 'ini' : 'binary';
}

/** The format of an encrypted file; undefined for one that is not encrypted. */
export function formatOfContent(path: string, bytes: Uint8Array): Format | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes('ENC[AES256_GCM,')) return undefined;
  const named = formatOfName(path);
  const text = buffer.toString('utf8');
  if (named !== 'structured') {
    if (/^sops_(?:mac|lastmodified|version)=/m.test(text)) return 'dotenv';
    if (/^\[sops\][ \t]*\r?$/m.test(text)) return 'ini';
    if (named === 'dotenv') return /^[^#\n=]+=ENC\[AES256_GCM,/m.test(text) ? 'dotenv' : undefined;
    if (!/["']?sops["']?[ \t]*:/.test(text)) return undefined;
  }
  const parsed = parseText(text);
  if ('fault' in parsed || !parsed.documents.some(isEncrypted)) return undefined;
  return named !== 'structured' && isBinary(parsed) ? 'binary' : 'structured';
}

function isEncrypted({ value, metadata }: ParsedText['documents'][number]): boolean {
  return metadata !== undefined || isEncryptedDocument(value);
}

/** Files of other kinds are one value under `data`. */
function isBinary({ documents }: ParsedText): boolean {
  const [only, ...others] = documents;
  const [entry, ...more] = only?.tree.entries ?? [];
  return others.length === 0 && more.length === 0 && only?.isFlow === true && entry?.key === 'data' && entry.tree.kind === 'leaf';
}
