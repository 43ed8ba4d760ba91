// The users of basic authentication: an htpasswd file or a map in a Secret becomes a userlist of the proxy, whose passwords are checked by
// crypt(3). Pure.
import type { Secret } from '../resource.ts';
import { valueOf } from './certificates.ts';
import type { BasicAuth } from './settings.ts';

const NAME = /^[\w.@+-]{1,128}$/;
/** Hashes that crypt(3) of Debian knows. Those of `htpasswd` without -B are not among them. */
const HASH = /^\$(1|2[aby]|5|6|y)\$[\w./$=,+-]{8,200}$/;
/** The key of a Secret with the htpasswd file. */
export const USERS_KEY = 'auth';

/** Users with their hashes. Whoever is written in a way that cannot be checked is left out: nobody gets in by that name. */
export function usersOf(secret: Secret, auth: BasicAuth): readonly (readonly [string, string])[] {
  return writtenUsers(secret, auth).filter(isChecked);
}

/** Whether a Secret has users that cannot be let in. */
export function hasUncheckedUsers(secret: Secret, auth: BasicAuth): boolean {
  return !writtenUsers(secret, auth).every(isChecked);
}

function isChecked([name, hash]: readonly [string, string]): boolean {
  return NAME.test(name) && HASH.test(hash);
}

/** All users; blank lines and comments are none. */
function writtenUsers(secret: Secret, { isMap }: BasicAuth): readonly (readonly [string, string])[] {
  if (isMap)
    return Object.keys({ ...secret.data, ...secret.stringData }).map((name) => [name, (valueOf(secret, name) ?? '').trim()]);
  const lines = (valueOf(secret, USERS_KEY) ?? '').split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
}
