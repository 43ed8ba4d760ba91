// Convergence: a random repository and a random sequence of commits, good and bad, at random times. After the last commit what is stored and what
// runs is what its files say, and another pass, by a process that begins anew, writes nothing.
import { Team } from './commits.ts';
import { Dice } from './dice.ts';
import { differenceFromFiles } from './rendering.ts';
import { end } from './scenario.ts';
import { APPLICATION, World } from './world.ts';

const ANOTHER_PASS_MS = 120_000;

/** Plays one seed; what does not hold. */
export async function converge(
  seed: number,
): Promise<{ readonly violations: readonly string[]; readonly trace: readonly string[] }> {
  const dice = new Dice(seed);
  const world = new World({ seed, dice, isSlow: dice.chance(0.5) });
  const team = new Team(dice);
  world.push(team.first());
  world.start();
  for (let commits = dice.between(1, 8); commits > 0; commits -= 1) {
    await world.clock.advance(
      dice.weighted([
        [3, 0],
        [3, dice.between(0, 5_000)],
        [3, dice.between(5_000, 60_000)],
        [1, dice.between(60_000, 600_000)],
      ]),
    );
    world.push(team.next());
  }
  world.push(team.good());
  const quiet = team.quiet();
  if (quiet !== undefined) world.push(quiet);
  await end(world, 'after the last commit');
  await judge(world);
  return { violations: world.invariants.violations, trace: world.trace };
}

/** Reports where what is there is not what the last commit says, or another pass does anything. */
export async function judge(world: World): Promise<void> {
  const { invariants, engine, clock, commits } = world;
  if (invariants.violations.length > 0) return;
  const { store } = world;
  const { status } = store.get('Application', '', APPLICATION) ?? {};
  if (status?.lastGood?.id !== world.head) invariants.report(`the last commit is not live: ${status?.held?.message}`);
  const finished = new Set(
    status?.inventory?.flatMap(({ kind, name, finished: end }) => (end === undefined ? [] : `${kind} ${name}`)),
  );
  const files = commits.get(world.head)?.files ?? {};
  const other = differenceFromFiles(files, store, APPLICATION, ({ kind, metadata }) => finished.has(`${kind} ${metadata.name}`));
  if (other !== undefined) invariants.report(`the store is not what the commit says: ${other}`);
  const [revision, calls] = [store.revision(), engine.calls.length];
  world.restart();
  await clock.advance(ANOTHER_PASS_MS);
  if (!world.isIdle) invariants.report('another pass does not come to rest');
  if (store.revision() !== revision) invariants.report(`another pass made ${store.revision() - revision} transactions`);
  const writes = engine.calls.slice(calls).filter(({ isWrite }) => isWrite);
  if (writes.length > 0) invariants.report(`another pass changed the engine: ${writes.map(({ name }) => name).join(', ')}`);
}
