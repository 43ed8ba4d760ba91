// Repositories for tests, made by the real git client and untouched by the settings of whoever runs the tests.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

const ENV = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ada Example',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada Example',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  LC_ALL: 'C',
};

/** A file's new content; null removes it. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null>>;

/** A repository with files. Every method runs the real git. */
export interface GitRepo {
  readonly dir: string;
  /** Any git command in it; resolves to what it printed. */
  git(...args: string[]): Promise<string>;
  /** Writes the files without committing them. */
  write(files: FileChanges): Promise<void>;
  /** Writes the files and commits everything; resolves to the commit's id. */
  commit(files: FileChanges, message: string): Promise<string>;
  /** Pushes to a URL or path. `refspec` is `main` unless told. `env` is for GIT_SSH_COMMAND and the like. */
  push(url: string, options?: { refspec?: string; force?: boolean; env?: Readonly<Record<string, string>> }): Promise<void>;
}

/** Makes a repository in `dir` (created when missing) on branch main. Its first commit is the test's. */
export async function gitRepo(dir: string): Promise<GitRepo> {
  await mkdir(dir, { recursive: true });
  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const result = await execa('git', args, { cwd: dir, env: { ...ENV, ...env } });
    return result.stdout.trim();
  };
  await run(['init', '--quiet', '--initial-branch=main', '.']);
  // No housekeeping in the background: it would go on in a folder that is being removed.
  await run(['config', 'gc.auto', '0']);
  const write = async (files: FileChanges): Promise<void> => {
    for (const [path, content] of Object.entries(files)) {
      const place = join(dir, path);
      if (content === null) {
        await rm(place, { recursive: true, force: true });
        continue;
      }
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, content);
    }
  };
  return {
    dir,
    git: (...args) => run(args),
    write,
    async commit(files, message) {
      await write(files);
      await run(['add', '--all', '.']);
      await run(['commit', '--quiet', '--allow-empty', '--message', message]);
      return await run(['rev-parse', 'HEAD']);
    },
    async push(url, options = {}) {
      const force = options.force === true ? ['--force'] : [];
      await run(['push', '--quiet', ...force, url, options.refspec ?? 'main'], options.env);
    },
  };
}

/** Makes an empty bare repository, as a server has them. */
export async function bareGitRepo(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir], { env: ENV });
  await execa('git', ['config', 'gc.auto', '0'], { cwd: dir, env: ENV });
  return dir;
}

/** A folder that is removed by `remove`. */
export async function temporaryFolder(prefix = 'holdfast-git-'): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), prefix));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
