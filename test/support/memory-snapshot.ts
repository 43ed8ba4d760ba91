// A commit in memory, and a count of what is read of it.
import type { SnapshotFile, SnapshotFiles } from '../../src/manifests/load.ts';

/** Text by path; a link by its target. */
export type MemoryCommit = Readonly<Record<string, string | { readonly link: string } | { readonly submodule: true }>>;

/** A commit whose files below `root` are listed at once. `reads` gets the path of every file that is read, `asked` every folder beside the root. */
export function memorySnapshot(
  files: MemoryCommit,
  root = '',
  { reads = [], asked = [] }: { reads?: string[]; asked?: string[] } = {},
): SnapshotFiles {
  const all = Object.entries(files)
    .map(([path, content]): SnapshotFile => {
      const text = typeof content === 'string' ? content : 'link' in content ? content.link : '';
      const type = typeof content === 'string' ? 'file' : 'link' in content ? 'symlink' : 'submodule';
      const read = async (): Promise<Uint8Array> => {
        reads.push(path);
        return new TextEncoder().encode(text);
      };
      return { path, blobId: `blob of ${text}`, type, read };
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const below = (folder: string): SnapshotFile[] =>
    all.filter(({ path }) => folder === '' || path === folder || path.startsWith(`${folder}/`) || folder.startsWith(`${path}/`));
  return {
    files: below(root),
    filesBelow: async (folder) => {
      asked.push(folder);
      return below(folder);
    },
  };
}
