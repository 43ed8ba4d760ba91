// How the manifests of one application are loaded, as sync asks for it: of the one of the command line, and of those that others declare.
import type { LoaderOptions } from '../manifests/load.ts';
import { createManifestLoader } from '../manifests/loader.ts';
import type { Problem } from '../manifests/problem.ts';
import type { StoredOf } from '../model/resource.ts';
import type { ManifestLoader } from '../sync/ports.ts';

/** The loader of one application's manifests, as sync asks for it. Of a commit that is refused nothing is read. */
export function manifestLoader(path: string, options: LoaderOptions = {}): ManifestLoader {
  const loader = createManifestLoader({ ...options, root: path });
  return async ({ refusal, ...snapshot }, signal) =>
    refusal === undefined ? await loader.load(snapshot, signal) : { manifests: [], problems: [untrusted(refusal)] };
}

/** What all declared applications of a process share of how manifests are loaded. */
export interface DeclaredLoading {
  readonly loading: LoaderOptions;
  /** Until when a commit must be healthy, when the person at the command line has said so. */
  readonly fixedTimeoutMs?: number | undefined;
}

/** The loader of a declared application, as its declaration says. */
export function declaredLoader(
  { metadata, spec }: StoredOf<'Application'>,
  { loading, fixedTimeoutMs }: DeclaredLoading,
): ManifestLoader {
  const load = manifestLoader(spec.path, {
    ...loading,
    applicationName: metadata.name,
    isDeclared: true,
    ...(spec.targetNamespace === undefined ? {} : { targetNamespace: spec.targetNamespace }),
    // What the command line says wins over all.
    substitute: { ...spec.substitute, ...loading.substitute },
    skipUnknownKinds: spec.skipUnknownKinds ?? loading.skipUnknownKinds ?? false,
  });
  if (fixedTimeoutMs === undefined) return load;
  return async (snapshot, signal) => ({ ...(await load(snapshot, signal)), timeoutSeconds: Math.ceil(fixedTimeoutMs / 1000) });
}

function untrusted(message: string): Problem {
  return { severity: 'error', reason: 'Untrusted', file: '', line: 0, column: 0, field: '', message };
}
