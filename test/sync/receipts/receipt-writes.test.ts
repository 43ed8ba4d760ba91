// One receipt for each sync that ended, with the word that it ended, and none beside.
import { expect, test } from 'vitest';
import type { Desired } from '../../../src/model/resource.ts';
import { phaseSpans } from '../../../src/sync/phase-times.ts';
import { receiptOf, verifyReceipts } from '../../../src/sync/receipts/receipt.ts';
import { receiptsOf } from '../../../src/sync/receipts/receipt-writes.ts';
import { aConfigMap, aSecret, asDesired } from '../../support/builders.ts';
import { aNotary } from '../../support/notary.ts';
import { benchForEach, deploymentOf, type SyncBench } from '../sync-bench.ts';

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const web = (image: string): Desired => deploymentOf('web', image);
const config = (value: string): Desired => asDesired(aConfigMap({ data: { key: value } }));
const receipts = () => receiptsOf('shop', bench.store).map(({ spec }) => receiptOf(spec));
const told = () => receipts().map(({ document }) => [document.sequence, document.commit.id, document.outcome]);

test('live, rolled back and live again: a chain of three', async () => {
  const first = bench.push([config('a'), web('web:1')]);
  bench.start();
  await bench.settle();
  const second = bench.push([config('b'), web('crash:1')]);
  await bench.advance(300_000);
  const third = bench.push([config('c'), web('web:2')]);
  await bench.advance(60_000);
  expect(told()).toEqual([
    [1, first, 'live'],
    [2, second, 'rolled-back'],
    [3, third, 'live'],
  ]);
  expect(verifyReceipts(receipts(), aNotary().publicKey).faults).toEqual([]);
  const [, back] = receipts();
  expect(back?.document).toMatchObject({
    application: 'shop',
    repository: 'https://git.example/shop.git',
    message: bench.status.history?.[1]?.message,
    holdfast: '1.2.3',
    objects: [
      { kind: 'ConfigMap', name: 'config' },
      { kind: 'Deployment', name: 'web', images: ['crash:1'], replicas: 1 },
    ],
  });
});

test('nothing more is written when nothing more ends', async () => {
  bench.push([web('web:1')]);
  bench.start();
  await bench.settle();
  const revision = bench.store.revision();
  await bench.restart();
  await bench.settle();
  expect([receipts().length, bench.store.revision()]).toEqual([1, revision]);
});

test('what was refused has not begun, and has no receipt', async () => {
  bench.source.commit({ files: { 'a.yaml': 'kind: [' } });
  bench.start();
  await bench.settle();
  expect([bench.status.history?.map(({ outcome }) => outcome), told()]).toEqual([['invalid'], []]);
});

test('a killed controller leaves both the end and its receipt, or neither', async () => {
  for (let writes = 0; writes < 12; writes += 1) {
    bench.push([config(String(writes)), web(`web:${writes}`)]);
    await bench.restart();
    bench.writesLeft = writes % 4;
    await bench.settle();
    expect(told().map(([, id]) => id)).toEqual((bench.status.history ?? []).map(({ commit }) => commit.id).toReversed());
  }
  await bench.restart();
  await bench.settle();
  expect(told().map(([, id]) => id)).toEqual((bench.status.history ?? []).map(({ commit }) => commit.id).toReversed());
  expect(verifyReceipts(receipts(), aNotary().publicKey).faults).toEqual([]);
});

test('the newest twenty are kept, and verify', async () => {
  bench.start();
  for (let value = 1; value <= 22; value += 1) {
    bench.push([config(String(value))]);
    await bench.settle();
  }
  expect(told().map(([sequence]) => sequence)).toEqual(Array.from({ length: 20 }, (_none, index) => index + 3));
  expect(verifyReceipts(receipts(), aNotary().publicKey)).toEqual({
    faults: [],
    notes: ['receipts of shop before 3 are not kept'],
  });
});

test('no value of a Secret is in it', async () => {
  const password = Buffer.from('correct-horse').toString('base64');
  bench.push([asDesired(aSecret({ data: { password }, annotations: { copy: 'correct-horse' } }))]);
  bench.start();
  await bench.settle();
  const text = JSON.stringify(bench.store.list('Receipt'));
  expect(text).toContain('Secret');
  expect(text).not.toMatch(/horse/);
  expect(text).not.toContain(password);
});

test('the phases of a commit, and how long each took', async () => {
  bench.push([web('web:1')]);
  bench.start();
  await bench.settle();
  const id = bench.push([web('slow:1')]);
  await bench.advance(300_000);
  const [record] = bench.status.history ?? [];
  expect([record?.commit.id, record?.outcome]).toEqual([id, 'rolled-back']);
  expect(phaseSpans(record ?? { finishedAt: '' })).toEqual([
    { phase: 'verifying', ms: 300_000 },
    { phase: 'rolling-back', ms: 0 },
  ]);
});
