// What happens in one seed: commits, faults and deaths, at times that the seed decides; then calm, and what must be true in the end.
import { EngineError, type LiveSettings } from '../../src/kubelet/engine/container-engine.ts';
import { keyString } from '../../src/model/resource.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { keyOfEntry } from '../../src/sync/order.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import type { Fault } from '../support/fake-engine-controls.ts';
import { Team } from './commits.ts';
import { Dice } from './dice.ts';
import { disagreement } from './end-state.ts';
import { slotOf } from './simulated-engine.ts';
import { APPLICATION, World } from './world.ts';

/** Any wait of the product ends within this: two time-outs of a commit, a pull that hangs, the longest back-off. */
const CONVERGENCE_LIMIT_MS = 1_800_000;
const QUIET_MS = 600_000;
const SETTLING_MS = 2_000;

/** What `docker update` and `docker network` can do to a container. */
const EDITS: readonly [Partial<LiveSettings>, ...Partial<LiveSettings>[]] = [
  { memoryBytes: 64 * 2 ** 20 },
  { nanoCpus: 500_000_000 },
  { cpuShares: 7 },
  { restartPolicy: 'always' },
  { networks: ['bridge'] },
];

export interface Ending {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly virtualMs: number;
}

/** Plays one seed. */
export async function play(seed: number): Promise<Ending> {
  const dice = new Dice(seed);
  const regrets = new Regrets(seed);
  const world = new World({ seed, dice, isSlow: dice.chance(0.5), ...regrets.options });
  const team = new Team(dice);
  const story = new Story(world, dice, team);
  const startMs = world.clock.now();
  world.push(team.first());
  world.start();
  for (let events = dice.between(8, 24); events > 0 && world.invariants.violations.length === 0; events -= 1) {
    await world.clock.advance(
      dice.weighted<() => number>([
        [2, () => dice.between(0, 3_000)],
        [4, () => dice.between(3_000, 40_000)],
        [1, () => dice.between(40_000, 400_000)],
      ])(),
    );
    await story.happen();
    regrets.happen(world);
    world.engine.writeData();
    world.invariants.lookAtRest();
  }
  world.calm();
  // What was brought back is nothing that a commit asks for: it goes with the next one. What is wanted back is looked at after that one when
  // it comes first, and would stay.
  if (regrets.areThere) {
    await world.clock.runUntil(() => !isWishOpen(world), CONVERGENCE_LIMIT_MS);
    world.push(team.good());
  }
  await end(world, 'after the faults');
  world.push(team.good());
  await end(world, 'after a last good commit');
  const quiet = team.quiet();
  if (quiet !== undefined) {
    world.push(quiet);
    await end(world, 'when no CronJob starts anything');
  }
  return { violations: world.invariants.violations, trace: world.trace, virtualMs: world.clock.now() - startMs };
}

/** Waits until all is as it should be; then nothing may happen any more. */
export async function end(world: World, when: string): Promise<void> {
  const { clock, engine, invariants } = world;
  if (invariants.violations.length > 0) return;
  world.tell(`== waiting: ${when}`);
  const isOver = (): boolean => invariants.violations.length > 0 || disagreement(world) === undefined;
  await clock.runUntil(isOver, CONVERGENCE_LIMIT_MS);
  // What was asked of the engine in the last moment is answered, and may be told.
  await clock.advance(SETTLING_MS);
  await clock.runUntil(isOver, CONVERGENCE_LIMIT_MS);
  const open = disagreement(world);
  if (invariants.violations.length > 0) return;
  if (open !== undefined) {
    world.tellAll();
    invariants.report(`${when}: not at rest within ${CONVERGENCE_LIMIT_MS / 60_000} minutes: ${open}`);
    return;
  }
  if (world.isStuck || world.isTicking) return;
  // What can be brought back only for so long is forgotten then, and that is written.
  while (isForgetting(world)) await clock.advance(QUIET_MS);
  world.tell('== at rest');
  invariants.lookAtRest();
  const revision = world.store.revision();
  const calls = engine.calls.length;
  await clock.advance(QUIET_MS);
  const writes = engine.calls.slice(calls).filter(({ isWrite }) => isWrite);
  if (world.isImageAwaited) {
    // An image that nobody has is asked for again and again, and that is told; nothing else happens.
    if (writes.some(({ name }) => name !== 'pull')) invariants.report(`${when}: waiting for an image, the engine was changed`);
    return;
  }
  if (world.store.revision() !== revision)
    invariants.report(`${when}: at rest, and ${world.store.revision() - revision} transactions were written`);
  if (writes.length > 0)
    invariants.report(`${when}: at rest, and the engine was changed: ${writes.map(({ name }) => name).join(', ')}`);
}

