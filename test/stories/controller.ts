// Stories of the controller, its store and the engine in each state of a commit.
import type { HookWish, Wishes } from '../simulation/wishes.ts';
import { type Stage, shop, web, withImage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;

const hook = (event: HookWish['event'], wave = 0): HookWish => ({
  event,
  image: 'task:1',
  wave,
  policy: 'before-hook-creation',
  backoffLimit: 3,
});
const api = { ...web, image: 'app:5', replicas: 1 };

/** What the shop is before: more than the commit has, so that something is pruned. */
const before: Wishes = { ...shop, deployments: { web, api }, configMaps: { texts: 'hello', leaving: 'soon' } };

/** A commit that goes through every state: hooks before and after it, two waves, something to take away. */
const good: Wishes = {
  ...withImage('app:2'),
  deployments: { web: { ...web, image: 'app:2' }, api: { ...api, image: 'app:6' } },
  waves: { web: 1, api: 2 },
  hooks: { prepare: hook('pre-sync'), announce: hook('post-sync'), alarm: hook('sync-fail') },
};
/** The same, and it fails in its last wave. */
const bad: Wishes = { ...good, deployments: { ...good.deployments, api: { ...api, image: 'crash:6' } } };

const goodStates = [
  'fetched',
  'validated',
  'preflighting',
  'pre-sync',
  'applying',
  'wave 2',
  'verifying',
  'post-sync',
  'pruning',
] as const;
const badStates = ['rolling-back', 'sync-fail'] as const;

/** One mishap in each state, with what is to be true in the end of those who go on to live, and of those who are taken back. */
function inEachState(
  name: (state: string) => string,
  when: string,
  happens: (stage: Stage) => void | (() => Promise<void>),
  told: { readonly good: readonly string[]; readonly bad: readonly string[] },
  runs: { readonly good: string; readonly bad: string },
): readonly Story[] {
  const play = (state: string, wishes: Wishes, isGood: boolean) => async (stage: Stage) => {
    await stage.live(stage.push(before));
    await stage.rest();
    stage.mishap();
    const id = stage.push(wishes, { as: isGood ? 'good' : 'unhealthy', allowsPrune: true });
    let isOver = (): Promise<void> => Promise.resolve();
    await stage.phase(id, state, () => {
      isOver = happens(stage) ?? isOver;
    });
    if (isGood) await stage.live(id);
    else await stage.held(id);
    await isOver();
  };
  return [
    ...goodStates.map((state) => ({ name: name(state), when, play: play(state, good, true), runs: runs.good, told: told.good })),
    ...badStates.map((state) => ({ name: name(state), when, play: play(state, bad, false), runs: runs.bad, told: told.bad })),
  ];
}

const killed = inEachState(
  (state) => `Killed in the state ${state}`,
  'The controller is killed (`kill -9`) at this moment, and started again five seconds later.',
  ({ world }) => world.killNow(),
  { good: [], bad: ['is not live (rolled-back'] },
  { good: rolled, bad: '2 × app:1, never fewer than 2' },
);

const forgetful = inEachState(
  (state) => `The store deleted in the state ${state}`,
  'The controller is killed at this moment, and everything that it knew is deleted.',
  ({ world }) => {
    world.loseStoreNext();
    world.killNow();
  },
  { good: [], bad: ['is not live (failed'] },
  { good: rolled, bad: '2 × app:2, never fewer than 2' },
);

const cut = inEachState(
  (state) => `Docker down in the state ${state}`,
  'The engine does not answer from this moment on, for two minutes.',
  (stage) => {
    stage.engineGoes();
    stage.world.clock.after(2 * MINUTE_MS, () => stage.engineComes());
    return () => stage.until('the engine answers again', () => !stage.world.isUnreachable && stage.isNodeReady());
  },
  { good: ['the engine does not answer'], bad: ['the engine does not answer'] },
  { good: rolled, bad: '2 × app:1, never fewer than 2' },
);

export const stateStories: Chapter = { title: 'In each state of a commit', stories: [...killed, ...forgetful, ...cut] };

export const controllerStories: Chapter = {
  title: 'The controller and what it knows',
  stories: [
    {
      name: 'The controller is away for an hour',
      when: 'The controller is killed, a container dies, three commits are pushed; an hour later it starts again.',
      play: async (stage) => {
        stage.world.restartsAfterMs = 60 * MINUTE_MS;
        stage.world.killNow();
        await stage.pass(MINUTE_MS);
        stage.world.engine.crash(stage.victim().id, 1);
        for (const tag of [2, 3, 4]) stage.push(withImage(`app:${tag}`));
        await stage.live(stage.world.head);
      },
      runs: '2 × app:4, never fewer than 1',
      told: [],
    },
    {
      name: 'The controller dies every minute',
      when: 'The controller is killed once a minute while ten commits are pushed.',
      play: async (stage) => {
        for (let tag = 2; tag <= 11; tag++) {
          stage.push(withImage(`app:${tag}`));
          stage.world.killNow();
          await stage.pass(MINUTE_MS);
        }
        await stage.live(stage.world.head);
      },
      runs: '2 × app:11, never fewer than 2',
      told: [],
    },
    {
      name: 'An upgrade of Holdfast',
      when: 'The controller is stopped in an orderly way and another one is started.',
      play: async (stage) => {
        const { writes } = stage.world.engine;
        stage.world.restart();
        await stage.pass(5 * MINUTE_MS);
        stage.must(stage.world.engine.writes === writes, 'the engine was changed');
      },
      runs: untouched,
      told: [],
    },
    {
      name: 'The store is deleted',
      when: 'Everything that the controller knew is gone, and nothing was pushed.',
      play: async (stage) => {
        const id = stage.world.head;
        stage.world.loseStoreNext();
        stage.world.killNow();
        await stage.until('the store is a new one', () => stage.status.lastGood === undefined);
        await stage.live(id);
      },
      runs: untouched,
      told: [],
    },
    {
      name: 'The store is deleted while a bad commit is at HEAD',
      when: 'A commit was rolled back; then everything that the controller knew is gone.',
      play: async (stage) => {
        await stage.held(stage.push(withImage('crash:2'), { as: 'unhealthy' }));
        stage.world.loseStoreNext();
        stage.world.killNow();
        await stage.until('the store is a new one', () => stage.status.held === undefined);
        await stage.held(stage.world.head);
      },
      runs: untouched,
      told: ['is not live (failed'],
    },
    {
      name: 'The store is deleted while an invalid commit is at HEAD',
      when: 'A commit is invalid; then everything that the controller knew is gone.',
      play: async (stage) => {
        await stage.held(stage.push(withImage('app:2'), { as: 'invalid', files: { 'more.yaml': 'kind: [' } }));
        stage.world.loseStoreNext();
        stage.world.killNow();
        await stage.until('the store is a new one', () => stage.status.held === undefined);
        await stage.held(stage.world.head);
      },
      runs: untouched,
      told: ['is not live (invalid'],
    },
    {
      name: 'The store is deleted while the Git server is down',
      when: 'Everything that the controller knew is gone, and the repository cannot be read for an hour.',
      play: async (stage) => {
        const id = stage.world.head;
        stage.sourceGoes();
        stage.world.loseStoreNext();
        stage.world.killNow();
        await stage.pass(60 * MINUTE_MS);
        stage.sourceComes();
        await stage.live(id);
      },
      runs: untouched,
      told: ['(Unreachable)'],
    },
    {
      name: 'Everything at once',
      when: 'The host reboots, the store is deleted, the Git server and the registry are down for ten minutes.',
      play: async (stage) => {
        const id = stage.world.head;
        stage.sourceGoes();
        stage.world.loseStoreNext();
        stage.world.killNow();
        stage.hostGoes();
        stage.world.engine.behave('app:1', { pull: 'unreachable' });
        await stage.pass(10 * MINUTE_MS);
        stage.sourceComes();
        await stage.live(id);
      },
      runs: '2 × app:1, none for 10 s',
      told: ['(Unreachable)'],
    },
  ],
};
