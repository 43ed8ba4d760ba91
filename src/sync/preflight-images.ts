// The images that a commit needs: asked for with the pull secrets that its pods will have, before anything that runs is touched. Asking
// starts pulls and waits for none.

import type { Manifest } from '../manifests/load.ts';
import { formatPath, type Path } from '../manifests/place.ts';
import type { Problem } from '../manifests/problem.ts';
import { secretBytes } from '../model/keyed-bytes.ts';
import { credentialsFor, type Keyring, keyringOfSecret } from '../model/registry.ts';
import { type Desired, isNamespaced, keyOf, keyString, type PodSpec, type ResourceOf } from '../model/resource.ts';
import { podSpecOf } from '../model/workload.ts';
import type { StoreReader } from '../store/store.ts';
import type { SyncPlan } from './planned.ts';
import type { ImagePreparer, ImageState, WantedImage } from './ports.ts';

const DEFAULT_ACCOUNT = 'default';

export interface ImagesInput {
  readonly manifests: readonly Manifest[];
  readonly plan: SyncPlan;
  readonly store: StoreReader;
  /** Absent for a dry run: nothing is pulled. */
  readonly images: ImagePreparer | undefined;
  /** Names the wish: the commit. */
  readonly wish: string;
}

/** What is not there. */
export interface MissingImages {
  /** Another try cannot help. */
  readonly failed: readonly Problem[];
  readonly waiting: readonly Problem[];
  readonly isPulling: boolean;
  /** When to ask again, in epoch milliseconds. */
  readonly retryAtMs?: number;
}

/** Asks for the images of all that the plan changes. */
export function prepareImages({ manifests, plan, store, images, wish }: ImagesInput): MissingImages {
  const failed: Problem[] = [];
  const waiting: Problem[] = [];
  let isPulling = false;
  const retries: number[] = [];
  if (images === undefined) return { failed, waiting, isPulling };
  for (const { manifest, wanted, path } of changedImages({ manifests, plan, store, wish })) {
    const found = images.prepare(wanted);
    if (found.state === 'present') continue;
    isPulling ||= found.state === 'pulling';
    const place = manifest.locate?.(path) ?? { file: manifest.file, line: manifest.line, column: manifest.line === 0 ? 0 : 1 };
    const message = `image ${wanted.image}${stateText(found)}`;
    const problem: Problem = { severity: 'error', reason: 'ImageUnavailable', ...place, field: formatPath(path), message };
    if (found.state === 'failed') retries.push(found.retryAtMs);
    if (found.state === 'failed' && found.isFinal) failed.push(problem);
    else waiting.push(problem);
  }
  return { failed, waiting, isPulling, ...(retries.length === 0 ? {} : { retryAtMs: Math.min(...retries) }) };
}

/** The images of all that the plan changes, each once, where they are first named. */
export function changedImages({
  manifests,
  plan,
  store,
  wish,
}: Omit<ImagesInput, 'images'>): readonly (ImageField & { readonly manifest: Manifest })[] {
  const all = [...plan.changes, ...(plan.hooks ?? [])];
  const changed = new Set(all.filter((change) => change.action !== 'unchanged').map((change) => keyString(change.key)));
  const named = new Set<string>();
  return manifests.flatMap((manifest) => {
    if (!changed.has(keyString(keyOf(manifest.resource)))) return [];
    return imagesOf(manifest.resource, manifests, store, wish)
      .filter(({ wanted }) => {
        const name = JSON.stringify([wanted.policy, wanted.image, wanted.credentials]);
        const isNew = !named.has(name);
        named.add(name);
        return isNew;
      })
      .map((field) => ({ manifest, ...field }));
  });
}

function stateText(found: Exclude<ImageState, { state: 'present' }>): string {
  if (found.state === 'failed') return `: ${found.message}`;
  const { progress } = found;
  if (progress === undefined || progress.totalBytes === 0) return ' to be pulled';
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return ` to be pulled (${megabytes(progress.completedBytes)} of ${megabytes(progress.totalBytes)} MB)`;
}

interface ImageField {
  readonly wanted: WantedImage;
  /** Where the manifest names it. */
  readonly path: Path;
}

/** Images of containers and of volumes. */
function imagesOf(resource: Desired, manifests: readonly Manifest[], store: StoreReader, wish: string): readonly ImageField[] {
  const spec = podSpecOf(resource);
  if (spec === undefined) return [];
  const { namespace } = keyOf(resource);
  const keyrings = keyringsOf(spec, namespace, manifests, store);
  const wanted = (image: string, policy: WantedImage['policy'] = 'IfNotPresent'): WantedImage => ({
    image,
    policy,
    wish,
    credentials: credentialsFor(image, keyrings),
  });
  const base = pathOfPodSpec(resource);
  const ofContainers = (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).map(({ image, imagePullPolicy }, index) => ({
      wanted: wanted(image, imagePullPolicy),
      path: [...base, list, index, 'image'],
    })),
  );
  const ofVolumes = (spec.volumes ?? []).flatMap(({ image }, index) =>
    image?.reference === undefined || image.reference === ''
      ? []
      : [{ wanted: wanted(image.reference, image.pullPolicy), path: [...base, 'volumes', index, 'image', 'reference'] }],
  );
  return [...ofContainers, ...ofVolumes];
}

function pathOfPodSpec({ kind }: Desired): Path {
  if (kind === 'Pod') return ['spec'];
  return kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'];
}

/** The pod's own pull secrets, else those of its account. A secret that is not there or cannot be read is left out, as a kubelet does. */
function keyringsOf(spec: PodSpec, namespace: string, manifests: readonly Manifest[], store: StoreReader): readonly Keyring[] {
  const account = find('ServiceAccount', namespace, spec.serviceAccountName ?? DEFAULT_ACCOUNT, manifests, store);
  const own = spec.imagePullSecrets ?? [];
  const references = own.length > 0 ? own : (account?.imagePullSecrets ?? []);
  return references.flatMap(({ name = '' }) => {
    const secret = find('Secret', namespace, name, manifests, store);
    const result = secret === undefined ? undefined : keyringOfSecret(secretBytes(secret));
    return result?.ok === true ? [result.keyring] : [];
  });
}

/** As it will be: the commit's before the store's. */
function find<K extends 'Secret' | 'ServiceAccount'>(
  kind: K,
  namespace: string,
  name: string,
  manifests: readonly Manifest[],
  store: StoreReader,
): ResourceOf<K> | undefined {
  const key = keyString({ kind, namespace: isNamespaced(kind) ? namespace : '', name });
  const found = manifests.find(({ resource }) => resource.kind === kind && keyString(keyOf(resource)) === key)?.resource;
  return (found as ResourceOf<K> | undefined) ?? store.get(kind, namespace, name);
}
