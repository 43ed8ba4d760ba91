// What a webhook says was pushed, in one shape whichever forge sent it. Only names of repositories and refs are read, to find out whom a push
// concerns: commits and files are never taken from here.

/** What was pushed to, as the forge tells it. */
export interface Push {
  /** All addresses of the repository. Empty: it does not say. */
  readonly repositories: readonly string[];
  /** Full names, `refs/heads/main`. Empty: it does not say. */
  readonly refs: readonly string[];
  /** The branch that the repository stands at by itself, where that is told. */
  readonly defaultBranch?: string;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function textsOf(...values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value): value is string => typeof value === 'string' && value !== ''))];
}

function pushOf(repositories: readonly string[], refs: readonly string[], defaultBranch: unknown): Push {
  const [name] = textsOf(defaultBranch);
  return { repositories, refs, ...(name === undefined ? {} : { defaultBranch: name }) };
}

/** GitHub, Gitea and Forgejo: `push`. */
export function githubPush(payload: unknown): Push {
  const { ref, repository } = fieldsOf(payload);
  const { clone_url, ssh_url, git_url, html_url, default_branch } = fieldsOf(repository);
  return pushOf(textsOf(clone_url, ssh_url, git_url, html_url), textsOf(ref), default_branch);
}

/** GitLab: `Push Hook`, `Tag Push Hook` and, of a system hook, `push` and `tag_push`. */
export function gitlabPush(payload: unknown): Push {
  const { ref, project } = fieldsOf(payload);
  const { git_http_url, git_ssh_url, web_url, default_branch } = fieldsOf(project);
  return pushOf(textsOf(git_http_url, git_ssh_url, web_url), textsOf(ref), default_branch);
}

/** Bitbucket Cloud: `repo:push`. A deleted branch has only an old state. */
export function bitbucketPush(payload: unknown): Push {
  const { push, repository } = fieldsOf(payload);
  const { links, full_name } = fieldsOf(repository);
  const { html } = fieldsOf(links);
  const refs = listOf(fieldsOf(push)['changes']).flatMap((change) => {
    const { new: after, old: before } = fieldsOf(change);
    const { type, name } = fieldsOf(after ?? before);
    return typeof name === 'string' ? [`refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`] : [];
  });
  const named = typeof full_name === 'string' ? `https://bitbucket.org/${full_name}` : undefined;
  return pushOf(textsOf(fieldsOf(html)['href'], named), textsOf(...refs), undefined);
}

/** Bitbucket Data Center: `repo:refs_changed`. */
export function bitbucketServerPush(payload: unknown): Push {
  const { changes, repository } = fieldsOf(payload);
  const clone = listOf(fieldsOf(fieldsOf(repository)['links'])['clone']).map((link) => fieldsOf(link)['href']);
  const refs = listOf(changes).map((change) => fieldsOf(fieldsOf(change)['ref'])['id']);
  return pushOf(textsOf(...clone), textsOf(...refs), undefined);
}

/** Anybody: `repository` and `ref`, both of which may be left out. A ref without `refs/` is a branch. */
export function genericPush(payload: unknown): Push {
  const { repository, ref } = fieldsOf(payload);
  const refs = textsOf(ref).map((name) => (name.startsWith('refs/') ? name : `refs/heads/${name}`));
  return pushOf(textsOf(repository), refs, undefined);
}
