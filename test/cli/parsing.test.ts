// What the command line takes and refuses.
import { describe, expect, test } from 'vitest';
import { defaultDataDir } from '../../src/cli/data-dir.ts';
import { nearest, parseKind } from '../../src/cli/kinds.ts';
import { type ReconcileOptions } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import { age, parseDuration, span, timeOfDayIn } from '../../src/cli/times.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { fakeParts } from '../support/fake-parts.ts';

describe('times', () => {
  test.each<readonly [string, number | undefined]>([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['500ms', 500],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['', undefined],
    ['30', undefined],
    ['s', undefined],
    ['-5s', undefined],
    ['5 m', undefined],
    ['5d', undefined],
    ['0s', undefined],
  ])('parseDuration(%j) is %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [330_000, '5m30s'],
    [720_000, '12m'],
    [3 * 3_600_000 + 60_000, '3h1m'],
    [30 * 3_600_000, '30h'],
    [52 * 3_600_000, '2d4h'],
    [20 * 86_400_000, '20d'],
    [-5_000, '0s'],
  ])('span(%d) is %s', (lengthMs, expected) => {
    expect(span(lengthMs)).toBe(expected);
  });

  test('age of nothing is unknown', () => {
    expect([age(undefined, 0), age('soon', 0)]).toEqual(['<unknown>', '<unknown>']);
  });

  test.each([
    ['UTC', '12:00:05'],
    ['Asia/Tokyo', '21:00:05'],
  ])('time of day in %s', (zone, expected) => {
    expect(timeOfDayIn(zone)('2026-01-01T12:00:05Z')).toBe(expected);
  });

  test('a time zone that only the C library knows falls back to the machine', () => {
    expect(timeOfDayIn(':/etc/localtime')('2026-01-01T12:00:05Z')).toMatch(/^\d\d:\d\d:05$/);
  });
});

describe('data folder', () => {
  test.each<readonly [Record<string, string>, number | undefined, string]>([
    [{}, 0, '/var/lib/holdfast'],
    [{ HOLDFAST_DATA_DIR: '/srv/state' }, 0, '/srv/state'],
    [{ HOME: '/home/ann' }, 1000, '/home/ann/.local/state/holdfast'],
    [{ HOME: '/home/ann', XDG_STATE_HOME: '/state' }, 1000, '/state/holdfast'],
    [{ HOME: '/home/ann', XDG_STATE_HOME: 'relative' }, 1000, '/home/ann/.local/state/holdfast'],
    [{ HOME: '/home/ann' }, undefined, '/home/ann/.local/state/holdfast'],
  ])('%j as %s is %s', (env, uid, expected) => {
    expect(defaultDataDir(env, uid)).toBe(expected);
  });

  test('without a home it must be given', () => {
    expect(() => defaultDataDir({}, 1000)).toThrow(UsageFault);
  });
});

describe('kinds', () => {
  test.each([
    ['deploy', 'Deployment'],
    ['deployments', 'Deployment'],
    ['Deployment', 'Deployment'],
    ['deployments.apps', 'Deployment'],
    ['rs', 'ReplicaSet'],
    ['po', 'Pod'],
    ['cm', 'ConfigMap'],
    ['pvc', 'PersistentVolumeClaim'],
    ['ns', 'Namespace'],
    ['app', 'Application'],
    ['no', 'Node'],
    ['svc', 'Service'],
    ['endpointslices.discovery.k8s.io', 'EndpointSlice'],
  ])('%s is %s', (text, kind) => {
    expect(parseKind(text)).toBe(kind);
  });

  test.each([
    ['hpa', 'horizontalpodautoscalers are not supported yet. Known kinds: applications, applicationrevisions, clusterroles, '],
    ['deploymnet', 'there is no kind "deploymnet". Did you mean deployment?'],
    ['gateway', 'there is no kind "gateway". Known kinds: applications, applicationrevisions, clusterroles, '],
  ])('%s is refused', (text, message) => {
    expect(() => parseKind(text)).toThrow(message);
  });

  test.each([
    ['wbe', ['web', 'api'], ['web']],
    ['web', ['web-abc', 'web-def', 'api'], ['web-abc', 'web-def']],
    ['zzz', ['web'], []],
  ])('nearest to %s', (wanted, names, expected) => {
    expect(nearest(wanted, names, 3)).toEqual(expected);
  });
});

