// One load of one commit: what is to be read or built is chosen, what did not change is taken from the last load, the rest is read, built,
// decrypted and admitted. Whatever rejects leaves the memory of the loader as it was.
import { expandApplicationSets, hasApplicationSet } from './application-sets/expand.ts';
import { assemble } from './assembly.ts';
import { type Build, Builds } from './builds.ts';
import { declaredFolders, folderAround } from './declared.ts';
import { FileReader, type FileTexts } from './file-reader.ts';
import type { FileTree, TreeFile } from './file-tree.ts';
import type { LoadingOptions, LoadResult, SnapshotFile, SnapshotFiles } from './load.ts';
import { Outside } from './outside.ts';
import { takePolicies } from './policies/policies.ts';
import type { Policy } from './policies/policy.ts';
import type { Problem } from './problem.ts';
import { fileProblem } from './reading/file.ts';
import { isManifestPath, type Selection, selectFiles } from './reading/selection.ts';
import { finishSets, makePart, type Part } from './sets.ts';
import { createSnapshotTree } from './snapshot-tree.ts';

/** How many files are read at a time. */
export const READS_AT_A_TIME = 32;

/** A file that is taken as it is. */
interface PlainFile {
  readonly blobId: string;
  readonly part: Part;
}

/** What the last load was made of. */
export interface Memory {
  /** By path. */
  readonly plain: ReadonlyMap<string, PlainFile>;
  readonly texts: FileTexts;
  /** By folder. */
  readonly builds: ReadonlyMap<string, Build>;
}

export const emptyMemory: Memory = { plain: new Map(), texts: new Map(), builds: new Map() };

/** One load. */
export class Pass {
  readonly #options: LoadingOptions;
  readonly #before: Memory;
  readonly #snapshot: SnapshotFiles;
  readonly #tree: FileTree;
  readonly #reader: FileReader;
  readonly #outside: Outside;
  readonly #builds: Builds;
  readonly #plain = new Map<string, PlainFile>();
  readonly #problems: Problem[] = [];

  constructor(options: LoadingOptions, before: Memory, snapshot: SnapshotFiles, signal: AbortSignal) {
    this.#options = options;
    this.#before = before;
    this.#snapshot = snapshot;
    this.#tree = createSnapshotTree(snapshot, options.roots, signal);
    this.#reader = new FileReader(options.decrypter, before.texts, signal);
    this.#outside = new Outside(options, this.#reader, this.#tree);
    this.#builds = new Builds(options, before.builds, this.#tree, this.#reader, this.#outside);
  }

