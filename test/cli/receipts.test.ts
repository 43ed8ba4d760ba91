// receipts and history --at: what is kept of syncs that ended.
import { describe, expect, test } from 'vitest';
import type { RenderedCommit } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import type { Stored } from '../../src/model/resource.ts';
import { keyName, type ReceiptDocument, receiptDigest, signedReceipt } from '../../src/sync/receipts/receipt.ts';
import { anApplication, annsCommit, aRecord, bobsCommit } from '../support/applications.ts';
import { aDeployment, asDesired } from '../support/builders.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';
import { aNotary } from '../support/notary.ts';

const notary = aNotary();
const metadata = (name: string) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
});
const digest = `sha256:${'ab'.repeat(32)}`;
const documentOf = (sequence: number, previous: string | null): ReceiptDocument => ({
  format: 'holdfast.dev/receipt/v1',
  application: 'shop',
  repository: '/srv/shop.git',
  revision: 'branch main',
  path: 'apps',
  commit: sequence === 1 ? annsCommit : bobsCommit,
  outcome: sequence === 1 ? 'live' : 'rolled-back',
  message: '',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: '2026-01-01T00:00:12Z',
  actions: 2,
  objects: [
    { kind: 'ConfigMap', namespace: 'shop', name: 'page', digest },
    { kind: 'Deployment', namespace: 'shop', name: 'web', digest, images: ['web:1'], replicas: 2 },
  ],
  images: [{ image: 'web:1', id: 'sha256:cd' }],
  holdfast: '1.2.3',
  sequence,
  previous,
});

/** Two receipts in the store, and files by their names. */
async function parts(
  files: Readonly<Record<string, string>> = {},
  own: string | undefined = notary.publicKey,
): Promise<FakeParts> {
  const base = fakeParts();
  const made = fakeParts({
    receiptKey: async () => own,
    secretFiles: { ...base.secretFiles, read: async (path) => Buffer.from(files[path] ?? '') },
    renderCommit: async (): Promise<RenderedCommit> => ({
      commit: annsCommit,
      resources: [asDesired(aDeployment({ replicas: 2 }))],
    }),
  });
  const first = signedReceipt(documentOf(1, null), notary);
  const second = signedReceipt(documentOf(2, receiptDigest(first.document)), notary);
  const objects = [first, second].map(
    (spec): Stored => ({ apiVersion: 'holdfast.dev/v1', kind: 'Receipt', metadata: metadata(`shop.${spec.sequence}`), spec }),
  );
  await put(made.store, anApplication({ history: [aRecord('live')] }), ...objects);
  return made;
}

async function says(at: FakeParts, ...argv: readonly string[]): Promise<readonly [number, string, string]> {
  const code = await run(argv, at);
  return [code, at.out(), at.err()];
}

