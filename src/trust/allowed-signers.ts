// Files of allowed signers (ssh-keygen(1), "ALLOWED SIGNERS"): which keys may sign, as whom, for what and when.
import { readSshKey } from './ssh-key.ts';
import { strictBase64, WireFault } from './ssh-wire.ts';

/** One line of such a file. */
export interface AllowedSigner {
  /** Patterns of addresses, with `*` and `?`; one that begins with `!` excludes. */
  readonly principals: readonly string[];
  /** The key in its wire form. */
  readonly blob: Buffer;
  readonly fingerprint: string;
  /** Patterns of what it may sign for; anything when absent. */
  readonly namespaces?: readonly string[];
  /** In epoch milliseconds; a signature counts from then on. */
  readonly validAfterMs?: number;
  /** In epoch milliseconds; a signature counts until then. */
  readonly validBeforeMs?: number;
  readonly line: number;
}

/** A line that cannot be read. */
export interface SignersFault {
  readonly line: number;
  readonly message: string;
}

/** Reads a file. A fault makes the whole file unusable: a misspelt line must not pass for another. */
export function readAllowedSigners(text: string): {
  readonly signers: readonly AllowedSigner[];
  readonly faults: readonly SignersFault[];
} {
  const signers: AllowedSigner[] = [];
  const faults: SignersFault[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const written = raw.trim();
    if (written === '' || written.startsWith('#')) continue;
    try {
      signers.push(signerOf(written, index + 1));
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      faults.push({ line: index + 1, message: error.message });
    }
  }
  return { signers, faults };
}

function signerOf(written: string, line: number): AllowedSigner {
  const words = written.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
  const [principals = '', second = '', ...others] = words;
  const hasOptions = !/^(?:sk-)?(?:ssh|ecdsa)-/.test(second);
  const [type, encoded] = hasOptions ? others : [second, others[0]];
  if (type === undefined || encoded === undefined)
    throw new WireFault('a line has principals, options, and a key: jane@example.com namespaces="git" ssh-ed25519 AAAA…');
  const blob = strictBase64(encoded);
  if (blob === undefined) throw new WireFault('the key cannot be read');
  const key = readSshKey(blob);
  if (key.type !== type) throw new WireFault(`the key is of type ${key.type}, not ${type}`);
  const patterns = unquoted(principals)
    .split(',')
    .filter((each) => each !== '');
  if (patterns.length === 0) throw new WireFault('there are no principals');
  return { principals: patterns, blob, fingerprint: key.fingerprint, line, ...(hasOptions ? optionsOf(second) : {}) };
}

function optionsOf(written: string): Pick<AllowedSigner, 'namespaces' | 'validAfterMs' | 'validBeforeMs'> {
  let options: Pick<AllowedSigner, 'namespaces' | 'validAfterMs' | 'validBeforeMs'> = {};
  for (const option of written.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? []) {
    const [name = '', ...rest] = option.split('=');
    const value = unquoted(rest.join('='));
    switch (name.toLowerCase()) {
      case 'namespaces':
        options = { ...options, namespaces: value.split(',') };
        break;
      case 'valid-after':
        options = { ...options, validAfterMs: timeOf(value) };
        break;
      case 'valid-before':
        options = { ...options, validBeforeMs: timeOf(value) };
        break;
      case 'cert-authority':
        throw new WireFault('certificates of SSH are not supported: list the keys themselves');
      default:
        throw new WireFault(`the option ${JSON.stringify(name)} is not known`);
    }
  }
  return options;
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}

/** `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, in local time unless it ends with Z. */
function timeOf(text: string): number {
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z)?$/.exec(text) ?? [];
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = Number.NaN, m = Number.NaN, d = Number.NaN, h = 0, min = 0, s = 0] = parts;
  const time = zone === undefined ? new Date(y, m - 1, d, h, min, s) : new Date(Date.UTC(y, m - 1, d, h, min, s));
  const isReal = (zone === undefined ? time.getDate() : time.getUTCDate()) === d && h < 24 && min < 60 && s < 60;
  if (Number.isNaN(time.getTime()) || !isReal)
    throw new WireFault(`${JSON.stringify(text)} is no time: write YYYYMMDD or YYYYMMDDHHMMSS, with Z for UTC`);
  return time.getTime();
}

/** Whether a list of patterns names a word: one matches, and none that begins with `!` does. */
export function matchesPatterns(word: string, patterns: readonly string[]): boolean {
  let isNamed = false;
  for (const pattern of patterns) {
    const isExcluded = pattern.startsWith('!');
    if (!patternOf(isExcluded ? pattern.slice(1) : pattern).test(word)) continue;
    if (isExcluded) return false;
    isNamed = true;
  }
  return isNamed;
}

function patternOf(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
