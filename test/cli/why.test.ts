// why: finds the object that is meant; what is said of it is sync's.
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { explain } from '../../src/sync/why.ts';
import { aService } from '../controllers/endpointslice/services.ts';
import { anApplication, annsCommit } from '../support/applications.ts';
import { aDeployment, aNode } from '../support/builders.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';

let parts: FakeParts;
beforeEach(async () => {
  parts = fakeParts();
  await put(
    parts.store,
    anApplication({ lastGood: annsCommit, health: 'Healthy' }),
    aDeployment({ name: 'web' }),
    aDeployment({ name: 'api', namespace: 'shop' }),
    aNode({ name: 'host-1' }),
  );
});

describe('objects that are there', () => {
  test.each([
    ['deploy/web', [], { kind: 'Deployment', namespace: 'default', name: 'web' }],
    ['deployments/api', ['-n', 'shop'], { kind: 'Deployment', namespace: 'shop', name: 'api' }],
    ['application/shop', [], { kind: 'Application', namespace: '', name: 'shop' }],
    ['app/shop', ['-n', 'ignored'], { kind: 'Application', namespace: '', name: 'shop' }],
    ['no/host-1', [], { kind: 'Node', namespace: '', name: 'host-1' }],
  ] as const)('%s %j', async (target, argv, key) => {
    const lines = explain(key, parts.store, parts.clock.now());
    expect([await run(['why', target, ...argv], parts), parts.out(), parts.err()]).toEqual([
      0,
      lines.map((line) => `${line}\n`).join(''),
      '',
    ]);
  });

  test('kind and name as kubectl takes them', async () => {
    expect(await run(['why', 'deploy', 'web'], parts)).toBe(0);
    expect(parts.out()).toContain('deployment/web');
  });

  test('a Deployment that is paused says so', async () => {
    await put(parts.store, aDeployment({ name: 'still', spec: { paused: true } }));
    expect(await run(['why', 'deploy/still'], parts)).toBe(0);
    expect(parts.out().split('\n')).toContain(
      'it is paused: its pods stay as they are until spec.paused is taken out; only replicas are followed',
    );
  });

  test('also what a commit wants and nobody has made', async () => {
    const entry = {
      kind: 'ConfigMap',
      namespace: 'shop',
      name: 'gone',
      file: 'apps/web.yaml',
      line: 40,
      commit: annsCommit.id,
      author: annsCommit.author,
    };
    await put(parts.store, anApplication({ inventory: [entry] }));
    expect(await run(['why', 'cm/gone', '-n', 'shop'], parts)).toBe(0);
    expect(parts.out()).toContain('apps/web.yaml:40');
  });

  test('json', async () => {
    const key = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expect(await run(['why', 'deploy/web', '-o', 'json'], parts)).toBe(0);
    expect(JSON.parse(parts.out())).toEqual({ ...key, lines: explain(key, parts.store, parts.clock.now()) });
  });
});

describe('a name alone', () => {
  const told = async (...argv: readonly string[]) => [
    await run(['why', ...argv], parts),
    parts.out().split('\n')[0],
    parts.err(),
  ];
  const others = (commands: string): string => `(others have that name too: ${commands})\n`;
  beforeEach(async () => {
    const at = { file: 'a.yaml', line: 1, commit: annsCommit.id, author: annsCommit.author };
    const inventory = [{ kind: 'ConfigMap', namespace: 'default', name: 'absent', ...at }];
    await put(
      parts.store,
      anApplication({ lastGood: annsCommit, inventory }),
      aDeployment({ name: 'shop' }),
      aService({ name: 'shop' }),
      aService({ name: 'cart' }),
      aDeployment({ name: 'cart' }),
      aDeployment({ name: 'pair', namespace: 'shop' }),
      aService({ name: 'pair', namespace: 'shop' }),
    );
  });

  test.each([
    ['web', 'deployment/web', ''],
    ['host-1', 'node/host-1', ''],
    ['absent', 'configmap/absent', ''],
    ['shop', 'application shop', others('"holdfast why deployment/shop" or "holdfast why service/shop"')],
  ])('%s is %s', async (name, first, err) => {
    expect(await told(name)).toEqual([0, expect.stringContaining(first), err]);
  });

  test('in another namespace', async () => {
    expect(await told('api', '-n', 'shop')).toEqual([0, expect.stringContaining('deployment/api'), '']);
  });

  test.each([
    [
      ['cart'],
      'deployment/cart and service/cart have the name "cart": give "holdfast why deployment/cart" or "holdfast why service/cart"',
    ],
    [
      ['api'],
      'nothing in namespace default has the name "api", but there is deployment/api in shop: give "holdfast why deployment/api -n shop"',
    ],
    [
      ['pair', '-n', 'shop'],
      'deployment/pair in shop and service/pair in shop have the name "pair": give "holdfast why deployment/pair -n shop" or "holdfast why service/pair -n shop"',
    ],
    [['wbe'], 'nothing in namespace default has the name "wbe". Did you mean web?'],
    [
      ['deploy'],
      'nothing in namespace default has the name "deploy". It is a kind: say which one, as in "holdfast why deploy NAME"',
    ],
    [['zzzz'], 'nothing in namespace default has the name "zzzz"'],
  ])('%j is refused with what to say', async (argv, message) => {
    expect(await told(...argv)).toEqual([1, '', `holdfast: ${message}\n`]);
  });
});

test.each<readonly [string, string]>([
  ['deploy/wbe', 'there is no deployment "wbe" in namespace default. Did you mean deployment/web?'],
  ['deploy/api', 'there is no deployment "api" in namespace default, but there is one in shop: add -n shop'],
  ['deply/web', 'there is no kind "deply". Did you mean deploy?'],
  ['po/x', 'there is no pod "x" in namespace default'],
  ['a/b/c', '"a/b/c" is not KIND/NAME, for example holdfast why deployment/web'],
])('%s is not there', async (target, message) => {
  expect([await run(['why', target], parts), parts.out(), parts.err()]).toEqual([1, '', `holdfast: ${message}\n`]);
});
