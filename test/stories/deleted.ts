// Stories of what a commit removes and somebody wants back.
import { toRfc3339 } from '../../src/model/time.ts';
import { type DeploymentWish, noWishes, type Wishes } from '../simulation/wishes.ts';
import { APPLICATION } from '../simulation/world.ts';
import { type Stage, shop, web } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const MINUTE_MS = 60_000;
const WEB = 'Deployment/default/web';
const TEXTS = 'ConfigMap/default/texts';
const back = '2 × app:1, none for 1 min';

const manifest = {
  apiVersion: 'holdfast.dev/v1',
  kind: 'Application',
  metadata: { name: APPLICATION },
  spec: { softDelete: '30m' },
};
const keeping = { 'settings.yaml': JSON.stringify(manifest) };
const api: DeploymentWish = { ...web, replicas: 1 };
/** The shop without `web`. */
const less: Wishes = { ...noWishes, deployments: { api } };
const whole: Wishes = { ...shop, deployments: { web, api } };

/** Somebody says `holdfast undelete`. */
function undelete(stage: Stage, objects: readonly string[] = [WEB, TEXTS], who = 'ada'): void {
  const { orders, clock } = stage.world;
  const said = orders.of(APPLICATION);
  const order = { who, at: new Date(clock.now()).toISOString(), objects };
  orders.say(APPLICATION, { ...said, undelete: [...(said.undelete ?? []), order] });
}

/** A commit removes `web`, which is found out half a minute later. Tells that commit. */
async function remove(stage: Stage, wishes: Wishes = less, files: Readonly<Record<string, string>> = {}): Promise<string> {
  await stage.live(stage.push(whole, { files: keeping }));
  await stage.rest();
  stage.mishap();
  const id = stage.push(wishes, { files: { ...keeping, ...files }, allowsPrune: true });
  await stage.live(id);
  await stage.until('web is gone', () => stage.containers('web').length === 0);
  await stage.pass(MINUTE_MS / 2);
  return id;
}

async function runs(stage: Stage): Promise<void> {
  await stage.until('web runs', () => stage.containers('web').length === 2 && stage.status.health === 'Healthy');
}

/** Nothing comes back, however long one waits. */
async function nothing(stage: Stage): Promise<void> {
  await stage.rest();
  await stage.pass(10 * MINUTE_MS);
  stage.must(stage.containers('web').length === 0, 'it came back');
  stage.must(stage.status.undelete === undefined, 'the wish stays');
}

