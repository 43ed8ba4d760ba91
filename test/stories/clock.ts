// Stories of the clock of the host, which somebody sets.
import type { HookWish } from '../simulation/wishes.ts';
import { withImage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const migration: HookWish = { event: 'pre-sync', image: 'long:1', wave: 0, policy: 'before-hook-creation', backoffLimit: 0 };

export const clockStories: Chapter = {
  title: 'The clock',
  stories: [
    {
      name: 'The clock jumps an hour ahead',
      when: 'Somebody sets the clock of the host an hour forward while nothing happens.',
      play: async (stage) => {
        stage.world.clock.set(HOUR_MS);
        await stage.pass(10 * MINUTE_MS);
      },
      runs: untouched,
      told: [],
    },
    {
      name: 'The clock jumps an hour back',
      when: 'Somebody sets the clock of the host an hour back; then a commit comes.',
      play: async (stage) => {
        stage.world.clock.set(-HOUR_MS);
        await stage.pass(MINUTE_MS);
        await stage.live(stage.push(withImage('app:2')));
      },
      runs: rolled,
      told: [],
    },
    {
      name: 'The clock is set back while no controller runs',
      when: 'A commit that never becomes ready is rolled out; the controller is away for a minute, in which the clock is set a day back.',
      play: async (stage) => {
        const id = stage.push(withImage('never:2'), { as: 'unhealthy' });
        await stage.phase(id, 'verifying', () => undefined);
        await stage.pass(10_000);
        stage.world.restartsAfterMs = MINUTE_MS;
        stage.world.killNow();
        stage.world.clock.set(-DAY_MS);
        await stage.pass(10 * MINUTE_MS);
        stage.must(stage.status.held?.commit.id === id, 'it is still waited for');
      },
      runs: untouched,
      told: ['the clock was set', 'is not live (rolled-back', 'not healthy in time'],
    },
    ...(
      [
        ['ahead', 'forward', HOUR_MS],
        ['back', 'back', -HOUR_MS],
      ] as const
    ).flatMap(([name, way, byMs]): readonly Story[] => [
      {
        name: `The clock jumps ${name} in the middle of a rollout`,
        when: `The clock is set an hour ${way} while a commit that is well is being rolled out.`,
        play: async (stage) => {
          const id = stage.push(withImage('slow:2', { minReadySeconds: 20, progressDeadlineSeconds: 90 }));
          await stage.phase(id, 'verifying', () => undefined);
          await stage.pass(25_000);
          stage.world.clock.set(byMs);
          await stage.live(id);
        },
        runs: '2 × slow:2, never fewer than 2',
        told: [`the clock was set 60m ${way}: what is waited for has as much time left as before`],
      },
      {
        name: `The clock jumps ${name} while an image is pulled`,
        when: `The clock is set an hour ${way} while a commit waits for an image.`,
        play: async (stage) => {
          const id = stage.push(withImage('app:2'));
          stage.world.engine.behave('app:2', { pull: 'hang' });
          await stage.phase(id, 'preflighting', () => stage.world.clock.set(byMs));
          await stage.pass(MINUTE_MS);
          stage.must(stage.status.held === undefined, 'it was held');
          stage.world.engine.learn('app:2');
          await stage.live(id);
        },
        runs: rolled,
        told: [`the clock was set 60m ${way}`],
      },
      {
        name: `The clock jumps ${name} during a hook`,
        when: `The clock is set an hour ${way} while the migration before a commit runs.`,
        play: async (stage) => {
          const id = stage.push({ ...withImage('app:2'), hooks: { migration: migration } });
          await stage.phase(id, 'pre-sync', () => undefined);
          await stage.pass(2_000);
          stage.world.clock.set(byMs);
          await stage.live(id);
        },
        runs: rolled,
        told: [`the clock was set 60m ${way}`],
      },
      {
        name: `The clock jumps ${name}, and the commit is bad`,
        when: `The clock is set an hour ${way} while a commit is rolled out that never becomes ready.`,
        play: async (stage) => {
          const id = stage.push(withImage('never:2'), { as: 'unhealthy' });
          await stage.phase(id, 'verifying', () => undefined);
          await stage.pass(10_000);
          stage.world.clock.set(byMs);
          await stage.pass(2 * MINUTE_MS);
          stage.must(stage.status.attempt?.phase === 'verifying', 'it was given up too soon');
          await stage.held(id);
        },
        runs: untouched,
        told: [`the clock was set 60m ${way}`, 'is not live (rolled-back', 'not healthy in time'],
      },
    ]),
  ],
};
