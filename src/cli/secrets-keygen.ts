// `holdfast secrets keygen`.
import { generateKeyPair } from '../manifests/sops/keys.ts';
import type { Parts } from './parts.ts';

/** Makes a key in the format of `age-keygen`, on standard output or in a new private file; the recipient goes where a person sees it. */
export async function keygen(output: string | undefined, parts: Parts): Promise<number> {
  const { identity, recipient } = await generateKeyPair();
  const created = `${new Date(parts.clock.now()).toISOString().slice(0, 19)}Z`;
  const text = `# created: ${created}\n# public key: ${recipient}\n${identity}\n`;
  if (output === undefined) {
    parts.stdout.write(text);
    if (!parts.stdout.isTTY) parts.stderr.write(`recipient: ${recipient}\n`);
    return 0;
  }
  await parts.secretFiles.create(output, Buffer.from(text), true);
  parts.stdout.write(`${output}: a new key; keep it out of Git, and keep a copy in a safe place\nrecipient: ${recipient}\n`);
  return 0;
}
