// The content of ConfigMaps and Secrets as bytes under keys.
import type { ConfigMap, Secret } from './generated.ts';

/** Keys and bytes of a ConfigMap or Secret. */
export type KeyedBytes = ReadonlyMap<string, Uint8Array>;

const encoder = new TextEncoder();

/** Keys and bytes of a ConfigMap. */
export function configMapBytes(configMap: ConfigMap): KeyedBytes {
  const bytes = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) bytes.set(key, encoder.encode(text));
  for (const [key, base64] of Object.entries(configMap.binaryData ?? {})) bytes.set(key, Buffer.from(base64, 'base64'));
  return bytes;
}

/** Keys and bytes of a Secret; `stringData` wins over `data`. */
export function secretBytes(secret: Secret): KeyedBytes {
  const bytes = new Map<string, Uint8Array>();
  for (const [key, base64] of Object.entries(secret.data ?? {})) bytes.set(key, Buffer.from(base64, 'base64'));
  for (const [key, text] of Object.entries(secret.stringData ?? {})) bytes.set(key, encoder.encode(text));
  return bytes;
}
