// What a write does to an object, decided without touching anything. Every implementation of the store follows this one decision.
import { endsBy } from '../model/deletion.ts';
import {
  displayKey,
  isNamespaced,
  keyOf,
  keyString,
  type Resource,
  type ResourceKey,
  type Stored,
  type StoredMeta,
} from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import { frozenCopy, isSameData } from './frozen.ts';
import type { Write, WriteRefusal } from './store.ts';

/** What a decision takes from outside. */
export interface WriteContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The revision that the transaction gets if it changes something. */
  readonly revision: number;
  /** Yields a new uid. */
  readonly uid: () => string;
}

/** One change of one object: `before` is absent for a new object, `after` for a removed one. */
export interface Change {
  readonly key: ResourceKey;
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
}

/** What a transaction would do: one resource per write (undefined for a removal), and the changes in order. */
export interface Decision {
  readonly ok: true;
  readonly resources: readonly (Stored | undefined)[];
  readonly changes: readonly Change[];
}

/**
 * Decides a whole transaction: all writes, or the first refusal. Later writes see what earlier ones did. An expected revision
 * guards against writers outside of the transaction, so it may be the one that the object had before it.
 */
export function decideTransaction(
  read: (key: ResourceKey) => Stored | undefined,
  writes: readonly Write[],
  context: WriteContext,
): Decision | WriteRefusal {
  const written = new Map<string, Stored | undefined>();
  const resources: (Stored | undefined)[] = [];
  const changes: Change[] = [];
  for (const write of writes) {
    const key = keyOfWrite(write);
    const id = keyString(key);
    const original = read(key);
    const before = written.has(id) ? written.get(id) : original;
    const result = decideWrite(before, original?.metadata.resourceVersion, key, write, context);
    if ('why' in result) return result;
    resources.push(result.after);
    if (result.after === before) continue;
    written.set(id, result.after);
    changes.push({ key, before, after: result.after });
  }
  return { ok: true, resources, changes };
}

/** The object that a write is about. Throws TypeError when it has no name: that is a mistake of the caller. */
export function keyOfWrite(write: Write): ResourceKey {
  if (write.op === 'updateStatus' || write.op === 'remove') return write.key;
  const key = keyOf(write.resource);
  if (key.name === '') throw new TypeError(`a ${key.kind} without a name cannot be stored`);
  return key;
}

function decideWrite(
  before: Stored | undefined,
  originalVersion: string | undefined,
  key: ResourceKey,
  write: Write,
  context: WriteContext,
): { after: Stored | undefined } | WriteRefusal {
  if (write.op === 'create') {
    if (before !== undefined) return refusal('exists', key, 'it exists already');
    return { after: created(write.resource, key, write.uid, context) };
  }
  if (before === undefined) return refusal('not-found', key, 'it does not exist');
  const { uid, resourceVersion } = write.op === 'update' ? write.resource.metadata : write;
  if (uid !== undefined && uid !== before.metadata.uid) return refusal('conflict', key, 'another object has taken its name');
  const isCurrent = resourceVersion === before.metadata.resourceVersion || resourceVersion === originalVersion;
  if (resourceVersion !== undefined && !isCurrent) {
    const newer = `it has been changed: expected revision ${resourceVersion}, it is at ${before.metadata.resourceVersion}`;
    return refusal('conflict', key, newer);
  }
  if (write.op === 'remove') return { after: undefined };
  if (write.op === 'updateStatus') return { after: withStatus(before, write.status, context) };
  const after = updated(before, write.resource, context);
  return { after: endsBy(before, after) ? undefined : after };
}

function refusal(why: WriteRefusal['why'], key: ResourceKey, message: string): WriteRefusal {
  return { ok: false, why, key, message: `${displayKey(key)}: ${message}` };
}

function created(resource: Resource, key: ResourceKey, uid: string | undefined, context: WriteContext): Stored {
  const { namespace: _namespace, creationTimestamp, ...metadata } = resource.metadata;
  const born = toRfc3339(context.now);
  return compose(resource, {
    ...metadata,
    ...(isNamespaced(key.kind) ? { namespace: key.namespace } : {}),
    name: key.name,
    uid: uid ?? context.uid(),
    resourceVersion: String(context.revision),
    generation: 1,
    // An object that is brought back keeps its age.
    creationTimestamp: uid === undefined ? born : (creationTimestamp ?? born),
  });
}

function updated(before: Stored, resource: Stored, context: WriteContext): Stored {
  const old = before.metadata;
  const { namespace: _namespace, deletionTimestamp, deletionGracePeriodSeconds, ...metadata } = resource.metadata;
  const deletion = {
    // Deletion is a one-way street: an update that does not know of it does not undo it.
    deletionTimestamp: deletionTimestamp ?? old.deletionTimestamp,
    deletionGracePeriodSeconds: deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds,
  };
  const kept = {
    ...metadata,
    ...(old.namespace === undefined ? {} : { namespace: old.namespace }),
    ...definedOnly(deletion),
    name: old.name,
    uid: old.uid,
    creationTimestamp: old.creationTimestamp,
  };
  const status = statusOf(before);
  const next = compose(resource, { ...kept, resourceVersion: old.resourceVersion, generation: old.generation }, status);
  if (isSameData(next, before)) return before;
  const isNewGeneration =
    !isSameData(bodyOf(next), bodyOf(before)) ||
    (old.deletionTimestamp === undefined && deletion.deletionTimestamp !== undefined);
  const generation = isNewGeneration ? old.generation + 1 : old.generation;
  return compose(next, { ...kept, resourceVersion: String(context.revision), generation }, status);
}

function definedOnly(deletion: { deletionTimestamp: string | undefined; deletionGracePeriodSeconds: number | undefined }): {
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
} {
  const { deletionTimestamp, deletionGracePeriodSeconds } = deletion;
  return {
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}

function withStatus(before: Stored, status: unknown, context: WriteContext): Stored {
  if (isSameData(statusOf(before), status)) return before;
  return compose(before, { ...before.metadata, resourceVersion: String(context.revision) }, status);
}

/** The status of an object, if its kind has one and it is set. */
export function statusOf(resource: Resource): unknown {
  return 'status' in resource ? resource.status : undefined;
}

/** Everything but metadata and status: a change in it is a new generation. */
function bodyOf(resource: Resource): object {
  const { metadata: _metadata, ...body } = resource;
  return { ...body, status: undefined };
}

/**
 * The one place that builds stored objects. The kind and its fields come from `resource`, which is whole; the compiler cannot
 * follow a spread over all kinds, hence the assertion.
 */
function compose(resource: Resource, metadata: StoredMeta, ...status: readonly unknown[]): Stored {
  return frozenCopy({ ...resource, metadata, ...(status.length === 0 ? {} : { status: status[0] }) }) as Stored;
}
