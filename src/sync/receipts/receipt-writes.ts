// The receipt of a sync that has just ended, written together with the word that it ended: there is never one without the other, whenever
// the controller is killed. Pure.
import { type ApplicationStatus, type Desired, keyOf, type StoredOf, type SyncRecord } from '../../model/resource.ts';
import type { StoreReader, Write } from '../../store/store.ts';
import { applicationOf } from '../applied.ts';
import { revisionKey } from '../revision.ts';
import { type Notary, RECEIPT_FORMAT, type ReceiptDocument, receiptDigest, signedReceipt } from './receipt.ts';
import { summaryOf } from './summary.ts';

/** How many receipts of an application are kept. */
const RECEIPTS_KEPT = 20;

/** The writes for what ended between two statuses; none when nothing did, or nobody signs. */
export function receiptWrites(
  application: StoredOf<'Application'>,
  next: ApplicationStatus,
  store: StoreReader,
  notary: Notary | undefined,
): readonly Write[] {
  const record = endedWith(application.status ?? {}, next);
  if (record === undefined || notary === undefined) return [];
  const { name } = application.metadata;
  const chain = receiptsOf(name, store);
  const last = chain.at(-1);
  const document = documentOf(application, record, store, notary, last);
  const spec = signedReceipt(document, notary);
  const metadata = { name: `${name}.${document.sequence}` };
  return [
    { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Receipt', metadata, spec } },
    ...chain
      .slice(0, Math.max(0, chain.length + 1 - RECEIPTS_KEPT))
      .map((old): Write => ({ op: 'remove', key: keyOf(old), uid: old.metadata.uid })),
  ];
}

/** The receipts of an application that are kept, the oldest first. */
export function receiptsOf(application: string, store: StoreReader): readonly StoredOf<'Receipt'>[] {
  return store
    .list('Receipt')
    .filter(({ spec }) => spec.application === application)
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence);
}

/** How a sync ended that had not ended before. What was only held has not begun. */
function endedWith(old: ApplicationStatus, next: ApplicationStatus): SyncRecord | undefined {
  const [record] = next.history ?? [];
  const [before] = old.history ?? [];
  if (record === undefined || record.outcome === 'invalid' || record.outcome === 'preflight-failed') return undefined;
  const isKnown =
    before?.commit.id === record.commit.id && before.finishedAt === record.finishedAt && before.outcome === record.outcome;
  return isKnown ? undefined : record;
}

function documentOf(
  { metadata, spec }: StoredOf<'Application'>,
  record: SyncRecord,
  store: StoreReader,
  notary: Notary,
  last: StoredOf<'Receipt'> | undefined,
): ReceiptDocument {
  const { commit, outcome, message, startedAt, finishedAt, actions, phases, hooks } = record;
  const revision = store.get('ApplicationRevision', '', revisionKey(metadata.name, commit.id).name);
  // What is in a revision was admitted by the manifests room before it was stored.
  const resources = revision?.spec.resources as readonly Desired[] | undefined;
  return {
    format: RECEIPT_FORMAT,
    application: metadata.name,
    repository: spec.repo,
    revision: spec.revision,
    path: spec.path,
    commit: { id: commit.id, author: commit.author, subject: commit.subject, time: commit.time },
    outcome,
    message,
    startedAt,
    finishedAt,
    ...(phases === undefined ? {} : { phases }),
    actions,
    ...(hooks === undefined ? {} : { hooks }),
    ...(resources === undefined ? {} : { objects: summaryOf(resources, (text) => notary.seal(text)) }),
    images: runningImages(metadata.name, store),
    holdfast: notary.version,
    sequence: (last?.spec.sequence ?? 0) + 1,
    previous: last === undefined ? null : receiptDigest(last.spec.document),
  };
}

function runningImages(application: string, store: StoreReader): ReceiptDocument['images'] {
  const found = store
    .list('Pod')
    .filter((pod) => applicationOf(pod) === application && pod.metadata.deletionTimestamp === undefined)
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .flatMap(({ image, imageID = '' }) => (imageID === '' ? [] : [{ image, id: imageID }]));
  const byName = new Map(found.map((entry) => [`${entry.image} ${entry.id}`, entry]));
  return [...byName.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
