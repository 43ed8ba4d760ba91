// Which kustomizations of a commit are built on their own, and what came of each; one is built again only when something that it has read
// has changed.
import type { FileReader } from './file-reader.ts';
import { type FileTree, RemoteBaseFault } from './file-tree.ts';
import type { LoadingOptions } from './load.ts';
import type { Outside } from './outside.ts';
import type { Problem } from './problem.ts';
import { fileProblem } from './reading/file.ts';
import type { Rendered } from './rendering.ts';
import { makePart, type Part } from './sets.ts';
import { areUnchanged, joinInside, type Reads, recordReads } from './snapshot-tree.ts';

/** What came of one kustomization. */
export interface Build {
  readonly folder: string;
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
  readonly #outside: Outside;
  readonly #done = new Map<string, Build>();

  constructor(options: LoadingOptions, before: ReadonlyMap<string, Build>, tree: FileTree, reader: FileReader, outside: Outside) {
    this.#options = options;
    this.#before = before;
    this.#tree = tree;
    this.#reader = reader;
    this.#outside = outside;
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
    const part = makePart(rendered.objects, rendered.problems, {
      hasDollar: rendered.objects.some(({ value }) => hasDollar(value)),
      targetNamespace: this.#options.targetNamespace,
    });
    const hasRead = (below: string): boolean => {
      const prefix = below === '' ? '' : `${below}/`;
      return [...reads.entries, ...reads.listings].some(([path]) => path === below || path.startsWith(prefix));
    };
    const build: Build = { folder, part, reads, folders: rendered.folders, hasRead };
    if (isLasting) this.#done.set(folder, build);
    return build;
  }

  async #render(folder: string, file: string, tree: FileTree): Promise<{ rendered: Rendered; isLasting: boolean }> {
    const build = this.#options.buildKustomization;
    let isLasting = true;
    const onMissed = (): void => {
      isLasting = false;
    };
    try {
      const rendered = await this.#outside.render((context) => build(folder, context), { tree, onMissed });
      return { rendered, isLasting };
    } catch (error) {
      if (!(error instanceof RemoteBaseFault)) throw error;
      return { rendered: refused(fileProblem(file, 'RenderFailed', error.message)), isLasting: false };
    }
  }
}

function refused(problem: Problem): Rendered {
  return { objects: [], problems: [problem], folders: [], inputs: new Map() };
}

/** Whether variables may stand anywhere in a value. */
function hasDollar(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('$');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, entry]) => key.includes('$') || hasDollar(entry));
}
