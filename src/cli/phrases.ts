// Words that several commands write alike.
import type { CommitInfo } from '../model/resource.ts';

/** Text from a repository or a container must not steer the terminal: control characters become spaces. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

/** The first seven digits of a commit; uncommitted files are called that. */
export function shortCommit(id: string): string {
  return id.startsWith('worktree-') ? 'uncommitted files' : id.slice(0, 7);
}

/** The name without the address. */
export function authorName(author: string): string {
  return printable(author.replace(/\s*<[^<>]*>\s*$/, '')) || printable(author);
}

/** `1a2b3c4 "Three replicas" by Ann Lee`. */
export function commitPhrase(commit: Pick<CommitInfo, 'id' | 'subject' | 'author'>): string {
  if (commit.id.startsWith('worktree-')) return shortCommit(commit.id);
  const subject = printable(commit.subject);
  return `${shortCommit(commit.id)}${subject === '' ? '' : ` "${subject}"`}${commit.author === '' ? '' : ` by ${authorName(commit.author)}`}`;
}

/** `1 file`, `2 files`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount} ${amount === 1 ? singular : plural}`;
}

/** `deployment/web in shop`: an object for a person. */
export function objectPhrase(object: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  const short = `${object.kind.toLowerCase()}/${object.name}`;
  return object.namespace === '' || object.namespace === 'default' ? short : `${short} in ${object.namespace}`;
}

/** Cuts a line to a width, with an ellipsis. */
export function fit(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
