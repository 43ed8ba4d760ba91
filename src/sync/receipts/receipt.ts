// Receipts: one signed document for each sync that ended, in a chain per application. What is in one, and how it is read and verified. Pure.
import { createPublicKey, verify } from 'node:crypto';
import { canonicalize } from '../../model/canonical-json.ts';
import { digestOf } from '../../model/hash.ts';
import type { CommitInfo, ReceiptSpec, SyncRecord } from '../../model/resource.ts';
import type { ObjectSummary } from './summary.ts';

/** The format of documents. A later one has another name. */
export const RECEIPT_FORMAT = 'holdfast.dev/receipt/v1';

/** What is signed. */
export interface ReceiptDocument {
  readonly format: typeof RECEIPT_FORMAT;
  readonly application: string;
  /** Without credentials. */
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
  readonly commit: CommitInfo;
  readonly outcome: SyncRecord['outcome'];
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly phases?: SyncRecord['phases'];
  /** How many objects the sync changed. */
  readonly actions: number;
  readonly hooks?: SyncRecord['hooks'];
  /** What the commit says; absent when that is not kept any more. */
  readonly objects?: readonly ObjectSummary[];
  /** What ran when the sync ended: images as pods name them, and what the engine ran for that. */
  readonly images: readonly { readonly image: string; readonly id: string }[];
  /** Holdfast's version. */
  readonly holdfast: string;
  /** From 1. */
  readonly sequence: number;
  /** The SHA-256 of the document before; null for the first of a chain. */
  readonly previous: string | null;
}

/** A receipt as it is handed around. */
export interface Receipt {
  readonly document: ReceiptDocument;
  readonly signature: string;
  readonly publicKey: string;
}

/** Who signs for an installation. */
export interface Notary {
  /** Base64 of the 32 bytes (RFC 8032). */
  readonly publicKey: string;
  /** Holdfast's version. */
  readonly version: string;
  /** The Ed25519 signature of a text, Base64. */
  sign(text: string): string;
  /** Marks a text: equal texts, equal marks, and nobody else can make them. */
  seal(text: string): string;
}

/** The name of a document: what the next one of its chain says of it. */
export function receiptDigest(document: string): string {
  return `sha256:${digestOf(document)}`;
}

/** A receipt as the store keeps it. */
export function signedReceipt(document: ReceiptDocument, notary: Notary): ReceiptSpec {
  const text = canonicalize(document);
  const { application, sequence } = document;
  return { application, sequence, document: text, signature: notary.sign(text), publicKey: notary.publicKey };
}

/** A receipt for people and files. */
export function receiptOf({ document, signature, publicKey }: ReceiptSpec): Receipt {
  // The store holds what `signedReceipt` made.
  return { document: JSON.parse(document) as ReceiptDocument, signature, publicKey };
}

/** Short, for people: the first 16 digits of the key's SHA-256. */
export function keyName(publicKey: string): string {
  return digestOf(publicKey).slice(0, 16);
}

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

function isSigned({ document, signature, publicKey }: Receipt): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_ED25519, Buffer.from(publicKey, 'base64')]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, Buffer.from(canonicalize(document)), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** What was found out about receipts. */
export interface Verification {
  /** What is wrong, for people; empty when all is right. */
  readonly faults: readonly string[];
  /** What is not wrong, and worth to be known. */
  readonly notes: readonly string[];
}

/** Looks at receipts in the order of their chains. `trusted` is the key that must have signed them; any, when it is undefined. */
export function verifyReceipts(receipts: readonly Receipt[], trusted: string | undefined): Verification {
  const faults: string[] = [];
  const notes: string[] = [];
  if (receipts.length === 0) notes.push('there is no receipt');
  const applications = [...new Set(receipts.map(({ document }) => document.application))].toSorted();
  for (const application of applications) {
    const chain = receipts
      .filter(({ document }) => document.application === application)
      .toSorted((a, b) => a.document.sequence - b.document.sequence);
    chain.forEach((receipt, index) => {
      const told = `receipt ${receipt.document.sequence} of ${application}`;
      faults.push(...faultsOf(receipt, trusted).map((fault) => `${told} ${fault}`));
      const before = chain[index - 1];
      if (before !== undefined) faults.push(...linkFaults(before, receipt, application));
    });
    const first = chain[0]?.document;
    if (first !== undefined) notes.push(beginning(first));
  }
  if (trusted === undefined && receipts.length > 0) {
    const keys = [...new Set(receipts.map(({ publicKey }) => keyName(publicKey)))];
    notes.push(`signed by key ${keys.join(', ')}; whose that is nobody has said: give --key`);
  }
  return { faults, notes };
}

function faultsOf(receipt: Receipt, trusted: string | undefined): readonly string[] {
  // Receipts come from files, too.
  const format: string = receipt.document.format;
  if (format !== RECEIPT_FORMAT) return [`has the format ${JSON.stringify(format)}, and this version reads ${RECEIPT_FORMAT}`];
  if (!isSigned(receipt)) return ['was changed: its signature is of another text'];
  if (trusted === undefined || receipt.publicKey === trusted) return [];
  return [`is signed by another key, ${keyName(receipt.publicKey)} instead of ${keyName(trusted)}`];
}

function linkFaults(before: Receipt, receipt: Receipt, application: string): readonly string[] {
  const [from, to] = [before.document.sequence, receipt.document.sequence];
  if (from === to) return [`there are two receipts ${to} of ${application}: one chain was begun anew, or they are of two`];
  const missing = to - from - 1;
  if (missing > 0)
    return [
      missing === 1
        ? `receipt ${from + 1} of ${application} is missing`
        : `receipts ${from + 1} to ${to - 1} of ${application} are missing`,
    ];
  return receipt.document.previous === receiptDigest(canonicalize(before.document))
    ? []
    : [`receipt ${to} of ${application} does not follow receipt ${from}: it names another one`];
}

function beginning({ application, sequence, previous, startedAt }: ReceiptDocument): string {
  return sequence === 1 && previous === null
    ? `the chain of ${application} begins with the sync of ${startedAt}; of any before it, nothing is known here`
    : `receipts of ${application} before ${sequence} are not kept`;
}
