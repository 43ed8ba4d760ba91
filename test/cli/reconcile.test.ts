// reconcile: how a run is shown, ended and reported.
import { describe, expect, test } from 'vitest';
import { interruptSignal } from '../../src/cli/interrupts.ts';
import { type DryRun } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import type { Problem } from '../../src/manifests/problem.ts';
import type { Outcome, OutcomeAction } from '../../src/sync/outcome.ts';
import { anApplication, anAttempt, annsCommit, aRecord } from '../support/applications.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';

const commit = { id: annsCommit.id, subject: annsCommit.subject, author: annsCommit.author };
const action = (options: Partial<OutcomeAction> = {}): OutcomeAction => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  action: 'update',
  effect: 'rolling update',
  reason: 'Changed',
  message: '',
  file: 'apps/web.yaml',
  line: 3,
  fields: [{ path: 'spec.replicas', old: 2, new: 3 }],
  ...options,
});
const problem: Problem = {
  severity: 'error',
  reason: 'WrongType',
  file: 'apps/web.yaml',
  line: 14,
  column: 11,
  field: 'spec.replicas',
  message: 'must be a whole number',
};
const ending = (outcome: Outcome['outcome'], options: Partial<Outcome> = {}): Outcome => ({
  application: 'shop',
  commit,
  outcome,
  actions: [],
  problems: [],
  message: '',
  ...options,
});

async function runOnce(outcome: Outcome, ...argv: readonly string[]): Promise<{ code: number; parts: FakeParts }> {
  const parts = fakeParts();
  parts.end(outcome);
  return { code: await run(['reconcile', '--repo', '.', '--once', ...argv], parts), parts };
}

describe('reconcile --once in text', () => {
  test.each<readonly [string, Outcome, number, string]>([
    [
      'live',
      ending('live', { actions: [action()], message: 'everything is healthy' }),
      0,
      [
        'shop: live 1a2b3c4 "Three replicas" by Ann Lee: everything is healthy',
        '',
        '1 change:',
        '~ update deployment/web in shop, rolling update (apps/web.yaml:3)',
        '',
      ].join('\n'),
    ],
    ['live without a change', ending('live'), 0, 'shop: live 1a2b3c4 "Three replicas" by Ann Lee\n'],
    [
      'invalid',
      ending('invalid', { problems: [problem], message: '1 problem' }),
      1,
      [
        'shop: refused 1a2b3c4 "Three replicas" by Ann Lee: 1 problem',
        '',
        'apps/web.yaml:14:11 spec.replicas: must be a whole number',
        '',
        'Nothing that runs was touched. Mend what is listed above, check it with "holdfast validate", and commit again.',
        '',
      ].join('\n'),
    ],
    [
      'preflight-failed',
      ending('preflight-failed', { message: 'image nope:1 cannot be pulled' }),
      1,
      [
        'shop: not applied 1a2b3c4 "Three replicas" by Ann Lee: image nope:1 cannot be pulled',
        '',
        'Nothing that runs was touched. "holdfast why application/shop" says what is missing; it is tried again with the next run.',
        '',
      ].join('\n'),
    ],
    [
      'rolled-back',
      ending('rolled-back', {
        actions: [action({ action: 'create', name: 'api' })],
        message: 'deployment/web was not healthy in 5m',
      }),
      1,
      [
        'shop: rolled back 1a2b3c4 "Three replicas" by Ann Lee: deployment/web was not healthy in 5m',
        '',
        '1 change, taken back:',
        '+ create deployment/api in shop (apps/web.yaml:3)',
        '',
        'What ran before runs again. Commit 1a2b3c4 is not tried again until the branch moves; "holdfast why application/shop" says why it failed.',
        '',
      ].join('\n'),
    ],
    [
      'failed before there was a commit: said once',
      ending('failed', {
        commit: undefined,
        message: 'cannot read /srv/shop',
        problems: [{ ...problem, file: '', field: '', message: 'cannot read /srv/shop' }],
      }),
      1,
      [
        'shop: failed: cannot read /srv/shop',
        '',
        '"holdfast why application/shop" says what it waits for; "holdfast status" shows what runs.',
        '',
      ].join('\n'),
    ],
  ])('%s', async (_name, outcome, code, text) => {
    const result = await runOnce(outcome);
    expect([result.code, result.parts.out(), result.parts.stoppedPlanes()]).toEqual([code, text, 1]);
  });
});

