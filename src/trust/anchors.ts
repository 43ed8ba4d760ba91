// Whom somebody trusts: the keys that may sign commits. They come from outside the repository that they vouch for, since whoever could push a commit could
// push a key as well.
import { type AllowedSigner, matchesPatterns, readAllowedSigners } from './allowed-signers.ts';
import { holdsOpenPgpKeys, isOpenPgpSignature, type OpenPgpKey, openPgpSigner, readOpenPgpKeys } from './openpgp-keys.ts';
import type { SignedObject } from './signed-object.ts';
import { isSshSignature, sshSigner } from './ssh-signature.ts';
import { WireFault } from './ssh-wire.ts';

/** Longer addresses are none. */
const MAX_ADDRESS = 320;

/** The keys that may sign. */
export interface Anchors {
  readonly ssh: readonly AllowedSigner[];
  readonly openPgp: readonly OpenPgpKey[];
}

/** A file with keys. */
export interface KeyFile {
  readonly path: string;
  readonly text: string;
}

/** The keys cannot be used: the message names file and line. */
export class AnchorFault extends Error {
  readonly code = 'ANCHOR_FAULT';
  constructor(message: string) {
    super(message);
    this.name = 'AnchorFault';
  }
}

/** Reads files of allowed signers and of armored OpenPGP keys. Throws AnchorFault for the first fault, and when there is no key at all. */
export async function readAnchors(files: readonly KeyFile[]): Promise<Anchors> {
  const ssh: AllowedSigner[] = [];
  const openPgp: OpenPgpKey[] = [];
  for (const { path, text } of files) {
    if (holdsOpenPgpKeys(text)) {
      try {
        openPgp.push(...(await readOpenPgpKeys(text)));
      } catch (error) {
        if (error instanceof WireFault) throw new AnchorFault(`${path}: ${error.message}`);
        throw error;
      }
      continue;
    }
    const { signers, faults } = readAllowedSigners(text);
    const [fault] = faults;
    if (fault !== undefined) throw new AnchorFault(`${path}:${fault.line}: ${fault.message}`);
    ssh.push(...signers);
  }
  if (ssh.length + openPgp.length === 0)
    throw new AnchorFault(`there are no keys in ${files.map(({ path }) => path).join(', ')}`);
  return { ssh, openPgp };
}

/** Whether an object is signed by somebody who may, and if not, why. */
export type Verdict = { readonly signer: string } | { readonly fault: string };

/** Judges an object. Never throws for what is in it. */
export async function judgeObject(object: SignedObject, anchors: Anchors, nowMs: number): Promise<Verdict> {
  const { signature, fault } = object;
  if (fault !== undefined) return { fault };
  if (signature === undefined) return { fault: 'it is not signed' };
  try {
    if (isSshSignature(signature)) return { signer: judgeSsh(object, signature, anchors, nowMs) };
    if (isOpenPgpSignature(signature)) return { signer: await openPgpSigner(object.payload, signature, anchors.openPgp, nowMs) };
  } catch (error) {
    if (error instanceof WireFault) return { fault: error.message };
    throw error;
  }
  const isX509 = signature.startsWith('-----BEGIN SIGNED MESSAGE-----');
  return {
    fault: isX509 ? 'it is signed with X.509 (gpgsm, gitsign), which is not supported' : 'its signature is of no known type',
  };
}

function judgeSsh({ payload, address, timeMs }: SignedObject, signature: string, { ssh }: Anchors, nowMs: number): string {
  const { key, blob } = sshSigner(payload, signature);
  const lines = ssh.filter((line) => line.blob.equals(blob));
  if (lines.length === 0)
    throw new WireFault(`it is signed by the SSH key ${key.fingerprint}, which is not among those that may sign`);
  const faults = lines.map((line) => faultOf(line, address, timeMs, nowMs));
  const [first] = faults;
  if (!faults.includes(undefined) && first !== undefined)
    throw new WireFault(`it is signed by the SSH key ${key.fingerprint}, which ${first}`);
  return `${address} (${key.fingerprint})`;
}

/**
 * Why a line does not count. The committer writes the time of a commit as he likes, so a key that has expired since counts no more,
 * whatever the commit says.
 */
function faultOf(line: AllowedSigner, address: string, timeMs: number, nowMs: number): string | undefined {
  if (address.length > MAX_ADDRESS || !matchesPatterns(address, line.principals))
    return `may not sign as ${JSON.stringify(address)}, only as ${line.principals.join(',')}`;
  if (line.namespaces !== undefined && !matchesPatterns('git', line.namespaces))
    return `may sign for ${line.namespaces.join(',')}, not for git`;
  const { validAfterMs, validBeforeMs } = line;
  if (validAfterMs !== undefined && timeMs < validAfterMs) return `counts from ${timeText(validAfterMs)} on`;
  if (validBeforeMs !== undefined && Math.max(timeMs, nowMs) >= validBeforeMs) return `counted until ${timeText(validBeforeMs)}`;
  return undefined;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
