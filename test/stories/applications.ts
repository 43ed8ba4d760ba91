// Stories of several applications, and of people who keep one from being synced.
import { toRfc3339 } from '../../src/model/time.ts';
import { filesOf } from '../simulation/manifests.ts';
import { APPLICATION } from '../simulation/world.ts';
import { type Stage, shop, web, withImage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;

const urlOf = (name: string): string => `https://git.example/${name}.git`;

/** The declaration of an application that has a repository of its own. */
function declared(name: string, spec: object = {}): Readonly<Record<string, string>> {
  const source = { repository: urlOf(name) };
  const manifest = { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec: { source, ...spec } };
  return { [`application-${name}.yaml`]: JSON.stringify(manifest) };
}

/** What the shop says of itself. */
function settings(spec: object): Readonly<Record<string, string>> {
  const manifest = { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: APPLICATION }, spec };
  return { 'settings.yaml': JSON.stringify(manifest) };
}

/** Somebody pushes one Deployment to the repository of an application. */
function pushTo(stage: Stage, name: string, image: string): string {
  stage.world.engine.learn(image);
  const deployments = { [name]: { ...web, image, replicas: 1 } };
  return stage.world.other(urlOf(name)).commit({ files: filesOf({ ...shop, configMaps: {}, deployments }) });
}

const liveAt = (stage: Stage, name: string): string | undefined =>
  stage.world.store.get('Application', '', name)?.status?.lastGood?.id;
const imageOf = (stage: Stage, name: string): string | undefined =>
  stage.world.store.get('Deployment', 'default', name)?.spec.template.spec.containers[0].image;
const pair = (api: object = { dependsOn: [{ name: 'db' }] }): Readonly<Record<string, string>> => ({
  ...declared('db'),
  ...declared('api', api),
});

/** The shop declares `db`, and `api` that waits for it; both are live. */
async function openPair(stage: Stage): Promise<void> {
  pushTo(stage, 'db', 'app:10');
  pushTo(stage, 'api', 'app:20');
  await stage.live(stage.push(shop, { files: pair() }));
  await stage.until('both are live', () => imageOf(stage, 'db') === 'app:10' && liveAt(stage, 'api') !== undefined);
  await stage.rest();
  stage.mishap();
}

function suspend(stage: Stage, untilMs?: number): void {
  const now = stage.world.clock.now();
  const until = untilMs === undefined ? {} : { until: toRfc3339(now + untilMs) };
  stage.world.orders.say(APPLICATION, { suspend: { who: 'ada', reason: 'disk is full', since: toRfc3339(now), ...until } });
}

const several: readonly Story[] = [
  {
    name: 'A dependency cycle',
    when: 'Two applications of a commit wait for each other.',
    play: async (stage) => {
      const files = { ...declared('db', { dependsOn: [{ name: 'api' }] }), ...declared('api', { dependsOn: [{ name: 'db' }] }) };
      await stage.held(stage.push(withImage('app:2'), { as: 'refused', files }));
    },
    runs: untouched,
    told: ['is not live (preflight-failed', 'they wait for one another: '],
  },
  {
    name: 'A dependency that is not there',
    when: 'An application waits for one that nobody declares.',
    play: async (stage) => {
      await stage.held(stage.push(shop, { as: 'refused', files: declared('api', { dependsOn: [{ name: 'db' }] }) }));
    },
    runs: untouched,
    told: ['there is no Application "db" declared in this path'],
  },
  {
    name: 'A dependency that is never healthy',
    when: 'An application waits for one whose program never becomes ready.',
    play: async (stage) => {
      await openPair(stage);
      const bad = pushTo(stage, 'db', 'never:11');
      await stage.until('db is tried', () => imageOf(stage, 'db') === 'never:11');
      pushTo(stage, 'api', 'app:21');
      const held = () => stage.world.store.get('Application', '', 'api')?.status?.held;
      await stage.until('api is held', () => held()?.outcome === 'preflight-failed');
      await stage.until('db is back', () => imageOf(stage, 'db') === 'app:10' && liveAt(stage, 'db') !== bad);
      stage.must(imageOf(stage, 'api') === 'app:20', 'api did not wait');
    },
    runs: untouched,
    told: ['waits for application/db to be live at its newest commit', 'not healthy in time: deployment/db'],
  },
  {
    name: 'A dependency that is mended',
    when: 'The same, and a commit mends what is waited for.',
    play: async (stage) => {
      await openPair(stage);
      pushTo(stage, 'db', 'crash:11');
      await stage.until('db is tried', () => imageOf(stage, 'db') === 'crash:11');
      const id = pushTo(stage, 'api', 'app:21');
      await stage.until('db is back', () => imageOf(stage, 'db') === 'app:10');
      await stage.pass(MINUTE_MS);
      stage.must(imageOf(stage, 'api') === 'app:20', 'api did not wait');
      pushTo(stage, 'db', 'app:12');
      await stage.until('api is live', () => liveAt(stage, 'api') === id);
    },
    runs: untouched,
    told: ['whose newest commit', 'is not live (rolled-back'],
  },
  {
    name: 'One bad application among several',
    when: 'The commit of one application crashes; others go on.',
    play: async (stage) => {
      await openPair(stage);
      pushTo(stage, 'api', 'crash:21');
      const id = pushTo(stage, 'db', 'app:11');
      await stage.live(stage.push(withImage('app:2'), { files: pair() }));
      await stage.until('db is live', () => liveAt(stage, 'db') === id);
      await stage.until('api is back', () => stage.world.store.get('Application', '', 'api')?.status?.quarantined !== undefined);
      stage.must(imageOf(stage, 'api') === 'app:20', 'api is not back');
    },
    runs: rolled,
    told: ['is not live (rolled-back'],
  },
  {
    name: 'The repository of one application is away',
    when: 'The Git server of one application is down for ten minutes; another is pushed to.',
    play: async (stage) => {
      await openPair(stage);
      stage.sourceGoes(urlOf('db'));
      await stage.pass(MINUTE_MS);
      await stage.live(stage.push(withImage('app:2'), { files: pair() }));
      await stage.pass(9 * MINUTE_MS);
      stage.sourceComes(urlOf('db'));
      const id = pushTo(stage, 'db', 'app:11');
      await stage.until('db is live', () => liveAt(stage, 'db') === id);
    },
    runs: rolled,
    told: ['(Unreachable)'],
  },
  {
    name: 'The store is deleted while several applications run',
    when: 'Everything that the controller knew is gone; three applications run.',
    play: async (stage) => {
      await openPair(stage);
      const calls = stage.world.engine.writes;
      stage.world.loseStoreNext();
      stage.world.killNow();
      await stage.until('the store is a new one', () => stage.status.lastGood === undefined);
      await stage.until('all are live', () => liveAt(stage, 'api') !== undefined && liveAt(stage, 'db') !== undefined);
      stage.must(stage.world.engine.writes === calls, 'the engine was changed');
    },
    runs: untouched,
    told: [],
  },
];