describe('reconcile --once --output json', () => {
  test('one object on standard output', async () => {
    const { code, parts } = await runOnce(
      ending('rolled-back', { actions: [action()], problems: [problem], message: 'why' }),
      '--output',
      'json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(parts.out())).toEqual({
      application: 'shop',
      commit,
      outcome: 'rolled-back',
      actions: [action()],
      problems: [problem],
      message: 'why',
    });
  });

  test('a Secret that slipped into the plan does not slip out', async () => {
    const secret = action({
      kind: 'Secret',
      name: 'db',
      fields: [
        { path: 'data.password', old: 'b2xk', new: 'bmV3' },
        { path: 'type', old: 'a', new: 'b' },
      ],
    });
    const { parts } = await runOnce(ending('live', { actions: [secret] }), '-o', 'json');
    expect(JSON.parse(parts.out())).toMatchObject({
      actions: [
        {
          fields: [
            { path: 'data.password', old: '(hidden)', new: '(hidden)' },
            { path: 'type', old: 'a', new: 'b' },
          ],
        },
      ],
    });
  });

  test('also when it could not start', async () => {
    const parts = fakeParts({
      startControlPlane: () => Promise.reject(new UsageFault('no Docker Engine answers at /var/run/docker.sock')),
    });
    expect(await run(['reconcile', '--repo', '.', '--once', '-o', 'json', '--application', 'shop'], parts)).toBe(1);
    expect(JSON.parse(parts.out())).toEqual({
      application: 'shop',
      commit: null,
      outcome: 'failed',
      actions: [],
      problems: [],
      message: 'no Docker Engine answers at /var/run/docker.sock',
    });
    expect(parts.err()).toBe('holdfast: no Docker Engine answers at /var/run/docker.sock\n');
  });
});

describe('Ctrl-C', () => {
  test('stops a run that goes on for ever, and says that containers go on', async () => {
    const parts = fakeParts();
    const code = run(['reconcile', '--repo', '.'], parts);
    await parts.clock.settle();
    parts.interrupt();
    expect([await code, parts.stoppedPlanes(), parts.out(), parts.err()]).toEqual([
      0,
      1,
      '',
      'stopping; containers go on running (Ctrl-C again leaves at once)\n',
    ]);
  });

  test('with --once is no success', async () => {
    const parts = fakeParts();
    const code = run(['reconcile', '--repo', '.', '--once'], parts);
    await parts.clock.settle();
    parts.interrupt();
    expect([await code, parts.stoppedPlanes(), parts.err()]).toEqual([
      1,
      1,
      'stopping; containers go on running (Ctrl-C again leaves at once)\nholdfast: stopped before the commit was live; the next run goes on from here\n',
    ]);
  });

  test('during the start stops what comes up late', async () => {
    let come: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      come = resolve;
    });
    const late = fakeParts();
    const parts = fakeParts({ startControlPlane: (options) => gate.then(() => late.startControlPlane(options)) });
    const code = run(['reconcile', '--repo', '.'], parts);
    await parts.clock.settle();
    parts.interrupt();
    await parts.clock.settle();
    come();
    expect([await code, late.stoppedPlanes(), parts.err()]).toEqual([0, 1, 'stopped before anything was touched\n']);
  });

  test('a stop that hangs does not hang the command', async () => {
    const store = fakeParts().store;
    const parts = fakeParts({
      startControlPlane: async () => ({
        application: 'shop',
        store,
        outcome: new Promise(() => {}),
        stop: () => new Promise(() => {}),
      }),
    });
    const code = run(['reconcile', '--repo', '.'], parts);
    await parts.clock.settle();
    parts.interrupt();
    await parts.clock.advance(60_000);
    expect([await code, parts.err().split('\n').at(-2)]).toEqual([1, 'holdfast: stopping did not finish within 30 s']);
  });

  test('the first asks, the second leaves at once', () => {
    const listeners: (() => void)[] = [];
    const exits: number[] = [];
    const signal = interruptSignal({ on: (_event, listener) => listeners.push(listener), exit: (code) => exits.push(code) });
    listeners[0]?.();
    expect([signal.aborted, exits]).toEqual([true, []]);
    listeners[1]?.();
    expect(exits).toEqual([130]);
  });
});

test('a control plane that breaks ends the command', async () => {
  const parts = fakeParts();
  const code = run(['reconcile', '--repo', '.'], parts);
  await parts.clock.settle();
  parts.fail(new UsageFault('another process took over this data folder'));
  expect([await code, parts.stoppedPlanes(), parts.err()]).toEqual([
    1,
    1,
    'holdfast: another process took over this data folder\n',
  ]);
});

