// Who may pull an image: the credentials in pull secrets and in a Docker configuration, and which of them are for which image.
// Kubernetes, "Pull an Image from a Private Registry" and "Images", interpretation of config.json. Pure.

/** A name and password for a registry, or a token instead of both. */
export interface RegistryCredentials {
  /** As the configuration names it, without scheme: host, port and path. */
  readonly serverAddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

/** The credentials of one configuration. */
export type Keyring = readonly RegistryCredentials[];

export type KeyringResult =
  | { readonly ok: true; readonly keyring: Keyring }
  /** Says what is wrong, never what is in it. */
  | { readonly ok: false; readonly message: string };

/** Where images without a registry in their name come from, in all its spellings. */
const DEFAULT_REGISTRY = 'index.docker.io';
const defaultRegistries: ReadonlySet<string> = new Set(['docker.io', 'registry-1.docker.io', DEFAULT_REGISTRY]);

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The keys of a pull secret and the shape of what is under them: with `auths` around the servers, or without. */
const secretKeys = [
  ['.dockerconfigjson', true],
  ['.dockercfg', false],
] as const;

/** The credentials of a Secret of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg. */
export function keyringOfSecret(data: ReadonlyMap<string, Uint8Array>): KeyringResult {
  for (const [key, hasAuths] of secretKeys) {
    const bytes = data.get(key);
    if (bytes !== undefined) return readKeyring(bytes, hasAuths);
  }
  return { ok: false, message: 'it has neither a key .dockerconfigjson nor .dockercfg' };
}

/** The credentials of a Docker configuration file, `~/.docker/config.json`. */
export function keyringOfDockerConfig(bytes: Uint8Array): KeyringResult {
  return readKeyring(bytes, true);
}

function readKeyring(bytes: Uint8Array, hasAuths: boolean): KeyringResult {
  try {
    const body: unknown = JSON.parse(decoder.decode(bytes));
    const servers = hasAuths ? (fieldOf(body, 'auths') ?? {}) : body;
    if (typeof servers !== 'object' || servers === null) return { ok: false, message: 'its servers are not a map' };
    return { ok: true, keyring: Object.entries(servers).flatMap(([server, entry]) => readEntry(server, entry)) };
  } catch {
    return { ok: false, message: 'it is not JSON' };
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, field) as unknown) : undefined;
}

function textOf(value: unknown, field: string): string {
  const found = fieldOf(value, field);
  return typeof found === 'string' ? found : '';
}

/** `auth` is `name:password` in Base64 and wins over the two fields, as the docker command has it. */
function readEntry(server: string, entry: unknown): readonly RegistryCredentials[] {
  const auth = Buffer.from(textOf(entry, 'auth'), 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = auth.indexOf(':');
  const username = colon < 0 ? textOf(entry, 'username') : auth.slice(0, colon);
  const password = colon < 0 ? textOf(entry, 'password') : auth.slice(colon + 1);
  const identityToken = textOf(entry, 'identitytoken');
  if (username === '' && identityToken === '') return [];
  const serverAddress = server
    .replace(/^https?:\/\//, '')
    .replace(/\/(v1|v2)\/?$/, '')
    .replace(/\/+$/, '');
  return [
    {
      serverAddress,
      ...(username === '' ? {} : { username, password }),
      ...(identityToken === '' ? {} : { identityToken }),
    },
  ];
}

/** Registry (`host[:port]`) and path of an image. */
export function registryOf(image: string): { readonly registry: string; readonly path: string } {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const registry = isHost ? first : DEFAULT_REGISTRY;
  const path = (isHost ? image.slice(slash + 1) : image).replace(/@.*$/, '').replace(/:[^/]*$/, '');
  return { registry: defaultRegistries.has(registry) ? DEFAULT_REGISTRY : registry, path };
}

/**
 * The credentials for an image in the order in which they are to be tried: those of earlier keyrings first, and within one those with the
 * longer path. Several may match; the registry decides.
 */
export function credentialsFor(image: string, keyrings: readonly Keyring[]): readonly RegistryCredentials[] {
  const { registry, path } = registryOf(image);
  return keyrings.flatMap((keyring) =>
    keyring
      .filter(({ serverAddress }) => matches(serverAddress, registry, path))
      .toSorted((a, b) => b.serverAddress.length - a.serverAddress.length),
  );
}

function matches(serverAddress: string, registry: string, path: string): boolean {
  const slash = serverAddress.indexOf('/');
  const server = slash < 0 ? serverAddress : serverAddress.slice(0, slash);
  const prefix = slash < 0 ? '' : serverAddress.slice(slash + 1);
  const host = defaultRegistries.has(server) ? DEFAULT_REGISTRY : server;
  return isSameHost(host, registry) && (prefix === '' || path === prefix || path.startsWith(`${prefix}/`));
}

/** A pattern's labels match one label each, with `*` and `?` inside; ports have to be equal. */
function isSameHost(pattern: string, host: string): boolean {
  const [patternName = '', patternPort] = pattern.split(':');
  const [name = '', port] = host.split(':');
  if (patternPort !== port) return false;
  const [patternLabels, labels] = [patternName.split('.'), name.split('.')];
  return patternLabels.length === labels.length && patternLabels.every((label, at) => isMatch(label, labels[at] ?? ''));
}

/** Whether a label matches a pattern of `*` (any characters) and `?` (one). Linear: a star only ever grows. */
function isMatch(pattern: string, text: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  for (let index = 0; index < text.length; ) {
    if (pattern[at] === '*') [star, mark, at] = [at, index, at + 1];
    else if (pattern[at] === '?' || pattern[at] === text[index]) [at, index] = [at + 1, index + 1];
    else if (star >= 0) [at, mark, index] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
