// What a commit ran: told by its receipt, by the revision that is kept of it, or by rendering it anew, and which of the three it is.
import type { Desired } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { type ReceiptDocument, receiptOf } from '../sync/receipts/receipt.ts';
import { receiptsOf } from '../sync/receipts/receipt-writes.ts';
import { type ObjectSummary, summaryOf } from '../sync/receipts/summary.ts';
import { columns } from './columns.ts';
import { findObject } from './find-object.ts';
import { type Parts } from './parts.ts';
import { commitPhrase, printable, shortCommit } from './phrases.ts';
import { placeOptions, type RawPlaceOptions, type RawSourceOptions, reconcileOptions } from './source-options.ts';
import { UsageFault } from './usage-fault.ts';
import { withStore } from './with-store.ts';

export interface RawHistoryOptions extends RawPlaceOptions, RawSourceOptions {
  output: 'text' | 'json';
  at?: string;
}

/** Fewer digits of a commit may be those of several. */
const MIN_DIGITS = 4;
/** Digits of a digest that tell two apart. */
const DIGEST_DIGITS = 12;

interface CommitShown {
  readonly application: string;
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string };
  /** `receipt`: as it was written down when the sync ended. `revision`: as it is kept for going back. `rendered`: as it renders now. */
  readonly source: 'receipt' | 'revision' | 'rendered';
  readonly objects: readonly ObjectSummary[];
  readonly receipt?: ReceiptDocument;
}

/** Prints it; returns the exit code. Throws UsageFault when nothing is kept and there is no repository to render it from. */
export async function showCommit(name: string | undefined, at: string, raw: RawHistoryOptions, parts: Parts): Promise<number> {
  const place = placeOptions(raw, parts);
  if (at.length < MIN_DIGITS) throw new UsageFault(`"${at}" is too short for a commit: give ${MIN_DIGITS} digits or more`);
  const { application, path, kept } = await withStore(parts, place, (reader) => {
    const found = oneApplication(name, reader);
    return { application: found.metadata.name, path: found.spec.path, kept: keptOf(found.metadata.name, at, reader) };
  });
  const shown = kept ?? (await rendered(application, path, at, raw, parts));
  if (raw.output === 'json') parts.stdout.write(`${JSON.stringify(asJson(shown), null, 2)}\n`);
  else parts.stdout.write(`${asText(shown).join('\n')}\n`);
  return 0;
}

function oneApplication(name: string | undefined, reader: StoreReader) {
  if (name !== undefined) return findObject(reader, 'Application', '', name);
  const [only, ...others] = reader.list('Application');
  if (only === undefined) throw new UsageFault('nothing was reconciled yet');
  if (others.length > 0)
    throw new UsageFault('of which application? Give its name, for example "holdfast history shop --at 1a2b3c4"');
  return only;
}

function keptOf(application: string, at: string, reader: StoreReader): CommitShown | undefined {
  const receipt = receiptsOf(application, reader)
    .map(({ spec }) => receiptOf(spec).document)
    .findLast(({ commit, objects }) => commit.id.startsWith(at) && objects !== undefined);
  if (receipt !== undefined)
    return { application, commit: receipt.commit, source: 'receipt', objects: receipt.objects ?? [], receipt };
  const revision = reader
    .list('ApplicationRevision')
    .find(({ spec }) => spec.application === application && spec.commit.id.startsWith(at));
  if (revision === undefined) return undefined;
  // What is in a revision was admitted by the manifests room before it was stored.
  const objects = summarized(revision.spec.resources as readonly Desired[]);
  return { application, commit: revision.spec.commit, source: 'revision', objects };
}

/** Nobody can mark values of Secrets here: a digest of one without its values says less, and nothing that is not so. */
function summarized(resources: readonly Desired[]): readonly ObjectSummary[] {
  return summaryOf(resources, () => '').map(({ digest, ...object }) => ({
    ...object,
    digest: object.kind === 'Secret' ? '' : digest,
  }));
}

async function rendered(
  application: string,
  path: string,
  at: string,
  raw: RawHistoryOptions,
  parts: Parts,
): Promise<CommitShown> {
  const hasRepository = (raw.repo ?? parts.env['HOLDFAST_REPO'] ?? '') !== '';
  if (!hasRepository)
    throw new UsageFault(
      `nothing is kept of commit ${shortCommit(at)}: add --repo to render it anew, or see "holdfast receipts ls" for what is kept`,
    );
  const options = reconcileOptions({ ...raw, application, path: raw.path === '.' ? path : raw.path, once: true }, parts);
  const { commit, resources } = await parts.renderCommit(options, at);
  return { application, commit, source: 'rendered', objects: summarized(resources) };
}

function asJson({ application, commit, source, objects, receipt }: CommitShown): object {
  const ended = receipt === undefined ? {} : { outcome: receipt.outcome, finishedAt: receipt.finishedAt, images: receipt.images };
  return { application, commit, source, ...ended, objects };
}

function asText({ application, commit, source, objects, receipt }: CommitShown): string[] {
  const how: Record<CommitShown['source'], string> = {
    receipt: `${receipt?.outcome ?? ''} at ${receipt?.finishedAt ?? ''}, from receipt ${receipt?.sequence ?? ''}`,
    revision: 'from what is kept of the commit for going back',
    rendered: 'rendered anew: remote bases, charts, variables and keys are those of now',
  };
  const rows = objects.map((object) => [
    printable(`${object.kind.toLowerCase()}/${object.name}`),
    printable(object.namespace),
    object.replicas === undefined ? '' : String(object.replicas),
    object.digest.replace('sha256:', '').slice(0, DIGEST_DIGITS),
    printable((object.images ?? []).join(', ')),
  ]);
  const images = (receipt?.images ?? []).map(({ image, id }) => `  ${printable(image)} ${printable(id)}`);
  return [
    `${application} at ${commitPhrase(commit)}: ${how[source]}`,
    '',
    ...columns(['OBJECT', 'NAMESPACE', 'REPLICAS', 'DIGEST', 'IMAGES'], rows),
    ...(images.length === 0 ? [] : ['', 'Images that ran when it ended:', ...images]),
  ];
}
