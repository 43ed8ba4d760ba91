// The age keys that open what SOPS encrypted, as key files hold them. No message of this folder ever shows one.
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

/** What opens encrypted files. */
export interface DecryptionKeys {
  /** `AGE-SECRET-KEY-1…` and `AGE-SECRET-KEY-PQ-1…`, as `parseIdentities` returns them. */
  readonly identities: readonly string[];
  /** Where keys were looked for, for the message that none of them fits. */
  readonly searched?: readonly string[];
}

/** The keys of a text, and what is wrong with its other lines. */
export interface ParsedIdentities {
  readonly identities: readonly string[];
  /** One line each, with the number of the line and without its content. */
  readonly problems: readonly string[];
}

/**
 * Reads the format of `age-keygen`: one key to a line, `#` for comments, blank lines. Several keys in one line are taken too, as in the
 * variable SOPS_AGE_KEY. Never throws.
 */
export function parseIdentities(text: string): ParsedIdentities {
  const identities: string[] = [];
  const problems: string[] = [];
  const start = text.trimStart();
  if (start.startsWith('age-encryption.org/') || start.startsWith('-----BEGIN AGE ENCRYPTED FILE')) {
    const message = 'the keys are protected with a passphrase themselves, which nobody could type here; give them without';
    return { identities, problems: [message] };
  }
  if (start.startsWith('-----BEGIN') && /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(start))
    return { identities, problems: ['this is an SSH or TLS key; only age keys are taken (AGE-SECRET-KEY-1…)'] };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trimStart().startsWith('#')) continue;
    for (const word of line.split(/\s+/).filter((part) => part !== '')) {
      const problem = identityProblem(word);
      if (problem === undefined) identities.push(word);
      else problems.push(`line ${index + 1}: ${problem}`);
    }
  }
  return { identities: [...new Set(identities)], problems };
}

function identityProblem(word: string): string | undefined {
  if (word.startsWith('AGE-PLUGIN-')) return 'keys of age plugins cannot be used; give an AGE-SECRET-KEY-1… key';
  if (word.startsWith('age1')) return 'this is a recipient (the public half); the key begins with AGE-SECRET-KEY-1';
  if (!word.startsWith('AGE-SECRET-KEY-')) return 'this is not an age key; one begins with AGE-SECRET-KEY-1';
  try {
    new Decrypter().addIdentity(word);
    return undefined;
  } catch {
    return 'this age key is damaged or not complete';
  }
}

/** The recipients (`age1…`) that the keys belong to, in their order. */
export async function recipientsOf(keys: DecryptionKeys): Promise<readonly string[]> {
  return await Promise.all(keys.identities.map((identity) => identityToRecipient(identity)));
}

/** A new key and its recipient. */
export async function generateKeyPair(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}
