// What a rendering asks for beside the files of the commit: watched, since what is not there now may be there the next time.
import type { FileReader } from './file-reader.ts';
import { type FileTree, RemoteBaseFault, type TreeFile } from './file-tree.ts';
import type { LoadingOptions } from './load.ts';
import type { RenderContext } from './rendering.ts';

/** Gives renderings of one load their context. */
export class Outside {
  readonly #options: LoadingOptions;
  readonly #reader: FileReader;
  readonly #tree: FileTree;

  constructor(options: LoadingOptions, reader: FileReader, tree: FileTree) {
    this.#options = options;
    this.#reader = reader;
    this.#tree = tree;
  }

  /**
   * Runs a rendering. Rejects with whatever kept a server from answering, even if the rendering made a problem of it: a commit is not to
   * blame for that. `onMissed` is told when the result lacks something that may be there the next time, and must not be kept.
   */
  async render<T>(
    rendering: (context: RenderContext) => Promise<T>,
    { tree = this.#tree, onMissed = () => {} }: { readonly tree?: FileTree; readonly onMissed?: () => void } = {},
  ): Promise<T> {
    const { remoteTrees, helm } = this.#options;
    const unanswered: unknown[] = [];
    const context: RenderContext = {
      tree,
      readObjects: (file, reading) => this.#reader.readObjects(file, reading),
      readData: (file: TreeFile) => this.#reader.readData(file),
      remoteTrees: async (base) => {
        try {
          return await remoteTrees(base);
        } catch (error) {
          onMissed();
          if (!(error instanceof RemoteBaseFault)) unanswered.push(error);
          throw error;
        }
      },
      helm: async (request) => {
        const result = await helm(request);
        if ('fault' in result) onMissed();
        return result;
      },
    };
    const [result] = await Promise.allSettled([rendering(context)]);
    // The first cause goes before whatever came of it.
    if (unanswered.length > 0) throw unanswered[0];
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }
}
