// The credentials of a pod for an image, from its imagePullSecrets. Kubernetes, "Specifying imagePullSecrets on a Pod". Pure.
import type { KeyedBytes } from '../../model/keyed-bytes.ts';
import { credentialsFor, type Keyring, keyringOfSecret, type RegistryCredentials } from '../../model/registry.ts';
import type { Pod } from '../../model/resource.ts';

/** What a pod has for a registry. */
export interface PullCredentials {
  readonly credentials: readonly RegistryCredentials[];
  /** Why a secret does not count, for people; the pull is tried without it, as a kubelet does. */
  readonly problems: readonly string[];
}

/** Reads the pull secrets of a pod. A secret that is missing or unreadable is told and left out. */
export function pullCredentials(pod: Pod, image: string, secrets: ReadonlyMap<string, KeyedBytes>): PullCredentials {
  const keyrings: Keyring[] = [];
  const missing: string[] = [];
  const problems: string[] = [];
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const data = secrets.get(name);
    const result = data === undefined ? undefined : keyringOfSecret(data);
    if (result === undefined) missing.push(name);
    else if (result.ok) keyrings.push(result.keyring);
    else problems.push(`Image pull secret ${name} cannot be used: ${result.message}`);
  }
  if (missing.length > 0) {
    const which = `Unable to retrieve some image pull secrets (${missing.join(', ')})`;
    problems.unshift(`${which}; attempting to pull the image may not succeed.`);
  }
  return { credentials: credentialsFor(image, keyrings), problems };
}
