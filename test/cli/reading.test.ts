// Commands that only read: validate, status, history, get, why.
import { beforeEach, describe, expect, test } from 'vitest';
import { type ValidatedPaths } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import type { Problem } from '../../src/manifests/problem.ts';
import { anApplication, anAttempt, annsCommit, aRecord, bobsCommit } from '../support/applications.ts';
import { aConfigMap, aDeployment, aNamespace, aNode, aPod, aSecret, asDesired } from '../support/builders.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';

let parts: FakeParts;
beforeEach(() => {
  parts = fakeParts();
});

async function outputOf(...argv: readonly string[]): Promise<readonly [number, string, string]> {
  const [outBefore, errBefore] = [parts.out().length, parts.err().length];
  const code = await run(argv, parts);
  return [code, parts.out().slice(outBefore), parts.err().slice(errBefore)];
}

describe('validate', () => {
  const problem: Problem = {
    severity: 'error',
    reason: 'UnknownField',
    file: 'apps/web.yaml',
    line: 14,
    column: 11,
    field: 'spec.replica',
    message: 'is not known. Did you mean "replicas"?',
  };
  const note: Problem = {
    severity: 'note',
    reason: 'NoEffect',
    file: 'apps/web.yaml',
    line: 3,
    column: 1,
    field: 'spec.dnsPolicy',
    message: 'has no effect',
  };
  const manifest = { resource: asDesired(aConfigMap()), file: 'apps/web.yaml', line: 1 };

  async function validate(
    result: Partial<ValidatedPaths>,
    ...argv: readonly string[]
  ): Promise<readonly [number, string, string]> {
    parts = fakeParts({ loadPaths: async () => ({ manifests: [manifest], problems: [], fileCount: 1, ...result }) });
    return await outputOf('validate', 'apps', ...argv);
  }

  test.each<readonly [string, Partial<ValidatedPaths>, number, string]>([
    ['valid', {}, 0, '1 file, 1 object: no problems\n'],
    [
      'a note does not fail',
      { problems: [note] },
      0,
      'apps/web.yaml:3:1 spec.dnsPolicy: note: has no effect\n1 file, 1 object: no problems, 1 note\n',
    ],
    [
      'the same reason for having no effect is given once; what is to be written anew is told at each place',
      {
        problems: [
          note,
          { ...note, line: 20 },
          { ...note, line: 30, field: 'spec.other' },
          { ...note, message: 'has none either' },
          { ...note, reason: 'Converted', line: 40, message: 'is old' },
          { ...note, reason: 'Converted', line: 50, message: 'is old' },
          problem,
          problem,
        ],
      },
      1,
      [
        'apps/web.yaml:3:1 spec.dnsPolicy: note: has no effect (and 2 more like it)',
        'apps/web.yaml:3:1 spec.dnsPolicy: note: has none either',
        'apps/web.yaml:40:1 spec.dnsPolicy: note: is old',
        'apps/web.yaml:50:1 spec.dnsPolicy: note: is old',
        'apps/web.yaml:14:11 spec.replica: is not known. Did you mean "replicas"?',
        'apps/web.yaml:14:11 spec.replica: is not known. Did you mean "replicas"?',
        '1 file, 1 object: 2 problems, 6 notes',
        '',
      ].join('\n'),
    ],
    [
      'a problem fails',
      { problems: [note, problem], fileCount: 3, manifests: [] },
      1,
      [
        'apps/web.yaml:3:1 spec.dnsPolicy: note: has no effect',
        'apps/web.yaml:14:11 spec.replica: is not known. Did you mean "replicas"?',
        '3 files, 0 objects: 1 problem, 1 note',
        '',
      ].join('\n'),
    ],
  ])('%s', async (_name, result, code, text) => {
    expect(await validate(result)).toEqual([code, text, '']);
  });

  test('json', async () => {
    const [code, out] = await validate({ problems: [problem] }, '-o', 'json');
    expect([code, JSON.parse(out)]).toEqual([1, { valid: false, files: 1, objects: 1, problems: [problem] }]);
  });

  test('nothing to read is a mistake', async () => {
    expect(await validate({ fileCount: 0, manifests: [] })).toEqual([
      1,
      '',
      'holdfast: no manifests in apps: files end in .yaml, .yml or .json\n',
    ]);
  });
});

