// Which of SOPS' formats a file is in: for files that are to be encrypted by its name, as SOPS does it; for encrypted ones by their content.
import { Buffer } from 'node:buffer';
import { isEncryptedDocument } from './document.ts';
import { type ParsedText, parseText, type TextFault } from './text-syntax.ts';

/** `structured` is YAML and JSON. */
export type Format = 'structured' | 'dotenv' | 'binary' | 'ini';

/** The format of a file that is not encrypted. */
export function formatOfName(path: string): Format {
  if (/\.(?:ya?ml|json)$/.test(path)) return 'structured';
  if (path.endsWith('.env')) return 'dotenv';
  return path.endsWith('.ini') ? 'ini' : 'binary';
}

const marker = /(?:^|[{,])[ \t]*["']?sops["']?[ \t]*:/m;
const encryptedEntry = /^[^#\n=]+=ENC\[AES256_GCM,/m;

/** An encrypted file: its format, and for `structured` and `binary` what was parsed to tell, or why it cannot be. */
export interface EncryptedFormat {
  readonly format: Format;
  readonly parsed?: ParsedText | TextFault;
}

/**
 * The format of an encrypted file; undefined for one that is not encrypted. What looks encrypted but is damaged is encrypted: it must be
 * refused, and not pass for the content that somebody wanted.
 */
export function formatOfContent(path: string, bytes: Uint8Array): EncryptedFormat | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes('AES256_GCM,')) return undefined;
  const named = formatOfName(path);
  const text = buffer.toString('utf8');
  const hasMarker = marker.test(text);
  if (named !== 'structured') {
    if (/^sops_(?:mac|lastmodified|version)=/m.test(text)) return { format: 'dotenv' };
    if (/^\[sops\][ \t]*\r?$/m.test(text)) return { format: 'ini' };
    if (named === 'dotenv') return encryptedEntry.test(text) ? { format: 'dotenv' } : undefined;
    if (!hasMarker && !text.startsWith('{')) return undefined;
  }
  const parsed = parseText(text);
  const usual = named === 'structured' ? 'structured' : 'binary';
  if ('fault' in parsed) return hasMarker || text.includes('ENC[AES256_GCM,data:') ? { format: usual, parsed } : undefined;
  if (!parsed.documents.some(isEncrypted)) return undefined;
  return { format: named !== 'structured' && isBinary(parsed) ? 'binary' : 'structured', parsed };
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
