// How the manifests of one application are loaded, as sync asks for it.
import type { LoaderOptions } from './manifests/load.ts';
import { createManifestLoader } from './manifests/loader.ts';
import type { Problem } from './manifests/problem.ts';
import type { ManifestLoader } from './sync/ports.ts';

/** The loader of one application's manifests, as sync asks for it. Of a commit that is refused nothing is read. */
export function manifestLoader(path: string, options: LoaderOptions = {}): ManifestLoader {
  const loader = createManifestLoader({ ...options, root: path });
  return async ({ refusal, ...snapshot }, signal) =>
    refusal === undefined ? await loader.load(snapshot, signal) : { manifests: [], problems: [untrusted(refusal)] };
}

function untrusted(message: string): Problem {
  return { severity: 'error', reason: 'Untrusted', file: '', line: 0, column: 0, field: '', message };
}
