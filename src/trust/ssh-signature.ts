// Signatures of files by SSH keys (OpenSSH's PROTOCOL.sshsig), as `git commit -S` makes them with gpg.format=ssh.
import { createHash } from 'node:crypto';
import { readSshKey, type SshKey } from './ssh-key.ts';
import { strictBase64, WireFault, WireReader, wireString } from './ssh-wire.ts';

const MAGIC = 'SSHSIG';
const VERSION = 1;
/** What Git signs for. */
const NAMESPACE = 'git';

/** Who signed, once the signature was found to be right. */
export interface SshSigner {
  readonly key: SshKey;
  /** The key in its wire form: what it is compared by. */
  readonly blob: Buffer;
}

/** Whether a text is such a signature. */
export const isSshSignature = (armored: string): boolean => armored.startsWith('-----BEGIN SSH SIGNATURE-----');

/** The key that signed the payload for Git. Throws WireFault, with the reason, when it did not. Says nothing of whose key it is. */
export function sshSigner(payload: Uint8Array, armored: string): SshSigner {
  const reader = new WireReader(unarmored(armored));
  if (reader.bytes(MAGIC.length).toString('latin1') !== MAGIC) throw new WireFault('the signature cannot be read');
  if (reader.number() !== VERSION) throw new WireFault('the signature is of a version that is not known');
  const blob = reader.string();
  const namespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  const signature = reader.string();
  reader.end();
  if (namespace !== NAMESPACE) throw new WireFault(`it was signed for ${JSON.stringify(namespace)}, not for "${NAMESPACE}"`);
  if (reserved.length > 0) throw new WireFault('the signature has parts that are not known');
  if (hash !== 'sha256' && hash !== 'sha512') throw new WireFault(`the hash ${JSON.stringify(hash)} is not accepted`);
  const key = readSshKey(blob);
  const told = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    wireString(namespace),
    wireString(reserved),
    wireString(hash),
    wireString(createHash(hash).update(payload).digest()),
  ]);
  if (!key.verifies(told, signature))
    throw new WireFault('the signature does not fit: something was changed after it was signed');
  return { key, blob };
}

function unarmored(armored: string): Buffer {
  const [, body] = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n*$/.exec(armored) ?? [];
  const bytes = strictBase64((body ?? '').replaceAll('\n', ''));
  if (bytes === undefined) throw new WireFault('the signature cannot be read');
  return bytes;
}
