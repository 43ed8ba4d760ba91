// What rendering is given: the repository, the keys, and whoever can fetch and run what is not in it.
import type { FileTree, RemoteTrees, TreeFile } from './file-tree.ts';
import type { HelmRenderer } from './helm/renderer.ts';
import type { Problem } from './problem.ts';
import type { Reading } from './reading/scalar.ts';
import type { SourceObject } from './source.ts';

/** The objects of one file, in order, decrypted. Faults of the text are problems, and then there are no objects. */
export interface FileObjects {
  readonly objects: readonly SourceObject[];
  readonly problems: readonly Problem[];
}

/** What a renderer works with. Every call may reject: the source failed, which is nobody's mistake, and the rendering fails as a whole. */
export interface RenderContext {
  readonly tree: FileTree;
  /**
   * Reads the documents of a YAML or JSON file, as Kubernetes does unless told otherwise; a `List` stays one object. Remembered by blob, so
   * asking twice is cheap.
   */
  readonly readObjects: (file: TreeFile, reading?: Reading) => Promise<FileObjects>;
  /** Reads a file as data, for generators: decrypted when SOPS encrypted it. */
  readonly readData: (file: TreeFile) => Promise<{ readonly bytes: Uint8Array } | { readonly problem: Problem }>;
  readonly remoteTrees: RemoteTrees;
  readonly helm: HelmRenderer;
}

/** Decryption of what SOPS encrypted. A tampered text and a missing key are problems; nothing ever holds plain text but the result. */
export interface Decrypter {
  isEncryptedDocument(value: unknown): boolean;
  decryptDocument(source: SourceObject): Promise<{ readonly object: SourceObject } | { readonly problem: Problem }>;
  isEncryptedFile(path: string, bytes: Uint8Array): boolean;
  decryptFile(path: string, bytes: Uint8Array): Promise<{ readonly bytes: Uint8Array } | { readonly problem: Problem }>;
}

/** Builds the kustomization of a folder. Rejects only when the source fails. */
export type KustomizationBuilder = (folder: string, context: RenderContext) => Promise<Rendered>;

/** What a renderer made. */
export interface Rendered {
  /** In the order of `kustomize build`: by kind, unless the kustomization's `sortOptions` say otherwise. */
  readonly objects: readonly SourceObject[];
  readonly problems: readonly Problem[];
  /** Every folder of the tree that was used as a base or a component: these are not rendered on their own as well. */
  readonly folders: readonly string[];
  /** Every file that was read, so that the result can be kept as long as none of them changes; `undefined` for one that was looked for in vain. */
  readonly inputs: ReadonlyMap<string, string | undefined>;
}