const gates: readonly Story[] = [
  {
    name: 'Suspended for a while',
    when: 'Somebody says `holdfast suspend`, kills a container and removes another; the controller dies; an hour later the time is over.',
    play: async (stage) => {
      suspend(stage, 60 * MINUTE_MS);
      await stage.pass(1_000);
      stage.world.engine.stopByHand(stage.victim().id);
      const { writes } = stage.world.engine;
      stage.world.killNow();
      const id = stage.push(withImage('app:2'));
      await stage.pass(30 * MINUTE_MS);
      stage.must(stage.world.engine.writes === writes, 'the engine was changed');
      await stage.live(id);
    },
    runs: '2 × app:2, never fewer than 1',
    told: ['suspended by ada: disk is full'],
  },
  {
    name: 'Suspended in the middle of a rollout',
    when: 'Somebody says `holdfast suspend` while a commit is being rolled out, and ten minutes later `holdfast resume`.',
    play: async (stage) => {
      const id = stage.push(withImage('slow:2'));
      await stage.phase(id, 'verifying', () => undefined);
      await stage.pass(2_000);
      suspend(stage);
      await stage.pass(10 * MINUTE_MS);
      stage.world.orders.say(APPLICATION, { resumedBy: 'ada' });
      await stage.live(id);
    },
    runs: '2 × slow:2, never fewer than 2',
    told: ['suspended by ada: disk is full'],
  },
  {
    name: 'A sync window that is shut',
    when: 'A commit comes while the sync window of its application is shut.',
    play: async (stage) => {
      const windows = [{ kind: 'deny', schedule: '0 0 * * *', duration: '1h' }];
      const id = stage.push(withImage('app:2'), { files: settings({ windows }) });
      await stage.pass(30 * MINUTE_MS);
      stage.must(imageOf(stage, 'web') === 'app:1', 'it did not wait');
      await stage.live(id);
    },
    runs: rolled,
    told: ['a sync window'],
  },
  {
    name: 'A commit that is tried again by itself',
    when: 'A commit fails because the disk is full, and its application says `retry`.',
    play: async (stage) => {
      const retry = { limit: 5, backoff: { duration: '1m', factor: 2, maxDuration: '10m' } };
      stage.breakCalls('create');
      const id = stage.push(withImage('app:2'), { files: settings({ retry }) });
      await stage.held(id);
      stage.breakCalls();
      await stage.live(id);
    },
    runs: rolled,
    told: ['it is tried again at'],
  },
  {
    name: 'A commit that somebody has tried again',
    when: 'A commit fails because the disk is full; somebody makes room and says `holdfast retry`.',
    play: async (stage) => {
      stage.breakCalls('create');
      const id = stage.push(withImage('app:2'));
      await stage.held(id);
      stage.breakCalls();
      await stage.pass(MINUTE_MS);
      stage.must(stage.status.lastGood?.id !== id, 'it was tried again by itself');
      stage.world.orders.say(APPLICATION, { retry: { who: 'ada', at: new Date(stage.world.clock.now()).toISOString() } });
      await stage.live(id);
    },
    runs: rolled,
    told: ['"holdfast retry" is said'],
  },
];

export const applicationStories: Chapter = { title: 'Several applications', stories: several };
export const gateStories: Chapter = { title: 'What is kept from being synced', stories: gates };