describe('progress in a pipe', () => {
  test('is a line per change on standard error, and old history is no news', async () => {
    const parts = fakeParts();
    const old = aRecord('rolled-back', { startedAt: '2025-12-31T00:00:00Z', message: 'long ago' });
    await put(parts.store, anApplication({ history: [old] }));
    const code = run(['reconcile', '--repo', '.', '--once'], parts);
    await parts.clock.settle();
    const step = async (status: Parameters<typeof anApplication>[0]): Promise<void> => {
      await put(parts.store, anApplication(status));
      await parts.clock.advance(1_000);
    };
    await step({ history: [old], attempt: anAttempt('fetched') });
    await step({ history: [old], attempt: anAttempt('verifying', { actions: 2, waitingFor: ['deployment/web: 1 of 3 ready'] }) });
    await step({ history: [old], attempt: anAttempt('verifying', { actions: 2, waitingFor: ['deployment/web: 1 of 3 ready'] }) });
    await step({ history: [old], attempt: anAttempt('verifying', { actions: 2, waitingFor: ['deployment/web: 2 of 3 ready'] }) });
    await put(parts.store, anApplication({ history: [aRecord('live'), old], lastGood: annsCommit, health: 'Healthy' }));
    parts.end(ending('live'));
    expect(await code).toBe(0);
    expect(parts.err().split('\n')).toEqual([
      'fetched 1a2b3c4 "Three replicas" by Ann Lee',
      'reading the manifests',
      'manifests are valid',
      'images and references are there',
      'applied 2 changes',
      'waiting for deployment/web: 1 of 3 ready, until 12:00:05',
      'waiting for deployment/web: 2 of 3 ready, until 12:00:05',
      'live 1a2b3c4 "Three replicas" by Ann Lee: 3 changes in 12s',
      '1a2b3c4 "Three replicas" by Ann Lee is live, healthy',
      '',
    ]);
  });
});

