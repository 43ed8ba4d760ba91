// What `--repo` means: a folder on this machine, a server that speaks http, or one that is reached through ssh.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../sync/commit-source.ts';

/** Where a repository is. `description` and `url` never hold credentials. */
export type Location =
  | { readonly kind: 'local'; readonly path: string; readonly description: string }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly description: string;
      readonly username: string | undefined;
      readonly password: string | undefined;
    }
  | { readonly kind: 'ssh'; readonly url: string; readonly description: string };

/** Makes any credentials of URLs in a text unreadable. Text from servers and tools goes through it before a person sees it. */
export const withoutCredentials = (text: string): string => text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]*@/gi, '$1***@');

/**
 * Reads the repository argument as Git does: a URL, `[user@]host:path`, or else a path. Throws SourceError Misconfigured for what
 * cannot be followed safely, such as an argument that starts with `-` or a remote helper (`ext::…`).
 */
export function parseLocation(repo: string): Location {
  if (repo.trim() === '') throw misconfigured('the repository is empty: give a path or a URL');
  if (repo.startsWith('-')) throw misconfigured(`a repository cannot start with "-": ${JSON.stringify(repo)}`);
  if (/^[a-z0-9+.-]+::/i.test(repo)) {
    throw misconfigured(`remote helpers are not supported: ${withoutCredentials(repo)}. Give a path, or an http(s) or ssh URL`);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repo)) return parseUrl(repo);
  // Git's own rule: a colon before the first slash means a host.
  const scpLike = /^((?:[^/:]+@)?)(\[[^\]]+\]|[^/:]+):(.*)$/.exec(repo);
  if (scpLike !== null) return parseScpLike(repo, scpLike[1] ?? '', scpLike[2] ?? '', scpLike[3] ?? '');
  return local(resolve(repo));
}

function parseUrl(repo: string): Location {
  const shown = withoutCredentials(repo);
  let url: URL;
  try {
    url = new URL(repo);
  } catch (cause) {
    throw new SourceError('Misconfigured', `${shown} is not a URL`, { cause });
  }
  switch (url.protocol) {
    case 'file:':
      return local(filePath(url, shown));
    case 'http:':
    case 'https:': {
      const username = url.username === '' ? undefined : decoded(url.username, shown);
      const password = url.password === '' ? undefined : decoded(url.password, shown);
      const bare = new URL(url);
      bare.username = '';
      bare.password = '';
      bare.search = '';
      bare.hash = '';
      const text = bare.href.replace(/\/+$/, '');
      return { kind: 'http', url: text, description: text, username, password };
    }
    case 'ssh:':
    case 'git+ssh:':
    case 'ssh+git:':
      return sshUrl(repo, url, shown);
    default:
      throw misconfigured(`${url.protocol}// is not supported (${shown}): give a path, or an http(s) or ssh URL`);
  }
}

function sshUrl(repo: string, url: URL, shown: string): Location {
  if (url.password !== '') {
    throw misconfigured(`ssh takes no password from a URL (${shown}): use a key file`);
  }
  refuseOption(decoded(url.username, shown), shown);
  refuseOption(decoded(url.hostname, shown), shown);
  if (url.pathname === '' || url.pathname === '/') throw misconfigured(`${shown} names no repository on the server`);
  const text = repo.replace(/^[a-z+]+:/i, 'ssh:');
  return { kind: 'ssh', url: text, description: text };
}

function parseScpLike(repo: string, user: string, host: string, path: string): Location {
  refuseOption(user, repo);
  refuseOption(host, repo);
  if (path === '') throw misconfigured(`${repo} names no repository on the server`);
  return { kind: 'ssh', url: repo, description: repo };
}

/** A user or host with a leading dash would be read as an option by ssh. */
function refuseOption(part: string, shown: string): void {
  if (part.startsWith('-')) throw misconfigured(`a host or user cannot start with "-": ${shown}`);
}

function local(path: string): Location {
  return { kind: 'local', path, description: path };
}

function filePath(url: URL, shown: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new SourceError('Misconfigured', `${shown} does not name a folder of this machine: write file:///path`, { cause });
  }
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new SourceError('Misconfigured', `${shown} has a "%" that starts no escape: write it as %25`, { cause });
  }
}

function misconfigured(message: string): SourceError {
  return new SourceError('Misconfigured', message);
}
