// One encrypted value as SOPS writes it: AES-256-GCM, with the path of the value as additional data, so that no value can be moved.
import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** What an encrypted value was before. */
export type ValueType = 'str' | 'int' | 'float' | 'bool' | 'bytes' | 'time' | 'comment';

/** What was encrypted. */
export interface OpenedValue {
  readonly type: ValueType;
  readonly bytes: Buffer;
}

/** Length of the key in bytes, and of what SOPS uses as initialization vector. */
export const KEY_BYTES = 32;
const IV_BYTES = 32;
const TAG_BYTES = 16;
const types: ReadonlySet<string> = new Set(['str', 'int', 'float', 'bool', 'bytes', 'time', 'comment']);
const form = /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/]+={0,2}),tag:([A-Za-z0-9+/]+={0,2}),type:([a-z]+)\]$/;

/** Whether a text is an encrypted value, or was one. */
export function looksEncrypted(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,');
}

/** Whether a text has the whole form of an encrypted value. */
export function isEncryptedValue(text: string): boolean {
  return looksEncrypted(text) && form.test(text);
}

/** Whether a comment is what is left of an encrypted one after a small change. Other comments may be plain: somebody added them later. */
export function wasEncrypted(text: string): boolean {
  return text.includes('AES256_GCM') || (text.includes(',iv:') && text.includes(',tag:'));
}

/** The path of a value as SOPS binds it: keys only, places in lists do not count. */
export function additionalData(path: readonly string[]): string {
  return `${path.join(':')}:`;
}

/** Opens a value; undefined when it was changed, moved, or encrypted with another key. Stricter than SOPS: base64 has one form only. */
export function openValue(text: string, key: Uint8Array, additional: string): OpenedValue | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [data, iv, tag] = [match[1], match[2], match[3]].map((part) => decodeBase64(part ?? ''));
  const type = match[4] ?? '';
  if (data === undefined || iv === undefined || tag?.length !== TAG_BYTES || !types.has(type)) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(additional));
    decipher.setAuthTag(tag);
    return { type: type as ValueType, bytes: Buffer.concat([decipher.update(data), decipher.final()]) };
  } catch {
    return undefined;
  }
}

/** Encrypts a value; what is empty stays empty, as in SOPS. */
export function sealValue(
  { type, bytes }: OpenedValue,
  key: Uint8Array,
  additional: string,
  random: (length: number) => Uint8Array,
): string {
  if (bytes.length === 0) return '';
  const iv = Buffer.from(random(IV_BYTES));
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(additional));
  const data = Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
  return `ENC[AES256_GCM,data:${data},iv:${iv.toString('base64')},tag:${cipher.getAuthTag().toString('base64')},type:${type}]`;
}

function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
