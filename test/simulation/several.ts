// Random histories of several applications that wait for each other, with commits good and bad, sync windows, people who suspend, resume and retry
// them, and a controller that is restarted or loses its store. Whatever was done: a suspended one is left alone, nothing new begins while a window is
// shut, those that depend on others wait for them, a lost store costs no container of what is at rest or suspended, and once nothing holds anything
// back, what runs is what the last commit says, and a further pass writes nothing.
import { POD_LABEL } from '../../src/kubelet/labels.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { isBegun } from '../../src/sync/decide.ts';
import { declare, SeveralApplications, webOf } from '../support/several-applications.ts';
import { Dice } from './dice.ts';

const names = ['db', 'api', 'web', 'lone'] as const;
type Name = (typeof names)[number];
const dependencies: Readonly<Partial<Record<Name, Name>>> = { api: 'db', web: 'api' };
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const SHUT_MINUTES = 10;
/** A commit fails after five minutes, its rollback after five more, and each waits for the one before it. */
const LONGEST_MS = 60 * MINUTE_MS;

/** What was seen of one: whether a window of it was shut, which one, and how far it was. */
interface Quiet {
  readonly isShut: boolean;
  readonly minute: number | undefined;
  readonly isBegun: boolean;
  readonly live: string | undefined;
}

/** A window that is shut for a while in each hour. */
function windowsAt(minute: number | undefined): object {
  if (minute === undefined) return {};
  return { windows: [{ kind: 'deny', schedule: `${minute} * * * *`, duration: `${SHUT_MINUTES}m` }] };
}

function minuteOf(windows: readonly { readonly schedule: string }[] | undefined): number | undefined {
  const [first] = windows ?? [];
  return first === undefined ? undefined : Number(first.schedule.split(' ')[0]);
}

class History {
  readonly plane = new SeveralApplications();
  readonly violations: string[] = [];
  readonly #dice: Dice;
  readonly #images = new Map<Name, string>(names.map((name) => [name, 'web:1']));
  readonly #suspended = new Map<Name, string>();
  readonly #lastGood = new Map<Name, string>();
  /** At which minute of each hour the window of one is shut. */
  readonly #windows = new Map<Name, number>();
  /** What was seen of each the last time, for what must not begin. */
  readonly #quiet = new Map<Name, Quiet>();
  /** Containers that a lost store must not cost: while nobody pushes anything, and while their application is suspended. */
  readonly #owed = new Map<Name, readonly string[]>();
  #head = '';
  #commits = 0;

  readonly #sabotage: Sabotage;

  constructor(seed: number, sabotage: Sabotage) {
    this.#dice = new Dice(seed);
    this.#sabotage = sabotage;
  }

