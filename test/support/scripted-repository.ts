// A repository on a server, in memory, that commits can be put on: it compares as a server does, and can be told to be in trouble.
import { createHash } from 'node:crypto';
import type { Heads, HistoryCommit, RevertRepository, WantedRevert } from '../../src/signals/reverts/repository.ts';
import { SourceError } from '../../src/sync/commit-source.ts';

interface Kept {
  readonly message: string;
  readonly parent: string | undefined;
  /** By folder: what is in it. */
  readonly folders: Readonly<Record<string, string>>;
}

export class ScriptedRepository {
  readonly branches = new Map<string, string>();
  readonly #commits = new Map<string, Kept>();
  /** Pushes that came in. */
  pushes = 0;
  /** What becomes of each call; undefined: as it should be. */
  trouble: (call: 'heads' | 'push') => 'gone' | 'hangs' | 'refused' | 'answer lost' | undefined = () => undefined;

  /** A commit of somebody else, at the end of a branch. */
  commit(folders: Readonly<Record<string, string>>, message: string, branch = 'main'): string {
    const parent = this.branches.get(branch);
    const before = parent === undefined ? {} : (this.#commits.get(parent)?.folders ?? {});
    const id = this.#keep({ message, parent, folders: { ...before, ...folders } });
    this.branches.set(branch, id);
    return id;
  }

  /** What is in the folders at the end of a branch. */
  at(branch: string): Readonly<Record<string, string>> | undefined {
    return this.#commits.get(this.branches.get(branch) ?? '')?.folders;
  }

  /** The subjects of a branch, newest first. */
  log(branch: string): readonly string[] {
    const subjects: string[] = [];
    for (let at = this.branches.get(branch); at !== undefined; at = this.#commits.get(at)?.parent)
      subjects.push(this.#commits.get(at)?.message.split('\n')[0] ?? '');
    return subjects;
  }

  /** As an application sees it whose folder this is. */
  of(folder: string): RevertRepository {
    return {
      heads: async (other, signal) => await this.#heads(other, signal),
      since: async (_branch, head, base) => this.#since(head, base),
      make: async (_branch, wanted) => this.#make(folder, wanted),
      push: async (branch, from, commitId, signal) => await this.#push(branch, from, commitId, signal),
    };
  }

  #keep(commit: Kept): string {
    const id = createHash('sha1').update(JSON.stringify(commit)).digest('hex');
    this.#commits.set(id, commit);
    return id;
  }

  async #troubled(call: 'heads' | 'push', signal: AbortSignal): Promise<'refused' | 'answer lost' | undefined> {
    const trouble = this.trouble(call);
    if (trouble === 'gone') throw new SourceError('Unreachable', 'https://git.example: connection refused');
    if (trouble !== 'hangs') return trouble;
    return await new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
  }

  async #heads(other: string | undefined, signal: AbortSignal): Promise<Heads> {
    await this.#troubled('heads', signal);
    const second = other === undefined ? undefined : this.branches.get(other);
    return { branch: 'main', head: this.branches.get('main') ?? '', ...(second === undefined ? {} : { other: second }) };
  }

  #since(head: string, base: string): readonly HistoryCommit[] | undefined {
    const commits: HistoryCommit[] = [];
    for (let at: string | undefined = head; at !== base; at = this.#commits.get(at)?.parent) {
      if (at === undefined) return undefined;
      commits.push({ id: at, message: this.#commits.get(at)?.message ?? '' });
    }
    return commits;
  }

  #make(folder: string, { onto, good, message }: WantedRevert): string | undefined {
    const below = this.#commits.get(onto)?.folders ?? {};
    const back = this.#commits.get(good)?.folders[folder] ?? '';
    if ((below[folder] ?? '') === back) return undefined;
    return this.#keep({ message, parent: onto, folders: { ...below, [folder]: back } });
  }

  async #push(branch: string, from: string | undefined, commitId: string, signal: AbortSignal): Promise<string | undefined> {
    this.pushes += 1;
    const trouble = await this.#troubled('push', signal);
    if (trouble === 'refused') return '[remote rejected] (protected branch hook declined)';
    if (this.branches.get(branch) !== from) return '[rejected] (stale info)';
    this.branches.set(branch, commitId);
    if (trouble === 'answer lost') throw new SourceError('Unreachable', 'https://git.example: the server closed the connection');
    return undefined;
  }
}
