// What config volumes have to hold: keys of ConfigMaps and Secrets, fields of the pod, or several of these. Kubernetes, "Projected
// Volumes". Pure.

import type { KeyedBytes } from '../../model/keyed-bytes.ts';
import type { DownwardAPIVolumeFile, KeyToPath, PodSpec, ProjectedVolumeSource, StoredOf, Volume } from '../../model/resource.ts';
import type { Configuration } from '../environment.ts';
import { type Allocatable, fileText } from './downward.ts';
import { type ContentFile, layOut, type VolumeContent } from './layout.ts';

const DEFAULT_FILE_MODE = 0o644;

export type VolumeContentResult =
  | { readonly ok: true; readonly content: VolumeContent }
  | { readonly ok: false; readonly message: string };

/** What the content of a pod's volumes comes from. */
export type ContentFacts = Pick<Configuration, 'configMaps' | 'secrets'> & { readonly node: Allocatable };

/** Something that is not there; the message is Kubernetes' own. */
class MissingContent extends Error {
  readonly code = 'MISSING_CONTENT';
}

/** Whether the kubelet writes the content of a volume. */
export function isConfigVolume({ configMap, secret, projected, downwardAPI }: Volume): boolean {
  return configMap !== undefined || secret !== undefined || projected !== undefined || downwardAPI !== undefined;
}

/** The group that the volumes of a pod belong to. */
export function volumeGroup(spec: PodSpec): number | undefined {
  return spec.securityContext?.fsGroup;
}

/** What a config volume has to hold, or why it cannot, in the kubelet's words. */
export function volumeContent(pod: StoredOf<'Pod'>, volume: Volume, facts: ContentFacts): VolumeContentResult {
  try {
    return { ok: true, content: layOut(filesOf(pod, volume, facts), volumeGroup(pod.spec)) };
  } catch (error) {
    if (!(error instanceof MissingContent)) throw error;
    return { ok: false, message: mountFailure(volume.name, error.message) };
  }
}

/** The kubelet's words for a volume that cannot be made. */
export function mountFailure(volume: string, why: string): string {
  return `MountVolume.SetUp failed for volume "${volume}" : ${why}`;
}

function filesOf(pod: StoredOf<'Pod'>, volume: Volume, facts: ContentFacts): readonly ContentFile[] {
  const { configMap, secret, projected, downwardAPI } = volume;
  if (configMap !== undefined) return configMapFiles(configMap, configMap.defaultMode, facts);
  if (secret !== undefined) return secretFiles({ ...secret, name: secret.secretName }, secret.defaultMode, facts);
  if (downwardAPI !== undefined) return downwardFiles(pod, downwardAPI.items, downwardAPI.defaultMode, facts.node);
  return projected === undefined ? [] : projectedFiles(pod, projected, facts);
}

/** Keys of one object that become files. */
interface KeySource {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

function configMapFiles(
  source: KeySource,
  defaultMode: number | undefined,
  { configMaps }: ContentFacts,
): readonly ContentFile[] {
  return keyFiles(source, defaultMode, configMaps.get(source.name), 'configmap', 'configmap references non-existent config key');
}

function secretFiles(source: KeySource, defaultMode: number | undefined, { secrets }: ContentFacts): readonly ContentFile[] {
  return keyFiles(source, defaultMode, secrets.get(source.name), 'secret', 'references non-existent secret key');
}

function keyFiles(
  { name, items = [], optional = false }: KeySource,
  defaultMode = DEFAULT_FILE_MODE,
  bytes: KeyedBytes | undefined,
  kind: string,
  noKey: string,
): readonly ContentFile[] {
  if (bytes === undefined && !optional) throw new MissingContent(`${kind} "${name}" not found`);
  if (items.length === 0) return [...(bytes ?? [])].map(([path, content]) => ({ path, mode: defaultMode, content }));
  return items.flatMap(({ key, path, mode }) => {
    const content = bytes?.get(key);
    if (content !== undefined) return [{ path, mode: mode ?? defaultMode, content }];
    if (optional) return [];
    throw new MissingContent(`${noKey}: ${key}`);
  });
}

function downwardFiles(
  pod: StoredOf<'Pod'>,
  items: readonly DownwardAPIVolumeFile[] = [],
  defaultMode: number | undefined,
  node: Allocatable,
): readonly ContentFile[] {
  return items.map((item) => {
    const result = fileText(item, pod, node);
    if (!result.ok) throw new MissingContent(result.message);
    return { path: item.path, mode: item.mode ?? defaultMode ?? DEFAULT_FILE_MODE, content: Buffer.from(result.text) };
  });
}

/** Of two sources with a file at the same path the later one wins. All that is missing is told at once. */
function projectedFiles(
  pod: StoredOf<'Pod'>,
  { sources = [], defaultMode }: ProjectedVolumeSource,
  facts: ContentFacts,
): readonly ContentFile[] {
  const files = new Map<string, ContentFile>();
  const missing: string[] = [];
  for (const { configMap, secret, downwardAPI } of sources) {
    try {
      const found = [
        ...(configMap === undefined ? [] : configMapFiles(configMap, defaultMode, facts)),
        ...(secret === undefined ? [] : secretFiles(secret, defaultMode, facts)),
        ...(downwardAPI === undefined ? [] : downwardFiles(pod, downwardAPI.items, defaultMode, facts.node)),
      ];
      for (const file of found) files.set(file.path, file);
    } catch (error) {
      if (!(error instanceof MissingContent)) throw error;
      missing.push(error.message);
    }
  }
  if (missing.length > 0) throw new MissingContent(missing.length === 1 ? String(missing[0]) : `[${missing.join(', ')}]`);
  return [...files.values()];
}
