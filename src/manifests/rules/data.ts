// Rules for ConfigMaps and Secrets. The values of a Secret never appear in a message.
import type { ConfigMap, Secret } from '../../model/resource.ts';
import { invalid, type Report, required, tooLong } from '../report.ts';
import { checkDataKey, isBase64 } from './syntax.ts';

const MAX_DATA_BYTES = 1024 * 1024;
const base64Fault = 'Invalid value: must be base64 (RFC 4648, with padding)';
/** What `holdfast render` prints in the place of a value, so that nobody applies it as one. */
const hidden = '(hidden)';

const base64Size = (text: string): number => Buffer.byteLength(text, 'base64');

/** Keys, base64 and size of a ConfigMap. */
export function checkConfigMap({ data, binaryData }: ConfigMap, report: Report): void {
  let size = 0;
  for (const [key, value] of Object.entries(data ?? {})) {
    size += Buffer.byteLength(value);
    const fault = checkDataKey(key);
    if (fault !== undefined) report(['data', key], 'Invalid', invalid(key, fault));
    else if (binaryData !== undefined && Object.hasOwn(binaryData, key))
      report(['data', key], 'Invalid', invalid(key, 'duplicate of key present in binaryData'));
  }
  for (const [key, value] of Object.entries(binaryData ?? {})) {
    size += base64Size(value);
    const fault = checkDataKey(key);
    if (fault !== undefined) report(['binaryData', key], 'Invalid', invalid(key, fault));
    if (!isBase64(value)) report(['binaryData', key], 'Invalid', base64Fault);
  }
  if (size > MAX_DATA_BYTES) report([data === undefined ? 'binaryData' : 'data'], 'Invalid', tooLong(MAX_DATA_BYTES));
}

/** Base64 of a Secret as it is written: to be asked before `stringData` is merged in. */
export function checkSecretEncoding({ data }: Secret, report: Report): void {
  for (const [key, value] of Object.entries(data ?? {})) {
    if (isBase64(value)) continue;
    const cure =
      value === hidden ? 'print the values with "holdfast render --show-secrets"' : 'plain text belongs under stringData';
    report(['data', key], 'Invalid', `${base64Fault}; ${cure}`);
  }
}

/** Keys that a type of Secret needs: all of them, or for basic-auth one. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
};

/** Keys, size and what the type of a Secret asks for. Expects `stringData` merged in. */
export function checkSecret({ data, type }: Secret, written: Secret, report: Report): void {
  const has = data ?? {};
  let size = 0;
  for (const [key, value] of Object.entries(has)) {
    size += base64Size(value);
    const fault = checkDataKey(key);
    const where = written.stringData !== undefined && Object.hasOwn(written.stringData, key) ? 'stringData' : 'data';
    if (fault !== undefined) report([where, key], 'Invalid', invalid(key, fault));
  }
  if (size > MAX_DATA_BYTES) report([written.data === undefined ? 'stringData' : 'data'], 'Invalid', tooLong(MAX_DATA_BYTES));
  for (const key of neededKeys[type ?? ''] ?? []) {
    const value = has[key];
    // An SSH key that is empty is none; Kubernetes lets the other keys be empty.
    if (value === undefined || (value === '' && key === 'ssh-privatekey')) report(['data', key], 'Required', required());
    else if (key.startsWith('.docker') && !isJson(value)) report(['data', key], 'Invalid', 'Invalid value: must be JSON');
  }
  if (type === 'kubernetes.io/basic-auth' && has['username'] === undefined && has['password'] === undefined) {
    report(['data', 'username'], 'Required', required());
    report(['data', 'password'], 'Required', required());
  }
}

/** Whether it is a JSON object, as registries' credentials are. */
function isJson(base64: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