const wishes: readonly Story[] = [
  {
    name: 'A Deployment that was removed by mistake',
    when: 'A commit takes `web` away with `softDelete`, and somebody says `holdfast undelete deployment/web`.',
    play: async (stage) => {
      await remove(stage);
      undelete(stage);
      await runs(stage);
    },
    runs: back,
    told: ['for 30m it can be brought back', 'Undeleted: deployment/web: brought back by ada', 'no commit declares these'],
  },
  {
    name: 'Brought back, and the next commit',
    when: 'What was brought back is not in the commit after it either.',
    play: async (stage) => {
      await remove(stage);
      undelete(stage);
      await runs(stage);
      await stage.live(stage.push({ ...less, configMaps: { other: 'x' } }, { files: keeping }));
    },
    runs: 'nothing',
    told: ['it was brought back until the next commit'],
  },
  {
    name: 'Wanted back too late',
    when: 'Somebody misses `web` when the time for which it was kept is over.',
    play: async (stage) => {
      await remove(stage);
      await stage.pass(31 * MINUTE_MS);
      undelete(stage);
      await nothing(stage);
    },
    runs: 'nothing',
    told: [
      'RemovedForGood: deployment/web: the time in which it could be brought back is over',
      'ada wanted deployment/web, configmap/texts back: nothing is kept of deployment/web any more',
    ],
  },
  {
    name: 'Wanted back, and its image is gone',
    when: 'The image has been removed from the host and from its registry since.',
    play: async (stage) => {
      await remove(stage, { ...less, deployments: { api: { ...api, image: 'app:2' } } });
      stage.world.engine.removeImageByHand('app:1');
      stage.world.engine.behave('app:1', { pull: 'missing' });
      const { writes } = stage.world.engine;
      undelete(stage);
      await nothing(stage);
      const calls = stage.world.engine.calls.filter(({ isWrite, name }) => isWrite && name === 'pull').length;
      stage.must(stage.world.engine.writes <= writes + calls, 'the engine was changed');
    },
    runs: 'nothing',
    told: ['NotUndeleted: ada wanted deployment/web, configmap/texts back: image app:1'],
  },
  {
    name: 'Wanted back, and its registry is slow',
    when: 'The image is pulled again first, which takes two minutes.',
    play: async (stage) => {
      await remove(stage, { ...less, deployments: { api: { ...api, image: 'app:2' } } });
      stage.world.engine.removeImageByHand('app:1');
      stage.world.engine.behave('app:1', { pull: 'unreachable' });
      undelete(stage);
      await stage.pass(2 * MINUTE_MS);
      stage.must(stage.containers('web').length === 0, 'it runs without its image');
      stage.world.engine.learn('app:1');
      await runs(stage);
    },
    runs: '2 × app:1, none for 5 min',
    told: ['ada wants deployment/web, configmap/texts back: it waits for image app:1'],
  },
  {
    name: 'Wanted back, and there is no room any more',
    when: 'A commit has given the memory to something else.',
    play: async (stage) => {
      const main = { name: 'main', image: 'app:1', resources: { requests: { memory: '7900Mi' } } };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'greedy' }, spec: { containers: [main] } };
      const big = { ...main, resources: { requests: { memory: '1Gi' } } };
      const old = { ...pod, metadata: { name: 'old' }, spec: { containers: [big] } };
      await stage.live(stage.push(shop, { files: { ...keeping, 'old.yaml': JSON.stringify(old) } }));
      await stage.live(stage.push(shop, { files: keeping, allowsPrune: true }));
      await stage.rest();
      await stage.live(stage.push(shop, { files: { ...keeping, 'greedy.yaml': JSON.stringify(pod) } }));
      stage.mishap();
      undelete(stage, ['Pod/default/old']);
      await stage.rest();
      stage.must(stage.world.store.get('Pod', 'default', 'old') === undefined, 'it came back');
    },
    runs: '2 × app:1, untouched',
    told: ['ada wanted pod/old back: pod/old: Its pod has no place: 0/1 nodes are available: 1 Insufficient memory.'],
  },
  {
    name: 'Wanted back, and Git has the name again',
    when: 'A commit declares another `web` before somebody wants the old one back.',
    play: async (stage) => {
      await remove(stage);
      await stage.live(stage.push({ ...whole, deployments: { api, web: { ...web, image: 'app:2' } } }, { files: keeping }));
      undelete(stage);
      await stage.rest();
      stage.must(stage.status.undelete === undefined, 'the wish stays');
    },
    runs: '2 × app:2, none for 1 min',
    told: ['ada wanted deployment/web, configmap/texts back: deployment/web is declared again by'],
  },
  {
    name: 'Two people want it back at once',
    when: 'Both say `holdfast undelete deployment/web`, one of them with what it needs.',
    play: async (stage) => {
      await remove(stage);
      undelete(stage, [WEB, TEXTS], 'ada');
      undelete(stage, [WEB], 'eve');
      await runs(stage);
      stage.must(stage.status.undeletions?.length === 1, 'it was brought back twice');
    },
    runs: back,
    told: ['brought back by ada'],
  },
  {
    name: 'Wanted back while a bad commit is under way',
    when: 'A commit that never becomes healthy is being rolled out when somebody wants `web` back.',
    play: async (stage) => {
      await remove(stage);
      const id = stage.push({ ...less, deployments: { api: { ...api, image: 'crash:2' } } }, { as: 'unhealthy', files: keeping });
      await stage.phase(id, 'verifying', () => undefined);
      undelete(stage);
      await stage.held(id);
      await runs(stage);
    },
    runs: '2 × app:1, none for 2 min',
    told: ['wants deployment/web, configmap/texts back: it waits until commit', 'is not live (rolled-back'],
  },
  {
    name: 'Wanted back while the application is left alone',
    when: 'The application is suspended for ten minutes when the wish is heard.',
    play: async (stage) => {
      await remove(stage);
      const now = stage.world.clock.now();
      const until = toRfc3339(now + 10 * MINUTE_MS);
      const suspend = { who: 'ada', reason: 'disk is full', since: toRfc3339(now), until };
      stage.world.orders.say(APPLICATION, { suspend });
      undelete(stage);
      await stage.pass(9 * MINUTE_MS);
      stage.must(stage.containers('web').length === 0, 'it came back');
      await runs(stage);
    },
    runs: '2 × app:1, none for 20 min',
    told: ['suspended by ada: disk is full'],
  },
];

const killings = ([0, 1, 2, 3] as const).map((operations): Story => {
  const times = operations === 0 ? 'as soon as it hears the wish' : `${operations} calls after it heard the wish`;
  return {
    name: `Killed while it brings something back (${operations})`,
    when: `The controller is killed ${times}.`,
    play: async (stage) => {
      await remove(stage);
      stage.world.killAfter(operations);
      undelete(stage);
      await stage.until('it was killed', () => !stage.world.isRunning);
      await runs(stage);
      stage.must(stage.status.undeletions?.length === 1, 'it was not brought back once');
    },
    runs: back,
    told: ['brought back by ada'],
  };
});

const losses: readonly Story[] = [
  {
    name: 'The store is lost, and what was brought back with it',
    when: 'What somebody brought back runs when the store is deleted.',
    play: async (stage) => {
      await remove(stage);
      undelete(stage);
      await runs(stage);
      stage.world.loseStoreNext();
      stage.world.killNow();
      await stage.until('it is live again', () => stage.status.lastGood !== undefined);
    },
    runs: 'nothing',
    told: ['brought back by ada'],
  },
];

/** What a commit removes can be brought back for a while. */
export const deletedStories: Chapter = { title: 'What a commit removed', stories: [...wishes, ...killings, ...losses] };
