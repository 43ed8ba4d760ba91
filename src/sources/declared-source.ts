// Where the commits of a declared application come from: its own repository, or that of the application that declares it. Reads the store, opens
// nothing.
import type { Revision } from '../git/revision.ts';
import type { ApplicationSpec, StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { type CommitSource, SourceError } from '../sync/commit-source.ts';
import { parentOf } from '../sync/declared.ts';

/** A repository, what of it is followed, and the folder. */
export interface WantedSource {
  /** Undefined: the repository that the command line names. */
  readonly repository: string | undefined;
  /** Undefined: where the repository stands by itself. `same`: what the command line says. */
  readonly revision: Revision | 'same' | undefined;
  readonly path: string;
  /** The texts of the Secret with the credentials, by key. */
  readonly secret?: Readonly<Record<string, string>>;
  /** Who has to have signed it; undefined: those whom the command line names, if it names any. */
  readonly verify?: WantedTrust;
  /** The commit of the application that was live last. */
  readonly lastGood?: () => string | undefined;
}

/** Keys that may sign. */
export interface WantedTrust {
  readonly mode: 'head' | 'all';
  /** `path`: where they are, for people. */
  readonly keys: readonly { readonly path: string; readonly text: string }[];
}

/** Opens it. Reads nothing yet. Throws SourceError for what cannot mean anything. */
export type OpenDeclaredSource = (wanted: WantedSource) => CommitSource;

/** What was found out. */
export type SourceFinding =
  | {
      readonly wanted: WantedSource;
      /** It stands where its parent is live. */
      readonly isFollower: boolean;
    }
  | { readonly fault: string };

type DeclaredRevision = NonNullable<ApplicationSpec['source']>;

/** The source of a declared application. */
export function sourceOf(application: StoredOf<'Application'>, reader: Pick<StoreReader, 'get'>): SourceFinding {
  const { path, source = {} } = application.spec;
  const revision = revisionOf(source);
  if (source.repository !== undefined) {
    const trust = trustOf(application, reader);
    if (trust !== undefined && 'fault' in trust) return trust;
    const base = { repository: source.repository, revision, path, ...(trust === undefined ? {} : { verify: trust }) };
    if (source.secretRef === undefined) return { wanted: base, isFollower: false };
    const { name, namespace = 'default' } = source.secretRef;
    const secret = reader.get('Secret', namespace, name);
    if (secret === undefined)
      return { fault: `there is no Secret ${name} in namespace ${namespace}, which spec.source.secretRef names` };
    return { wanted: { ...base, secret: textsOf(secret) }, isFollower: false };
  }
  const parents = around(application, reader);
  if ('fault' in parents) return parents;
  const { path: _path, ...rest } = parents.wanted;
  return { wanted: { ...rest, path, revision: revision ?? rest.revision }, isFollower: revision === undefined };
}

/** Whom the nearest says that says it: the application, or who declares it, and so on. */
function trustOf(
  application: StoredOf<'Application'>,
  reader: Pick<StoreReader, 'get'>,
): WantedTrust | { readonly fault: string } | undefined {
  const seen = new Set<string>();
  for (let at: StoredOf<'Application'> | undefined = application; at !== undefined; at = parentOf(at, reader)) {
    const { verify } = at.spec;
    if (seen.has(at.metadata.name)) return undefined;
    seen.add(at.metadata.name);
    if (verify === undefined) continue;
    const { name, namespace = 'default' } = verify.secretRef;
    const secret = reader.get('Secret', namespace, name);
    if (secret === undefined)
      return { fault: `there is no Secret ${name} in namespace ${namespace}, which spec.verify.secretRef names` };
    const keys = Object.entries(textsOf(secret)).map(([key, text]) => ({ path: `${key} of the Secret ${name}`, text }));
    return { mode: verify.mode ?? 'head', keys };
  }
  return undefined;
}

/** The source of the parent; that of the command line when the parent is nobody's child. */
function around(application: StoredOf<'Application'>, reader: Pick<StoreReader, 'get'>): SourceFinding {
  const seen = new Set<string>([application.metadata.name]);
  let parent = parentOf(application, reader);
  if (parent === undefined) return { fault: 'the application that declares it is gone' };
  // Up to the first that says where it comes from.
  while (parent.spec.source === undefined) {
    if (seen.has(parent.metadata.name)) return { fault: 'it is declared by itself, round in a circle' };
    seen.add(parent.metadata.name);
    const next = parentOf(parent, reader);
    if (next === undefined) return { wanted: { repository: undefined, revision: 'same', path: '' }, isFollower: false };
    parent = next;
  }
  return sourceOf(parent, reader);
}

function revisionOf(source: DeclaredRevision): Revision | undefined {
  for (const type of ['branch', 'tag', 'semver', 'commit'] as const) {
    const name = source[type];
    if (name !== undefined) return { type, name };
  }
  return undefined;
}

/** The texts of a Secret by key. */
export function textsOf({ data = {} }: StoredOf<'Secret'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

/** A source that cannot be had, for a reason that is told. */
export function faultySource(description: string, cause: string | SourceError): CommitSource {
  const fail = (): Promise<never> => Promise.reject(typeof cause === 'string' ? new SourceError('Misconfigured', cause) : cause);
  return {
    description,
    revision: 'none',
    head: fail,
    snapshot: fail,
    changes: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) }),
    close: async () => {},
  };
}
