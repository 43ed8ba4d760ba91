// The users of basic authentication: an htpasswd file or a map in a Secret becomes a userlist of the proxy, whose passwords are checked by
// crypt(3).
import { valueOf } from '../../model/ingress/certificates.ts';
import type { BasicAuth } from '../../model/ingress/settings.ts';
import type { Secret } from '../../model/resource.ts';

const NAME = /^[\w.@+-]{1,128}$/;
/** Hashes that crypt(3) of Debian knows. Those of `htpasswd` without -B are not among them. */
const HASH = /^\$(1|2[aby]|5|6|y)\$[\w./$=,+-]{8,200}$/;

/** Users with their hashes. Whoever is written in a way that cannot be checked is left out: nobody gets in by that name. */
export function usersOf(secret: Secret, { isMap }: BasicAuth): readonly (readonly [string, string])[] {
  const lines = isMap
    ? Object.keys({ ...secret.data, ...secret.stringData }).map((name): [string, string] => [name, valueOf(secret, name) ?? ''])
    : (valueOf(secret, 'auth') ?? '').split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1)];
      });
  return lines
    .map(([name, hash]) => [name.trim(), hash.trim()] as const)
    .filter(([name, hash]) => NAME.test(name) && HASH.test(hash));
}