describe('options of reconcile', () => {
  async function optionsFor(argv: readonly string[], env: Record<string, string> = {}): Promise<ReconcileOptions> {
    const seen: ReconcileOptions[] = [];
    const parts = fakeParts({
      env: { HOME: '/home/ann', ...env },
      dryRun: async (options) => {
        seen.push(options);
        return { application: 'shop', commit: undefined, actions: [], unchanged: 0, problems: [] };
      },
    });
    expect(await run(['reconcile', '--dry-run', ...argv], parts)).toBe(0);
    const [options] = seen;
    if (options === undefined) throw new Error('dryRun was not called');
    return options;
  }

  test('defaults', async () => {
    expect(await optionsFor(['--repo', '.'])).toEqual({
      repo: '.',
      path: '.',
      workingTree: false,
      cluster: 'default',
      dataDir: '/home/ann/.local/state/holdfast',
      once: true,
      intervalMs: 30_000,
      timeoutMs: 300_000,
      isTimeoutFixed: false,
      skipUnknownKinds: false,
      substitute: {},
    });
  });

  test('everything given', async () => {
    const argv = [
      '--repo',
      'https://git.example.com/shop.git',
      '--tag',
      'v1',
      '--path',
      'apps',
      '--interval',
      '10s',
      '--timeout',
      '1m',
      '--application',
      'shop',
      '--cluster',
      'blue',
      '--data-dir',
      'state',
      '--username',
      'ann',
      '--password-file',
      'pw',
      '--ca-file',
      'ca.pem',
      '--ssh-key-file',
      'key',
      '--known-hosts-file',
      'hosts',
    ];
    expect(await optionsFor(argv)).toEqual({
      repo: 'https://git.example.com/shop.git',
      tag: 'v1',
      path: 'apps',
      workingTree: false,
      intervalMs: 10_000,
      timeoutMs: 60_000,
      isTimeoutFixed: true,
      skipUnknownKinds: false,
      substitute: {},
      application: 'shop',
      cluster: 'blue',
      dataDir: 'state',
      username: 'ann',
      passwordFile: 'pw',
      caFile: 'ca.pem',
      sshKeyFile: 'key',
      knownHostsFile: 'hosts',
      once: true,
    });
  });

  test('the environment stands in', async () => {
    const env = {
      HOLDFAST_REPO: '/srv/shop',
      HOLDFAST_GIT_USERNAME: 'ann',
      HOLDFAST_GIT_PASSWORD: 'pw',
      HOLDFAST_DATA_DIR: '/state',
      HOLDFAST_CLUSTER: 'blue',
    };
    expect(await optionsFor([], env)).toMatchObject({
      repo: '/srv/shop',
      username: 'ann',
      password: 'pw',
      dataDir: '/state',
      cluster: 'blue',
    });
  });

  test.each<[string[], Record<string, string>, unknown]>([
    [['--verify-keys', 'a', '--verify-keys', 'b'], {}, { mode: 'head', keys: ['a', 'b'] }],
    [['--verify', 'all'], { HOLDFAST_VERIFY_KEYS: '/a:/b' }, { mode: 'all', keys: ['/a', '/b'] }],
    [['--verify-keys', 'a'], { HOLDFAST_VERIFY: 'all', HOLDFAST_VERIFY_KEYS: '/b' }, { mode: 'all', keys: ['a'] }],
    [[], { HOLDFAST_VERIFY: '', HOLDFAST_VERIFY_KEYS: '' }, undefined],
  ])('%j with %j verifies', async (options, env, verify) => {
    expect((await optionsFor(['--repo', '/srv/shop', ...options], env)).verify).toEqual(verify);
  });

  test('the command line wins over the environment, and one credential is enough', async () => {
    const env = {
      HOLDFAST_REPO: '/srv/shop',
      HOLDFAST_GIT_TOKEN: 'secret',
      HOLDFAST_GIT_PASSWORD: 'pw',
      HOLDFAST_CLUSTER: 'blue',
    };
    const options = await optionsFor(['--repo', '.', '--token-file', 'token', '--cluster', 'green'], env);
    expect([options.repo, options.cluster, options.tokenFile, options.token, options.password]).toEqual([
      '.',
      'green',
      'token',
      undefined,
      undefined,
    ]);
    const { token, password } = await optionsFor([], env);
    expect([token, password]).toEqual(['secret', undefined]);
  });
});

