// A commit or tag object of Git, taken apart: what was signed, by which signature, and who it says made it. Strict where Git is lenient: what could be
// read in two ways is not signed.

/** What a signature is about. */
export interface SignedObject {
  /** The bytes that were signed. */
  readonly payload: Uint8Array;
  /** The armored signature; absent when there is none. */
  readonly signature?: string;
  /** The address of the committer or tagger; empty when it has none. */
  readonly address: string;
  /** When it says that it was made, in epoch milliseconds. */
  readonly timeMs: number;
  /** Of a tag: its name, and the object that it points at. */
  readonly tag?: { readonly name: string; readonly object: string; readonly type: string };
  /** Why it must not be trusted, whatever its signature says. */
  readonly fault?: string;
}

const NEWLINE = 10;
const SPACE = 32;

/** Takes a commit object apart (git-commit: the header `gpgsig`, with its further lines indented by one space). */
export function readSignedCommit(bytes: Uint8Array): SignedObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payload: Buffer[] = [];
  const signatures: Buffer[][] = [];
  let committer = '';
  let isOther = false;
  let isWithin = false;
  for (let at = 0; at < buffer.length; ) {
    const found = buffer.indexOf(NEWLINE, at);
    const end = found < 0 ? buffer.length : found + 1;
    if (end - at === 1 && buffer[at] === NEWLINE) {
      payload.push(buffer.subarray(at));
      break;
    }
    const line = buffer.subarray(at, end);
    at = end;
    if (isWithin && line[0] === SPACE) {
      signatures.at(-1)?.push(line.subarray(1));
      continue;
    }
    const text = line.toString('latin1');
    isWithin = text.startsWith('gpgsig ');
    if (isWithin) signatures.push([line.subarray('gpgsig '.length)]);
    else {
      isOther ||= text.startsWith('gpgsig');
      if (text.startsWith('committer ')) committer = line.toString('utf8');
      payload.push(line);
    }
  }
  const [signature] = signatures;
  const fault = signatures.length > 1 || isOther ? 'it has more than one signature' : undefined;
  return {
    payload: Buffer.concat(payload),
    ...personOf(committer),
    ...(signature === undefined ? {} : { signature: Buffer.concat(signature).toString('latin1') }),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** Takes an annotated tag apart: its signature is what its message ends with. */
export function readSignedTag(bytes: Uint8Array): SignedObject {
  const text = Buffer.from(bytes).toString('latin1');
  const begin = /^-----BEGIN (?:PGP|SSH) SIGNATURE-----$/gm;
  const at = [...text.matchAll(begin)].at(-1)?.index;
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, at ?? bytes.byteLength);
  const head = payload.toString('utf8').split('\n\n', 1)[0] ?? '';
  const header = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? '';
  return {
    payload,
    ...personOf(header('tagger')),
    ...(at === undefined ? {} : { signature: text.slice(at) }),
    tag: { name: header('tag'), object: header('object'), type: header('type') },
  };
}

/** `committer Jane Doe <jane@example.com> 1700000000 +0100` */
function personOf(line: string): { readonly address: string; readonly timeMs: number } {
  const [, address = '', seconds = ''] = /<([^<>\n]*)> (-?\d{1,12})(?: [+-]\d{4})?\n?$/.exec(line) ?? [];
  return { address: address.trim(), timeMs: seconds === '' ? 0 : Number(seconds) * 1000 };
}
