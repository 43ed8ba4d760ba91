// Where the statuses of a repository's commits are told: which forge it is, at which address its API answers, and how it calls the repository. Pure.

/** The forges whose statuses are known. Forgejo has Gitea's API. */
export const FORGES = ['github', 'gitlab', 'gitea', 'forgejo', 'bitbucket'] as const;
export type Forge = (typeof FORGES)[number];

export interface StatusPlace {
  readonly forge: Forge;
  /** The address of the API, without a slash at its end. */
  readonly api: string;
  /** `owner/name`; of GitLab with all groups. */
  readonly repository: string;
}

/** What somebody says of it; derived from the repository where absent. */
export interface PlaceChoice {
  readonly forge?: Forge;
  readonly api?: string;
}

const OF_HOST: Readonly<Record<string, Forge>> = {
  'github.com': 'github',
  'gitlab.com': 'gitlab',
  'bitbucket.org': 'bitbucket',
  'codeberg.org': 'forgejo',
  'gitea.com': 'gitea',
};

interface Address {
  /** `http`, `https`, or `ssh` for both forms of it. */
  readonly scheme: string;
  readonly host: string;
  /** With its colon; empty when there is none. */
  readonly port: string;
  readonly segments: readonly string[];
}

/** The parts of a repository's address; undefined for what is on no server. */
function addressOf(repository: string): Address | undefined {
  const text = repository.trim();
  const url = /^(https?|ssh):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)(:\d+)?\/([^?#]*)/i.exec(text);
  const short = /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(text);
  const [scheme, host, port, path] =
    url !== null ? [url[1], url[2], url[3], url[4]] : short !== null ? ['ssh', short[1], undefined, short[2]] : [];
  if (scheme === undefined || host === undefined || path === undefined) return undefined;
  const segments = path
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .split('/')
    .filter((segment) => segment !== '');
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port: port ?? '', segments };
}

/** The host of a repository; undefined for what is on no server. */
export function hostOf(repository: string): string | undefined {
  return addressOf(repository)?.host;
}

/** The place, or why there is none, for people. */
export function placeOf(repository: string, choice: PlaceChoice): StatusPlace | { readonly fault: string } {
  const address = addressOf(repository);
  if (address === undefined) return { fault: `${repository} is on no forge: its commits can have no status` };
  const forge = choice.forge ?? forgeOf(address.host);
  if (forge === undefined) return { fault: `it is not known which forge ${address.host} is: one of ${FORGES.join(', ')}` };
  const name = forge === 'gitlab' ? address.segments : address.segments.slice(-2);
  if (name.length < 2) return { fault: `${repository} does not name an owner and a repository, as ${forge} has them` };
  const api = choice.api === undefined ? derivedApi(forge, address) : givenApi(choice.api);
  if (api === undefined) return { fault: 'the address of the API has to begin with http:// or https://, and have no password' };
  return { forge, api, repository: name.join('/') };
}

function forgeOf(host: string): Forge | undefined {
  return OF_HOST[host] ?? (['github', 'gitlab', 'gitea', 'forgejo'] as const).find((forge) => host.startsWith(`${forge}.`));
}

function givenApi(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? text.replace(/\/+$/, '') : undefined;
}

function derivedApi(forge: Forge, { scheme, host, port, segments }: Address): string {
  if (forge === 'github' && host === 'github.com') return 'https://api.github.com';
  if (forge === 'bitbucket') return 'https://api.bitbucket.org/2.0';
  // The port of ssh says nothing of that of the API.
  const origin = scheme === 'ssh' ? `https://${host}` : `${scheme}://${host}${port}`;
  if (forge === 'github') return `${origin}/api/v3`;
  if (forge === 'gitlab') return `${origin}/api/v4`;
  // What is in front of the owner is where the forge is installed.
  const below = scheme === 'ssh' ? [] : segments.slice(0, -2);
  return `${[origin, ...below].join('/')}/api/v1`;
}
