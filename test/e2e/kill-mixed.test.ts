// The controller is killed again and again at moments that a seed decides, in the middle of everything at once: rollouts of every sort of
// workload, Jobs, claims, changed ConfigMaps, objects that a commit takes away. What came of it is as if it had never been killed.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStoreForReading } from '../../src/installation/data-folder.ts';
import { ATTEMPT_LABEL, CLUSTER_LABEL, CONTAINER_LABEL, POD_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { BUSYBOX, byHand } from '../support/docker.ts';
import type { RunningCommand } from '../support/e2e-command.ts';
import { lookInside } from '../support/e2e-inside.ts';
import { claim, configMap, deployment, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds, seededRandom } from '../support/seeded-ids.ts';

const KILLS = 50;
/** The version from which on a claim and its user are gone. */
const PRUNING_VERSION = 4;
/** A version brings Jobs, and this many versions after it keep them. */
const KEPT_VERSIONS = 2;
/** A commit that is not live after so many kills is overtaken by the next one. */
const MAX_KILLS_PER_VERSION = 10;
const LOOK_AGAIN_MS = 10;
/** A run is killed after so many steps at most, in the middle of what follows; */
const MAX_STEPS = 90;
const MAX_DELAY_MS = 100;
/** or so soon that it has hardly begun; */
const EARLY_CHANCE = 0.1;
const EARLY_MS = 600;
/** or when it has done nothing for so long, because it rests or waits; */
const REST_MS = 2_000;
/** or when it has worked for so long. */
const MAX_RUN_MS = 4_000;

let at: Scene;
beforeEach(async () => {
  at = await scene('mixed', { env: { HOLDFAST_NETWORK: 'auto' } });
});
afterEach(async () => {
  await at.close();
});

const mount = (name: string, mountPath: string): object => ({ name, mountPath });
const volumeOf = (claimName: string): object => ({ name: claimName, persistentVolumeClaim: { claimName } });

/** Adds a line to the ledger when it runs, then does the rest. */
const entry = (rest: string): string[] => [
  'sh',
  '-c',
  `echo "$JOB $\{JOB_COMPLETION_INDEX:--} $(hostname)" >> /ledger/runs; ${rest}`,
];

function jobSpec(rest: string, { spec = {}, restartPolicy = 'Never' }: { spec?: object; restartPolicy?: string } = {}): object {
  const jobName = { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } };
  const container = {
    name: 'main',
    image: BUSYBOX,
    command: entry(rest),
    env: [{ name: 'JOB', valueFrom: jobName }],
    volumeMounts: [mount('ledger', '/ledger')],
  };
  const pod = { restartPolicy, terminationGracePeriodSeconds: 1, containers: [container], volumes: [volumeOf('ledger')] };
  return { template: { spec: pod }, ...spec };
}
const job = (name: string, spec: object): object => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec });

/** Jobs that a version brings. */
const jobsOf = (version: number): readonly object[] => [
  job(`plain-${version}`, jobSpec('sleep 0.3', { spec: { completions: 3, parallelism: 2 } })),
  job(`parts-${version}`, jobSpec('sleep 0.5', { spec: { completionMode: 'Indexed', completions: 4, parallelism: 2 } })),
  job(`brief-${version}`, jobSpec('sleep 0.1', { spec: { ttlSecondsAfterFinished: 1 } })),
];

/** All Jobs of the commit of a version. */
function jobsIn(version: number): readonly object[] {
  const failOnce = `if [ ! -e /ledger/failed-$JOB ]; then touch /ledger/failed-$JOB; exit 1; fi`;
  const first = Math.max(1, version - KEPT_VERSIONS);
  return [
    ...Array.from({ length: version - first + 1 }, (_, index) => jobsOf(first + index)).flat(),
    job('replaced', jobSpec(failOnce)),
    job('restarted', jobSpec(failOnce, { restartPolicy: 'OnFailure' })),
  ];
}

