// What a reconcile would change of an application that another one declares: the newest commit of each that declares the next is read, from
// the path of the command line on. Puts together, writes nothing.
import { type ReconcileOptions } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import type { LoaderOptions } from '../manifests/load.ts';
import { formatProblem } from '../manifests/problem.ts';
import { APPLICATION_ANNOTATION, type Kind, type StoredOf } from '../model/resource.ts';
import { policyOf } from '../model/sync-policy.ts';
import { sourceOf } from '../sources/declared-source.ts';
import { declaredLoader, manifestLoader } from '../sources/manifest-loader.ts';
import { declaredSources, openSource } from '../sources/sources.ts';
import type { StoreReader } from '../store/store.ts';
import type { CommitSource } from '../sync/commit-source.ts';
import { parentOf } from '../sync/declared.ts';
import { type DryRunParts, type DryRunResult, dryRun } from '../sync/dry-run.ts';
import type { ManifestLoader } from '../sync/ports.ts';
import type { Clock } from '../system/clock.ts';

type StoredApplication = StoredOf<'Application'>;

/** The applications that declare this one, as the store knows them, the first of all first; empty for one that nobody declares. */
export function ancestorsOf(name: string, store: StoreReader): readonly string[] {
  const names: string[] = [];
  const application = store.get('Application', '', name);
  let parent = application === undefined ? undefined : parentOf(application, store);
  for (; parent !== undefined && !names.includes(parent.metadata.name); parent = parentOf(parent, store))
    names.unshift(parent.metadata.name);
  return names;
}

export interface DeclaredPlanRequest extends Omit<DryRunParts, 'source' | 'load'> {
  /** Those that declare it, the first of all first. */
  readonly ancestors: readonly string[];
  readonly options: ReconcileOptions;
  readonly loading: LoaderOptions;
  readonly clock: Clock;
}

/** Plans it. Throws UsageFault when the newest commits do not declare it, SourceError when one of them cannot be read. */
export async function planDeclared(request: DeclaredPlanRequest): Promise<DryRunResult> {
  const { application: name, ancestors, options, store, clock } = request;
  const [root = '', ...between] = ancestors;
  const { applicationName: _name, ...loading } = request.loading;
  const openDeclared = await declaredSources(options, clock);
  const reader = new NewestDeclarations(store, root);
  let at: Step = { name: root, source: await openSource(options, clock), load: manifestLoader(options.path, loading) };
  for (const next of [...between, name]) {
    const declared = await declarationIn(at, next, request);
    const application = reader.put(declared, at.name);
    const found = sourceOf(application, reader);
    if ('fault' in found) throw new UsageFault(`application ${next}: ${found.fault}`);
    const load = declaredLoader(application, { loading });
    at = { name: next, source: openDeclared(found.wanted), load, application };
  }
  const { source, load } = at;
  const policy = policyOf(at.application?.spec ?? {});
  const withPolicy: ManifestLoader = async (snapshot, signal) => ({ ...(await load(snapshot, signal)), policy });
  try {
    return await dryRun({ ...request, store, source, load: withPolicy });
  } finally {
    await source.close();
  }
}

/** One that declares the next. */
interface Step {
  readonly name: string;
  readonly source: CommitSource;
  readonly load: ManifestLoader;
  readonly application?: StoredApplication;
}

/** What the newest commit of one says of the next; the source is closed then. */
async function declarationIn({ name, source, load }: Step, wanted: string, { options, signal }: DeclaredPlanRequest) {
  const asked = signal ?? new AbortController().signal;
  try {
    const snapshot = await source.snapshot(await source.head(asked), asked);
    const { manifests, problems } = await load(snapshot, asked);
    const error = problems.find(({ severity }) => severity === 'error');
    if (error !== undefined)
      throw new UsageFault(`application ${name}, which declares ${wanted}, is not valid: ${formatProblem(error)}`);
    const declared = manifests.flatMap(({ resource }) => (resource.kind === 'Application' ? [resource] : []));
    const found = declared.find(({ metadata }) => metadata.name === wanted);
    if (found !== undefined) return found;
    const names = declared.map(({ metadata }) => metadata.name).join(', ');
    const instead = names === '' ? 'none' : names;
    throw new UsageFault(
      `the newest commit of application ${name} declares no application ${wanted} (${instead}); --path is to be the path of the first, here ${options.path}`,
    );
  } finally {
    await source.close();
  }
}

/** The store, with applications as the newest commits declare them. */
class NewestDeclarations implements Pick<StoreReader, 'get'> {
  readonly #store: StoreReader;
  readonly #applications = new Map<string, StoredApplication>();

  constructor(store: StoreReader, root: string) {
    this.#store = store;
    // One that was never reconciled has a source all the same: that of the command line.
    const spec = { repo: '', revision: '', path: '', timeoutSeconds: 0 };
    this.#applications.set(root, { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: metadataOf(root), spec });
  }

  /** Says that one declares another. */
  put(declared: Pick<StoredApplication, 'spec'> & { metadata: { name: string } }, parent: string): StoredApplication {
    const { name } = declared.metadata;
    const annotations = { [APPLICATION_ANNOTATION]: parent };
    const application: StoredApplication = {
      apiVersion: 'holdfast.dev/v1',
      kind: 'Application',
      metadata: { ...metadataOf(name), annotations },
      spec: declared.spec,
    };
    this.#applications.set(name, application);
    return application;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): StoredOf<K> | undefined {
    const newest = kind === 'Application' ? this.#applications.get(name) : undefined;
    // Only applications are kept under that kind.
    return newest === undefined ? this.#store.get(kind, namespace, name) : (newest as unknown as StoredOf<K>);
  }
}

function metadataOf(name: string): StoredApplication['metadata'] {
  return { name, uid: '', resourceVersion: '', generation: 1, creationTimestamp: '' };
}
