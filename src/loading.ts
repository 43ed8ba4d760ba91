// How manifests are read in this process: the keys, variables and programs that the surroundings give.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadSettings, UsageFault } from './cli/parts.ts';
import { helmRenderer } from './helm/helm-renderer.ts';
import { rememberRenders } from './manifests/helm/remember.ts';
import type { LoaderOptions } from './manifests/load.ts';
import { createDecrypter } from './manifests/sops/decrypter.ts';
import { type DecryptionKeys, parseIdentities } from './manifests/sops/keys.ts';
import { gitCachePath } from './place.ts';
import { openRemoteTrees, type RemoteTreesOptions } from './remote-trees.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What loading needs to have. */
export interface LoadingSurroundings extends Omit<RemoteTreesOptions, 'cacheDir'> {
  readonly env: Environment;
  /** What is fetched is kept below it. */
  readonly dataDir: string;
}

/** Options of a loader, until they are closed. */
export interface OpenLoading {
  readonly options: LoaderOptions;
  close(): Promise<void>;
}

/** Reads keys; everything else is done when it is needed. Throws UsageFault for keys that cannot be read. */
export function openLoading(settings: LoadSettings, { env, dataDir, ...rest }: LoadingSurroundings): OpenLoading {
  const remote = openRemoteTrees({ ...rest, cacheDir: gitCachePath(dataDir) });
  return {
    options: {
      skipUnknownKinds: settings.skipUnknownKinds,
      substitute: settings.substitute,
      decrypter: createDecrypter(ageKeys(settings.ageKeyFile, env)),
      remoteTrees: remote.remoteTrees,
      helm: rememberRenders(helmRenderer({ env, cacheDir: join(dataDir, 'helm') })),
    },
    close: remote.close,
  };
}

/**
 * The age keys of the file that was named, else of the file SOPS_AGE_KEY_FILE and the variable SOPS_AGE_KEY together. Throws UsageFault for
 * a file that cannot be read and for anything in it that is no key.
 */
export function ageKeys(file: string | undefined, env: Environment): DecryptionKeys {
  const named = file ?? nonEmpty(env['SOPS_AGE_KEY_FILE']);
  const sources: { readonly name: string; readonly text: string }[] = [];
  if (named !== undefined) sources.push({ name: named, text: keyText(named) });
  const inline = file === undefined ? nonEmpty(env['SOPS_AGE_KEY']) : undefined;
  if (inline !== undefined) sources.push({ name: 'SOPS_AGE_KEY', text: inline });
  const identities = sources.flatMap(({ name, text }) => {
    const parsed = parseIdentities(text);
    if (parsed.problems[0] !== undefined) throw new UsageFault(`${name}: ${parsed.problems[0]}`);
    return parsed.identities;
  });
  return { identities, searched: sources.map(({ name }) => name) };
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function keyText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageFault(`the key file ${path} cannot be read: ${why}`, { cause });
  }
}
