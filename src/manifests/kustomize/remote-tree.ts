// Repositories that bases come from: each a tree of its own, whose paths begin with its address, so that no path leads from one to another
// and every message says which repository it means.
import type { FileTree, RemoteBase, RemoteTrees, TreeFile } from '../file-tree.ts';

/** What the paths of a repository begin with: its address and revision. */
export function labelOf({ url, ref }: RemoteBase): string {
  return `${url.replace('://', ':').replace(/\/+$/, '')}@${ref}`;
}

/** A repository under its label. What is not below the label is refused. */
export async function openRemote(
  base: RemoteBase,
  remoteTrees: RemoteTrees,
): Promise<{ readonly label: string; readonly tree: FileTree }> {
  const label = labelOf(base);
  const tree = await remoteTrees(base);
  const inside = (path: string): string | undefined =>
    path === label ? '' : path.startsWith(`${label}/`) ? path.slice(label.length + 1) : undefined;
  const outside = (path: string): string => (path === '' ? label : `${label}/${path}`);
  return {
    label,
    tree: {
      entry: async (path) => {
        const own = inside(path);
        if (own === undefined) return { type: 'refused', message: `it is outside of the repository ${label}` };
        const entry = await tree.entry(own);
        return entry?.type === 'file' ? { type: 'file', file: relabelled(entry.file, outside(entry.file.path)) } : entry;
      },
      filesBelow: async (folder) => {
        const own = inside(folder);
        return own === undefined ? [] : (await tree.filesBelow(own)).map(outside);
      },
    },
  };
}

function relabelled({ blobId, sizeBytes, ...file }: TreeFile, path: string): TreeFile {
  return { path, blobId, ...(sizeBytes === undefined ? {} : { sizeBytes }), read: () => file.read() };
}