describe('receipts', () => {
  const key = keyName(notary.publicKey);

  test('ls', async () => {
    expect(await says(await parts(), 'receipts', 'ls')).toEqual([
      0,
      [
        `APPLICATION   NUMBER   AGE   COMMIT    OUTCOME       KEY                AUTHOR    SUBJECT`,
        `shop          2        0s    9f8e7d6   rolled-back   ${key}   Bob       Newer image`,
        `shop          1        0s    1a2b3c4   live          ${key}   Ann Lee   Three replicas`,
        '',
      ].join('\n'),
      '',
    ]);
  });

  test('none yet', async () => {
    expect(await says(fakeParts(), 'receipts', 'ls')).toEqual([0, '', 'There is no receipt yet.\n']);
  });

  test.each([
    [['shop'], 2],
    [['shop', '1'], 1],
    [['shop', '1a2b'], 1],
  ])('show %j', async (argv, sequence) => {
    const [code, out] = await says(await parts(), 'receipts', 'show', ...argv);
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ document: expect.objectContaining({ sequence }) })]);
  });

  test('show one that is not there', async () => {
    expect(await says(await parts(), 'receipts', 'show', 'shop', '9')).toEqual([
      1,
      '',
      'holdfast: there is no receipt 9 of shop: "holdfast receipts ls" lists those that are kept\n',
    ]);
  });

  test('verify what is kept, by the key of the data folder', async () => {
    expect(await says(await parts(), 'receipts', 'verify')).toEqual([
      0,
      'note: the chain of shop begins with the sync of 2026-01-01T00:00:00Z; of any before it, nothing is known here\n2 receipts verified\n',
      '',
    ]);
    const [code, out] = await says(await parts({}, aNotary(2).publicKey), 'receipts', 'verify', '-o', 'json');
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      { valid: false, receipts: 2, faults: [/another key/, /another key/].map((each) => expect.stringMatching(each)) },
    ]);
  });

  test('verify a file, with a key that was handed over another way', async () => {
    const [, shown] = await says(await parts(), 'receipts', 'show', 'shop', '1');
    const [, all] = await says(await parts(), 'receipts', 'ls', '-o', 'json');
    const files = {
      one: shown,
      all,
      changed: shown.replace('"live"', '"failed"'),
      'key.pub': `${notary.publicKey}\n`,
      pod: '{"kind":"Pod"}',
    };
    const verify = async (...argv: readonly string[]) =>
      (await says(await parts(files), 'receipts', 'verify', ...argv)).slice(0, 2);
    expect(await verify('one', '--key', notary.publicKey)).toEqual([0, expect.stringContaining('1 receipt verified')]);
    expect(await verify('all', '--key', 'key.pub')).toEqual([0, expect.stringContaining('2 receipts verified')]);
    expect(await verify('one')).toEqual([
      0,
      expect.stringContaining(`note: signed by key ${key}; whose that is nobody has said: give --key`),
    ]);
    expect(await verify('changed', '--key', 'key.pub')).toEqual([1, expect.stringContaining('receipt 1 of shop was changed')]);
    expect(await says(await parts(files), 'receipts', 'verify', 'pod')).toEqual([
      1,
      '',
      'holdfast: pod holds no receipt as "holdfast receipts show" prints it\n',
    ]);
  });

  test('key', async () => {
    expect(await says(await parts(), 'receipts', 'key')).toEqual([0, `${notary.publicKey}\n`, '']);
  });
});

describe('history --at', () => {
  test('from a receipt', async () => {
    expect(await says(await parts(), 'history', '--at', '1a2b3c4')).toEqual([
      0,
      [
        'shop at 1a2b3c4 "Three replicas" by Ann Lee: live at 2026-01-01T00:00:12Z, from receipt 1',
        '',
        'OBJECT           NAMESPACE   REPLICAS   DIGEST         IMAGES',
        'configmap/page   shop                   abababababab',
        'deployment/web   shop        2          abababababab   web:1',
        '',
        'Images that ran when it ended:',
        '  web:1 sha256:cd',
        '',
      ].join('\n'),
      '',
    ]);
  });

  test('as JSON', async () => {
    const [, out] = await says(await parts(), 'history', 'shop', '--at', '1a2b3c4', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      application: 'shop',
      source: 'receipt',
      outcome: 'live',
      objects: [{ name: 'page' }, { name: 'web' }],
    });
  });

  test('of a commit that is not kept: rendered anew where there is a repository, and said to be', async () => {
    const asked = await says(await parts(), 'history', 'shop', '--at', 'ffffffff', '--repo', '.');
    expect(asked[0]).toBe(0);
    expect(asked[1]).toMatch(/: rendered anew: remote bases, charts, variables and keys are those of now\n/);
    expect(asked[1]).toMatch(/deployment\/web +default +2 +[0-9a-f]{12} /);
    expect(await says(await parts(), 'history', 'shop', '--at', 'ffffffff')).toEqual([
      1,
      '',
      'holdfast: nothing is kept of commit fffffff: add --repo to render it anew, or see "holdfast receipts ls" for what is kept\n',
    ]);
  });

  test('phases stand below the line of their commit', async () => {
    const at = fakeParts();
    const phases = [
      { phase: 'preflighting', at: '2026-01-01T00:00:00Z' },
      { phase: 'verifying', at: '2026-01-01T00:00:05Z' },
    ];
    await put(at.store, anApplication({ history: [aRecord('live', { phases })] }));
    expect((await says(at, 'history'))[1]).toMatch(/Three replicas\n {2}preflighting 5s, verifying 7s\n$/);
  });
});
