// Whether a push concerns an application. Only names are compared: a push that is wrongly taken for ours costs one look at the repository, one
// that is wrongly passed over is found at the next interval.
import type { Push } from './push.ts';

/** What an application follows. */
export interface Followed {
  readonly application: string;
  /** The repository, without credentials: an URL, the short form of ssh, or a path. */
  readonly repository: string;
  /** As people read it: `branch main`, `tag v1`, `commit 1a2b3c4`, `default branch`, `working tree`. */
  readonly revision: string;
}

/**
 * The repository as all of its addresses name it: `https://git.example.com/shop/web.git`, `git@git.example.com:shop/web` and
 * `ssh://git@git.example.com:2222/shop/web` are `git.example.com/shop/web`. Ports do not count: a forge has one for each protocol.
 */
export function repositoryName(address: string): string {
  const text = address.trim();
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)(?::\d*)?(\/[^?#]*)?/i.exec(text);
  const short = /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(text);
  const [host, path] =
    url !== null ? [url[1] ?? '', url[2] ?? ''] : short !== null ? [short[1] ?? '', `/${short[2] ?? ''}`] : ['', text];
  const trimmed = path
    .replace(/^\/+/, '/')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .replace(/\/+$/, '');
  return `${host}${trimmed}`.toLowerCase();
}

/** Whether this push may have moved what the application follows. */
export function isFollowed(push: Push, followed: Followed): boolean {
  const name = repositoryName(followed.repository);
  const isRepository = push.repositories.length === 0 || push.repositories.some((each) => repositoryName(each) === name);
  return isRepository && (push.refs.length === 0 || push.refs.some((ref) => isRefFollowed(ref, push, followed.revision)));
}

function isRefFollowed(ref: string, push: Push, revision: string): boolean {
  const [, type = '', name = ''] = /^(branch|tag|commit) (.+)$/.exec(revision) ?? [];
  if (type === 'branch') return ref === `refs/heads/${name}`;
  if (type === 'tag') return ref === `refs/tags/${name}`;
  // A commit does not move, and nobody pushes to a working tree.
  if (type === 'commit' || revision === 'working tree') return false;
  return push.defaultBranch === undefined || ref === `refs/heads/${push.defaultBranch}`;
}