describe('status', () => {
  test('nothing yet', async () => {
    expect(await outputOf('status')).toEqual([0, 'No application yet. "holdfast reconcile --repo …" starts one.\n', '']);
  });

  test('the whole page', async () => {
    const inventory = [
      {
        kind: 'Namespace',
        namespace: '',
        name: 'shop',
        file: 'apps/ns.yaml',
        line: 1,
        commit: annsCommit.id,
        author: annsCommit.author,
      },
      {
        kind: 'Deployment',
        namespace: 'shop',
        name: 'web',
        file: 'apps/web.yaml',
        line: 3,
        commit: annsCommit.id,
        author: annsCommit.author,
      },
      {
        kind: 'ConfigMap',
        namespace: 'shop',
        name: 'gone',
        file: 'apps/web.yaml',
        line: 40,
        commit: annsCommit.id,
        author: annsCommit.author,
      },
    ];
    await put(
      parts.store,
      anApplication({
        inventory,
        lastGood: annsCommit,
        health: 'Progressing',
        history: [aRecord('live')],
        source: { ready: false, reason: 'Unreachable', message: 'connection refused', since: '2026-01-01T00:02:00Z' },
        attempt: anAttempt('verifying', { commit: bobsCommit, waitingFor: ['deployment/web in shop: 1 of 3 ready'] }),
        quarantined: aRecord('rolled-back', { commit: bobsCommit, message: 'deployment/web was not healthy in 5m' }),
        revert: { commit: bobsCommit.id, state: 'pending', since: '2026-01-01T00:06:00Z', branch: 'main', message: 'protected' },
        commitStatuses: { from: '', told: [], failing: { since: '2026-01-01T00:05:00Z', message: 'no answer within 10 s' } },
      }),
      aNamespace(),
      aDeployment({ name: 'web', namespace: 'shop', replicas: 3, status: { readyReplicas: 1 } }),
      aNode({ name: 'host-1', isReady: true }),
    );
    await parts.clock.advance(600_000);
    expect((await outputOf('status'))[1].split('\n')).toEqual([
      'application/shop  Progressing',
      '  source     /srv/shop.git, branch main, path apps',
      '             cannot be read for 8m: connection refused (Unreachable)',
      '  commit     1a2b3c4 "Three replicas" by Ann Lee, live for 9m48s',
      '  now        verifying 9f8e7d6 "Newer image" by Bob, until 12:00:05',
      '             waiting for deployment/web in shop: 1 of 3 ready',
      '  quarantine 9f8e7d6 "Newer image" by Bob: rolled-back: deployment/web was not healthy in 5m',
      '             it is not tried again until HEAD moves, or "holdfast retry" is said',
      '  revert     commit 9f8e7d6 cannot be reverted since 2026-01-01T00:06:00Z: protected; what runs stays as it is, and it is tried again',
      '  forge      statuses of commits cannot be told for 5m: no answer within 10 s',
      '',
      '  OBJECT                   READY     FROM',
      '  namespace/shop           -         apps/ns.yaml:1',
      '  deployment/web in shop   1/3       apps/web.yaml:3',
      '  configmap/gone in shop   missing   apps/web.yaml:40',
      '',
      'NODE     STATUS   VERSION',
      'host-1   Ready    <none>',
      '',
    ]);
  });

  test('without a controller it says that nobody looks after what it shows', async () => {
    parts = fakeParts({ controllerOf: async () => undefined });
    await put(parts.store, aNode({ name: 'host-1', isReady: true }));
    expect((await outputOf('status'))[1].split('\n').slice(-3)).toEqual([
      '',
      'No controller is running: this is how the last one left it. Containers go on, but nothing is healed or updated until "holdfast reconcile" runs.',
      '',
    ]);
    const [, json] = await outputOf('status', '-o', 'json');
    expect(JSON.parse(json)).toMatchObject({ controller: null });
  });

  test('json', async () => {
    await put(parts.store, anApplication({ lastGood: annsCommit, health: 'Healthy', inventory: [] }));
    const [code, out] = await outputOf('status', 'shop', '-o', 'json');
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      {
        controller: 'holdfast reconcile (process 7 on host-1)',
        applications: [{ name: 'shop', status: { health: 'Healthy', lastGood: annsCommit }, objects: [] }],
        nodes: [],
      },
    ]);
  });

  test('an application that is not there', async () => {
    await put(parts.store, anApplication());
    expect(await outputOf('status', 'shpo')).toEqual([
      1,
      '',
      'holdfast: there is no application "shpo". Did you mean application/shop?\n',
    ]);
  });

  test('the store is closed, also after a fault', async () => {
    await outputOf('status', 'shpo');
    expect(parts.closedStores()).toBe(1);
  });

  test('without a store', async () => {
    parts = fakeParts({
      openStore: () => Promise.reject(new UsageFault('there is no state in /home/ann/.local/state/holdfast')),
    });
    expect(await outputOf('status')).toEqual([1, '', 'holdfast: there is no state in /home/ann/.local/state/holdfast\n']);
  });
});

