// What sources of one repository need not read and keep each for itself: applications of one repository all pass through the same folders, and a folder
// of a thousand applications is a tree of a thousand lines. Trees are known by their ids, so sharing them is never wrong.
import { parseTree, type TreeEntry } from './objects.ts';

/** What the library keeps of the packs of one repository. Replaced by an empty one to let go of it. */
export interface KeptPacks {
  cache: object;
}

type Tree = readonly TreeEntry[];

/** Shared by any number of sources. Keeps nothing that none of them holds. */
export class SharedObjects {
  readonly #trees = new Map<string, WeakRef<Tree>>();
  readonly #reading = new Map<string, Promise<Tree>>();
  readonly #packs = new Map<string, WeakRef<KeptPacks>>();
  readonly #gone = new FinalizationRegistry<{ readonly from: Map<string, WeakRef<object>>; readonly key: string }>(
    ({ from, key }) => {
      // Another may have taken its place.
      if (from.get(key)?.deref() === undefined) from.delete(key);
    },
  );

  /** The lines of a tree of the repository at `gitdir`, read by the first who asks. Rejects with what `read` rejects with. */
  async tree(gitdir: string, id: string, read: () => Promise<Uint8Array>): Promise<Tree> {
    const key = `${gitdir} ${id}`;
    const known = this.#trees.get(key)?.deref();
    if (known !== undefined) return known;
    const underway = this.#reading.get(key);
    if (underway !== undefined) {
      // Who reads in vain has reasons of its own: the others try themselves.
      const others = await underway.catch(() => undefined);
      if (others !== undefined) return others;
    }
    const reading = read().then((bytes) => this.#kept(this.#trees, key, parseTree(id, bytes)));
    this.#reading.set(key, reading);
    try {
      return await reading;
    } finally {
      if (this.#reading.get(key) === reading) this.#reading.delete(key);
    }
  }

  /** What is kept of the packs of the repository at `gitdir`. */
  packs(gitdir: string): KeptPacks {
    return this.#packs.get(gitdir)?.deref() ?? this.#kept(this.#packs, gitdir, { cache: {} });
  }

  #kept<T extends object>(all: Map<string, WeakRef<T>>, key: string, value: T): T {
    all.set(key, new WeakRef(value));
    this.#gone.register(value, { from: all, key });
    return value;
  }
}
