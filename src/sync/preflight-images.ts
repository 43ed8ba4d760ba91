// The images that a commit needs: asked for with the pull secrets that its pods will have, before anything that runs is touched. Asking
// starts pulls and waits for none.

import type { Manifest } from '../manifests/load.ts';
import type { Problem } from '../manifests/problem.ts';
import { secretBytes } from '../model/keyed-bytes.ts';
import { credentialsFor, type Keyring, keyringOfSecret } from '../model/registry.ts';
import { type Desired, isNamespaced, keyOf, keyString, type PodSpec, type ResourceOf } from '../model/resource.ts';
import { containersOf, podSpecOf } from '../model/workload.ts';
import type { StoreReader } from '../store/store.ts';
import type { SyncPlan } from './plan.ts';
import { problemAt } from './plan.ts';
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
  const changed = new Set(plan.changes.filter((change) => change.action !== 'unchanged').map((change) => keyString(change.key)));
  const asked = new Set<string>();
  for (const manifest of manifests) {
    if (!changed.has(keyString(keyOf(manifest.resource)))) continue;
    for (const wanted of imagesOf(manifest.resource, manifests, store, wish)) {
      const name = JSON.stringify([wanted.policy, wanted.image, wanted.credentials]);
      if (asked.has(name)) continue;
      asked.add(name);
      const found = images.prepare(wanted);
      if (found.state === 'present') continue;
      isPulling ||= found.state === 'pulling';
      const problem = problemAt(manifest, 'error', 'ImageUnavailable', '', `image ${wanted.image}${stateText(found)}`);
      if (found.state === 'failed') retries.push(found.retryAtMs);
      if (found.state === 'failed' && found.isFinal) failed.push(problem);
      else waiting.push(problem);
    }
  }
  return { failed, waiting, isPulling, ...(retries.length === 0 ? {} : { retryAtMs: Math.min(...retries) }) };
}

function stateText(found: Exclude<ImageState, { state: 'present' }>): string {
  if (found.state === 'failed') return `: ${found.message}`;
  const { progress } = found;
  if (progress === undefined || progress.totalBytes === 0) return ' to be pulled';
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return ` to be pulled (${megabytes(progress.completedBytes)} of ${megabytes(progress.totalBytes)} MB)`;
}

/** Images of containers and of volumes, each once. */
function imagesOf(resource: Desired, manifests: readonly Manifest[], store: StoreReader, wish: string): readonly WantedImage[] {
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
  const volumes = (spec.volumes ?? []).flatMap(({ image }) =>
    image?.reference === undefined || image.reference === '' ? [] : [wanted(image.reference, image.pullPolicy)],
  );
  return [...containersOf(spec).map(({ image, imagePullPolicy }) => wanted(image, imagePullPolicy)), ...volumes];
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