  /** What this load was made of, once it has succeeded. */
  get memory(): Memory {
    return { plain: this.#plain, texts: this.#reader.texts, builds: this.#builds.done };
  }

  async run(): Promise<LoadResult> {
    const selections = this.#options.roots.map((root) => selectFiles(this.#snapshot.files, root));
    await this.#readPlain(selections);
    const builds = await this.#builds.build(new Map(selections.flatMap(({ kustomizations }) => [...kustomizations])));
    const all = await this.#expanded([...this.#plain.values()].map(({ part }) => part));
    const made = await this.#expanded(builds.map(({ part }) => part));
    const folders = declaredFolders([...all, ...made], this.#options.roots);
    const theirs = (path = ''): string | undefined => folderAround(path, folders);
    const plain = all.filter(({ path }) => theirs(path) === undefined);
    const isApart = this.#options.sets === 'apart';
    const built = made.filter((_part, index) => isApart || theirs(builds[index]?.folder) === undefined);
    // What belongs to declared applications is judged with the rest only where everything below a path is: there each of them is a set.
    const others = isApart ? folders.map((folder) => all.filter(({ path }) => theirs(path) === folder)) : [];
    const sets = isApart ? [plain, ...others, ...built.map((each) => [each])] : [[...plain, ...built]];
    const finished = await finishSets(sets, this.#options, this.#outside, await this.#readPolicies());
    this.#findUnusedCharts(selections, builds, [...finished.chartFolders, ...folders]);
    const isAnyFile = plain.length + built.length > 0;
    const { areSetsJudged } = this.#options;
    const result = assemble(finished.sets, this.#problems, { isAnyFile, areSetsJudged, isLookedAt: isApart });
    this.#reader.release();
    const { timeoutSeconds, notifications, policy } = finished;
    return {
      ...result,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      ...(notifications.length === 0 ? {} : { notifications }),
      ...(Object.keys(policy).length === 0 ? {} : { policy }),
    };
  }

  /** The policies from outside the repository. What else stands in their files is a mistake. */
  async #readPolicies(): Promise<readonly Policy[]> {
    const files = (await this.#options.policies?.()) ?? [];
    const policies: Policy[] = [];
    for (const file of files) {
      const { objects, problems } = await this.#reader.readObjects(file);
      const taken = await takePolicies(objects);
      policies.push(...taken.policies);
      this.#problems.push(...problems, ...taken.problems);
      for (const { locate } of taken.rest) {
        const message = 'only objects of kind Policy (holdfast.dev/v1) belong among policies';
        this.#problems.push({ severity: 'error', reason: 'UnsupportedKind', ...locate([]), field: '', message });
      }
    }
    return policies;
  }

  /** What an ApplicationSet stands for depends on the folders that there are, and so it is not kept. */
  async #expanded(parts: readonly Part[]): Promise<readonly Part[]> {
    const expanded: Part[] = [];
    for (const part of parts) {
      const isSet = part.hasInstructions && part.objects.some(({ value }) => hasApplicationSet(value));
      if (!isSet) expanded.push(part);
      else {
        const { objects, problems } = await expandApplicationSets(part.objects, this.#tree);
        this.#problems.push(...problems);
        expanded.push({ ...part, objects });
      }
    }
    return expanded;
  }

  async #readPlain(selections: readonly Selection[]): Promise<void> {
    const files = new Map<string, TreeFile>();
    const links: SnapshotFile[] = [];
    for (const { plain } of selections) {
      for (const file of plain) {
        if (file.type === 'file') files.set(file.path, file);
        else links.push(file);
      }
    }
    for (const link of links) await this.#follow(link, files);
    const unknown: TreeFile[] = [];
    for (const file of files.values()) {
      const known = this.#before.plain.get(file.path);
      // Holds the place, so that files stay in their order.
      this.#plain.set(file.path, known?.blobId === file.blobId ? known : pending);
      if (known?.blobId !== file.blobId) unknown.push(file);
    }
    const queue = unknown.values();
    const work = async (): Promise<void> => {
      for (const file of queue) this.#plain.set(file.path, { blobId: file.blobId, part: await this.#read(file) });
    };
    await Promise.all(Array.from({ length: Math.min(READS_AT_A_TIME, unknown.length) }, work));
  }

  async #read(file: TreeFile): Promise<Part> {
    const { objects, problems, hasDollar, release } = await this.#reader.readManifests(file);
    const { targetNamespace } = this.#options;
    const part = makePart(objects, problems, { hasDollar, path: file.path, targetNamespace });
    release();
    return part;
  }

  /** A link to a file is that file, unless it is read anyway. */
  async #follow(link: SnapshotFile, files: Map<string, TreeFile>): Promise<void> {
    const entry = await this.#tree.entry(link.path);
    const isNamed = isManifestPath(link.path, link.path);
    const refuse = (message: string): void => void this.#problems.push(fileProblem(link.path, 'Unreadable', message));
    if (entry === undefined && isNamed) refuse('the symbolic link leads to nothing');
    else if (entry?.type === 'refused') refuse(entry.message);
    else if (entry?.type === 'folder')
      refuse('a symbolic link to a folder is not followed; name the folder in a kustomization, or commit the files themselves');
    else if (entry?.type === 'file' && isNamed && !files.has(entry.file.path)) files.set(entry.file.path, entry.file);
  }

  #findUnusedCharts(selections: readonly Selection[], builds: readonly Build[], known: readonly string[]): void {
    for (const { charts } of selections) {
      for (const [folder, file] of charts) {
        if (folderAround(folder, known) !== undefined || builds.some((build) => build.hasRead(folder))) continue;
        const message =
          'nothing renders this Helm chart; declare a HelmChart that names it, or commit the output of "helm template"';
        this.#problems.push(fileProblem(file, 'UnsupportedKind', message));
      }
    }
  }
}

const pending: PlainFile = { blobId: '', part: makePart([], [], { hasDollar: false }) };
