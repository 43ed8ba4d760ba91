// Addresses of other repositories, as kustomize reads them (api/internal/git/repospec.go): HOST/ORG/REPO//FOLDER?ref=REVISION and its
// variants. What is not pinned to a revision is refused: the same commit must mean the same tomorrow.
import type { RemoteBase } from '../file-tree.ts';
import { joinInside } from '../snapshot-tree.ts';

/** What a text is that may be an address: a base, a fault, or undefined for a path. */
export type RemoteFinding = { readonly base: RemoteBase } | { readonly fault: string } | undefined;

/** Reads an entry of `resources` or `components` that may be an address. */
export function parseRemote(text: string): RemoteFinding {
  const [address, query] = splitAt(text, '?');
  const isWeb = /^https?:\/\//i.test(text);
  const host = splitHost(address.replace(/^git::/i, ''));
  if (host === undefined) return isWeb ? noRepository(text) : undefined;
  if (host.scheme === 'file://')
    return { fault: `${text} is a path of one machine; commit the folder, or name a repository that all can reach` };
  if (isWeb && (/\.(?:ya?ml|json)$/i.test(address) || /^https?:\/\/raw\.githubusercontent\.com\//i.test(text)))
    return { fault: `${text} is not fetched: what a commit means must not change with a server; commit the file` };
  const parts = splitRepository(host.rest);
  if (parts === undefined) return isWeb ? noRepository(text) : undefined;
  const folder = joinInside('', parts.folder.replace(/^\/+/, ''));
  if (folder === undefined) return { fault: `${text} leads out of its repository` };
  const values = new URLSearchParams(query);
  const ref = values.get('ref') || values.get('version') || '';
  if (ref === '' || ref === 'HEAD') return { fault: `${text} is not pinned to a revision; add ?ref= with a tag or a commit` };
  return { base: { url: host.prefix + parts.repository, ref, folder } };
}

const noRepository = (text: string): RemoteFinding => ({
  fault: `${text} names no repository; write https://HOST/ORG/REPO//FOLDER?ref=REVISION`,
});

function splitAt(text: string, mark: string): readonly [string, string] {
  const index = text.indexOf(mark);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + mark.length)];
}

interface Host {
  readonly scheme: string;
  /** Everything up to the path. */
  readonly prefix: string;
  readonly rest: string;
}

function splitHost(address: string): Host | undefined {
  const scheme = /^(?:ssh|https?|file):\/\//i.exec(address)?.[0].toLowerCase() ?? '';
  const afterScheme = address.slice(scheme.length);
  if (scheme === 'file://') return { scheme, prefix: scheme, rest: afterScheme };
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(afterScheme)?.[0] ?? '';
  const afterUser = afterScheme.slice(user.length);
  const isGitHub = /^github\.com[/:]/i.test(afterUser);
  if (scheme === '' && user === '' && !isGitHub) return undefined;
  const isScp = scheme === '' && (user !== '' || isGitHub);
  const end = afterUser.search(isScp ? /[/:]/ : /\//);
  if (end <= 0) return undefined;
  const rest = afterUser.slice(end + 1);
  if (!isGitHub) return { scheme, prefix: scheme + user + afterUser.slice(0, end + 1), rest };
  const isSsh = scheme === 'ssh://' || user !== '';
  return { scheme, prefix: isSsh ? `${user}github.com:` : 'https://github.com/', rest };
}

/** Where the repository ends and the folder in it begins: at _git/NAME, at //, after .git, or after two names. */
function splitRepository(path: string): { readonly repository: string; readonly folder: string } | undefined {
  const azure = path.indexOf('_git/');
  if (azure !== -1) {
    const start = azure + '_git/'.length;
    const [name, folder] = splitAt(path.slice(start), '/');
    return name === '' ? undefined : { repository: path.slice(0, start) + name, folder };
  }
  const double = path.indexOf('//');
  if (double !== -1) return double === 0 ? undefined : { repository: path.slice(0, double), folder: path.slice(double + 2) };
  const suffix = path.indexOf('.git');
  if (suffix !== -1) return { repository: path.slice(0, suffix + 4), folder: path.slice(suffix + 4) };
  const names = path.split('/');
  if (names.length < 2 || names[0] === '' || names[1] === '') return undefined;
  return { repository: names.slice(0, 2).join('/'), folder: names.slice(2).join('/') };
}