  /** Commits what each is to be; `isGood`: nothing in it fails. */
  push(isGood: boolean): void {
    for (const name of names) {
      if (this.#dice.chance(0.5)) this.#images.set(name, this.#dice.pick(['web:1', 'web:2', ...(isGood ? [] : ['bad:1'])]));
      if (isGood && this.#images.get(name) === 'bad:1') this.#images.set(name, 'web:2');
      if (this.#dice.chance(0.15)) this.#windows.set(name, this.#dice.between(0, 59));
      else if (this.#dice.chance(0.3)) this.#windows.delete(name);
    }
    for (const name of this.#owed.keys()) if (!this.#suspended.has(name)) this.#owed.delete(name);
    this.#commits += 1;
    const files = names.flatMap((name): readonly (readonly [string, string])[] => {
      const other = dependencies[name];
      const dependsOn = other === undefined ? {} : { dependsOn: [{ name: other }] };
      const retry = this.#commits % 3 === 0 ? { retry: { limit: 2 } } : {};
      return [
        [
          `root/${name}.yaml`,
          declare(name, { path: `apps/${name}`, ...dependsOn, ...retry, ...windowsAt(this.#windows.get(name)) }),
        ],
        [`apps/${name}/d.yaml`, webOf(name, this.#images.get(name) ?? '')],
      ];
    });
    this.#head = this.plane.source.commit({ files: Object.fromEntries(files) });
  }

  /** Time passes, and it is seen what it brings. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5 * SECOND_MS) {
      await this.plane.clock.advance(5 * SECOND_MS);
      await this.#sabotage(this.plane);
      for (const name of names) this.#judge(name);
    }
  }

  #judge(name: Name): void {
    const { lastGood, suspension } = this.plane.status(name);
    this.#judgeWindow(name);
    this.#judgeLoss(name);
    if (suspension === undefined) this.#suspended.delete(name);
    const before = this.#suspended.get(name);
    const now = this.#looks(name);
    if (before !== undefined && before !== now) this.violations.push(`${name} is suspended, and was changed: ${before} → ${now}`);
    if (suspension !== undefined) this.#suspended.set(name, now);
    if (lastGood === undefined || lastGood.id === this.#lastGood.get(name)) return;
    this.#lastGood.set(name, lastGood.id);
    const other = dependencies[name];
    if (other === undefined) return;
    const status = this.plane.status(other);
    const wasLive = status.history?.some(({ commit, outcome }) => commit.id === lastGood.id && outcome === 'live');
    if (wasLive !== true && status.lastGood?.id !== lastGood.id)
      this.violations.push(`${name} is live at ${lastGood.id.slice(0, 7)}, and ${other} never was`);
  }

  /** Nothing new begins while a window is shut: what had begun before goes on. */
  #judgeWindow(name: Name): void {
    const { plane } = this;
    const { attempt, lastGood } = plane.status(name);
    const minute = minuteOf(plane.application(name)?.spec.windows);
    const isShut = minute !== undefined && (new Date(plane.clock.now()).getUTCMinutes() - minute + 60) % 60 < SHUT_MINUTES;
    const now: Quiet = { isShut, minute, isBegun: isBegun(attempt), live: lastGood?.id };
    const before = this.#quiet.get(name);
    this.#quiet.set(name, now);
    if (!isShut || before?.isShut !== true || before.minute !== minute || before.isBegun) return;
    if (now.isBegun) this.violations.push(`${name}: ${attempt?.commit.id.slice(0, 7)} began in a window that is shut`);
    if (now.live !== before.live) this.violations.push(`${name}: ${now.live?.slice(0, 7)} went live in a window that is shut`);
  }

  #judgeLoss(name: Name): void {
    const owed = this.#owed.get(name);
    if (owed === undefined) return;
    const running = this.#running(name);
    const gone = owed.filter((id) => !running.includes(id));
    if (gone.length === 0) return;
    this.violations.push(`${name}: ${gone.length} containers were lost with the store`);
    this.#owed.delete(name);
  }

  #running(name: Name): readonly string[] {
    return this.plane.engine
      .containers()
      .filter(({ state, labels }) => state === 'running' && labels[POD_LABEL]?.startsWith(`${name}-`) === true)
      .map(({ id }) => id);
  }

  /** The store is deleted. What is at rest, and what is suspended, runs on as it is. */
  async #loseStore(): Promise<void> {
    const { plane } = this;
    const isAtRest = (name: Name): boolean => {
      const { attempt, health, lastGood, held } = plane.status(name);
      return attempt === undefined && held === undefined && health === 'Healthy' && lastGood?.id === this.#head;
    };
    const areAtRest = names.every(isAtRest) && plane.status('root').lastGood?.id === this.#head;
    for (const name of names) if (areAtRest || this.#suspended.has(name)) this.#owed.set(name, this.#running(name));
    this.#quiet.clear();
    this.#lastGood.clear();
    const suspended = new Set(this.#suspended.keys());
    this.#suspended.clear();
    await plane.loseStore();
    for (const name of suspended) if (plane.orders.of(name).suspend === undefined) this.#owed.delete(name);
  }

  #looks(name: Name): string {
    return JSON.stringify(this.plane.store.get('Deployment', 'default', name)?.spec ?? null);
  }

  async mishap(): Promise<void> {
    const name = this.#dice.pick(names) ?? 'lone';
    const { plane } = this;
    const now = plane.clock.now();
    await this.#dice.weighted<() => void | Promise<void>>([
      [5, () => this.push(this.#dice.chance(0.6))],
      [
        2,
        () => {
          const until = this.#dice.chance(0.5) ? { until: toRfc3339(now + this.#dice.between(1, 20) * MINUTE_MS) } : {};
          plane.orders.say(name, { suspend: { who: 'ada', reason: 'looking', since: toRfc3339(now), ...until } });
        },
      ],
      [2, () => this.#resume(name)],
      [1, () => plane.orders.say(name, { retry: { who: 'ada', at: new Date(now).toISOString() } })],
      [1, () => plane.restart()],
      [1, () => this.#loseStore()],
    ])();
  }

  #resume(name: Name): void {
    this.#owed.delete(name);
    this.plane.orders.say(name, { resumedBy: 'ada' });
  }

  /** Nobody holds anything back any more, and the last commit is good. */
  async end(): Promise<void> {
    const { plane } = this;
    for (const name of names) this.#resume(name);
    this.push(true);
    await this.pass(LONGEST_MS);
    const endMs = plane.clock.now() + 2 * LONGEST_MS;
    const live = plane.deployments();
    for (const name of names)
      if (live[name] !== this.#images.get(name))
        this.violations.push(`${name} is ${live[name]}, the commit says ${this.#images.get(name)}`);
    for (const name of names) {
      const { lastGood, health, attempt } = plane.status(name);
      if (lastGood?.id !== this.#head || health !== 'Healthy' || attempt !== undefined)
        this.violations.push(`${name} is ${health} at ${lastGood?.id.slice(0, 7)}, ${attempt?.phase ?? 'at rest'}`);
    }
    // Events are forgotten after an hour, and that is written.
    while (plane.store.list('Event').length > 0 && plane.clock.now() < endMs) await plane.clock.advance(10 * MINUTE_MS);
    const [revision, writes] = [plane.store.revision(), plane.engine.writes];
    await plane.restart();
    await plane.clock.advance(2 * MINUTE_MS);
    if (plane.store.revision() !== revision) this.violations.push('another pass writes to the store');
    if (plane.engine.writes !== writes) this.violations.push('another pass changes the engine');
  }
}

/** Something that must not happen, before each look: for proving that it is seen. */
export type Sabotage = (plane: SeveralApplications) => void | Promise<void>;

/** Plays one seed; what does not hold. */
export async function severalHistory(seed: number, sabotage: Sabotage = () => {}): Promise<readonly string[]> {
  const history = new History(seed, sabotage);
  const dice = new Dice(seed * 31);
  history.push(true);
  await history.plane.start();
  for (let mishaps = dice.between(3, 10); mishaps > 0; mishaps -= 1) {
    await history.pass(
      dice.weighted([
        [3, dice.between(0, 10) * SECOND_MS],
        [3, MINUTE_MS],
        [1, 12 * MINUTE_MS],
      ]),
    );
    await history.mishap();
  }
  await history.end();
  await history.plane.stop();
  return history.violations;
}
