// `holdfast undelete`, and what `get`, `status`, `why` and `history` say of it.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Order } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import type { ApplicationStatus, DeletedObject } from '../../src/model/resource.ts';
import { START_MS } from '../support/builders.ts';
import { type FakeParts, fakeParts } from '../support/fake-parts.ts';

const at = (ms: number): string => `${new Date(START_MS + ms).toISOString().slice(0, 19)}Z`;
const one = { id: '1'.repeat(40), subject: 'One', author: 'Ada', time: at(0) };
const two = { id: '2'.repeat(40), subject: 'Less', author: 'Ben <ben@x.org>', time: at(0) };

let parts: FakeParts;
let given: [string, Order][];
let hasController: boolean;

beforeEach(async () => {
  given = [];
  hasController = false;
  parts = fakeParts({
    env: { HOME: '/home/ann', USER: 'ann', TZ: 'UTC' },
    giveOrder: (_place, application, order) => void given.push([application, order]),
    controllerOf: async () => (hasController ? 'holdfast reconcile (process 7)' : undefined),
  });
  await application('shop', {});
  await removed('Deployment', 'default', 'web');
  await removed('ConfigMap', 'default', 'web-config');
  await removed('Deployment', 'default', 'api');
  await removed('Secret', 'other', 'token');
  await removed('ConfigMap', 'default', 'old', { removedBy: one });
});

async function application(name: string, status: ApplicationStatus): Promise<void> {
  const spec = { repo: 'r', revision: 'branch main', path: '', timeoutSeconds: 300 };
  const key = { kind: 'Application', namespace: '', name } as const;
  if (parts.store.get('Application', '', name) === undefined)
    await parts.store.write([
      { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec } },
    ]);
  const uid = parts.store.get('Application', '', name)?.metadata.uid ?? '';
  await parts.store.write([{ op: 'updateStatus', key, uid, status }]);
}

async function removed(kind: string, namespace: string, name: string, more: Partial<DeletedObject['spec']> = {}): Promise<void> {
  const entry = { kind, namespace, name, file: 'app.yaml', line: 3, commit: one.id, author: 'Ada' };
  const spec = { application: 'shop', entry, resource: { kind }, removedBy: two, deletedAt: at(-60_000), until: at(1_740_000) };
  const metadata = { name: `shop:${kind}:${namespace}:${name}` };
  await parts.store.write([
    { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'DeletedObject', metadata, spec: { ...spec, ...more } } },
  ]);
}

const WEB = ['Deployment/default/web', 'ConfigMap/default/web-config'];
const wished = (objects: readonly string[]): [string, Order] => [
  'shop',
  { say: 'undelete', undelete: { who: 'ann', at: new Date(START_MS).toISOString(), objects } },
];

