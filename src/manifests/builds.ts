// Which kustomizations of a commit are built on their own, and what came of each; one is built again only when something that it has read
// has changed.
import type { FileReader } from './file-reader.ts';
import { type FileTree, RemoteBaseFault, type TreeFile } from './file-tree.ts';
import type { LoadingOptions } from './load.ts';
import type { Problem } from './problem.ts';
import { fileProblem } from './reading/file.ts';
import type { RenderContext, Rendered } from './rendering.ts';
import { makePart, type Part } from './sets.ts';
import { areUnchanged, joinInside, type Reads, recordReads } from './snapshot-tree.ts';

/** What came of one kustomization. */
export interface Build {
  readonly part: Part;
  readonly reads: Reads;
  /** Folders that it used as bases or components. */
  readonly folders: readonly string[];
  /** Whether a file below a folder was read for it. */
  hasRead(folder: string): boolean;
}

/** The kustomizations of one load. */
export class Builds {
  readonly #options: LoadingOptions;
  readonly #before: ReadonlyMap<string, Build>;
  readonly #tree: FileTree;
  readonly #reader: FileReader;
  readonly #done = new Map<string, Build>();

  constructor(options: LoadingOptions, before: ReadonlyMap<string, Build>, tree: FileTree, reader: FileReader) {
    this.#options = options;
    this.#before = before;
    this.#tree = tree;
    this.#reader = reader;
  }

  /** What can be kept for the next load, by folder. */
  get done(): ReadonlyMap<string, Build> {
    return this.#done;
  }

  /**
   * Builds those of the folders that stand for themselves: no components, and none that another one uses. `kustomizations` has the file of
   * each folder.
   */
  async build(kustomizations: ReadonlyMap<string, string>): Promise<readonly Build[]> {
    const made = new Map<string, Build>();
    const uses = new Map<string, readonly string[]>();
    for (const [folder, file] of kustomizations) {
      const head = await this.#head(folder, file);
      if (!head.isComponent || kustomizations.size === 1) uses.set(folder, head.uses);
    }
    const used = new Set([...uses].flatMap(([folder, others]) => others.filter((other) => other !== folder)));
    const reached = new Set<string>();
    const build = async (folder: string): Promise<void> => {
      const result = await this.#buildOne(folder, kustomizations.get(folder) ?? folder);
      made.set(folder, result);
      const open = [folder, ...result.folders];
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        if (reached.has(at)) continue;
        reached.add(at);
        open.push(...(uses.get(at) ?? []));
      }
    };
    for (const folder of uses.keys()) if (!used.has(folder)) await build(folder);
    // What is left uses one another round in a circle: to build it says so.
    for (const folder of uses.keys()) if (!reached.has(folder)) await build(folder);
    const bases = new Set([...made].flatMap(([folder, { folders }]) => folders.filter((other) => other !== folder)));
    return [...made].filter(([folder]) => !bases.has(folder)).map(([, result]) => result);
  }

  /** What a kustomization says of itself, as far as it can be read: to build it tells the faults. */
  async #head(folder: string, file: string): Promise<{ isComponent: boolean; uses: readonly string[] }> {
    const entry = await this.#tree.entry(file);
    const objects = entry?.type === 'file' ? (await this.#reader.readObjects(entry.file)).objects : [];
    const value = objects[0]?.value;
    if (typeof value !== 'object' || value === null) return { isComponent: false, uses: [] };
    const { kind, resources, bases, components } = value as Record<string, unknown>;
    const named = [resources, bases, components].flat().filter((entry) => typeof entry === 'string');
    return {
      isComponent: kind === 'Component',
      uses: named.map((path) => joinInside(folder, path)).filter((path) => path !== undefined),
    };
  }

  async #buildOne(folder: string, file: string): Promise<Build> {
    const known = this.#before.get(folder);
    if (known !== undefined && (await areUnchanged(known.reads, this.#tree))) {
      for (const id of known.reads.entries.values()) this.#reader.keep(id);
      this.#done.set(folder, known);
      return known;
    }
    const { tree, reads } = recordReads(this.#tree);
    const { rendered, isLasting } = await this.#render(folder, file, tree);
    const part = makePart(rendered.objects, rendered.problems, true);
    const hasRead = (below: string): boolean => {
      const prefix = below === '' ? '' : `${below}/`;
      return [...reads.entries, ...reads.listings].some(([path]) => path === below || path.startsWith(prefix));
    };
    const build: Build = { part, reads, folders: rendered.folders, hasRead };
    if (isLasting) this.#done.set(folder, build);
    return build;
  }

  async #render(folder: string, file: string, tree: FileTree): Promise<{ rendered: Rendered; isLasting: boolean }> {
    const build = this.#options.buildKustomization;
    if (build === undefined) return { rendered: refused(noKustomize(file)), isLasting: true };
    const outside = watchOutside(this.#options);
    const context: RenderContext = {
      tree,
      readObjects: (asked: TreeFile) => this.#reader.readObjects(asked),
      readData: (asked: TreeFile) => this.#reader.readData(asked),
      remoteTrees: outside.remoteTrees,
      helm: outside.helm,
    };
    try {
      const rendered = await build(folder, context);
      outside.throwTransient();
      return { rendered, isLasting: outside.isLasting() };
    } catch (error) {
      outside.throwTransient();
      if (!(error instanceof RemoteBaseFault)) throw error;
      return { rendered: refused(fileProblem(file, 'RenderFailed', error.message)), isLasting: false };
    }
  }
}

function refused(problem: Problem): Rendered {
  return { objects: [], problems: [problem], folders: [], inputs: new Map() };
}

function noKustomize(file: string): Problem {
  return fileProblem(file, 'UnsupportedKind', 'kustomize is not supported yet; commit the output of "kustomize build"');
}

/**
 * What is not in the commit may be there the next time: a result that missed something is not kept, and one that missed it because
 * somebody does not answer is none.
 */
function watchOutside({ remoteTrees, helm }: LoadingOptions): Pick<RenderContext, 'remoteTrees' | 'helm'> & {
  isLasting(): boolean;
  throwTransient(): void;
} {
  let isLasting = true;
  const transient: unknown[] = [];
  return {
    remoteTrees: async (base) => {
      try {
        return await remoteTrees(base);
      } catch (error) {
        isLasting = false;
        if (!(error instanceof RemoteBaseFault)) transient.push(error);
        throw error;
      }
    },
    helm: async (request) => {
      const result = await helm(request);
      if ('fault' in result) isLasting = false;
      return result;
    },
    isLasting: () => isLasting,
    throwTransient: () => {
      if (transient.length > 0) throw transient[0];
    },
  };
}
