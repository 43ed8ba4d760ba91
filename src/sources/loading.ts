// How manifests are read in this process: the keys, variables and programs that the surroundings give.
import { delimiter, join } from 'node:path';
import type { LoadSettings } from '../cli/parts.ts';
import { helmRenderer } from '../helm/helm-renderer.ts';
import { gitCachePath } from '../installation/data-folder.ts';
import { rememberRenders } from '../manifests/helm/remember.ts';
import type { LoaderOptions } from '../manifests/load.ts';
import { createDecrypter } from '../manifests/sops/decrypter.ts';
import { readDecryptionKeys } from '../surroundings/age-keys.ts';
import { policyFiles } from '../surroundings/policy-files.ts';
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

/** Reads keys; everything else is done when it is needed. Throws UsageFault for keys and policies that cannot be read. */
export function openLoading(settings: LoadSettings, { env, dataDir, ...rest }: LoadingSurroundings): OpenLoading {
  const remote = openRemoteTrees({ ...rest, cacheDir: gitCachePath(dataDir) });
  const policies = policyFiles(
    settings.policies ?? env['HOLDFAST_POLICIES']?.split(delimiter).filter((path) => path !== '') ?? [],
  );
  return {
    options: {
      ...(policies === undefined ? {} : { policies }),
      skipUnknownKinds: settings.skipUnknownKinds,
      ...(settings.areSetsLeft === true ? { areSetsJudged: false } : {}),
      substitute: settings.substitute,
      decrypter: createDecrypter(readDecryptionKeys(env, settings)),
      remoteTrees: remote.remoteTrees,
      helm: rememberRenders(helmRenderer({ env, cacheDir: join(dataDir, 'helm') })),
    },
    close: remote.close,
  };
}
