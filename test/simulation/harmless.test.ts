// A commit that fails before it is applied has changed nothing: whatever is wrong with it, the engine has seen no call but pulls that changes
// anything, and every container, volume and network is, to the byte, what it was.
import { expect, test } from 'vitest';
import { Team } from './commits.ts';
import { Dice } from './dice.ts';
import { failing, ways } from './failing.ts';
import { end } from './scenario.ts';
import { seedsToPlay } from './simulate.ts';
import { APPLICATION, World } from './world.ts';

/** Each way in two worlds; `SEEDS=1000` plays a thousand worlds, and the ways in turn. */
const DEFAULT_SEEDS = String(2 * ways.length);
/** The guard against mass deletions looks at nothing smaller. */
const FEWEST_OBJECTS = 4;
const ANOTHER_WORLD = 1_000_000;
const SPOILED_AFTER_MS = 1_200_000;
const LATER_MS = 600_000;

/** Everything in the engine but its images, as text. */
function photograph({ engine }: World): string {
  const containers = engine
    .ourContainers()
    .map(({ id, spec, settings, state, startedAtMs, finishedAtMs, exitCode, ip, files }) => ({
      id,
      spec,
      settings,
      state,
      startedAtMs,
      finishedAtMs,
      exitCode,
      ip,
      files: [...files],
    }));
  const volumes = engine.volumes().map((volume) => ({ ...volume, files: [...engine.volumeFiles(volume.name)] }));
  return JSON.stringify({ containers, volumes, networks: engine.networkNames() });
}

/** A world with a few good commits behind it, at rest. */
async function aWorld(seed: number): Promise<{ world: World; team: Team; dice: Dice }> {
  const dice = new Dice(seed);
  const world = new World({ seed, dice, isSlow: dice.chance(0.5) });
  const team = new Team(dice);
  world.push(team.first());
  world.start();
  for (let commits = dice.between(0, 3); commits > 0; commits -= 1) {
    await world.clock.advance(dice.between(0, 60_000));
    world.push(team.good());
  }
  const quiet = team.quiet();
  if (quiet !== undefined) world.push(quiet);
  await end(world, 'before the commit');
  world.engine.writeData();
  expect(world.invariants.violations).toEqual([]);
  const applied = world.store.get('Application', '', APPLICATION)?.status?.inventory ?? [];
  return applied.length < FEWEST_OBJECTS ? await aWorld(seed + ANOTHER_WORLD) : { world, team, dice };
}

const worlds = seedsToPlay({ SEEDS: DEFAULT_SEEDS, ...process.env }).map((seed) => {
  const way = ways[seed % ways.length] ?? ways[0];
  return [seed, way.name, way] as const;
});

test.each(worlds)('seed %i: %s changes nothing', async (seed, _name, way) => {
  const { world, team, dice } = await aWorld(seed);
  const { engine, store, clock } = world;
  const status = () => store.get('Application', '', APPLICATION)?.status ?? {};
  const [before, calls, live] = [photograph(world), engine.calls.length, status().lastGood?.id];
  const id = world.push(failing(way, team.upcoming(), dice));
  if (way.missing !== undefined) engine.learn(way.missing);
  const isHeld = await clock.runUntil(() => status().held?.commit.id === id, SPOILED_AFTER_MS);
  expect(isHeld).toBe(true);
  expect(status().held?.outcome).toBe(way.class === 'invalid' ? 'invalid' : 'preflight-failed');
  await clock.advance(LATER_MS);
  const changes = engine.calls.slice(calls).filter(({ isWrite, name }) => isWrite && name !== 'pull');
  expect(changes.map(({ name }) => name)).toEqual([]);
  expect(photograph(world)).toBe(before);
  expect(status().lastGood?.id).toBe(live);
  expect(world.invariants.violations).toEqual([]);
});

test('and a commit that is applied is seen', async () => {
  const { world, team } = await aWorld(1);
  const before = photograph(world);
  world.push(team.good());
  await end(world, 'after the commit');
  expect(photograph(world)).not.toBe(before);
});
