// The door of the room: loads commits and remembers what the last one was made of. Pure apart from its memory: files are read by whoever owns
// them. Knows no Git and no Docker, and never guesses: what is not certain to mean what Kubernetes means is a problem.
import { buildKustomization } from './kustomize/kustomize.ts';
import type { Loader, LoaderOptions, LoadingOptions } from './load.ts';
import { emptyMemory, Pass } from './pass.ts';
import { isManifestPath } from './reading/selection.ts';
import { createDecrypter } from './sops/decrypter.ts';

const without: Omit<LoadingOptions, 'roots'> = {
  sets: 'together',
  areSetsJudged: false,
  skipUnknownKinds: false,
  substitute: {},
  decrypter: createDecrypter({ identities: [] }),
  buildKustomization,
  remoteTrees: () => Promise.reject(new Error('bases of other repositories cannot be fetched here')),
  helm: () => Promise.resolve({ fault: 'there is no helm program', isMissing: true }),
};

/** `./apps//web/` → `apps/web`; the repository itself is ''. */
const plainPath = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** A loader with an empty memory. */
export function createManifestLoader({ root = '', ...options }: LoaderOptions = {}): Loader {
  const roots = [root].flat().map(plainPath);
  const loading: LoadingOptions = { ...without, roots, ...options };
  let memory = emptyMemory;
  return {
    isWanted: (path) =>
      roots.some((each) => (each === '' || path === each || path.startsWith(`${each}/`)) && isManifestPath(path, each)),
    load: async (snapshot, signal = new AbortController().signal) => {
      const pass = new Pass(loading, memory, snapshot, signal);
      const result = await pass.run();
      memory = pass.memory;
      return result;
    },
  };
}
