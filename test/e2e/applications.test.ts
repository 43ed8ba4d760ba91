// Applications as their users write them for Kubernetes (the manifests are in applications/), all in one repository: a web server, a cache, a
// database with its migration and backup, a node agent, and a team's namespace with rules. First they run; then their users make mistakes.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callEngine, hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { ensureApplicationImage } from '../../scripts/images.mjs';
import { clusterContainers, clusterVolumes, runningContainers, type SeenContainer } from '../support/e2e-engine.ts';
import { type Inside, lookInside } from '../support/e2e-inside.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import { freePort, type Registry, startRegistry } from '../support/registry.ts';

const MANIFESTS = fileURLToPath(new URL('applications', import.meta.url));
const IMAGES = ['nginx', 'redis', 'postgres'] as const;
/** Of one run of the command: the machine may be busy, and images may have to be made first. */
const DEADLINE_MS = 180_000;

let at: Scene;
let registry: Registry;
let port: number;
let originals: Readonly<Record<string, string>>;
let first: Awaited<ReturnType<Scene['once']>>;

beforeAll(async () => {
  const references: string[] = [];
  for (const name of IMAGES) references.push(await ensureApplicationImage(name));
  registry = await startRegistry();
  at = await scene('applications');
  port = await freePort();
  originals = await manifests(references);
  await at.repo.commit(originals, 'Everything');
  first = await at.once(['--timeout', '150s'], { deadlineMs: DEADLINE_MS });
}, 400_000);
afterAll(async () => {
  await at.close();
  await registry.close();
});

/** The files, with the images that are there for the ones that users name, and a port of the host that is free. */
async function manifests(references: readonly string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await readdir(MANIFESTS)) {
    const text = await readFile(join(MANIFESTS, name), 'utf8');
    files[name] = text.replaceAll('value: "5432"', `value: "${port}"`).replace('hostPort: 5432', `hostPort: ${port}`);
  }
  const images = IMAGES.map((name, index) => {
    const [newName, newTag] = references[index]?.split(':') ?? [];
    return `  - name: ${name}\n    newName: ${newName}\n    newTag: ${newTag}\n`;
  });
  files['kustomization.yaml'] += `images:\n${images.join('')}`;
  return files;
}

/** A file of the repository as it is at first, with one part of its text replaced. */
function edited(file: string, ...changes: readonly (readonly [string, string])[]): Record<string, string> {
  let text = originals[file] ?? '';
  for (const [from, to] of changes) {
    expect(text, `${file} has`).toContain(from);
    text = text.replace(from, () => to);
  }
  return { [file]: text };
}

/** From 1. */
function lineOf(file: string, text: string, files: Readonly<Record<string, string>> = originals): number {
  return (files[file] ?? '').split('\n').findIndex((line) => line.includes(text)) + 1;
}

const podsOf = (containers: readonly SeenContainer[], prefix: string): string[] => [
  ...new Set(containers.map(({ pod }) => pod).filter((pod) => pod.startsWith(prefix))),
];

async function said(...args: string[]): Promise<string> {
  const { stdout, stderr } = await at.holdfast(args);
  return `${stdout}${stderr}`.trimEnd();
}

/** What a shell in a container prints. */
async function shell(namespace: string, target: string, script: string): Promise<string> {
  return (await at.ask(['exec', target, '-n', namespace, '--', 'sh', '-c', script])).stdout.trim();
}
const redis = (ordinal: number, ...words: string[]): Promise<string> =>
  shell('data', `redis-${ordinal}`, `redis-cli ${words.join(' ')}`);
const query = (sql: string): Promise<string> => shell('data', 'database-0', `psql -h /tmp -U shop -d postgres -Atc "${sql}"`);

async function live(files: Record<string, string>): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once(['--timeout', '120s'], { deadlineMs: DEADLINE_MS });
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}

