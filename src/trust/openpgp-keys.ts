// Signatures by OpenPGP keys (RFC 9580), as `git commit -S` makes them by default. The library is large and is only loaded where there are such keys.
import type { PublicKey, Subkey } from 'openpgp';
import { WireFault } from './ssh-wire.ts';

/** A signature may be younger than our clock by this much: clocks differ. */
const CLOCK_DIFFERENCE_MS = 10 * 60_000;

/** A key that may sign. */
export type OpenPgpKey = PublicKey;

/** Whether a text is such a signature. */
export const isOpenPgpSignature = (armored: string): boolean => armored.startsWith('-----BEGIN PGP SIGNATURE-----');

/** Whether a file holds such keys. */
export const holdsOpenPgpKeys = (text: string): boolean => text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----');

/** The keys of all blocks of a file. Throws WireFault. */
export async function readOpenPgpKeys(text: string): Promise<readonly OpenPgpKey[]> {
  const { readKeys } = await import('openpgp');
  const blocks = text.match(/-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g) ?? [];
  if (blocks.length === 0) throw new WireFault('the block of keys has no end');
  try {
    const keys: OpenPgpKey[] = [];
    for (const armoredKeys of blocks) keys.push(...(await readKeys({ armoredKeys })));
    return keys;
  } catch (error) {
    throw new WireFault(`the keys cannot be read: ${reasonOf(error)}`);
  }
}

/**
 * Who signed the payload, as its key calls itself. Throws WireFault, with the reason, when no key of the list did, or one that counts no
 * more: a key that has expired or was revoked since cannot vouch for what says of itself that it is older.
 */
export async function openPgpSigner(
  payload: Uint8Array,
  armored: string,
  keys: readonly OpenPgpKey[],
  nowMs: number,
): Promise<string> {
  const { createMessage, readSignature, verify } = await import('openpgp');
  const signature = await readSignature({ armoredSignature: armored }).catch((error: unknown) => {
    throw new WireFault(`the signature cannot be read: ${reasonOf(error)}`);
  });
  const [packet, ...others] = signature.packets;
  if (packet === undefined || others.length > 0) throw new WireFault('there is not exactly one signature');
  const id = packet.issuerKeyID;
  const madeMs = packet.created?.getTime() ?? 0;
  const date = new Date(madeMs > nowMs && madeMs <= nowMs + CLOCK_DIFFERENCE_MS ? madeMs : nowMs);
  const key = keys.find((each) => each.getKeys(id).length > 0);
  if (key === undefined)
    throw new WireFault(`it is signed by the OpenPGP key ${id.toHex().toUpperCase()}, which is not among those that may sign`);
  const message = await createMessage({ binary: payload });
  const { signatures } = await verify({ message, signature, verificationKeys: [key], date, format: 'binary' });
  await signatures[0]?.verified.catch((error: unknown) => {
    throw new WireFault(`its OpenPGP signature does not hold: ${reasonOf(error)}`);
  });
  if (signatures.length !== 1) throw new WireFault('there is not exactly one signature');
  await key.verifyPrimaryKey(date).catch((error: unknown) => {
    throw new WireFault(`the OpenPGP key ${nameOf(key)} counts no more: ${reasonOf(error)}`);
  });
  const subkey = key.subkeys.find((each: Subkey) => each.getKeyID().equals(id));
  await subkey?.verify(date).catch((error: unknown) => {
    throw new WireFault(`the signing subkey of the OpenPGP key ${nameOf(key)} counts no more: ${reasonOf(error)}`);
  });
  return nameOf(key);
}

function nameOf(key: OpenPgpKey): string {
  return `${key.getUserIDs()[0] ?? 'nobody'} (${key.getFingerprint().toUpperCase()})`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
