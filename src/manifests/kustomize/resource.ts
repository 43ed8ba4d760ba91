// What a build works on: the objects in the making, and what every step of it shares.
import type { Origins } from '../origins.ts';
import type { Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import type { RenderContext } from '../rendering.ts';
import type { SourcePlace } from '../source.ts';

export type PlainMap = Record<string, unknown>;

/** What tells one object from another (kustomize's ResId): group and version apart, a namespace of '' for none. */
export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** One object of a build. Its value is the build's own copy and is changed in place; `build.origins` knows where its parts come from. */
export interface BuildResource {
  value: PlainMap;
  /** What it was called before each change of its name or namespace, the oldest first: how others refer to it. */
  readonly previousIds: ResourceId[];
  /** Prefixes and suffixes that were put on its name, in order: a reference goes to the object that went the same way. */
  readonly prefixes: string[];
  readonly suffixes: string[];
  /** A generated ConfigMap or Secret whose name gets the hash of its content at the end. */
  needsHash: boolean;
  /** How a generator of a later layer combines with this one. */
  readonly behavior: 'unspecified' | 'create' | 'merge' | 'replace';
  /** The kustomization file that made it or brought it in first. */
  readonly kustomization: string;
}

/** What every step of one build shares. */
export interface Build {
  readonly context: RenderContext;
  readonly origins: Origins;
  /** Files read and looked for, and folders used: see `Rendered`. */
  readonly inputs: Map<string, string | undefined>;
  readonly folders: Set<string>;
  /** Errors and notes. A step that finds an error reports it and goes on with what is left. */
  readonly problems: Problem[];
}

/** One kustomization file, read and checked against its schema. */
export interface KustomizationFile {
  /** Its path, and its folder with no slash at the end ('' for the root): what it names is relative to that. */
  readonly path: string;
  readonly folder: string;
  readonly value: PlainMap;
  locate(path: Path): SourcePlace;
}

/**
 * A step of a build: works on the objects that were accumulated so far, and may add or take some. `layer` is the kustomization that asks
 * for it. Steps of one layer run in kustomize's order (see kustomize.ts).
 */
export type BuildStep = (resources: BuildResource[], layer: KustomizationFile, build: Build) => Promise<void> | void;