/** What commits have removed, and somebody wants back. Dice of its own, so that the rest of a seed is what it would be without. */
class Regrets {
  readonly #dice: Dice;
  readonly options: { readonly softDelete?: string };
  areThere = false;

  constructor(seed: number) {
    this.#dice = new Dice(seed + 500_000);
    const isOn = this.#dice.chance(0.4);
    this.options = isOn ? { softDelete: this.#dice.pick(['1m', '10m', '2h']) } : {};
  }

  happen(world: World): void {
    if (this.options.softDelete === undefined || !this.#dice.chance(0.3)) return;
    const kept = world.store
      .list('DeletedObject')
      // What could never become healthy, such as what was held after a lost store, comes back as it was: nobody wants that.
      .filter(({ spec }) => world.commits.get(spec.entry.commit)?.class !== 'unhealthy')
      .map(({ spec }) => keyString(keyOfEntry(spec.entry)));
    const objects = kept.filter(() => this.#dice.chance(0.5));
    if (objects.length === 0) return;
    world.tell(`== wanted back: ${objects.join(', ')}`);
    this.areThere = true;
    const said = world.orders.of(APPLICATION).undelete ?? [];
    const at = new Date(world.clock.now()).toISOString();
    world.orders.say(APPLICATION, { undelete: [...said, { who: 'ada', at, objects }] });
  }
}

/** What somebody wants back is neither there nor refused. */
function isWishOpen({ store, orders }: World): boolean {
  const { undelete } = store.get('Application', '', APPLICATION)?.status ?? {};
  return orders.of(APPLICATION).undelete !== undefined || undelete !== undefined;
}

/** Something that a commit has removed will have been kept for long enough soon. */
function isForgetting({ store, clock }: World): boolean {
  const soonMs = clock.now() + QUIET_MS;
  return store.list('DeletedObject').some(({ spec }) => spec.undeleted === undefined && Date.parse(spec.until) <= soonMs);
}

/** A task that is killed has failed for good, as in Kubernetes, and its commit with it: that is no end to come to. */
function isFairGame(container: FakeContainer): boolean {
  return isAlive(container) && !container.settings.name.includes('.seeder.');
}

class Story {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #team: Team;

  constructor(world: World, dice: Dice, team: Team) {
    this.#world = world;
    this.#dice = dice;
    this.#team = team;
  }

  async happen(): Promise<void> {
    await this.#dice.weighted<() => void | Promise<void>>([
      [9, () => void this.#world.push(this.#team.next())],
      [2, () => this.#faults()],
      [1, () => this.#outage()],
      [2, () => this.#breakEvents()],
      [6, () => this.#break()],
      [1, () => this.#reboot()],
      [2, () => this.#deafen()],
      [5, () => this.#kill()],
      [1, () => this.#world.restart()],
      [2, () => this.#sourceFails()],
    ])();
  }

  #later(what: () => void): void {
    this.#world.clock.after(this.#dice.between(5_000, 90_000), what);
  }

  #faults(): void {
    const world = this.#world;
    const dice = this.#dice;
    const share = dice.pick([0.05, 0.2, 0.5]);
    world.tell(`== calls fail: ${share}`);
    const kinds: [Fault, ...Fault[]] = [
      new EngineError('Unreachable', 'connection reset'),
      new EngineError('Failed', 'something went wrong'),
      'hang',
      'late-success',
    ];
    world.fault = (call) => {
      if (!dice.chance(share)) return undefined;
      // A probe by exec that hangs says that the program hangs: that is not the engine's fault.
      const fault = dice.pick(kinds);
      return call === 'exec' && fault === 'hang' ? kinds[0] : fault;
    };
    this.#later(() => {
      world.tell('== calls work again');
      world.fault = () => undefined;
    });
  }

  #outage(): void {
    const world = this.#world;
    world.tell('== the engine does not answer');
    world.isUnreachable = true;
    world.invariants.faultHappened('outage');
    world.engine.breakEvents();
    this.#later(() => {
      world.tell('== the engine answers again');
      world.isUnreachable = false;
    });
  }

  #breakEvents(): void {
    const { engine } = this.#world;
    if (this.#dice.chance(0.4)) {
      this.#world.tell('== the event stream says nothing more');
      engine.deafenEvents();
      return;
    }
    this.#world.tell('== the event stream breaks');
    engine.breakEvents();
  }

  /** Somebody lays hands on a container. */
  #break(): void {
    const { engine, invariants } = this.#world;
    const victim = this.#dice.pick(engine.ourContainers().filter(isFairGame));
    if (victim === undefined) return;
    const [what, act] = this.#dice.weighted<readonly [string, () => void]>([
      [3, ['crash', () => engine.crash(victim.id, 1)]],
      [3, ['remove', () => engine.removeByHand(victim.id)]],
      [2, ['stop', () => engine.stopByHand(victim.id)]],
      [1, ['out of memory', () => engine.crash(victim.id, 137, true)]],
      [1, ['pause', () => engine.pause(victim.id)]],
      [2, ['edit', () => engine.edit(victim.id, this.#dice.pick(EDITS))]],
      [1, ['rename', () => engine.edit(victim.id, { name: `mine-${victim.id.slice(0, 6)}` })]],
    ]);
    this.#world.tell(`== by hand: ${what} ${victim.settings.name}`);
    invariants.touching(victim);
    act();
  }

  /** The host restarts: nothing runs any more. */
  #reboot(): void {
    const world = this.#world;
    world.tell('== the host restarts');
    const alive = world.engine.ourContainers().filter(isFairGame);
    for (const container of alive) world.invariants.touching(container);
    world.killNow();
    for (const container of alive) world.engine.crash(container.id, 137);
    world.engine.breakEvents();
  }

  /** A pod answers no probe for a while. */
  #deafen(): void {
    const { engine, invariants } = this.#world;
    const victim = this.#dice.pick(engine.ourContainers().filter(isAlive));
    if (victim === undefined) return;
    const { uid } = slotOf(victim);
    this.#world.tell(`== pod ${uid.slice(0, 8)} answers no probe`);
    invariants.breaking(uid);
    engine.deaf.add(uid);
    this.#later(() => engine.deaf.delete(uid));
  }

  #kill(): void {
    const operations = this.#dice.weighted<number>([
      [2, 0],
      [4, this.#dice.between(1, 10)],
      [3, this.#dice.between(10, 60)],
    ]);
    this.#world.tell(`== to be killed after ${operations} calls`);
    if (this.#dice.chance(0.35)) this.#world.loseStoreNext();
    this.#world.killAfter(operations);
  }

  #sourceFails(): void {
    const { source } = this.#world;
    const failure = new SourceError(this.#dice.pick(['Unreachable', 'AuthenticationFailed', 'Corrupt']), 'cannot be read');
    const how = this.#dice.pick(['all', 'snapshots', 'hangs']);
    this.#world.tell(`== the source fails: ${how}`);
    if (how === 'all') source.failure = failure;
    else if (how === 'snapshots') source.snapshotFailure = failure;
    else source.isHanging = true;
    this.#later(() => {
      source.failure = undefined;
      source.snapshotFailure = undefined;
      source.isHanging = false;
    });
  }
}