function statefulSet(version: number, replicas: number): object {
  const data = { metadata: { name: 'data' }, spec: (claim('data') as { spec: object }).spec };
  const container = { env: [{ name: 'VERSION', value: `${version}` }], volumeMounts: [mount('data', '/data')] };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: podSpec({ script: 'echo "$(hostname) $VERSION" >> /data/runs', container }),
      },
      volumeClaimTemplates: [data],
    },
  };
}

/** What a version commits. The last one starts nothing by itself any more. */
function files(version: number, isLast: boolean): Record<string, string | null> {
  const env = [{ name: 'VERSION', value: `${version}` }];
  const words = { name: 'words', configMap: { name: 'words' } };
  const web = deployment('web', {
    replicas: 4,
    container: { env, volumeMounts: [mount('words', '/words'), mount('scratch', '/scratch')] },
    pod: { volumes: [words, { name: 'scratch', emptyDir: {} }] },
    spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
  });
  const writer = (name: string, claimName: string): object =>
    deployment(name, {
      script: `echo "${name} $VERSION" >> /data/runs`,
      container: { env, volumeMounts: [mount(claimName, '/data')] },
      pod: { volumes: [volumeOf(claimName)] },
      spec: { strategy: { type: 'Recreate' } },
    });
  // Never changed, so never touched; what it mounts follows all the same.
  const steady = deployment('steady', {
    replicas: 2,
    container: { volumeMounts: [mount('words', '/words'), mount('ledger', '/ledger')] },
    pod: { volumes: [words, volumeOf('ledger')] },
  });
  const cronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: {
      // Times of one minute share the name of their Job: there is one at most.
      schedule: '@every 1s',
      concurrencyPolicy: 'Forbid',
      suspend: isLast,
      jobTemplate: { spec: jobSpec('sleep 0.2') },
    },
  };
  return {
    'claims.yaml': yaml(claim('ledger'), claim('kept')),
    'web.yaml': yaml(web, configMap('words', { text: `${version}` })),
    'steady.yaml': yaml(steady),
    'data.yaml': yaml(writer('keeper', 'kept'), statefulSet(version, isLast || version % 2 === 0 ? 3 : 2)),
    // Taken away by a later version: what it wrote stays.
    'former.yaml': version < PRUNING_VERSION ? yaml(claim('left'), writer('former', 'left')) : null,
    'jobs.yaml': yaml(cronJob, ...jobsIn(version)),
  };
}

/** One container, as one listing shows it: nothing is looked at later than the rest. */
interface Listed {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}
interface Volume {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
}

const ofCluster = (): string => encodeURIComponent(JSON.stringify({ label: [`${CLUSTER_LABEL}=${at.cluster}`] }));
/** Those of pods; the node has its own. */
const containers = async (): Promise<readonly Listed[]> =>
  ((await byHand('GET', `/containers/json?all=1&filters=${ofCluster()}`)) as Listed[]).filter(
    ({ Labels }) => Labels[POD_LABEL] !== undefined,
  );
const volumes = async (): Promise<readonly Volume[]> =>
  ((await byHand('GET', `/volumes?filters=${ofCluster()}`)) as { Volumes: Volume[] | null }).Volumes ?? [];
/** Docker volumes that hold data of claims. */
const claimVolumes = async (): Promise<readonly string[]> =>
  (await volumes()).filter(({ Labels }) => Labels[ROLE_LABEL] === 'claim').map(({ Name }) => Name);

const slotOf = ({ Labels }: Listed): string => `${Labels[POD_LABEL]}/${Labels[CONTAINER_LABEL] ?? Labels[ROLE_LABEL]}`;
const running = (all: readonly Listed[]): readonly Listed[] => all.filter(({ State }) => State === 'running');
const sorted = (names: Iterable<string>): string[] => [...names].toSorted();