describe('history', () => {
  test('a line per commit, what went wrong below it', async () => {
    const bad = aRecord('rolled-back', {
      commit: bobsCommit,
      message: 'deployment/web was not healthy',
      startedAt: '2026-01-01T00:10:00Z',
      finishedAt: '2026-01-01T00:15:30Z',
      actions: 1,
    });
    await put(parts.store, anApplication({ history: [bad, aRecord('live')] }));
    await parts.clock.advance(1_200_000);
    expect((await outputOf('history'))[1].split('\n')).toEqual([
      'AGE     COMMIT    OUTCOME       CHANGES   TOOK    AUTHOR    SUBJECT',
      '4m30s   9f8e7d6   rolled-back   1         5m30s   Bob       Newer image',
      '  deployment/web was not healthy',
      '19m     1a2b3c4   live          3         12s     Ann Lee   Three replicas',
      '',
    ]);
  });

  test('of several applications, the newest first', async () => {
    await put(
      parts.store,
      anApplication({ history: [aRecord('live')] }),
      anApplication({ history: [aRecord('live', { finishedAt: '2026-01-01T00:00:20Z' })] }, 'blog'),
    );
    expect((await outputOf('history'))[1].split('\n').map((line) => line.split(' ')[0])).toEqual([
      'APPLICATION',
      'blog',
      'shop',
      '',
    ]);
    expect((await outputOf('history', 'shop'))[1].split('\n')[0]).toBe(
      'AGE   COMMIT    OUTCOME   CHANGES   TOOK   AUTHOR    SUBJECT',
    );
  });

  test('tells what was changed behind the back of Git', async () => {
    const since = '2026-01-01T00:00:00Z';
    const record = { kind: 'Deployment', namespace: 'default', name: 'web', message: 'spec.replicas: 2 → 5', since, count: 0 };
    await put(parts.store, anApplication({ history: [aRecord('live')], drift: [record] }));
    expect((await outputOf('history'))[1]).toContain(
      `\nshop drifted: deployment/web spec.replicas: 2 → 5, left as it is since ${since}\n`,
    );
    expect(JSON.parse((await outputOf('history', '-o', 'json'))[1])).toMatchObject({
      drift: [{ application: 'shop', ...record }],
    });
  });

  test('json, and none', async () => {
    expect(JSON.parse((await outputOf('history', '-o', 'json'))[1])).toEqual({
      history: [],
      suspensions: [],
      undeletions: [],
      drift: [],
    });
    expect(await outputOf('history')).toEqual([0, '', 'No commit has ended yet.\n']);
  });
});

