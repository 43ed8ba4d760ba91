// How much a pull would bring, asked of the registry without pulling (OCI Distribution Specification, "Pulling manifests"). Whoever cannot
// be asked is not known: nothing depends on the answer but what a person reads.
import { type RegistryCredentials, registryOf } from '../model/registry.ts';

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
/** Manifests are small; whatever is larger is none (the limit that registries keep). */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** An image, who may pull it, and for which machine. */
export interface SizeQuestion {
  readonly image: string;
  readonly credentials: readonly RegistryCredentials[];
  /** `amd64`, `arm64`: as images name it. */
  readonly architecture: string;
}

interface Descriptor {
  readonly digest?: string;
  readonly size?: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}
interface ImageManifest {
  readonly manifests?: readonly Descriptor[];
  readonly layers?: readonly Descriptor[];
  readonly config?: Descriptor;
}

/** The bytes of all layers and of the configuration, compressed; undefined when that cannot be found out. Rejects only when aborted. */
export async function imagePullBytes(question: SizeQuestion, signal: AbortSignal): Promise<number | undefined> {
  const { image, credentials, architecture } = question;
  const place = manifestPlace(image);
  for (const user of [...credentials, undefined]) {
    try {
      const ask = askerOf(place.origin, user, signal);
      const first = await ask(`${place.path}/manifests/${place.reference}`);
      const digest = first?.manifests?.find(
        ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
      )?.digest;
      const manifest =
        first?.manifests === undefined || digest === undefined ? first : await ask(`${place.path}/manifests/${digest}`);
      if (manifest?.layers !== undefined)
        return [...manifest.layers, manifest.config].reduce((sum, part) => sum + (part?.size ?? 0), 0);
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
  return undefined;
}

/** Where the manifest of an image is. A registry on this machine is spoken to without TLS, as an engine does. */
export function manifestPlace(image: string): { readonly origin: string; readonly path: string; readonly reference: string } {
  const { registry, path } = registryOf(image);
  const isHub = registry === 'index.docker.io';
  const host = isHub ? 'registry-1.docker.io' : registry;
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
  const digest = /@(.+)$/.exec(image)?.[1];
  const tag = /:([^/:@]+)(@.+)?$/.exec(image.slice(image.lastIndexOf('/') + 1))?.[1];
  return {
    origin: `${isLocal ? 'http' : 'https'}://${host}`,
    path: isHub && !path.includes('/') ? `library/${path}` : path,
    reference: digest ?? tag ?? 'latest',
  };
}

/** Asks for manifests, as the registry wants to be asked: with a name and password, or with a token that another server gives. */
function askerOf(
  origin: string,
  user: RegistryCredentials | undefined,
  signal: AbortSignal,
): (path: string) => Promise<ImageManifest | undefined> {
  const basic =
    user?.username === undefined
      ? undefined
      : `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
  let authorization: string | undefined;
  const get = async (path: string): Promise<Response> =>
    await fetch(`${origin}/v2/${path}`, {
      headers: { Accept: MANIFEST_TYPES, ...(authorization === undefined ? {} : { Authorization: authorization }) },
      signal,
    });
  return async (path) => {
    let response = await get(path);
    if (response.status === 401 && authorization === undefined) {
      await response.body?.cancel();
      authorization = await authorizationFor(response.headers.get('www-authenticate') ?? '', basic, signal);
      if (authorization === undefined) return undefined;
      response = await get(path);
    }
    const isSmall = Number(response.headers.get('content-length') ?? 0) <= MAX_MANIFEST_BYTES;
    if (response.ok && isSmall) return (await response.json()) as ImageManifest;
    await response.body?.cancel();
    return undefined;
  };
}

/** What answers a challenge (Docker, "Token authentication"). */
async function authorizationFor(challenge: string, basic: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  if (/^basic/i.test(challenge)) return basic;
  const parameters = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
  const realm = parameters.get('realm');
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  for (const name of ['service', 'scope']) {
    const value = parameters.get(name);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const response = await fetch(url, { headers: basic === undefined ? {} : { Authorization: basic }, signal });
  if (!response.ok) {
    await response.body?.cancel();
    return undefined;
  }
  const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
  const given = token ?? accessToken;
  return given === undefined ? undefined : `Bearer ${given}`;
}
