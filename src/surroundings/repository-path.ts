// Where files stand in the repository around them. Loads nothing else: every command line starts with it.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** The path of a file in the work tree around it, with forward slashes; as it was given where there is none. Throws nothing. */
export function repositoryPath(file: string): string {
  try {
    const folder = realpathSync(dirname(file));
    const top = workTreeOf(folder);
    return top === undefined ? file : join(relative(top, folder), basename(file)).replaceAll(sep, '/');
  } catch {
    return file;
  }
}

/** The work tree around a folder, or that is it; undefined without one. */
export function workTreeOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}
