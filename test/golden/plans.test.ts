// What people are shown: the plans of a row of changes to the example repository, over the whole control plane on virtual time, against a
// committed transcript. `UPDATE_GOLDEN=1 npm test -- test/golden` writes the transcript anew; read the difference before you commit it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { colorsFor } from '../../src/cli/colour.ts';
import { planText } from '../../src/cli/plan-text.ts';
import { type ControlPlane, startControlPlane } from '../../src/control-plane/control-plane.ts';
import { placementCheck } from '../../src/control-plane/placement-check.ts';
import { manifestLoader } from '../../src/sources/manifest-loader.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { dryRun } from '../../src/sync/dry-run.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { FakeNodeContainer } from '../support/fake-node-container.ts';
import { FakeSource } from '../support/fake-source.ts';
import { seededIds } from '../support/seeded-ids.ts';

const here = dirname(fileURLToPath(import.meta.url));
const examples = join(here, '../../examples-repo/shop');
const transcript = join(here, 'plans.txt');
const LIVE_WITHIN_MS = 120_000;

type Files = Record<string, string>;
/** What ends by itself in the examples is `sh -ec`; on the fake engine it is the image that ends. */
const TASK_IMAGE = 'busybox:task';
const withTasks = (text: string): string => text.replaceAll(/busybox:1\.36(?=\n +command: \[sh, -ec\])/g, TASK_IMAGE);
const original: Files = Object.fromEntries(
  readdirSync(examples).map((name) => [`shop/${name}`, withTasks(readFileSync(join(examples, name), 'utf8'))]),
);

/** Replaces a text that must be there. */
const edit = (files: Files, name: string, from: string, to: string): Files => {
  const text = files[name] ?? '';
  if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`);
  return { ...files, [name]: text.replaceAll(from, to) };
};
const without = (files: Files, ...names: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([key]) => !names.includes(key)));

/** Each step changes what the step before it left; those that are refused are not carried on. */
const steps: readonly (readonly [string, (files: Files) => Files])[] = [
  ['the first commit', (files) => files],
  ['the same commit again', (files) => files],
  ['one more web pod', (files) => edit(files, 'shop/web.yaml', 'replicas: 2', 'replicas: 3')],
  ['another greeting', (files) => edit(files, 'shop/web.yaml', 'Welcome to the shop', 'Everything must go')],
  [
    'another image and a new variable',
    (files) =>
      edit(
        edit(files, 'shop/worker.yaml', 'busybox:1.36', 'busybox:1.37'),
        'shop/worker.yaml',
        '          envFrom:',
        '          env:\n            - name: MODE\n              value: fast\n          envFrom:',
      ),
  ],
  ['another password', (files) => edit(files, 'shop/orders.yaml', 'correct-horse', 'other-horse')],
  ['another selector', (files) => edit(files, 'shop/worker.yaml', 'app: worker', 'app: labourer')],
  ['another edition of the order book', (files) => edit(files, 'shop/orders.yaml', 'value: first', 'value: second')],
  ['a changed Job', (files) => edit(files, 'shop/stock.yaml', 'coffee: 7 bags', 'coffee: 8 bags')],
  ['a Job under another name', (files) => edit(files, 'shop/stock.yaml', 'name: stock-1', 'name: stock-2')],
  ['the orders leave', (files) => without(files, 'shop/orders.yaml', 'shop/backup.yaml')],
  [
    'nearly everything leaves',
    (files) => without(files, ...['ingress', 'prices', 'stock', 'web', 'worker'].map((name) => `shop/${name}.yaml`)),
  ],
  ['a typing error', (files) => edit(files, 'shop/web.yaml', 'replicas:', 'replica:')],
  ['a missing ConfigMap', (files) => edit(files, 'shop/web.yaml', '            name: web-page', '            name: web-pages')],
  [
    'a kind that is not there yet',
    (files) => ({
      ...files,
      'shop/monitor.yaml': 'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: web\n',
    }),
  ],
  [
    'a Service with an address that nobody can have',
    (files) => ({
      ...files,
      'shop/service.yaml':
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  clusterIP: 192.0.2.1\n  ports:\n    - port: 80\n',
    }),
  ],
  [
    'a Service',
    (files) => ({
      ...files,
      'shop/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n    - port: 80\n',
    }),
  ],
];

const clock = new FakeClock();
const store = openMemoryStore({ clock, ids: seededIds(1) });
const engine = new FakeEngine({ clock, images: ['busybox:1.36', 'busybox:1.37', TASK_IMAGE] });
const source = new FakeSource();
const answer = (): Promise<{ ok: true }> => Promise.resolve({ ok: true });
let plane: ControlPlane;
const shown: string[] = [];

beforeAll(async () => {
  engine.behave('busybox:1.36', { execResult: () => ({ exitCode: 0, output: '' }) });
  engine.behave('busybox:1.37', { execResult: () => ({ exitCode: 0, output: '' }) });
  engine.behave(TASK_IMAGE, { exitAfterMs: 1_000 });
  source.commit({ files: original, message: 'Open the shop' });
  plane = await startControlPlane({
    cluster: 'golden',
    application: { name: 'shop', repo: source.description, path: 'shop' },
    store,
    engine,
    network: { mode: 'container', container: new FakeNodeContainer(), image: () => Promise.resolve('network'), choices: {} },
    prober: { http: answer, tcp: answer, grpc: answer },
    source,
    clock,
    ids: seededIds(2),
    logger: silentLogger,
    once: false,
    // Never: the transcript is of the commits that the test hands over.
    intervalMs: 1e9,
    timeoutMs: 300_000,
  });
});
afterAll(async () => {
  await plane.stop();
});

async function plan(title: string): Promise<boolean> {
  const load = manifestLoader('shop');
  const result = await dryRun({ application: 'shop', store, source, load, checkPlacement: placementCheck(store), clock });
  // The hash of a commit says nothing to a reader.
  const text = planText({ ...result, commit: { ...result.commit, id: '0000000' } }, colorsFor({ isTTY: false }, {}));
  shown.push(`## ${title}`, '', ...text, '');
  return !result.problems.some((problem) => problem.severity === 'error');
}

test('every plan reads as it did', async () => {
  let files = original;
  for (const [title, change] of steps) {
    const next = change(files);
    const live = store.get('Application', '', 'shop')?.status?.lastGood?.id;
    const id = title === 'the same commit again' ? live : source.commit({ files: next, message: title });
    // The clock stands still until it is told to run, so the running control plane has not seen the commit yet.
    if (!(await plan(title))) continue;
    files = next;
    const isLive = await clock.runUntil(() => {
      const status = store.get('Application', '', 'shop')?.status;
      return status?.lastGood?.id === id && status?.attempt === undefined;
    }, LIVE_WITHIN_MS);
    expect([title, isLive]).toEqual([title, true]);
  }
  const text = shown.join('\n');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(transcript, text);
  expect(text).toBe(readFileSync(transcript, 'utf8'));
});
