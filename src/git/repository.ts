// A repository on this machine, read in place: where its parts are and what its refs say. Nothing is ever written to it.
import { promises as fs } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import * as git from 'isomorphic-git';
import { SourceError } from '../sync/commit-source.ts';
import { codeOf } from './faults.ts';
import { emptyRepository, isFullId, noSuchRevision, type Revision, refOf, tagInRange } from './revision.ts';

/** The places of a repository. */
export interface Repository {
  /** The folder with the files, absent for a bare repository. */
  readonly workTree: string | undefined;
  /** HEAD and the index. */
  readonly gitdir: string;
  /** Objects and refs; differs from `gitdir` in a linked work tree. */
  readonly commonDir: string;
}

/** What HEAD says. */
export interface Head {
  /** Undefined when HEAD is a commit itself. */
  readonly branch: string | undefined;
  readonly id: string;
}

/** Finds the repository at exactly this folder. Throws SourceError RepositoryNotFound or Misconfigured. */
export async function openRepository(path: string): Promise<Repository> {
  const kind = await kindOf(path);
  if (kind === undefined) throw new SourceError('RepositoryNotFound', `${path} does not exist`);
  if (kind !== 'folder') throw new SourceError('RepositoryNotFound', `${path} is not a folder`);
  const found = (await withWorkTree(path)) ?? (await bare(path));
  if (found === undefined) throw await noRepository(path);
  await assertReadableFormat(path, found.commonDir);
  return found;
}

async function withWorkTree(path: string): Promise<Repository | undefined> {
  const dotGit = join(path, '.git');
  const kind = await kindOf(dotGit);
  if (kind === undefined) return undefined;
  if (kind === 'folder') return { workTree: path, gitdir: dotGit, commonDir: await commonDirOf(dotGit) };
  // A linked work tree or a submodule: the file names the folder.
  const target = /^gitdir: (.+)$/m.exec(await fs.readFile(dotGit, 'utf8'))?.[1]?.trim();
  if (target === undefined) throw new SourceError('RepositoryNotFound', `${dotGit} does not name a repository`);
  const gitdir = isAbsolute(target) ? target : resolve(path, target);
  if ((await kindOf(gitdir)) !== 'folder')
    throw new SourceError('RepositoryNotFound', `${dotGit} names ${gitdir}, which does not exist`);
  return { workTree: path, gitdir, commonDir: await commonDirOf(gitdir) };
}

async function bare(path: string): Promise<Repository | undefined> {
  const isBare = (await kindOf(join(path, 'HEAD'))) === 'file' && (await kindOf(join(path, 'objects'))) === 'folder';
  return isBare ? { workTree: undefined, gitdir: path, commonDir: await commonDirOf(path) } : undefined;
}

async function commonDirOf(gitdir: string): Promise<string> {
  const text = await fs.readFile(join(gitdir, 'commondir'), 'utf8').catch(() => '');
  return text.trim() === '' ? gitdir : resolve(gitdir, text.trim());
}

async function noRepository(path: string): Promise<SourceError> {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if ((await kindOf(join(above, '.git'))) === undefined) continue;
    const below = path.slice(above.length).replace(/^[/\\]+/, '');
    return new SourceError(
      'RepositoryNotFound',
      `${path} is a folder inside the repository ${above}: use --repo ${above} --path ${below}`,
    );
  }
  return new SourceError('RepositoryNotFound', `${path} is not a Git repository: there is no .git in it. Make one with git init`);
}

async function assertReadableFormat(path: string, commonDir: string): Promise<void> {
  const text = await fs.readFile(join(commonDir, 'config'), 'utf8').catch(() => '');
  const extensions = /^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)/im.exec(text)?.[1];
  if (extensions === undefined) return;
  throw new SourceError(
    'Misconfigured',
    `${path} has the format "${extensions}", which is not supported. Clone it with --object-format=sha1 --ref-format=files`,
  );
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await fs.stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What HEAD points at. Throws SourceError RevisionNotFound where there is no commit yet. */
export async function readHead(shown: string, repository: Repository): Promise<Head> {
  const text = (await fs.readFile(join(repository.gitdir, 'HEAD'), 'utf8')).trim();
  if (isFullId(text)) return { branch: undefined, id: text };
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1];
  if (branch === undefined) throw new SourceError('Corrupt', `${shown}: HEAD is neither a branch nor a commit`);
  return { branch, id: await resolveRevision(shown, repository, { type: 'branch', name: branch }) };
}

/** The object that a branch or tag names. Throws SourceError RevisionNotFound with the names that exist. */
export async function resolveRevision(shown: string, repository: Repository, wanted: Revision): Promise<string> {
  const revision: Revision =
    wanted.type === 'semver' ? { type: 'tag', name: tagInRange(shown, wanted, await tagsOf(repository)) } : wanted;
  // Git moves refs into packed-refs while others read; who looked there before and at the file after sees neither.
  const id = (await resolveOnce(repository, revision)) ?? (await resolveOnce(repository, revision));
  if (id !== undefined) return id;
  const branches = await git.listBranches({ fs: { promises: fs }, gitdir: repository.commonDir });
  const tags = await tagsOf(repository);
  throw branches.length + tags.length === 0 ? emptyRepository(shown) : noSuchRevision(shown, revision, branches, tags);
}

function tagsOf(repository: Repository): Promise<string[]> {
  return git.listTags({ fs: { promises: fs }, gitdir: repository.commonDir });
}

async function resolveOnce(repository: Repository, revision: Revision): Promise<string | undefined> {
  try {
    return await git.resolveRef({ fs: { promises: fs }, gitdir: repository.commonDir, ref: refOf(revision) });
  } catch (error) {
    if (codeOf(error) === 'NotFoundError') return undefined;
    throw error;
  }
}
