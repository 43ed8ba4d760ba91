// Random histories of several applications that wait for each other, with commits good and bad, people who suspend, resume and retry them, and a
// controller that is restarted or loses its store. Whatever was done: a suspended one is left alone, those that depend on others wait for them, and
// once nothing holds anything back, what runs is what the last commit says, and a further pass writes nothing.
import { toRfc3339 } from '../../src/model/time.ts';
import { declare, SeveralApplications, webOf } from '../support/several-applications.ts';
import { Dice } from './dice.ts';

const names = ['db', 'api', 'web', 'lone'] as const;
type Name = (typeof names)[number];
const dependencies: Readonly<Partial<Record<Name, Name>>> = { api: 'db', web: 'api' };
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** A commit fails after five minutes, its rollback after five more, and each waits for the one before it. */
const LONGEST_MS = 60 * MINUTE_MS;

class History {
  readonly plane = new SeveralApplications();
  readonly violations: string[] = [];
  readonly #dice: Dice;
  readonly #images = new Map<Name, string>(names.map((name) => [name, 'web:1']));
  readonly #suspended = new Map<Name, string>();
  readonly #lastGood = new Map<Name, string>();
  #head = '';
  #commits = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  /** Commits what each is to be; `isGood`: nothing in it fails. */
  push(isGood: boolean): void {
    for (const name of names) {
      if (this.#dice.chance(0.5)) this.#images.set(name, this.#dice.pick(['web:1', 'web:2', ...(isGood ? [] : ['bad:1'])]));
      if (isGood && this.#images.get(name) === 'bad:1') this.#images.set(name, 'web:2');
    }
    this.#commits += 1;
    const files = names.flatMap((name): readonly (readonly [string, string])[] => {
      const other = dependencies[name];
      const dependsOn = other === undefined ? {} : { dependsOn: [{ name: other }] };
      const retry = this.#commits % 3 === 0 ? { retry: { limit: 2 } } : {};
      return [
        [`root/${name}.yaml`, declare(name, { path: `apps/${name}`, ...dependsOn, ...retry })],
        [`apps/${name}/d.yaml`, webOf(name, this.#images.get(name) ?? '')],
      ];
    });
    this.#head = this.plane.source.commit({ files: Object.fromEntries(files) });
  }

  /** Time passes, and it is seen what it brings. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5 * SECOND_MS) {
      await this.plane.clock.advance(5 * SECOND_MS);
      for (const name of names) this.#judge(name);
    }
  }

  #judge(name: Name): void {
    const { lastGood, suspension } = this.plane.status(name);
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
      [2, () => plane.orders.say(name, { resumedBy: 'ada' })],
      [1, () => plane.orders.say(name, { retry: { who: 'ada', at: new Date(now).toISOString() } })],
      [1, () => plane.restart()],
    ])();
  }

  /** Nobody holds anything back any more, and the last commit is good. */
  async end(): Promise<void> {
    const { plane } = this;
    for (const name of names) plane.orders.say(name, { resumedBy: 'ada' });
    this.push(true);
    await this.pass(LONGEST_MS);
    const live = plane.deployments();
    for (const name of names)
      if (live[name] !== this.#images.get(name))
        this.violations.push(`${name} is ${live[name]}, the commit says ${this.#images.get(name)}`);
    for (const name of names) {
      const { lastGood, health, attempt } = plane.status(name);
      if (lastGood?.id !== this.#head || health !== 'Healthy' || attempt !== undefined)
        this.violations.push(`${name} is ${health} at ${lastGood?.id.slice(0, 7)}, ${attempt?.phase ?? 'at rest'}`);
    }
    const [revision, writes] = [plane.store.revision(), plane.engine.writes];
    await plane.restart();
    await plane.clock.advance(2 * MINUTE_MS);
    if (plane.store.revision() !== revision) this.violations.push('another pass writes to the store');
    if (plane.engine.writes !== writes) this.violations.push('another pass changes the engine');
  }
}

/** Plays one seed; what does not hold. */
export async function severalHistory(seed: number): Promise<readonly string[]> {
  const history = new History(seed);
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