describe('diff', () => {
  const plan = (options: Partial<DryRun> = {}): DryRun => ({
    application: 'shop',
    commit,
    actions: [],
    unchanged: 14,
    problems: [],
    ...options,
  });
  async function diff(found: DryRun, ...argv: readonly string[]): Promise<readonly [number, string]> {
    const parts = fakeParts({ dryRun: async () => found });
    return [await run(['diff', '--repo', '.', ...argv], parts), parts.out()];
  }

  test('no changes', async () => {
    expect(await diff(plan())).toEqual([
      0,
      'Plan for shop at 1a2b3c4 "Three replicas" by Ann Lee\n\nNo changes, 14 objects as wanted\n',
    ]);
  });

  test('changes', async () => {
    const actions = [
      action({ action: 'create', name: 'api', fields: [{ path: 'spec', new: {} }] }),
      action(),
      action({ kind: 'Secret', name: 'db', effect: 'in-place', fields: [{ path: 'data.password', old: 'b2xk', new: 'bmV3' }] }),
      action({
        action: 'recreate',
        kind: 'Pod',
        name: 'job',
        effect: 'restart',
        fields: [{ path: 'spec.containers[0].image', old: 'busybox:1.35', new: 'busybox:1.36' }],
      }),
      { ...action({ action: 'delete', kind: 'ConfigMap', name: 'old', effect: '', fields: [] }), file: 'apps/old.yaml', line: 1 },
    ];
    expect(await diff(plan({ actions }))).toEqual([
      2,
      [
        'Plan for shop at 1a2b3c4 "Three replicas" by Ann Lee',
        '',
        '+ create deployment/api in shop (apps/web.yaml:3)',
        '~ update deployment/web in shop, rolling update (apps/web.yaml:3)',
        '    spec.replicas: 2 → 3',
        '~ update secret/db in shop, in-place (apps/web.yaml:3)',
        '    data.password: changed (value hidden)',
        '± recreate pod/job in shop, restart (apps/web.yaml:3)',
        '    spec.containers[0].image: "busybox:1.35" → "busybox:1.36"',
        '- delete configmap/old in shop (apps/old.yaml:1)',
        '',
        '1 to create, 3 to change, 1 to delete, 14 unchanged',
        '',
      ].join('\n'),
    ]);
  });

  test('what it costs: downtime, images, data, and where it is written', async () => {
    const fields = [{ path: 'spec.replicas', old: 2, new: 3, file: 'apps/base.yaml', line: 9 }];
    const actions = [action({ fields, downtime: 'its strategy is Recreate' })];
    const images = [
      { image: 'web:2', isPresent: false, pullBytes: 12_345_678 },
      { image: 'api:2', isPresent: false },
      { image: 'db:2' },
    ];
    const data = [
      { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'a', what: 'left', message: 'a claim goes' } as const,
    ];
    expect(await diff(plan({ actions, images, data }))).toEqual([
      2,
      [
        'Plan for shop at 1a2b3c4 "Three replicas" by Ann Lee',
        '',
        '~ update deployment/web in shop, rolling update (apps/web.yaml:3)',
        '    downtime: its strategy is Recreate',
        '    spec.replicas: 2 → 3 (apps/base.yaml:9)',
        '',
        'Images to pull:',
        '  web:2 12.3 MB',
        '  api:2 size unknown',
        '  db:2 unknown: no Docker Engine was asked',
        '',
        'Data:',
        '  a claim goes',
        '',
        '0 to create, 1 to change, 0 to delete, 14 unchanged',
        '',
      ].join('\n'),
    ]);
  });

  test('problems', async () => {
    expect(await diff(plan({ problems: [problem] }))).toEqual([
      1,
      [
        'Plan for shop at 1a2b3c4 "Three replicas" by Ann Lee',
        '',
        'apps/web.yaml:14:11 spec.replicas: must be a whole number',
        '',
        '1 problem. Nothing would be changed until they are mended.',
        '',
      ].join('\n'),
    ]);
  });

  test.each<readonly [string, DryRun, number, string]>([
    ['no changes', plan(), 0, 'no-changes'],
    ['changes', plan({ actions: [action()] }), 2, 'changes'],
    ['problems', plan({ problems: [problem] }), 1, 'invalid'],
  ])('json: %s', async (_name, found, code, outcome) => {
    const [exitCode, out] = await diff(found, '-o', 'json');
    expect([exitCode, JSON.parse(out)]).toEqual([
      code,
      { application: 'shop', commit, outcome, actions: found.actions, unchanged: 14, problems: found.problems },
    ]);
  });

  test('json: a fault is one object too', async () => {
    const parts = fakeParts({ dryRun: () => Promise.reject(new UsageFault('there is no branch "mian"')) });
    expect(await run(['reconcile', '--dry-run', '--repo', '.', '-o', 'json'], parts)).toBe(1);
    expect(JSON.parse(parts.out())).toMatchObject({ outcome: 'failed', message: 'there is no branch "mian"', commit: null });
  });

  test('--out: the plan is saved where it was asked for', async () => {
    const asked: (string | undefined)[] = [];
    const parts = fakeParts({
      dryRun: async ({ planOut }) => {
        asked.push(planOut);
        return plan({ actions: [action()] });
      },
    });
    expect([await run(['plan', '--repo', '.', '--out', 'a.plan'], parts), asked, parts.err()]).toEqual([
      2,
      ['a.plan'],
      'saved to a.plan; "holdfast reconcile --once --plan a.plan" applies exactly this\n',
    ]);
  });

  test.each([
    [['diff', '--out', 'a', '--from', 'main'], '--out saves what would change of what runs: leave --from and --to out'],
    [['reconcile', '--plan', 'a'], '--plan applies one plan and ends: add --once'],
  ])('%j', async (argv, message) => {
    const parts = fakeParts();
    expect([await run([...argv, '--repo', '.'], parts), parts.err()]).toEqual([1, `holdfast: ${message}\n`]);
  });

  test('Ctrl-C leaves', async () => {
    const parts = fakeParts({ dryRun: () => new Promise(() => {}) });
    const code = run(['diff', '--repo', '.'], parts);
    parts.interrupt();
    expect([await code, parts.out(), parts.err()]).toEqual([130, '', '']);
  });

  test('colour only in a terminal without NO_COLOR', async () => {
    const coloured = async (isTTY: boolean, env: Record<string, string>): Promise<boolean> => {
      let out = '';
      const parts = fakeParts({
        dryRun: async () => plan({ actions: [action()] }),
        env: { HOME: '/', ...env },
        stdout: { isTTY, columns: 80, write: (text) => void (out += text) },
      });
      await run(['diff', '--repo', '.'], parts);
      return out.includes('\u001b[');
    };
    expect([
      await coloured(true, {}),
      await coloured(false, {}),
      await coloured(true, { NO_COLOR: '1' }),
      await coloured(true, { TERM: 'dumb' }),
    ]).toEqual([true, false, false, false]);
  });
});
