// A folder of this run: a git repository whose commits are timed, data folders, and what has to be taken away at the end.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const GIT_ENV = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.org',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.org',
};

/** A commit and when its branch began to point at it. */
export interface TimedCommit {
  readonly id: string;
  /** Epoch milliseconds with fractions, from the branch's file: what `git` does after that is not waited for. */
  readonly atMs: number;
}

/** A repository on branch main. */
export interface BenchRepo {
  readonly dir: string;
  commit(files: Readonly<Record<string, string>>, message: string): TimedCommit;
  /** The same without blocking this process, for when the reader of the repository lives in it. */
  commitBeside(files: Readonly<Record<string, string>>, message: string): Promise<TimedCommit>;
}

/** An empty folder for this run; the caller removes it. */
export function makeWorkspace(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
}

export function removeWorkspace(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

export function makeRepo(dir: string): BenchRepo {
  mkdirSync(dir, { recursive: true });
  const options = { cwd: dir, env: { ...process.env, ...GIT_ENV }, encoding: 'utf8' } as const;
  const git = (...args: string[]): string => execFileSync('git', args, options).trim();
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    }
  };
  const committed = (): TimedCommit => {
    const branch = join(dir, '.git/refs/heads/main');
    return { id: readFileSync(branch, 'utf8').trim(), atMs: Number(statSync(branch, { bigint: true }).mtimeNs) / 1e6 };
  };
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'gc.auto', '0');
  return {
    dir,
    commit(files, message) {
      write(files);
      git('add', '--all', '.');
      git('commit', '--quiet', '--allow-empty', '--message', message);
      return committed();
    },
    async commitBeside(files, message) {
      write(files);
      git('add', '--all', '.');
      await run('git', ['commit', '--quiet', '--message', message], options);
      return committed();
    },
  };
}
