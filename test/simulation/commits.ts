// Makes the commits of a scenario: what a team would push, good and bad.
import type { Dice } from './dice.ts';
import { Fleet } from './fleet.ts';
import { filesOf } from './manifests.ts';
import { type DeploymentWish, noWishes, type PodWish, type SimulatedCommit, type Strategy, type Wishes } from './wishes.ts';

const DEPLOYMENTS = ['api', 'web', 'worker'] as const;
const CONFIG_MAPS = ['settings', 'texts'] as const;
const CLAIMS = ['data', 'spool', 'archive'] as const;
const PODS = ['tool', 'seeder', 'loader'] as const;

/** Pushes commits, each built on the last good state or on an earlier one. */
export class Team {
  readonly #dice: Dice;
  /** Every good state so far, for reverts. */
  readonly #good: Wishes[] = [];
  readonly #fleet: Fleet;
  #tag = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#fleet = new Fleet(dice, (program) => this.#image(program));
  }

  /** The first commit: always good. */
  first(): SimulatedCommit {
    const name = this.#dice.pick(DEPLOYMENTS);
    const empty: Wishes = { ...noWishes, configMaps: { settings: 'first' }, claims: ['data'] };
    const deployments = { [name]: this.#deployment(empty), ...(this.#dice.chance(0.5) ? { api: this.#deployment(empty) } : {}) };
    return this.#asGood(this.#fleet.begin({ ...empty, deployments }), 'first');
  }

  /** Any commit. */
  next(): SimulatedCommit {
    return this.#dice.weighted<() => SimulatedCommit>([
      [12, () => this.good()],
      [3, () => this.#revert()],
      [4, () => this.#unhealthy()],
      [2, () => this.#refused()],
      [2, () => this.#invalid()],
    ])();
  }

  /** The last good state, in which no CronJob starts anything; undefined when that is so already. */
  quiet(): SimulatedCommit | undefined {
    const isTicking = Object.values(this.#last().cronJobs).some(({ isSuspended }) => !isSuspended);
    return isTicking ? this.#asGood(this.#fleet.quiet(this.#last()), 'no CronJob starts anything') : undefined;
  }

  /** One to three changes on the last good state. */
  good(): SimulatedCommit {
    let wishes = this.#last();
    const about: string[] = [];
    for (let changes = this.#dice.between(1, 3); changes > 0; changes -= 1) {
      const [what, changed] = this.#changed(wishes);
      wishes = changed;
      about.push(what);
    }
    return this.#asGood(wishes, about.join(', '));
  }

  /** What one more good commit would ask for. It is not made, and the next ones are not built on it. */
  upcoming(): Wishes {
    const { wishes } = this.good();
    this.#good.pop();
    return wishes;
  }

  #asGood(wished: Wishes, about: string): SimulatedCommit {
    const wishes = this.#fleet.fitted(wished);
    this.#good.push(wishes);
    return { class: 'good', wishes, files: filesOf(wishes), about };
  }

  #last(): Wishes {
    const last = this.#good.at(-1);
    if (last === undefined) throw new Error('the first commit comes first');
    return last;
  }

  #revert(): SimulatedCommit {
    return this.#asGood(this.#dice.pick(this.#good) ?? this.#last(), 'revert');
  }

  #image(program: string): string {
    this.#tag += 1;
    return `${program}:${this.#tag}`;
  }

  #strategy(): Strategy {
    const limit = (): number | string => this.#dice.pick<number | string>([0, 1, 1, 2, '25%', '50%', '100%']);
    if (this.#dice.chance(0.2)) return { type: 'Recreate' };
    const strategy: Strategy = { type: 'RollingUpdate', maxSurge: limit(), maxUnavailable: limit() };
    // Kubernetes forbids that neither may differ from zero.
    return strategy.maxSurge === 0 && strategy.maxUnavailable === 0 ? { ...strategy, maxSurge: 1 } : strategy;
  }

  #deployment({ configMaps, claims }: Wishes): DeploymentWish {
    const config = this.#dice.pick(Object.keys(configMaps));
    const claim = this.#dice.chance(0.3) ? this.#dice.pick(claims) : undefined;
    return {
      replicas: this.#dice.between(1, 4),
      image: this.#image(this.#dice.pick(['app', 'app', 'slow'])),
      strategy: this.#strategy(),
      minReadySeconds: this.#dice.pick([0, 0, 0, 15]),
      hasSidecar: this.#dice.chance(0.3),
      probe: this.#dice.pick(['none', 'http', 'exec']),
      ...(config !== undefined && this.#dice.chance(0.5)
        ? { config: { name: config, as: this.#dice.pick(['env', 'volume']) } }
        : {}),
      ...(claim === undefined ? {} : { claim }),
      graceSeconds: this.#dice.pick([0, 5, 30]),
      progressDeadlineSeconds: this.#dice.pick([60, 600]),
      extras: this.#fleet.extras('server'),
    };
  }

  #changed(wishes: Wishes): readonly [about: string, wishes: Wishes] {
    const names = Object.keys(wishes.deployments);
    const name = this.#dice.pick(names) ?? 'web';
    const old = wishes.deployments[name];
    const edit = (about: string, change: (wish: DeploymentWish) => Partial<DeploymentWish>): readonly [string, Wishes] =>
      old === undefined
        ? this.#addDeployment(wishes)
        : [`${name}: ${about}`, { ...wishes, deployments: { ...wishes.deployments, [name]: { ...old, ...change(old) } } }];
    return this.#dice.weighted<() => readonly [string, Wishes]>([
      [this.#fleet.themes.length > 0 ? 36 : 0, () => this.#fleet.change(wishes) ?? this.#changeConfig(wishes)],
      [6, () => edit('image', () => ({ image: this.#image(this.#dice.pick(['app', 'app', 'slow'])) }))],
      [5, () => edit('scale', () => ({ replicas: this.#dice.between(0, 6) }))],
      [2, () => edit('strategy', () => ({ strategy: this.#strategy() }))],
      [1, () => edit('minReadySeconds', () => ({ minReadySeconds: this.#dice.pick([0, 10, 20]) }))],
      [1, () => edit('sidecar', (wish) => ({ hasSidecar: !wish.hasSidecar }))],
      [3, () => this.#changeConfig(wishes)],
      [3, () => this.#addDeployment(wishes)],
      [2, () => this.#removeDeployment(wishes)],
      [1, () => this.#claims(wishes)],
      [2, () => this.#pods(wishes)],
    ])();
  }

  #changeConfig(wishes: Wishes): readonly [string, Wishes] {
    const name = this.#dice.pick(CONFIG_MAPS);
    return [`config ${name}`, { ...wishes, configMaps: { ...wishes.configMaps, [name]: `value ${this.#dice.between(1, 99)}` } }];
  }

  #addDeployment(wishes: Wishes): readonly [string, Wishes] {
    const name = this.#dice.pick(DEPLOYMENTS);
    return [`${name}: made anew`, { ...wishes, deployments: { ...wishes.deployments, [name]: this.#deployment(wishes) } }];
  }

  #removeDeployment(wishes: Wishes): readonly [string, Wishes] {
    const name = this.#dice.pick(Object.keys(wishes.deployments));
    const { [name ?? '']: _removed, ...deployments } = wishes.deployments;
    return [`${name}: removed`, { ...wishes, deployments }];
  }

  #claims(wishes: Wishes): readonly [string, Wishes] {
    const name = this.#dice.pick(CLAIMS);
    const isUsed = Object.values(wishes.deployments).some((wish) => wish.claim === name);
    if (!wishes.claims.includes(name)) return [`claim ${name} added`, { ...wishes, claims: [...wishes.claims, name] }];
    if (isUsed) return this.#changeConfig(wishes);
    return [`claim ${name} removed`, { ...wishes, claims: wishes.claims.filter((claim) => claim !== name) }];
  }

  #pods(wishes: Wishes): readonly [string, Wishes] {
    const name = this.#dice.pick(PODS);
    const { [name]: old, ...others } = wishes.pods;
    if (old !== undefined && this.#dice.chance(0.5)) return [`pod ${name} removed`, { ...wishes, pods: others }];
    const kinds: Readonly<Record<typeof name, PodWish>> = {
      tool: { image: this.#image('app'), restartPolicy: 'Always' },
      seeder: { image: this.#image('task'), restartPolicy: 'Never' },
      loader: { image: this.#image('flaky'), restartPolicy: 'OnFailure' },
    };
    const pod = kinds[name];
    return [`pod ${name} made anew`, { ...wishes, pods: { ...others, [name]: pod } }];
  }

  /** The last good state with one workload that needs what it cannot get. Other things change with it. */
  #broken(program: 'crash' | 'never' | 'unstartable' | 'gone'): Wishes {
    const base = this.#dice.chance(0.5) ? this.#changeConfig(this.#last())[1] : this.#last();
    const name = this.#dice.pick(Object.keys(base.deployments)) ?? 'web';
    const old = base.deployments[name] ?? this.#deployment(base);
    const probe = old.probe === 'none' ? 'http' : old.probe;
    const replicas = Math.max(1, this.#dice.chance(0.3) ? this.#dice.between(1, 5) : old.replicas);
    const broken = { ...old, image: this.#image(program), probe, replicas };
    return this.#fleet.fitted({ ...base, deployments: { ...base.deployments, [name]: broken } });
  }

  #unhealthy(): SimulatedCommit {
    const other = this.#dice.chance(0.6) ? this.#fleet.broken(this.#last()) : undefined;
    if (other !== undefined) {
      const wished = this.#fleet.fitted(other[1]);
      return { class: 'unhealthy', wishes: wished, files: filesOf(wished), about: other[0] };
    }
    const program = this.#dice.pick(['crash', 'never', 'unstartable']);
    const wishes = this.#broken(program);
    return { class: 'unhealthy', wishes, files: filesOf(wishes), about: program };
  }

  #refused(): SimulatedCommit {
    const other = this.#dice.chance(0.5) ? this.#fleet.refused(this.#last()) : undefined;
    if (other !== undefined) return { class: 'refused', wishes: other[1], files: filesOf(other[1]), about: other[0] };
    if (this.#dice.chance(0.5)) {
      const wishes = this.#broken('gone');
      return { class: 'refused', wishes, files: filesOf(wishes), about: 'image that nobody has' };
    }
    const base = this.#last();
    const config = { name: 'nowhere', as: this.#dice.pick(['env', 'volume']) } as const;
    const wishes = { ...base, deployments: { ...base.deployments, api: { ...this.#deployment(base), config } } };
    return { class: 'refused', wishes, files: filesOf(wishes), about: 'missing ConfigMap' };
  }

  #invalid(): SimulatedCommit {
    const wishes = this.#last();
    const files = filesOf(this.upcoming());
    const other = this.#dice.chance(0.5) ? this.#fleet.invalid() : undefined;
    const broken =
      other ?? this.#dice.pick(['kind: [', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}', undefined]);
    if (broken === undefined) return { class: 'invalid', wishes, files: {}, about: 'nothing in it' };
    return { class: 'invalid', wishes, files: { ...files, 'broken.yaml': broken }, about: 'invalid manifest' };
  }
}