describe('get', () => {
  beforeEach(async () => {
    const waiting = {
      name: 'main',
      ready: false,
      restartCount: 4,
      image: 'busybox:1.36',
      state: { waiting: { reason: 'CrashLoopBackOff' } },
    };
    const running = { name: 'main', ready: true, restartCount: 0, image: 'busybox:1.36', state: { running: {} } };
    await put(
      parts.store,
      aDeployment({ name: 'web', replicas: 3, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 } }),
      aPod({ name: 'web-1', nodeName: 'host-1', phase: 'Running', status: { podIP: '10.0.0.2', containerStatuses: [running] } }),
      aPod({ name: 'web-2', nodeName: 'host-1', phase: 'Running', status: { containerStatuses: [waiting] } }),
      aPod({ name: 'db-1', namespace: 'shop', phase: 'Pending' }),
      aSecret({ name: 'db', namespace: 'shop', data: { password: 'b2xk' } }),
    );
    await parts.clock.advance(90_000);
  });

  test.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'pods',
      ['pods'],
      [
        'NAME    READY   STATUS             RESTARTS   AGE',
        'web-1   1/1     Running            0          90s',
        'web-2   0/1     CrashLoopBackOff   4          90s',
        '',
      ],
    ],
    [
      'wide',
      ['po', 'web-1', '-o', 'wide'],
      [
        'NAME    READY   STATUS    RESTARTS   AGE   IP         NODE',
        'web-1   1/1     Running   0          90s   10.0.0.2   host-1',
        '',
      ],
    ],
    [
      'a namespace',
      ['pod', '-n', 'shop'],
      ['NAME   READY   STATUS    RESTARTS   AGE', 'db-1   0/1     Pending   0          90s', ''],
    ],
    [
      'all namespaces',
      ['pods', '-A', '-o', 'table'],
      [
        'NAMESPACE   NAME    READY   STATUS             RESTARTS   AGE',
        'default     web-1   1/1     Running            0          90s',
        'default     web-2   0/1     CrashLoopBackOff   4          90s',
        'shop        db-1    0/1     Pending            0          90s',
        '',
      ],
    ],
    [
      'several kinds',
      ['deploy,secrets,po'],
      [
        'NAME             READY   UP-TO-DATE   AVAILABLE   AGE',
        'deployment/web   2/3     3            2           90s',
        '',
        'NAME        READY   STATUS             RESTARTS   AGE',
        'pod/web-1   1/1     Running            0          90s',
        'pod/web-2   0/1     CrashLoopBackOff   4          90s',
        '',
      ],
    ],
    ['names', ['all', '-o', 'name'], ['pod/web-1', 'pod/web-2', 'deployment.apps/web', '']],
    ['a secret', ['secret/db', '-n', 'shop'], ['NAME   TYPE     DATA   AGE', 'db     Opaque   1      90s', '']],
  ])('%s', async (_name, argv, lines) => {
    const [code, out] = await outputOf('get', ...argv);
    expect([code, out.split('\n')]).toEqual([0, lines]);
  });

  test.each<readonly [string, readonly string[], number, string]>([
    ['none in the namespace', ['cm'], 0, 'No resources found in default namespace.\n'],
    ['none at all', ['cm', '-A'], 0, 'No resources found\n'],
    [
      'a name that is nearly right',
      ['deploy', 'wbe'],
      1,
      'holdfast: there is no deployment "wbe" in namespace default. Did you mean deployment/web?\n',
    ],
    [
      'a name in another namespace',
      ['pod/db-1'],
      1,
      'holdfast: there is no pod "db-1" in namespace default, but there is one in shop: add -n shop\n',
    ],
    [
      'a pod by the name of its deployment',
      ['pod', 'web'],
      1,
      'holdfast: there is no pod "web" in namespace default. Did you mean pod/web-1 or pod/web-2?\n',
    ],
    [
      'a name in all namespaces',
      ['pod', 'web-1', '-A'],
      1,
      'holdfast: a name belongs to one namespace: leave out -A or the name\n',
    ],
  ])('%s', async (_name, argv, code, err) => {
    expect(await outputOf('get', ...argv)).toEqual([code, '', err]);
  });

  test('values of Secrets only when asked for', async () => {
    const data = async (...argv: readonly string[]): Promise<unknown> =>
      JSON.parse((await outputOf('get', 'secret', 'db', '-n', 'shop', '-o', 'json', ...argv))[1]).data;
    expect([await data(), await data('--show-secrets')]).toEqual([{ password: '(hidden)' }, { password: 'b2xk' }]);
  });

  test('also in the revisions that hold them', async () => {
    await put(parts.store, {
      apiVersion: 'holdfast.dev/v1',
      kind: 'ApplicationRevision',
      metadata: { name: 'shop-1', uid: 'uid-r', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        application: 'shop',
        commit: annsCommit,
        inventory: [],
        resources: [asDesired(aSecret({ data: { password: 'b2xk' } }))],
      },
    });
    expect((await outputOf('get', 'revisions', '-o', 'yaml'))[1]).not.toContain('b2xk');
  });

  test('yaml of one and of many', async () => {
    expect((await outputOf('get', 'deploy', 'web', '-o', 'yaml'))[1]).toContain('apiVersion: apps/v1\nkind: Deployment\n');
    expect(JSON.parse((await outputOf('get', 'pods', '-o', 'json'))[1])).toMatchObject({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ kind: 'Pod' }, { kind: 'Pod' }],
    });
  });

  test('yaml quotes what older readers take for something else', async () => {
    await put(parts.store, aConfigMap({ name: 'switches', data: { a: 'yes', b: '0644', c: 'on' } }));
    const [, out] = await outputOf('get', 'cm', 'switches', '-o', 'yaml');
    expect(out).toContain('  a: "yes"\n  b: "0644"\n  c: "on"\n');
  });
});
