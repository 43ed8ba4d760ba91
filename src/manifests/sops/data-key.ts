// The data key of a file: opened with an age key, or wrapped for age recipients. Files made by the `age` program and ours are the same.
import { createHash } from 'node:crypto';
import { armor, Decrypter, Encrypter } from 'age-encryption';
import { KEY_BYTES } from './cipher.ts';
import { type DecryptionKeys, recipientsOf } from './keys.ts';
import { type AgeEntry, type KeyGroup, type Metadata, type SopsFault, shown } from './metadata.ts';
import { combineParts } from './shamir.ts';

/** What came of opening one wrapped key: the key, or that it is for others (with the types of age's stanzas), or that it is damaged. */
type Opened = { readonly bytes: Uint8Array } | { readonly stanzas: readonly string[] } | 'damaged';

/** Opens data keys and remembers the last ones, since opening one costs a thousand times more than decrypting a value. */
export interface DataKeys {
  open(metadata: Metadata): Promise<{ readonly key: Uint8Array } | { readonly fault: SopsFault }>;
}

const MAX_REMEMBERED = 2_000;
const MAX_NAMED = 5;

/** What opens data keys with these keys. */
export function createDataKeys(keys: DecryptionKeys): DataKeys {
  const remembered = new Map<string, Promise<Opened>>();
  let own: Promise<readonly string[]> | undefined;
  const unwrap = (entry: AgeEntry): Promise<Opened> => {
    const id = createHash('sha256').update(entry.enc).digest('base64');
    const known = remembered.get(id);
    const result = known ?? unwrapWith(entry.enc, keys.identities);
    // The one that was used last goes to the end, and the first is forgotten.
    remembered.delete(id);
    remembered.set(id, result);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return result;
  };
  const openGroup = async (group: KeyGroup): Promise<Uint8Array | 'damaged' | { stanzas: readonly string[] }> => {
    own ??= recipientsOf(keys);
    const mine = new Set(await own);
    const entries = group.age.toSorted((a, b) => Number(mine.has(b.recipient)) - Number(mine.has(a.recipient)));
    const stanzas: string[] = [];
    let isDamaged = false;
    for (const entry of entries) {
      const opened = await unwrap(entry);
      if (opened === 'damaged') isDamaged = true;
      else if ('bytes' in opened) return opened.bytes;
      else stanzas.push(...opened.stanzas);
    }
    return isDamaged ? 'damaged' : { stanzas };
  };
  return {
    open: async (metadata) => {
      const opened = await Promise.all(metadata.groups.map(openGroup));
      const parts = opened.filter((result): result is Uint8Array => result instanceof Uint8Array);
      const isWhole = metadata.groups.length === 1;
      const needed = isWhole ? 1 : Math.max(metadata.threshold, 2);
      if (parts.length >= needed) {
        const key = isWhole ? parts[0] : combineParts(parts);
        return key?.length === KEY_BYTES ? { key } : { fault: damaged };
      }
      if (opened.includes('damaged')) return { fault: damaged };
      const stanzas = opened.flatMap((result) => (typeof result === 'object' && 'stanzas' in result ? result.stanzas : []));
      return { fault: { path: ['sops'], message: noKeyMessage(metadata, keys, stanzas) } };
    },
  };
}

const damaged: SopsFault = {
  path: ['sops', 'age'],
  message: 'the wrapped data key is damaged or was changed; restore the file from Git',
};

async function unwrapWith(enc: string, identities: readonly string[]): Promise<Opened> {
  let stanzas: readonly string[] | undefined;
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    // Asked last, and only when no key fitted.
    decrypter.addIdentity({
      unwrapFileKey: (found: readonly { readonly args: readonly string[] }[]) => {
        stanzas = found.map(({ args }) => args[0] ?? '');
        return null;
      },
    });
    return { bytes: await decrypter.decrypt(armor.decode(enc)) };
  } catch {
    return stanzas === undefined ? 'damaged' : { stanzas };
  }
}

function noKeyMessage({ groups, threshold }: Metadata, keys: DecryptionKeys, stanzas: readonly string[]): string {
  const recipients = [...new Set(groups.flatMap(({ age }) => age.map(({ recipient }) => recipient)))];
  const others = [...new Set(groups.flatMap((group) => group.others))];
  if (recipients.length === 0) {
    const named = others.length === 0 ? 'no key at all' : `${list(others)} only`;
    return `encrypted for ${named}, and Holdfast opens files with age keys; add an age recipient with "sops rotate --add-age"`;
  }
  const alternative = others.length === 0 ? '' : `, or ${list(others)}, which only sops can use`;
  const groupNote =
    groups.length > 1
      ? `; the data key is split among ${groups.length} groups, of which ${Math.max(threshold, 2)} must be opened`
      : '';
  const need = `needs the age key of ${list(recipients.map(shown), 'or')}${alternative}${groupNote}`;
  const unusual = stanzas.find((type) => !['X25519', 'mlkem768x25519'].includes(type) && /^[\x21-\x7e]{1,40}$/.test(type));
  const type = unusual === undefined ? '' : ` (the file is wrapped with "${unusual}", a kind of key that cannot be used here)`;
  const searched = keys.searched === undefined || keys.searched.length === 0 ? '' : ` (looked in ${keys.searched.join(', ')})`;
  if (keys.identities.length === 0)
    return `${need}${type}, and there is none${searched}: give --age-key-file FILE or set SOPS_AGE_KEY_FILE`;
  return `${need}${type}, and none of the ${keys.identities.length === 1 ? '1 key' : `${keys.identities.length} keys`} at hand fits${searched}`;
}

function list(names: readonly string[], word = 'and'): string {
  const [first = '', ...rest] = names.slice(0, MAX_NAMED);
  const more = names.length > MAX_NAMED ? [`${names.length - MAX_NAMED} more`] : [];
  const all = [...rest, ...more];
  const last = all.pop();
  return last === undefined ? first : `${[first, ...all].join(', ')} ${word} ${last}`;
}

/** Why a recipient cannot be used; undefined when it can. */
export function recipientProblem(recipient: string): string | undefined {
  if (recipient.startsWith('AGE-SECRET-KEY-')) return 'a secret key was given where its recipient (age1…) belongs';
  const name = shown(recipient);
  if (recipient.startsWith('ssh-')) return `${name}: SSH keys are not supported; give an age recipient (age1…)`;
  try {
    new Encrypter().addRecipient(recipient);
    return undefined;
  } catch {
    const isPlugin = /^age1[a-z0-9]+1/.test(recipient);
    if (isPlugin) return `${name}: recipients of age plugins are not supported; give an age recipient (age1…)`;
    return `${name} is not an age recipient; one begins with age1 and is printed by "holdfast secrets keygen"`;
  }
}

/** Wraps a data key for one recipient after another, as SOPS does. The recipients must be good. */
export async function wrapDataKey(key: Uint8Array, recipients: readonly string[]): Promise<readonly AgeEntry[]> {
  return await Promise.all(
    recipients.map(async (recipient) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return { recipient, enc: armor.encode(await encrypter.encrypt(key)) };
    }),
  );
}
