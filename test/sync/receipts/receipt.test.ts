// Receipts are verified: what was changed, left out, or signed by somebody else is told.
import { describe, expect, test } from 'vitest';
import type { Desired } from '../../../src/model/resource.ts';
import {
  keyName,
  type Notary,
  type Receipt,
  type ReceiptDocument,
  receiptDigest,
  receiptOf,
  signedReceipt,
  verifyReceipts,
} from '../../../src/sync/receipts/receipt.ts';
import { summaryOf } from '../../../src/sync/receipts/summary.ts';
import { annsCommit } from '../../support/applications.ts';
import { aConfigMap, aDeployment, aSecret, asDesired } from '../../support/builders.ts';
import { aNotary } from '../../support/notary.ts';

const document = (sequence: number, previous: string | null, application = 'shop'): ReceiptDocument => ({
  format: 'holdfast.dev/receipt/v1',
  application,
  repository: '/srv/shop.git',
  revision: 'branch main',
  path: 'apps',
  commit: annsCommit,
  outcome: 'live',
  message: 'everything is healthy',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: '2026-01-01T00:00:12Z',
  actions: 2,
  images: [{ image: 'web:1', id: 'sha256:aa' }],
  holdfast: '1.2.3',
  sequence,
  previous,
});

function chain(
  length: number,
  options: { from?: number; application?: string; notary?: (index: number) => Notary } = {},
): Receipt[] {
  const { from = 1, application = 'shop', notary = () => aNotary() } = options;
  let previous: string | null = from === 1 ? null : 'sha256:0';
  return Array.from({ length }, (_none, index) => {
    const spec = signedReceipt(document(from + index, previous, application), notary(index));
    previous = receiptDigest(spec.document);
    return receiptOf(spec);
  });
}

const [mine, theirs] = [aNotary(1), aNotary(2)];
const changed = (receipt: Receipt, change: Partial<ReceiptDocument>): Receipt => ({
  ...receipt,
  document: { ...receipt.document, ...change },
});
const begins = 'the chain of shop begins with the sync of 2026-01-01T00:00:00Z; of any before it, nothing is known here';

describe('verify', () => {
  const three = chain(3);
  const [first, second, third] = three as [Receipt, Receipt, Receipt];
  test.each<readonly [string, readonly Receipt[], readonly string[], readonly string[]]>([
    ['none', [], [], ['there is no receipt']],
    ['a whole chain', three, [], [begins]],
    ['in any order', [third, first, second], [], [begins]],
    ['the later part of one', chain(2, { from: 7 }), [], ['receipts of shop before 7 are not kept']],
    [
      'two chains',
      [...three, ...chain(1, { application: 'api' })],
      [],
      ['the chain of api begins with the sync of 2026-01-01T00:00:00Z; of any before it, nothing is known here', begins],
    ],
    [
      'one that was changed',
      [first, changed(second, { outcome: 'failed' }), third],
      [
        'receipt 2 of shop was changed: its signature is of another text',
        'receipt 3 of shop does not follow receipt 2: it names another one',
      ],
      [begins],
    ],
    [
      'the newest was changed',
      [first, changed(second, { message: '' })],
      ['receipt 2 of shop was changed: its signature is of another text'],
      [begins],
    ],
    ['one is missing', [first, third], ['receipt 2 of shop is missing'], [begins]],
    ['several are missing', [first, ...chain(1, { from: 5 })], ['receipts 2 to 4 of shop are missing'], [begins]],
    [
      'signed by somebody else',
      chain(1, { notary: () => theirs }),
      [`receipt 1 of shop is signed by another key, ${keyName(theirs.publicKey)} instead of ${keyName(mine.publicKey)}`],
      [begins],
    ],
    [
      'the key was lost and made anew',
      chain(3, { notary: (index) => (index < 2 ? theirs : mine) }),
      [1, 2].map(
        (number) =>
          `receipt ${number} of shop is signed by another key, ${keyName(theirs.publicKey)} instead of ${keyName(mine.publicKey)}`,
      ),
      [begins],
    ],
    [
      'somebody signed a changed one with a key of theirs, and says it is ours',
      [{ ...(chain(1, { notary: () => theirs })[0] as Receipt), publicKey: mine.publicKey }],
      ['receipt 1 of shop was changed: its signature is of another text'],
      [begins],
    ],
    [
      'the store was lost, and receipts of both are together',
      [...chain(2), ...chain(1).map((receipt) => receipt)],
      ['there are two receipts 1 of shop: one chain was begun anew, or they are of two'],
      [begins],
    ],
    [
      'of a later version',
      [{ ...first, document: { ...first.document, format: 'holdfast.dev/receipt/v2' } as unknown as ReceiptDocument }],
      ['receipt 1 of shop has the format "holdfast.dev/receipt/v2", and this version reads holdfast.dev/receipt/v1'],
      [begins],
    ],
    [
      'a signature that is none',
      [{ ...first, signature: 'x' }],
      ['receipt 1 of shop was changed: its signature is of another text'],
      [begins],
    ],
    [
      'a key that is none',
      [{ ...first, publicKey: 'x' }],
      ['receipt 1 of shop was changed: its signature is of another text'],
      [begins],
    ],
  ])('%s', (_name, receipts, faults, notes) => {
    expect(verifyReceipts(receipts, mine.publicKey)).toEqual({ faults, notes });
  });

  test('without a key that is trusted it says whose nobody knows it is', () => {
    expect(verifyReceipts([first], undefined)).toEqual({
      faults: [],
      notes: [begins, `signed by key ${keyName(mine.publicKey)}; whose that is nobody has said: give --key`],
    });
  });
});

describe('the summary of a commit', () => {
  const seal = (text: string): string => aNotary().seal(text);
  const of = (resource: Desired) => summaryOf([resource], seal)[0];

  test('images and replicas', () => {
    expect(of(asDesired(aDeployment({ replicas: 2 })))).toMatchObject({
      kind: 'Deployment',
      namespace: 'default',
      name: 'web',
      replicas: 2,
      images: [expect.any(String)],
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  test('another value, another digest, also of a Secret', () => {
    const config = (value: string) => of(asDesired(aConfigMap({ data: { key: value } })))?.digest;
    const secret = (value: string) => of(asDesired(aSecret({ data: { key: value } })))?.digest;
    expect([config('a') === config('a'), config('a') === config('b')]).toEqual([true, false]);
    expect([secret('YQ==') === secret('YQ=='), secret('YQ==') === secret('Yg==')]).toEqual([true, false]);
  });
});
