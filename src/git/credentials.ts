// The `Authorization` header. Files are read anew for every call, so that a rotated token needs no restart.
import { readFile } from 'node:fs/promises';
import { SourceError } from '../sync/commit-source.ts';

/** How to prove who we are to an http(s) server. One of the four secrets at most. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  /** How a token travels: as the password of basic authentication, which every forge takes (the default), or as a bearer token. */
  readonly tokenScheme?: 'basic' | 'bearer';
}

/** Forges ignore the name beside a token, but want one. */
const TOKEN_USERNAME = 'x-access-token';

/** The header's value, or undefined when there are no credentials. Throws SourceError Misconfigured for a file that cannot be read. */
export async function authorization(credentials: Credentials, fromUrl: Credentials): Promise<string | undefined> {
  const token = credentials.token ?? (await secretIn(credentials.tokenFile));
  if (token !== undefined) {
    if (credentials.tokenScheme === 'bearer') return `Bearer ${token}`;
    return basic(credentials.username ?? fromUrl.username ?? TOKEN_USERNAME, token);
  }
  const password = credentials.password ?? (await secretIn(credentials.passwordFile)) ?? fromUrl.password;
  const username = credentials.username ?? fromUrl.username;
  // A token is often written as the user of a URL, alone.
  return username === undefined && password === undefined ? undefined : basic(username ?? '', password ?? '');
}

const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

async function secretIn(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (text !== '') return text;
  } catch (cause) {
    throw new SourceError('Misconfigured', `the file ${path} with the credentials cannot be read`, { cause });
  }
  throw new SourceError('Misconfigured', `the file ${path} with the credentials is empty`);
}