describe('usage errors are one line and exit 1', () => {
  test.each<readonly [string, readonly string[], string]>([
    [
      'no repository',
      ['diff'],
      'which repository? Give --repo, for example --repo . or --repo https://git.example.com/shop.git, or set HOLDFAST_REPO',
    ],
    [
      'two revisions',
      ['diff', '--repo', '.', '--branch', 'a', '--tag', 'b'],
      "option '--branch <name>' cannot be used with option '--tag <name>'",
    ],
    [
      'commit and tag',
      ['diff', '--repo', '.', '--commit', '1a2b3c4', '--tag', 'b'],
      "option '--tag <name>' cannot be used with option '--commit <hash>'",
    ],
    [
      'working tree and branch',
      ['diff', '--repo', '.', '--branch', 'a', '--working-tree'],
      "option '--branch <name>' cannot be used with option '--working-tree'",
    ],
    [
      'bad duration',
      ['reconcile', '--interval', '30'],
      "option '--interval <time>' argument '30' is invalid. Write a time such as 500ms, 30s, 5m or 1h.",
    ],
    [
      'bad commit',
      ['diff', '--commit', 'HEAD'],
      "option '--commit <hash>' argument 'HEAD' is invalid. Give the hash of a commit, for example 1a2b3c4.",
    ],
    [
      'bad cluster',
      ['status', '--cluster', 'Blue_1'],
      "option '--cluster <name>' argument 'Blue_1' is invalid. Use up to 63 lower-case letters, digits and hyphens, for example \"shop\".",
    ],
    [
      'bad output',
      ['status', '-o', 'xml'],
      "option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are text, json.",
    ],
    ['unknown option', ['diff', '--brnach', 'a'], "unknown option '--brnach'. Did you mean --branch?"],
    ['unknown command', ['reconsile'], "unknown command 'reconsile'. Did you mean reconcile?"],
    ['too many arguments', ['diff', 'x'], "too many arguments for 'diff'. Expected 0 arguments but got 1."],
    [
      'json of a run without an end',
      ['reconcile', '--repo', '.', '-o', 'json'],
      '--output json prints how one run ended: add --once or --dry-run',
    ],
    ['bad target', ['why', '/web'], '"/web" is not KIND/NAME, for example holdfast why deployment/web'],
  ])('%s', async (_name, argv, message) => {
    const parts = fakeParts();
    expect(await run(argv, parts)).toBe(1);
    expect([parts.out(), parts.err()]).toEqual(['', `holdfast: ${message}\n`]);
  });
});

describe('help and version', () => {
  test('version', async () => {
    const parts = fakeParts();
    expect(await run(['--version'], parts)).toBe(0);
    expect(parts.out()).toBe('1.2.3\n');
  });

  test('every command has help with an example', async () => {
    for (const command of ['reconcile', 'diff', 'validate', 'status', 'why', 'history', 'get', 'logs', 'exec']) {
      const parts = fakeParts();
      expect(await run([command, '--help'], parts)).toBe(0);
      expect(parts.out()).toMatch(new RegExp(`Examples?:\\n  holdfast ${command}`));
    }
  });
});

describe('our own mistakes', () => {
  test.each<readonly [string, Record<string, string>, RegExp]>([
    ['are one line', {}, /^holdfast: unexpected error: boom \(HOLDFAST_DEBUG=1 shows where\)\n$/],
    ['show the stack on demand', { HOLDFAST_DEBUG: '1' }, /^holdfast: Error: boom\n {4}at /],
  ])('%s', async (_name, env, expected) => {
    const parts = fakeParts({ env: { HOME: '/home/ann', ...env }, openStore: () => Promise.reject(new Error('boom')) });
    expect(await run(['status'], parts)).toBe(1);
    expect(parts.err()).toMatch(expected);
  });
});
