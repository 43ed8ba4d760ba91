// Credentials of a repository from a Secret, under the names that Flux gives them. What programs read from files is written to files that only
// the owner of the data folder can read.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from '../git/credentials.ts';
import { hashOf } from '../model/hash.ts';
import { SourceError } from '../sync/commit-source.ts';

/** What of `createCommitSource`'s options a Secret holds. */
export interface SecretAccess {
  readonly credentials: Credentials;
  readonly sshKeyFile?: string;
  readonly knownHostsFile?: string;
  readonly caFile?: string;
}

/** Reads the texts of a Secret by key. Throws SourceError Misconfigured for one that holds none of them. */
export function secretAccess(texts: Readonly<Record<string, string>>, dataDir: string): SecretAccess {
  const { username, password, bearerToken, identity, known_hosts: knownHosts } = texts;
  const ca = texts['ca.crt'] ?? texts['caFile'];
  if ([password, username, bearerToken, identity, ca].every((text) => text === undefined))
    throw new SourceError(
      'Misconfigured',
      'the Secret holds no credentials: it has username and password, bearerToken, identity and known_hosts, or ca.crt',
    );
  const file = (text: string): string => fileOf(text, join(dataDir, 'credentials'));
  return {
    credentials: {
      ...(username === undefined ? {} : { username: username.trim() }),
      ...(password === undefined || bearerToken !== undefined ? {} : { password: password.trim() }),
      ...(bearerToken === undefined ? {} : { token: bearerToken.trim(), tokenScheme: 'bearer' as const }),
    },
    ...(identity === undefined ? {} : { sshKeyFile: file(identity) }),
    ...(knownHosts === undefined ? {} : { knownHostsFile: file(knownHosts) }),
    ...(ca === undefined ? {} : { caFile: file(ca) }),
  };
}

/** Equal texts are one file. ssh wants a line's end behind the last line of a key. */
function fileOf(text: string, folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, hashOf(text, 40));
  writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
  return path;
}