describe('they run', () => {
  let inside: Inside;
  beforeAll(async () => {
    inside = await lookInside(at.cluster);
  });

  test('all of them at once, each as often as it says', async () => {
    expect({ exitCode: first.exitCode, outcome: first.outcome, stderr: first.stderr }).toMatchObject({
      exitCode: 0,
      outcome: { outcome: 'live' },
    });
    const running = await runningContainers(at.cluster);
    const counts = ['web-', 'workers-', 'redis-', 'database-', 'node-agent-'].map((name) => podsOf(running, name).length);
    expect(counts).toEqual([2, 10, 3, 1, 1]);
    expect(await said('get', 'pods', '-n', 'data')).toMatch(/migrate-1-\w+ +0\/1 +Completed +0/);
  });

  test('a second pass writes nothing', async () => {
    const before = await at.engine();
    expect(await at.once([], { deadlineMs: DEADLINE_MS })).toMatchObject({
      exitCode: 0,
      outcome: { outcome: 'live', actions: [] },
    });
    expect(await at.engine()).toEqual(before);
  });

  test('nginx serves the site of a ConfigMap, as a user without rights and without a disk to write to', async () => {
    const [pod = ''] = podsOf(await runningContainers(at.cluster), 'web-');
    expect(await inside.run(pod, 'wget -qO- http://127.0.0.1:8080/', 'nginx')).toBe('<h1>Welcome</h1>');
    expect(await inside.run(pod, 'wget -qO- http://127.0.0.1:8080/healthz', 'nginx')).toBe('ok');
    expect(await inside.run(pod, 'id -u; id -G', 'nginx')).toBe('101\n101');
    expect(await inside.run(pod, 'touch /etc/x', 'nginx')).toContain('Read-only file system');
    expect(await inside.run(pod, 'touch /tmp/x /var/cache/nginx/x && grep " /tmp " /proc/mounts', 'nginx')).toMatch(
      /tmpfs.*size=16384k/,
    );
    const { Config, HostConfig } = await inside.inspect(pod, 'nginx');
    expect(Config).toMatchObject({ User: '101:101' });
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      Memory: 64 * 2 ** 20,
      SecurityOpt: expect.arrayContaining(['no-new-privileges']),
    });
    expect(await said('get', 'pods', '-n', 'team')).toMatch(new RegExp(`${pod} +1/1 +Running +0`));
  });

  test("a team's namespace gives defaults and counts what is used", async () => {
    const [pod = ''] = podsOf(await runningContainers(at.cluster), 'workers-');
    expect((await inside.inspect(pod, 'worker')).HostConfig).toMatchObject({ Memory: 64 * 2 ** 20 });
    expect(await said('get', 'quota', '-n', 'team')).toMatch(/pods: 12\/20, requests.cpu: 140m\/1, requests.memory: 192Mi\/1Gi/);
    expect(await said('get', 'pod', pod, '-n', 'team', '-o', 'yaml')).toContain('LimitRanger plugin set: cpu, memory request');
  });

  test('the database was prepared by its init container, in a claim that its group owns', async () => {
    expect(await said('logs', 'database-0', '-n', 'data', '-c', 'prepare')).toContain('made a new database');
    const data = '/var/lib/postgresql/data';
    expect(await inside.run('database-0', `stat -c '%u %g %a' ${data}/pgdata; stat -c '%g %A' ${data}`, 'postgres')).toMatch(
      /^999 999 2?700\n999 d.....s...$/,
    );
    expect(await inside.run('database-0', 'ls /run/secrets 2>&1', 'postgres')).not.toContain('database');
    expect((await inside.inspect('database-0', 'postgres')).Config).toMatchObject({ User: '999:999' });
  });

  test('the migration ran once, after the database was there', async () => {
    expect(await said('logs', 'job/migrate-1', '-n', 'data')).toBe('CREATE TABLE\nINSERT 0 2');
    expect(await query('SELECT item FROM orders ORDER BY id')).toBe('tea\ncoffee');
    expect(await said('get', 'jobs', '-n', 'data')).toMatch(/migrate-1 +Complete +1\/1/);
  });

  test("the sidecar ships the database's log", async () => {
    await until(
      'the statement of the migration is shipped',
      () => said('logs', 'database-0', '-n', 'data', '-c', 'ship-logs'),
      (text) => text.includes('statement: CREATE TABLE orders'),
    );
    expect(await said('get', 'pods', '-n', 'data')).toMatch(/database-0 +2\/2 +Running/);
  });

  test('the node agent sees the host: its network, its processes, its /proc', async () => {
    const [pod = ''] = podsOf(await runningContainers(at.cluster), 'node-agent-');
    const { HostConfig } = await inside.inspect(pod, 'agent');
    expect(HostConfig).toMatchObject({ PidMode: 'host', ReadonlyRootfs: true });
    expect((await inside.inspect(pod, '_sandbox')).HostConfig).toMatchObject({ NetworkMode: 'host' });
    expect(await inside.run(pod, 'cat /host/proc/1/comm', 'agent')).toBe((await readFile('/proc/1/comm', 'utf8')).trim());
    expect(await inside.run(pod, 'cat /proc/1/comm', 'agent')).toBe((await readFile('/proc/1/comm', 'utf8')).trim());
    expect(await said('logs', 'ds/node-agent', '-n', 'monitoring')).toMatch(/: load [\d.]+, \d+ processes/);
    expect(await said('get', 'ds', '-A')).toMatch(/monitoring +node-agent +1 +1 +1 +1 +1/);
  });
});