describe('undelete', () => {
  test('asks for the object and what it may need, of the same commit', async () => {
    expect(await run(['undelete', 'deployment/web'], parts)).toBe(0);
    expect(given).toEqual([wished(WEB)]);
    expect(parts.out()).toBe(
      'Asked for: deployment/web, configmap/web-config. No commit declares them: what is brought back stays until another commit of application/shop is live. No controller is running: the next one will follow it.\n',
    );
  });

  test.each([
    [['secret/token', '-n', 'other'], ['Secret/other/token']],
    [['--commit', '1111'], ['ConfigMap/default/old']],
    [
      ['application/shop'],
      [
        'ConfigMap/default/old',
        'ConfigMap/default/web-config',
        'Deployment/default/api',
        'Deployment/default/web',
        'Secret/other/token',
      ],
    ],
  ])('%j is for %j', async (args, objects) => {
    expect(await run(['undelete', ...args], parts)).toBe(0);
    expect(given).toEqual([wished(objects)]);
  });

  test('says when the controller has done it', async () => {
    hasController = true;
    const ended = run(['undelete', 'secret/token', '-n', 'other'], parts);
    await parts.clock.advance(100);
    const record = parts.store.list('DeletedObject').find(({ spec }) => spec.entry.name === 'token');
    if (record === undefined) throw new Error('there is no record');
    const undeleted = { who: 'ann', at: at(0), commit: two.id };
    await parts.store.write([{ op: 'update', resource: { ...record, spec: { ...record.spec, undeleted } } }]);
    await parts.clock.advance(1_000);
    expect(await ended).toBe(0);
    expect(parts.out()).toBe(
      'Brought back: secret/token in other. No commit declares it: what is brought back stays until another commit of application/shop is live.\n',
    );
    expect(await run(['undelete', 'secret/token', '-n', 'other'], parts)).toBe(1);
    expect(parts.err()).toContain(`secret/token in other is back already: ann wanted that at ${at(0)}`);
  });

  test('says what it waits for', async () => {
    hasController = true;
    const wish = { who: 'ann', at: new Date(START_MS).toISOString(), objects: WEB };
    await application('shop', { attempt: { commit: two, phase: 'verifying', startedAt: at(0), actions: 1 }, undelete: [wish] });
    expect(await run(['undelete', 'deployment/web'], parts)).toBe(0);
    expect(parts.out()).toMatch(/^Asked for: deployment\/web, .* It waits until commit 2222222 has ended\.\n$/);
  });

  test('says what the objects need that is not there', async () => {
    hasController = true;
    const waitingFor = ['image web:1 to be pulled'];
    const wish = { who: 'ann', at: new Date(START_MS).toISOString(), objects: WEB, since: at(0), waitingFor };
    await application('shop', { undelete: [wish] });
    expect(await run(['undelete', 'deployment/web'], parts)).toBe(0);
    expect(parts.out()).toMatch(/^Asked for: deployment\/web, .* It waits for image web:1 to be pulled\.\n$/);
    expect(await run(['status'], parts)).toBe(0);
    expect(parts.out()).toContain(
      'deployment/web, removed by 2222222; ann wants it back: it waits for image web:1 to be pulled\n',
    );
    expect(await run(['why', 'application/shop'], parts)).toBe(0);
    expect(parts.out()).toContain('ann wants deployment/web, configmap/web-config back: it waits for image web:1 to be pulled\n');
  });

  test('says why it was refused', async () => {
    hasController = true;
    const involvedObject = { apiVersion: 'holdfast.dev/v1', kind: 'Application', name: 'shop', namespace: 'default', uid: '' };
    const message = 'ann wanted deployment/web back: deployment/web belongs to application other';
    const event = { reason: 'NotUndeleted', message, type: 'Warning', count: 1, involvedObject } as const;
    const times = { firstTimestamp: at(0), lastTimestamp: at(0), source: { component: 'sync' } };
    await parts.store.write([
      {
        op: 'create',
        resource: { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'default' }, ...event, ...times },
      },
    ]);
    expect(await run(['undelete', 'deployment/web'], parts)).toBe(1);
    expect(parts.err()).toBe(`${message}\n`);
  });

  test.each([
    [[], 'what is to come back? Give either KIND/NAME or --commit'],
    [['deployment/web', '--commit', '2'], 'what is to come back?'],
    [
      ['deployment/none'],
      'nothing is kept of deployment/none. Kept are configmap/old, configmap/web-config, deployment/api, deployment/web, secret/token in other: see "holdfast get deleted"',
    ],
    [['--commit', '9'], 'nothing is kept that a commit 9 has removed'],
    [['application/none'], 'there is no application "none"'],
    [['web'], '"web" is not KIND/NAME'],
  ])('%j is refused', async (args, message) => {
    expect(await run(['undelete', ...args], parts)).toBe(1);
    expect(parts.err()).toContain(message);
    expect(given).toEqual([]);
  });

  test('does not go through a suspension', async () => {
    await application('shop', { suspension: { by: 'command', who: 'ada', reason: 'disk', since: at(0) } });
    expect(await run(['undelete', 'deployment/web'], parts)).toBe(1);
    expect(parts.err()).toContain('application/shop is suspended: disk. "holdfast resume shop" ends that');
    expect(given).toEqual([]);
  });
});

test('get lists what is kept', async () => {
  expect(await run(['get', 'deleted'], parts)).toBe(0);
  expect(parts.out().split('\n').slice(0, 3)).toEqual([
    'OBJECT                 IN        APPLICATION   REMOVED BY   AGE   UNTIL',
    `configmap/old          default   shop          1111111      60s   ${at(1_740_000)}`,
    `configmap/web-config   default   shop          2222222      60s   ${at(1_740_000)}`,
  ]);
});

test('status, why and history tell of it', async () => {
  expect(await run(['status'], parts)).toBe(0);
  expect(parts.out()).toContain('  undelete   configmap/old, removed by 1111111, until ');
  expect(parts.out()).toContain('             and 2 more: holdfast get deleted');
  expect(await run(['why', 'deployment/web'], parts)).toBe(0);
  expect(parts.out()).toContain(
    `deployment/web was removed by commit 2222222 "Less" of Ben <ben@x.org> at ${at(-60_000)}; it can be brought back until ${at(1_740_000)}: holdfast undelete deployment/web\n`,
  );
  await application('shop', { undeletions: [{ who: 'ann', at: at(0), objects: WEB, commit: two.id }] });
  expect(await run(['history'], parts)).toBe(0);
  expect(parts.out()).toContain(
    `\nin shop ann brought back deployment/web, configmap/web-config at ${at(0)}: no commit has declared that since\n`,
  );
});

test('diff has it as reconcile has', async () => {
  let asked: string | undefined;
  const planned = { application: 'shop', commit: one, actions: [], unchanged: 0, problems: [] };
  const dryRun: FakeParts['dryRun'] = ({ softDelete }) => {
    asked = softDelete;
    return Promise.resolve(planned);
  };
  expect(await run(['diff', '--repo', 'r', '--soft-delete', '30m'], { ...parts, dryRun })).toBe(0);
  expect(asked).toBe('30m');
});

test.each(['soon', '0m', '-5m'])('--soft-delete %s is no time', async (time) => {
  expect(await run(['reconcile', '--repo', 'r', `--soft-delete=${time}`], parts)).toBe(1);
  expect(parts.err()).toContain('Write a time such as 30m or 2h.');
});
