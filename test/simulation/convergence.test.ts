import { describe, expect, test } from 'vitest';
import { keyOf } from '../../src/model/resource.ts';
import { isAlive } from '../support/fake-container.ts';
import { Team } from './commits.ts';
import { converge, judge } from './convergence.ts';
import { Dice } from './dice.ts';
import { end } from './scenario.ts';
import { replay, seedsToPlay } from './simulate.ts';
import { World } from './world.ts';

/** As many as are worth a minute; `SEEDS=1000` plays a thousand. */
const DEFAULT_SEEDS = '40';

const seeds = seedsToPlay({ SEEDS: DEFAULT_SEEDS, ...process.env });

test.each(seeds)('the commits of seed %i converge', async (seed) => {
  const { violations, trace } = await converge(seed);
  expect(violations, `Replay: ${replay(seed, trace)}`).toEqual([]);
});

describe('a fault that is planted after the last commit is seen:', () => {
  /** At rest; nobody is there to mend what is planted. */
  async function aDeadWorld(): Promise<World> {
    const dice = new Dice(1);
    const world = new World({ seed: 1, dice, isSlow: false });
    const team = new Team(dice);
    world.push(team.first());
    const quiet = team.quiet();
    if (quiet !== undefined) world.push(quiet);
    world.start();
    await end(world, 'before the fault');
    await judge(world);
    expect(world.invariants.violations).toEqual([]);
    world.restartsAfterMs = 60_000;
    world.killNow();
    return world;
  }

  test.each<[string, (world: World) => void | Promise<unknown>, string]>([
    [
      'a commit that nobody has applied',
      (world) => void world.push({ ...(world.commits.get(world.head) ?? new Team(new Dice(2)).first()), about: 'again' }),
      'the last commit is not live',
    ],
    [
      'an object that says something else',
      ({ store }) => {
        const [config] = store.list('ConfigMap');
        if (config === undefined) throw new Error('no ConfigMap');
        return store.write([{ op: 'update', resource: { ...config, data: { text: 'other' } } }]);
      },
      'the store is not what the commit says: ConfigMap default/settings.data',
    ],
    [
      'an object that is not there',
      ({ store }) => store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'settings' } }]),
      'the store is not what the commit says: ConfigMap default/settings is not there',
    ],
    [
      'a container that the next pass makes',
      ({ engine, invariants }) => {
        const victim = engine.ourContainers().find(isAlive);
        if (victim === undefined) throw new Error('nothing runs');
        invariants.touching(victim);
        engine.removeByHand(victim.id);
      },
      'another pass changed the engine: ',
    ],
    [
      'a status that the next pass writes',
      ({ store }) => {
        const [pod] = store.list('Pod');
        if (pod === undefined) throw new Error('no Pod');
        const status = { ...pod.status, phase: 'Pending' };
        return store.write([{ op: 'updateStatus', key: keyOf(pod), uid: pod.metadata.uid, status }]);
      },
      'another pass made 1 transactions',
    ],
  ])('%s', async (_title, plant, seen) => {
    const world = await aDeadWorld();
    await plant(world);
    await judge(world);
    expect(world.invariants.violations.join('\n')).toContain(seen);
  });
});