describe('they change', () => {
  test('a new page is served by the pods that are there', { timeout: DEADLINE_MS }, async () => {
    const before = await runningContainers(at.cluster, 'web-');
    await live(edited('web.yaml', ['<h1>Welcome</h1>', '<h1>Sale</h1>']));
    await until(
      'the new page',
      () => shell('team', 'deploy/web', 'wget -qO- http://127.0.0.1:8080/'),
      (page) => page === '<h1>Sale</h1>',
    );
    expect(await runningContainers(at.cluster, 'web-')).toEqual(before);
  });

  test('what redis keeps survives a rollout, and a pod that was scaled away finds its data again', {
    timeout: DEADLINE_MS,
  }, async () => {
    for (const ordinal of [0, 1, 2]) expect(await redis(ordinal, 'set', 'who', `redis-${ordinal}`)).toBe('OK');
    const before = await runningContainers(at.cluster, 'redis-');
    const volumes = await clusterVolumes(at.cluster);
    const verbose = ['"--loglevel", "notice"', '"--loglevel", "verbose"'] as const;

    await live(edited('redis.yaml', verbose));
    const after = await runningContainers(at.cluster, 'redis-');
    expect(podsOf(after, 'redis-').toSorted()).toEqual(['redis-0', 'redis-1', 'redis-2']);
    expect(after.filter(({ id }) => before.some((old) => old.id === id))).toEqual([]);
    for (const ordinal of [0, 1, 2]) expect(await redis(ordinal, 'get', 'who')).toBe(`redis-${ordinal}`);
    expect(await redis(1, 'config', 'get', 'loglevel')).toBe('loglevel\nverbose');

    await live(edited('redis.yaml', verbose, ['replicas: 3', 'replicas: 2']));
    expect(podsOf(await clusterContainers(at.cluster), 'redis-').toSorted()).toEqual(['redis-0', 'redis-1']);
    expect((await clusterVolumes(at.cluster)).filter((name) => name.includes('data-redis'))).toEqual(
      volumes.filter((name) => name.includes('data-redis')),
    );
    await live(edited('redis.yaml', verbose));
    expect(await redis(2, 'get', 'who')).toBe('redis-2');
  });

  test('a backup is made when its time comes, from a database whose container was killed meanwhile', {
    timeout: DEADLINE_MS,
  }, async () => {
    const controller = at.controller();
    const database = (await runningContainers(at.cluster, 'database-')).find(({ container }) => container === 'postgres');
    await callEngine(hostOfEnvironment(), 'POST', `/containers/${database?.id}/kill`);
    await at.untilRunning('the database is back', 'database-', (seen) =>
      seen.some(({ container, id }) => container === 'postgres' && id !== database?.id),
    );
    const everyMinute = edited('backup.yaml', ['"30 2 * * *"', '"* * * * *"']);
    await at.untilLive(await at.repo.commit(everyMinute, 'Back up now'), DEADLINE_MS);
    await until(
      'a backup',
      () => said('get', 'jobs', '-n', 'data'),
      (text) => /backup-\d+ +Complete +1\/1/.test(text),
      {
        timeoutMs: DEADLINE_MS,
      },
    );
    await at.untilLive(await at.repo.commit({ 'backup.yaml': originals['backup.yaml'] ?? '' }, 'At night'), DEADLINE_MS);
    await at.stop(controller);
    expect(await query('SELECT count(*) FROM orders')).toBe('2');
    expect(await said('logs', 'cronjob/backup', '-n', 'data')).toMatch(/kept \d+ lines/);
    const dump = (await clusterContainers(at.cluster)).find(({ container }) => container === 'dump');
    const file = await callEngine(hostOfEnvironment(), 'GET', `/containers/${dump?.id}/archive?path=/backups/orders.sql`);
    expect(file.body.toString()).toContain('1\ttea\n2\tcoffee\n');
  });
});

