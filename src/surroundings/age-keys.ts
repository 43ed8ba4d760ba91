// Where age keys come from: an option, the environment, or the place where sops keeps them. Keys never get into a message.
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { UsageFault } from '../cli/usage-fault.ts';
import { type DecryptionKeys, parseIdentities } from '../manifests/sops/keys.ts';

/** What a command line says about keys. */
export interface KeyOptions {
  /** Only the keys of this file; nothing else is looked at. */
  readonly ageKeyFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_KEY_FILE_BYTES = 1024 * 1024;
/** Variables that name a file of keys. */
const fileVariables = ['HOLDFAST_AGE_KEY_FILE', 'SOPS_AGE_KEY_FILE'];
const keyVariable = 'SOPS_AGE_KEY';

/**
 * The keys of `--age-key-file`; without it all of HOLDFAST_AGE_KEY_FILE, SOPS_AGE_KEY_FILE, SOPS_AGE_KEY and sops' own file, which need not
 * be there. No keys at all is no fault: only encrypted files need some. Throws UsageFault when what was named cannot be read.
 */
export function readDecryptionKeys(
  env: Environment,
  { ageKeyFile }: KeyOptions = {},
  platform: NodeJS.Platform = process.platform,
): DecryptionKeys {
  if (ageKeyFile !== undefined) return { identities: keysOf(ageKeyFile, ageKeyFile), searched: [ageKeyFile] };
  const identities: string[] = [];
  const searched: string[] = [];
  for (const name of fileVariables) {
    const file = env[name];
    if (file === undefined || file === '') continue;
    identities.push(...keysOf(file, `${file} (${name})`));
    searched.push(name);
  }
  const own = env[keyVariable];
  if (own !== undefined && own !== '') {
    identities.push(...parse(own, keyVariable));
    searched.push(keyVariable);
  }
  const usual = usualKeyFile(env, platform);
  if (usual !== undefined) {
    identities.push(...keysOf(usual, usual, true));
    searched.push(usual);
  }
  return { identities: [...new Set(identities)], searched };
}

/** Where sops keeps keys when nobody says otherwise; undefined without a home folder. */
export function usualKeyFile(env: Environment, platform: NodeJS.Platform = process.platform): string | undefined {
  const chosen = env['XDG_CONFIG_HOME'];
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, 'sops', 'age', 'keys.txt');
  const home = env['HOME'];
  if (home === undefined || home === '') return undefined;
  const folder = platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.config');
  return join(folder, 'sops', 'age', 'keys.txt');
}

function keysOf(file: string, shown: string, mayBeAbsent = false): readonly string[] {
  let text: string;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_KEY_FILE_BYTES) throw new UsageFault(`${shown} is no file of age keys: it has ${bytes.length} bytes`);
    text = bytes.toString('utf8');
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    if (isAbsent && mayBeAbsent) return [];
    throw new UsageFault(isAbsent ? `there is no key file ${shown}` : `the key file ${shown} cannot be read: ${code}`, {
      cause: error,
    });
  }
  return parse(text, shown);
}

function parse(text: string, shown: string): readonly string[] {
  const { identities, problems } = parseIdentities(text);
  const [first] = problems;
  if (first !== undefined) throw new UsageFault(`${shown}: ${first}`);
  return identities;
}
