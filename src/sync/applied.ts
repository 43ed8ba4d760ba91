// How a manifest becomes a stored object: what a commit owns of it, and what belongs to the system and is kept. Pure.
import { LIMIT_RANGER_ANNOTATION } from '../model/admission/limits.ts';
import { withAllocated } from '../model/admission/service-allocation.ts';
import { REPLACE_ANNOTATION } from '../model/job.ts';
import { PRUNE_ANNOTATION, SOFT_DELETE_ANNOTATION } from '../model/prune-policy.ts';
import {
  APPLICATION_ANNOTATION,
  type Desired,
  isNamespaced,
  type ObjectMeta,
  RECOVERED_ANNOTATION,
  type Stored,
  TEMPLATE_HASH_LABEL,
} from '../model/resource.ts';
import { HOOK_ANNOTATION, HOOK_POLICY_ANNOTATION, HOOK_RUN_ANNOTATION, WAVE_ANNOTATION } from '../model/sync-order.ts';
import { withLiveAmounts } from './amounts.ts';

const systemPrefixes = ['deployment.kubernetes.io/', 'pv.kubernetes.io/', 'volume.kubernetes.io/', 'holdfast.dev/'];

/** Annotations in the name of Holdfast that a commit writes itself, or that go when the object is no hook any more. */
const writtenByCommits: ReadonlySet<string> = new Set([
  REPLACE_ANNOTATION,
  PRUNE_ANNOTATION,
  SOFT_DELETE_ANNOTATION,
  WAVE_ANNOTATION,
  HOOK_ANNOTATION,
  HOOK_POLICY_ANNOTATION,
  HOOK_RUN_ANNOTATION,
]);

/** Whether a label or annotation belongs to the system, so that no commit removes it. */
export function isSystemOwned(key: string): boolean {
  if (writtenByCommits.has(key)) return false;
  return (
    key === TEMPLATE_HASH_LABEL || key === LIMIT_RANGER_ANNOTATION || systemPrefixes.some((prefix) => key.startsWith(prefix))
  );
}

type TextMap = Readonly<Record<string, string>>;

function merged(desired: TextMap | undefined, live: TextMap | undefined): Record<string, string> {
  const kept = Object.entries(live ?? {}).filter(([key]) => isSystemOwned(key) && key !== RECOVERED_ANNOTATION);
  return { ...Object.fromEntries(kept), ...desired };
}

/** The object as this application wants it in the store: the manifest with its owner written on it, and without a status. */
export function withOwner(desired: Desired, application: string): Desired {
  const { status: _status, ...rest } = { status: undefined, ...desired };
  const { name, namespace, labels, annotations } = desired.metadata;
  const metadata = {
    name,
    ...(isNamespaced(desired.kind) ? { namespace: namespace ?? 'default' } : {}),
    ...(labels === undefined ? {} : { labels }),
    annotations: { ...annotations, [APPLICATION_ANNOTATION]: application },
  };
  return { ...rest, metadata };
}

/**
 * The live object with everything that a commit owns replaced: spec, data, labels and annotations. Identity, owner references and
 * what the system wrote on it are kept, and so are the node that a pod was given, the volume that a claim is bound to, the address and node
 * ports of a Service, and the way in which equal amounts are written.
 */
export function appliedOver(manifest: Desired, live: Stored): Stored {
  const desired = withLiveAmounts(manifest, live);
  const labels = merged(desired.metadata.labels, live.metadata.labels);
  const { labels: _labels, annotations: _annotations, ...identity } = live.metadata;
  const metadata = {
    ...identity,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    annotations: merged(desired.metadata.annotations, live.metadata.annotations),
  };
  const status = 'status' in live && live.status !== undefined ? { status: live.status } : {};
  return { ...desired, ...keptSpec(desired, live), ...status, metadata } as Stored;
}

function keptSpec(desired: Desired, live: Stored): { spec?: unknown } {
  if (desired.kind === 'Application' && live.kind === 'Application') {
    // Where it really comes from is for the one who reads it to say.
    const { repo, revision } = live.spec;
    return { spec: { ...desired.spec, repo, revision } };
  }
  if (desired.kind === 'Service' && live.kind === 'Service') return { spec: withAllocated(desired.spec, live.spec) };
  if (desired.kind === 'PersistentVolumeClaim' && live.kind === 'PersistentVolumeClaim') {
    const { volumeName, storageClassName } = live.spec;
    const kept = {
      ...(volumeName === undefined ? {} : { volumeName }),
      ...(storageClassName === undefined ? {} : { storageClassName }),
    };
    return { spec: { ...kept, ...desired.spec } };
  }
  if (desired.kind === 'PersistentVolume' && live.kind === 'PersistentVolume') {
    const [wanted, bound] = [desired.spec.claimRef, live.spec.claimRef];
    const isSame = wanted === undefined || (wanted.name === bound?.name && wanted.namespace === bound?.namespace);
    return { spec: { ...desired.spec, ...(isSame && bound !== undefined ? { claimRef: bound } : {}) } };
  }
  if (desired.kind !== 'Pod' || live.kind !== 'Pod') return {};
  const nodeName = desired.spec.nodeName ?? live.spec.nodeName;
  return { spec: { ...desired.spec, ...(nodeName === undefined ? {} : { nodeName }) } };
}

/** What two forms of one object are compared by: all that a commit owns, and nothing else. */
export function comparable(resource: Stored | Desired): Record<string, unknown> {
  const { metadata, apiVersion: _apiVersion, kind: _kind, ...rest } = resource;
  const { status: _status, ...body } = { status: undefined, ...rest };
  return { ...body, metadata: { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} } };
}

/** The application that an object came from, if it came from one. */
export function applicationOf(resource: { metadata: ObjectMeta }): string | undefined {
  return resource.metadata.annotations?.[APPLICATION_ANNOTATION];
}

/** Whether the object was rebuilt from Docker and nobody has claimed it yet. */
export function isRecovered(resource: { metadata: ObjectMeta }): boolean {
  return resource.metadata.annotations?.[RECOVERED_ANNOTATION] !== undefined;
}