/** What must be so at every moment, looked at while no controller runs. */
class Invariants {
  readonly #steady = new Map<string, string>();
  readonly #volumes = new Set<string>();
  /** What pods wrote to their claims. */
  readonly #written = new Map<string, string>();

  async check(): Promise<readonly string[]> {
    const all = await containers();
    const slots = running(all).map(slotOf);
    const doubled = slots.filter((slot, index) => slots.indexOf(slot) !== index);
    const alive = running(all).filter(({ Labels }) => Labels[POD_LABEL]?.startsWith('steady-'));
    for (const each of alive) if (!this.#steady.has(slotOf(each))) this.#steady.set(slotOf(each), each.Id);
    const touched = [...this.#steady].filter(([, id]) => !alive.some(({ Id }) => Id === id));
    const now = await claimVolumes();
    const lost = [...this.#volumes].filter((name) => !now.includes(name));
    for (const name of now) this.#volumes.add(name);
    return [
      ...doubled.map((slot) => `${slot} runs twice`),
      ...touched.map(([slot]) => `${slot} was touched`),
      ...lost.map((name) => `volume ${name} was lost`),
    ];
  }

  /** What is written is only ever added to. */
  async checkData(): Promise<readonly string[]> {
    const inside = await lookInside(at.cluster);
    const faults: string[] = [];
    for (const each of running(await containers())) {
      const { [POD_LABEL]: pod = '', [ROLE_LABEL]: role } = each.Labels;
      const [, app = ''] = /^(db-\d|keeper|former|steady)/.exec(pod) ?? [];
      if (role !== 'container' || app === '') continue;
      const text = await inside.run(pod, `cat /${app === 'steady' ? 'ledger' : 'data'}/runs 2> /dev/null`);
      const before = this.#written.get(app) ?? '';
      if (!text.startsWith(before)) faults.push(`${app} had written "${before}", and there is "${text}"`);
      this.#written.set(app, text);
    }
    return faults;
  }
}

/** The store, read behind the controller's back. */
function store(): StoreReader {
  const open = openStoreForReading(at.dataDir, new FakeClock(), seededIds(1));
  if (open === undefined) throw new Error('there is no store');
  return open;
}

const isLive = (commit: string): boolean => store().list('Application')[0]?.status?.lastGood?.id === commit;

/** How far it all is, for whoever has to find out why it went wrong. */
function progress(): string {
  const { attempt, lastGood } = store().list('Application')[0]?.status ?? {};
  const jobs = store().list('Job');
  const done = jobs.filter(({ status }) => status?.completionTime !== undefined);
  const phase = attempt === undefined ? 'nothing to do' : `${attempt.phase} "${attempt.commit.subject}"`;
  const pods = store().list('Pod').length;
  return `${phase}, live is "${lastGood?.subject ?? ''}", ${pods} pods, ${done.length} of ${jobs.length} Jobs done`;
}

const isOver = ({ status }: StoredOf<'Pod'>): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** What the engine holds that no pod accounts for, and what pods lack. */
async function discrepancies(): Promise<readonly string[]> {
  const pods = new Map(
    store()
      .list('Pod')
      .map((pod) => [pod.metadata.uid, pod]),
  );
  const all = await containers();
  const stray = [...all, ...(await volumes()).filter(({ Labels }) => Labels[ROLE_LABEL] === 'pod')]
    .filter(({ Labels }) => !pods.has(Labels[POD_UID_LABEL] ?? ''))
    .map(({ Labels }) => `something of pod ${Labels[POD_LABEL]} is left`);
  const lacking = [...pods.values()].flatMap((pod) => {
    const { name, uid } = pod.metadata;
    const has = sorted(
      running(all)
        .filter(({ Labels }) => Labels[POD_UID_LABEL] === uid)
        .map(slotOf),
    );
    const wants = isOver(pod) ? [] : sorted([`${name}/main`, `${name}/sandbox`]);
    return String(has) === String(wants) ? [] : [`pod ${name} runs ${has.join(', ')}`];
  });
  return [...stray, ...lacking];
}

/** Lines of the ledger by Job: which index and which pod. */
function byJob(ledger: string): ReadonlyMap<string, readonly { readonly index: string; readonly pod: string }[]> {
  const jobs = new Map<string, { index: string; pod: string }[]>();
  for (const line of ledger.split('\n')) {
    const [name = '', index = '', pod = ''] = line.split(' ');
    jobs.set(name, [...(jobs.get(name) ?? []), { index, pod }]);
  }
  return jobs;
}

/** Every Job has run as often as it should have, and no pod of it twice. Of versions that were overtaken no more than that. */
function expectRunOnce(ledger: string, versions: number, live: ReadonlySet<number>): void {
  const jobs = byJob(ledger);
  const runs = (name: string): readonly { index: string; pod: string }[] => jobs.get(name) ?? [];
  const pods = (name: string): number => new Set(runs(name).map(({ pod }) => pod)).size;
  const indexes = (name: string): string[] => sorted(runs(name).map(({ index }) => index));
  for (let version = 1; version <= versions; version += 1) {
    const [plain, parts, brief] = [`plain-${version}`, `parts-${version}`, `brief-${version}`];
    const done = { version, plain: runs(plain).length, parts: indexes(parts), brief: runs(brief).length };
    const isWhole = live.has(version) || version >= versions - KEPT_VERSIONS;
    const whole = { version, plain: 3, parts: ['0', '1', '2', '3'], brief: 1 };
    expect(isWhole ? done : whole).toEqual(whole);
    expect({ plain, isOften: done.plain > 3 }).toEqual({ plain, isOften: false });
    expect({ brief, isOften: done.brief > 1 }).toEqual({ brief, isOften: false });
    expect({ parts, indexes: done.parts }).toEqual({ parts, indexes: [...new Set(done.parts)] });
    expect({ plain, pods: pods(plain) }).toEqual({ plain, pods: done.plain });
  }
  expect({ pods: pods('replaced'), runs: runs('replaced').length }).toEqual({ pods: 2, runs: 2 });
  expect({ pods: pods('restarted'), runs: runs('restarted').length }).toEqual({ pods: 1, runs: 2 });
  const ticks = [...jobs.keys()].filter((name) => name.startsWith('tick-'));
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks.filter((name) => runs(name).length > 1)).toEqual([]);
}

/** Versions that wrote themselves down, in order and each once: the data was never lost, and nothing ran twice. */
function expectHistory(text: string, who: string, last: number): void {
  const versions = text.split('\n').map((line) => Number(line.replace(`${who} `, '')));
  expect({ who, versions }).toEqual({ who, versions: [...new Set(versions)].toSorted((a, b) => a - b) });
  expect({ who, last: versions.at(-1) }).toEqual({ who, last });
}

/** Resolves when the controller has logged so many steps, or when it is time to go anyway. */
async function hasWorked(controller: RunningCommand, steps: number): Promise<void> {
  await controller.untilSays(/./);
  const begunMs = Date.now();
  let [length, sinceMs] = [0, begunMs];
  while (!controller.hasEnded) {
    const { stderr } = controller;
    if ((stderr.match(/"msg":"(pod step|action)"/g) ?? []).length >= steps) return;
    if (stderr.length > length) [length, sinceMs] = [stderr.length, Date.now()];
    if (Date.now() > Math.min(sinceMs + REST_MS, begunMs + MAX_RUN_MS)) return;
    await delay(LOOK_AGAIN_MS);
  }
}

test(`killed ${KILLS} times amid mixed work, it ends as if it had not been`, { timeout: 600_000 }, async ({
  onTestFailed,
  signal,
}) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  const random = seededRandom(seed);
  const begunMs = Date.now();
  process.stdout.write(`SEED=${seed}\n`);
  const story: string[] = [];
  onTestFailed(() => void process.stdout.write(`SEED=${seed}\n${story.join('\n')}\n`));
  const invariants = new Invariants();
  const live = new Set<number>();
  let version = 0;
  let commit = '';
  const change = async (isLast = false): Promise<void> => {
    version += 1;
    commit = await at.repo.commit(files(version, isLast), `Version ${version}`);
  };
  await change();
  for (let kill = 0, ofVersion = 0; kill < KILLS; kill += 1) {
    // A test that took too long is cleaned up after while this still runs: it must not start another controller then.
    signal.throwIfAborted();
    const controller = at.controller([], { env: { HOLDFAST_LOG: 'info' } });
    const isEarly = kill > 0 && random() < EARLY_CHANCE;
    if (!isEarly) await hasWorked(controller, 1 + Math.floor(random() * MAX_STEPS));
    await delay(random() * (isEarly ? EARLY_MS : MAX_DELAY_MS));
    expect({ hasEnded: controller.hasEnded, stderr: controller.stderr }).toMatchObject({ hasEnded: false });
    controller.signal('SIGKILL');
    await controller.ended;
    story.push(`killed after ${Date.now() - begunMs} ms: ${progress()}`);
    const faults = [...(await invariants.check()), ...(kill % 5 === 4 ? await invariants.checkData() : [])];
    expect(faults, `SEED=${seed}, after kill ${kill + 1}, of a controller that said:\n${controller.stderr}`).toEqual([]);
    ofVersion += 1;
    if (isLive(commit)) live.add(version);
    if (live.has(version) || ofVersion >= MAX_KILLS_PER_VERSION) {
      await change();
      ofVersion = 0;
    }
  }
  await change(true);
  signal.throwIfAborted();
  const killedMs = Date.now();
  const last = at.controller();
  await at.untilLive(commit, 120_000);
  await until('nothing is left over and nothing lacks', discrepancies, ({ length }) => length === 0);
  await at.stop(last);
  expect([...(await invariants.check()), ...(await invariants.checkData())]).toEqual([]);
  process.stdout.write(
    `killed for ${killedMs - begunMs} ms, settled after ${Date.now() - killedMs} ms; ${live.size} of ${version - 1} versions were live\n`,
  );

  signal.throwIfAborted();
  const before = await at.engine();
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', commit: { id: commit }, actions: [] });
  expect(await at.engine()).toEqual(before);
  expect(await discrepancies()).toEqual([]);

  const inside = await lookInside(at.cluster);
  const alive = running(await containers()).filter(({ Labels }) => Labels[ROLE_LABEL] === 'container');
  const names = (prefix: string): string[] =>
    sorted(alive.map(({ Labels }) => Labels[POD_LABEL] ?? '').filter((name) => name.startsWith(prefix)));
  expect(['web-', 'keeper-', 'former-', 'steady-'].map((prefix) => names(prefix).length)).toEqual([4, 1, 0, 2]);
  expect(names('db-')).toEqual(['db-0', 'db-1', 'db-2']);
  expect(alive.filter(({ Labels }) => Labels[ATTEMPT_LABEL] !== '0')).toEqual([]);
  for (const pod of [...names('web-'), ...names('steady-')]) expect(await inside.run(pod, 'cat /words/text')).toBe(`${version}`);
  for (const pod of [...names('web-'), ...names('keeper-')]) expect(await inside.run(pod, 'echo $VERSION')).toBe(`${version}`);
  const data = ['kept', 'left', 'ledger', 'data-db-0', 'data-db-1', 'data-db-2'];
  expect(sorted(await claimVolumes())).toEqual(sorted(data.map((name) => `hf-${at.cluster}-default-${name}`)));
  for (const pod of names('db-')) expectHistory(await inside.run(pod, 'cat /data/runs'), pod, version);
  for (const pod of names('keeper-')) expectHistory(await inside.run(pod, 'cat /data/runs'), 'keeper', version);
  expectRunOnce(await inside.run(names('steady-')[0] ?? '', 'cat /ledger/runs'), version, live);
});