interface Mistake {
  readonly files: () => Record<string, string>;
  readonly timeout?: string;
  readonly outcome: string;
  /** Where the first problem is: the file, and a text of the line in it. */
  readonly place: readonly [string, string];
  /** What it says. */
  readonly message: RegExp;
  /** What `holdfast why` is asked, and how many lines of all have to be there. */
  readonly why: readonly string[];
}

const SCRIPT = 'command: [sh, -c, "trap \'exit 0\' TERM; while :; do sleep 3600 & wait $!; done"]';

describe('their users make mistakes: what ran goes on untouched, and the reason is told', () => {
  beforeAll(async () => {
    await live(originals);
  }, DEADLINE_MS);

  test.each<[string, Mistake]>([
    [
      'an image tag that does not exist',
      {
        files: () => edited('web.yaml', ['image: nginx:1.27', `image: ${registry.address}/nginx:1.99`]),
        timeout: '5s',
        outcome: 'preflight-failed',
        place: ['web.yaml', 'image: '],
        message: /image \S+\/nginx:1\.99: cannot pull .*(not found|unknown)/,
        why: ['deployment/web', '-n', 'team'],
      },
    ],
    [
      'a Secret under a wrong name',
      {
        files: () => edited('backup.yaml', ['name: database', 'name: databse']),
        outcome: 'preflight-failed',
        place: ['backup.yaml', 'name: databse'],
        message: /Secret "databse" is not declared in namespace "data"\. Did you mean "database"\?/,
        why: ['cronjob/backup', '-n', 'data'],
      },
    ],
    [
      'a key that its Secret does not have',
      {
        files: () => edited('database.yaml', ['key: username', 'key: user']),
        outcome: 'preflight-failed',
        place: ['database.yaml', 'key: user'],
        message: /Secret "database" has no key "user"/,
        why: ['statefulset/database', '-n', 'data'],
      },
    ],
    [
      'an init container that fails',
      {
        files: () =>
          edited('web.yaml', [
            '      containers:\n',
            `      initContainers:
        - name: fetch-site
          image: busybox:1.36
          command: [sh, -c, "echo cannot reach the server; exit 3"]
          terminationMessagePolicy: FallbackToLogsOnError
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
      containers:
`,
          ]),
        timeout: '15s',
        outcome: 'rolled-back',
        place: ['web.yaml', 'apiVersion: apps/v1'],
        message:
          /deployment\/web in team: pod web-\S+, container fetch-site: .*; last exit code 3 \(Error\): cannot reach the server/,
        why: ['deployment/web', '-n', 'team'],
      },
    ],
    [
      'a migration that fails',
      {
        files: () => edited('migrate.yaml', ['name: migrate-1', 'name: migrate-2'], ['backoffLimit: 2', 'backoffLimit: 0']),
        outcome: 'rolled-back',
        place: ['migrate.yaml', 'apiVersion: batch/v1'],
        message:
          /job\/migrate-2 in data: BackoffLimitExceeded: .*pod migrate-2-\w+, Failed, container migrate: .*relation "orders" already exists/,
        why: ['job/migrate-1', '-n', 'data'],
      },
    ],
    [
      'a liveness probe that asks for a page that is not there',
      {
        files: () =>
          edited('web.yaml', [
            'livenessProbe:\n            httpGet:\n              path: /healthz',
            'livenessProbe:\n            httpGet:\n              path: /healtz',
          ]),
        outcome: 'rolled-back',
        place: ['web.yaml', 'apiVersion: apps/v1'],
        message:
          /deployment\/web in team: pod web-\S+, container nginx: .*; Liveness probe failed: HTTP probe failed with statuscode: 404/,
        why: ['deployment/web', '-n', 'team'],
      },
    ],
    [
      'more processors than the host has',
      {
        files: () =>
          edited('redis.yaml', [
            '          ports:',
            '          resources:\n            requests:\n              cpu: 640\n          ports:',
          ]),
        timeout: '5s',
        outcome: 'preflight-failed',
        place: ['redis.yaml', 'apiVersion: apps/v1'],
        message: /statefulset\/redis in data: .* no place: .*1 Insufficient cpu/,
        why: ['statefulset/redis', '-n', 'data'],
      },
    ],
    [
      "more processors than the team's quota has",
      {
        files: () => edited('web.yaml', ['cpu: 20m', 'cpu: 900m']),
        outcome: 'preflight-failed',
        place: ['web.yaml', '    spec:'],
        message: /exceeded quota: team, requested: requests\.cpu=1800m, .*limited: requests\.cpu=1/,
        why: ['deployment/web', '-n', 'team'],
      },
    ],
    [
      'more rights than the namespace allows',
      {
        files: () => edited('workers.yaml', ['              drop: [ALL]', '              add: [NET_ADMIN]']),
        outcome: 'preflight-failed',
        place: ['workers.yaml', '    spec:'],
        message: /violates PodSecurity "restricted:latest": unrestricted capabilities \(container "worker" must .*"NET_ADMIN"/,
        why: ['deployment/workers', '-n', 'team'],
      },
    ],
    [
      'a field that there is not',
      {
        files: () => edited('workers.yaml', [SCRIPT, SCRIPT.replace('command', 'comand')]),
        outcome: 'invalid',
        place: ['workers.yaml', 'comand:'],
        message: /unknown field.*Did you mean "command"/,
        why: ['deployment/workers', '-n', 'team'],
      },
    ],
  ])('%s', { timeout: DEADLINE_MS }, async (what, { files, timeout = '60s', outcome, place: [file, text], message, why }) => {
    const before = await at.engine();
    const changed = files();
    const commit = await at.repo.commit({ ...originals, ...changed }, what);
    const result = await at.once(['--timeout', timeout], { deadlineMs: DEADLINE_MS });
    expect({ exitCode: result.exitCode, outcome: result.outcome.outcome, message: result.outcome.message }).toEqual({
      exitCode: 1,
      outcome,
      message: expect.stringMatching(message),
    });
    const place = { file, line: lineOf(file, text, { ...originals, ...changed }) };
    expect(result.outcome.problems).toContainEqual(
      expect.objectContaining({ ...place, message: expect.stringMatching(message) }),
    );
    expect(await at.engine()).toEqual(before);
    const told = await said('why', ...why);
    expect(told).toContain(`${why[0]} in ${why[2]} is healthy`);
    expect(told).toContain(commit.slice(0, 7));
    expect(told).toMatch(message);
  });

  test('a claim of a class that nobody declares gets a volume all the same, and a note says so', {
    timeout: DEADLINE_MS,
  }, async () => {
    const archive = `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: archive
  namespace: data
spec:
  storageClassName: gp3
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
`;
    await live({
      ...originals,
      ...edited('kustomization.yaml', ['  - web.yaml', '  - web.yaml\n  - archive.yaml']),
      'archive.yaml': archive,
    });
    expect(await said('why', 'pvc/archive', '-n', 'data')).toContain('StorageClassMapped: StorageClass "gp3" is not declared');
  });
});
