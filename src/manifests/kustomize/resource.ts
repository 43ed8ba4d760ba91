// What a build works on: the objects in the making, and what every step of it shares.
import type { Origins } from '../origins.ts';
import type { Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import type { RenderContext } from '../rendering.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { SourcePlace } from '../source.ts';
import type { SharedScalars } from './shared-scalars.ts';
import type { UntypedScalars } from './steps/untyped.ts';

/** Schemas by kind. */
export interface OpenapiSchemas {
  /**
   * The schema of the objects of a kind, with all references followed; undefined for kinds that the file does not describe. As in kustomize the
   * file takes the place of the built-in schemas: what it does not describe has no merge keys, be it a kind of Kubernetes.
   */
  schemaOf(apiVersion: unknown, kind: unknown): SchemaNode | undefined;
}

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
  /** Rendered by a chart that was told its namespace: the kustomization's `namespace` leaves it alone. */
  readonly isFromChart?: boolean;
}

/** Where a transformer finds what it changes: objects of a group, version and kind ('' for any), and the path of a field in them. */
export interface FieldSpec {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Steps with slashes between them; `\/` is a slash in a name, `[]` after a name says that it is a list. Lists are walked through. */
  readonly path: string;
  /** Whether a field that is missing is made. */
  readonly create: boolean;
}

/** The fields that hold the name of an object of a kind. */
export interface NameReference {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly referrers: readonly FieldSpec[];
}

/** What `configurations` files add to the built-in field specs, which are with the steps that use them. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[];
  readonly nameSuffix: readonly FieldSpec[];
  readonly namespace: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly labels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  readonly volumeClaimTemplateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly varReference: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
  readonly nameReference: readonly NameReference[];
}

/**
 * What every step of one build shares. While a layer of a remote base is worked on, `context.tree` is that repository, and the paths of the
 * layer begin with its address: a step reads files of its layer by `context.tree` and `layer.folder`, wherever they are.
 */
export interface Build {
  readonly context: RenderContext;
  readonly origins: Origins;
  /** Files read and looked for, and folders used: see `Rendered`. */
  readonly inputs: Map<string, string | undefined>;
  readonly folders: Set<string>;
  /**
   * The schemas by which lists are merged, once a layer has brought its own: the first that is opened, for all that is done from then on. Layers
   * of one build share it.
   */
  readonly schemas: { own?: OpenapiSchemas; isChosen: boolean };
  /** Fields that replacements have made, which have no type. */
  readonly untyped: UntypedScalars;
  /** Labels and annotations that are one value in several fields. */
  readonly shared: SharedScalars;
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
  /** What `configurations` files of this layer and of those below it add; absent where there are none. */
  readonly config?: TransformerConfig;
  /** The text of the file, by which faults inside inline patches find their line (see inline.ts). */
  readonly text?: string;
}

/**
 * A step of a build: works on the objects that were accumulated so far, and may add or take some. `layer` is the kustomization that asks
 * for it. Steps of one layer run in kustomize's order (see kustomize.ts).
 */
export type BuildStep = (resources: BuildResource[], layer: KustomizationFile, build: Build) => Promise<void> | void;
