// Makes the wishes for everything that is no Deployment: added, changed, removed and broken as a team would. A seed has a few themes, so that
// each is played often with each other and no world grows without bound.
import type { Dice } from './dice.ts';
import { brokenHook, changedOrder } from './order-wishes.ts';
import {
  type ControllerWish,
  type CronJobWish,
  type DaemonSetWish,
  type JobWish,
  type PodExtras,
  type SetNature,
  type StatefulSetWish,
  type Wishes,
} from './wishes.ts';

const SIDE = 'side';
const ORDERED: SetNature = { isParallel: false, startOrdinal: 0 };
const sets: Readonly<Record<string, SetNature>> = {
  db: { ...ORDERED, claims: '' },
  mesh: { ...ORDERED, startOrdinal: 2, claims: 'fast' },
  cache: { ...ORDERED, isParallel: true },
  log: { ...ORDERED, isParallel: true, claims: 'late' },
};
const sideSets: Readonly<Record<string, SetNature>> = { cell: { ...ORDERED, claims: 'late' } };
const schedules: Readonly<Record<string, string>> = { tick: '* * * * *', tock: '*/2 * * * *' };

const themes = ['sets', 'daemons', 'controllers', 'jobs', 'crons', 'policies', 'namespace', 'order'] as const;
type Theme = (typeof themes)[number];
type Changed = readonly [about: string, wishes: Wishes];

/** What the programs of the node ask for at most, in thousandths of a CPU: what is left is for the system and for surge. */
const NODE_MILLI_CPUS = 3_400;
const FILLER_MILLI_CPUS = 500;

export class Fleet {
  readonly #dice: Dice;
  readonly #image: (program: string) => string;
  readonly themes: readonly Theme[];
  /**
   * The most pods that each object of any commit so far may need. What a commit does not have any more goes last of all, when it is healthy: until
   * then its pods count in the quota, and which of the earlier commits got how far nobody knows beforehand.
   */
  readonly #needed = new Map<string, number>();

  constructor(dice: Dice, image: (program: string) => string) {
    this.#dice = dice;
    this.#image = image;
    const count = dice.weighted([
      [1, 0],
      [3, 1],
      [4, 2],
      [4, 3],
    ]);
    this.themes = [...new Set(Array.from({ length: count }, () => dice.pick(themes)))];
  }

  /** Something of each theme. */
  begin(wishes: Wishes): Wishes {
    return this.themes.reduce((sum, theme) => this.#changeIn(theme, sum)[1], wishes);
  }

  /** One change; undefined where the seed has nothing but Deployments. */
  change(wishes: Wishes): Changed | undefined {
    const theme = this.#dice.pick(this.themes);
    return theme === undefined ? undefined : this.#changeIn(theme, wishes);
  }

  #changeIn(theme: Theme, wishes: Wishes): Changed {
    if (theme === 'sets') return this.#sets(wishes);
    if (theme === 'daemons') return this.#daemons(wishes);
    if (theme === 'controllers') return this.#controllers(wishes);
    if (theme === 'jobs') return this.#jobs(wishes);
    if (theme === 'crons') return this.#crons(wishes);
    if (theme === 'order') return this.#order(wishes);
    return theme === 'policies' ? this.#policies(wishes) : this.#namespace(wishes);
  }

  /** What pods may have beside their main container. */
  extras(kind: 'server' | 'task'): PodExtras {
    const { themes: own } = this;
    const often = (chance: number): boolean => own.length > 0 && this.#dice.chance(chance);
    const hooks = (['postStart', 'preStop'] as const).filter(() => often(kind === 'server' ? 0.25 : 0));
    return {
      ...(often(0.25) ? { init: this.#image(this.#dice.pick(['init', 'init', 'flaky'])) } : {}),
      ...(often(0.25) ? { hasHelper: true } : {}),
      ...(kind === 'server' && often(0.25) ? { hasStartupProbe: true } : {}),
      ...(kind === 'server' && often(0.15) ? { hasLivenessProbe: true } : {}),
      ...(hooks.length > 0 ? { hooks } : {}),
      ...(kind === 'server' && own.includes('policies') && often(0.4) ? { priority: 'high', milliCpus: 100 } : {}),
    };
  }

  /** The wishes such that they fit the node, and their quota is enough for them and for what is there beside them for a while. */
  fitted(wishes: Wishes): Wishes {
    const { filler, ...controllers } = wishes.controllers;
    const claimed = [...Object.values(wishes.deployments), ...Object.values(wishes.statefulSets)].reduce(
      (sum, wish) => sum + wish.replicas * (wish.extras?.milliCpus ?? 0),
      Object.keys(wishes.daemonSets).length * 100 + Object.keys(controllers).length * 300,
    );
    const room = Math.max(0, Math.floor((NODE_MILLI_CPUS - claimed) / FILLER_MILLI_CPUS));
    const fitting =
      filler === undefined ? controllers : { ...controllers, filler: { ...filler, replicas: Math.min(filler.replicas, room) } };
    const next = { ...wishes, controllers: fitting };
    for (const [name, pods] of podsNeeded(next)) this.#needed.set(name, Math.max(pods, this.#needed.get(name) ?? 0));
    if (wishes.policies.quotaPods === undefined) return next;
    const quotaPods = [...this.#needed.values()].reduce((sum, pods) => sum + pods, 2);
    return { ...next, policies: { ...wishes.policies, quotaPods } };
  }

  /** No CronJob starts anything any more. */
  quiet(wishes: Wishes): Wishes {
    const cronJobs = Object.entries(wishes.cronJobs).map(([name, wish]) => [name, { ...wish, isSuspended: true }] as const);
    return { ...wishes, cronJobs: Object.fromEntries(cronJobs) };
  }

  /** The wishes with something of the themes that can never become healthy; undefined when there is nothing to break. */
  broken(wishes: Wishes): Changed | undefined {
    const broken = this.#dice.pick(this.themes.filter((theme) => ['sets', 'daemons', 'jobs', 'order'].includes(theme)));
    if (broken === 'order') return brokenHook(wishes, this.#dice, this.#image);
    const program = this.#dice.pick(['crash', 'never', 'unstartable']);
    if (broken === 'sets') {
      const name = this.#dice.pick(Object.keys(sets)) ?? 'db';
      const wish = wishes.statefulSets[name] ?? this.#set(name);
      // What is bad stays where pods are replaced by hand: that is what was asked for.
      if (wish.update === 'OnDelete' || wish.partition > 0) return undefined;
      const bad = { ...wish, image: this.#image(program), update: 'RollingUpdate', partition: 0 } as const;
      const replicas = Math.max(1, wish.replicas);
      return [`${name} ${program}`, { ...wishes, statefulSets: { ...wishes.statefulSets, [name]: { ...bad, replicas } } }];
    }
    if (broken === 'daemons') {
      const wish = wishes.daemonSets['agent'] ?? this.#daemon();
      if (wish.update === 'OnDelete') return undefined;
      const bad: DaemonSetWish = { ...wish, image: this.#image(program), update: 'RollingUpdate' };
      return [`agent ${program}`, { ...wishes, daemonSets: { ...wishes.daemonSets, agent: bad } }];
    }
    if (broken !== 'jobs') return undefined;
    const { ttlSeconds: _ttl, ...wish } = wishes.jobs['batch'] ?? this.#job();
    const bad: JobWish = { ...wish, image: this.#image('fail'), backoffLimit: this.#dice.between(0, 2), isSuspended: false };
    return ['batch fails', { ...wishes, jobs: { ...wishes.jobs, batch: bad } }];
  }

  /** The wishes with something that they may not have; undefined when the seed has nothing but Deployments. */
  refused(wishes: Wishes): Changed | undefined {
    if (this.themes.length === 0) return undefined;
    const giant = this.#controller();
    const add = (wish: ControllerWish): Wishes => ({ ...wishes, controllers: { ...wishes.controllers, giant: wish } });
    return this.#dice.pick([
      ['a PriorityClass that is nowhere', add({ ...giant, extras: { ...giant.extras, priority: 'nowhere' } })],
      ['a namespace that is nowhere', add({ ...giant, namespace: 'void' })],
      ['more than the node has', add({ ...giant, replicas: 2, extras: { ...giant.extras, milliCpus: 6_000 } })],
    ]);
  }

  /** Text of a manifest that is wrong; undefined when the seed has nothing but Deployments. */
  invalid(): string | undefined {
    if (this.themes.length === 0) return undefined;
    const template = (policy: string): object => ({
      metadata: { labels: { app: 'bad' } },
      spec: { restartPolicy: policy, containers: [{ name: 'main', image: 'app:1' }] },
    });
    const named = (apiVersion: string, kind: string, spec: object): string =>
      JSON.stringify({ apiVersion, kind, metadata: { name: 'bad' }, spec });
    return this.#dice.pick([
      named('batch/v1', 'Job', { template: template('Always') }),
      named('batch/v1', 'CronJob', { schedule: '61 * * * *', jobTemplate: { spec: { template: template('Never') } } }),
      named('apps/v1', 'StatefulSet', { selector: { matchLabels: { app: 'worse' } }, template: template('Always') }),
      named('apps/v1', 'DaemonSet', { selector: { matchLabels: { app: 'bad' } }, template: template('Never') }),
    ]);
  }

  /** What runs most of the time; sometimes slow to be ready. */
  #server(): string {
    return this.#image(this.#dice.pick(['app', 'app', 'slow']));
  }

  #set(name: string): StatefulSetWish {
    const dice = this.#dice;
    const nature = sets[name] ?? sideSets[name] ?? ORDERED;
    return {
      ...(sideSets[name] === undefined ? {} : { namespace: SIDE }),
      image: this.#server(),
      extras: this.extras('server'),
      replicas: dice.between(1, 3),
      nature,
      update: dice.chance(0.15) ? 'OnDelete' : 'RollingUpdate',
      partition: dice.chance(0.15) ? dice.between(1, 2) : 0,
      maxUnavailable: dice.pick([1, 1, 2]),
      minReadySeconds: dice.pick([0, 0, 10]),
      releasesClaims: nature.claims !== undefined && dice.chance(0.25),
    };
  }

  #daemon(): DaemonSetWish {
    const surges = this.#dice.pick<0 | 1>([0, 1]);
    const update = this.#dice.chance(0.15) ? 'OnDelete' : 'RollingUpdate';
    return { image: this.#server(), extras: this.extras('server'), maxSurge: surges, update };
  }

  #controller(): ControllerWish {
    return { image: this.#server(), extras: this.extras('server'), replicas: this.#dice.between(1, 3) };
  }

  #job(): JobWish {
    const dice = this.#dice;
    return {
      image: this.#image(dice.pick(['task', 'flaky', 'long'])),
      extras: this.extras('task'),
      completions: dice.between(1, 3),
      parallelism: dice.between(1, 2),
      isIndexed: dice.chance(0.5),
      restartPolicy: dice.pick(['OnFailure', 'Never']),
      isLimitedPerIndex: dice.chance(0.3),
      backoffLimit: 20,
      isSuspended: dice.chance(0.1),
      ...(dice.chance(0.25) ? { ttlSeconds: dice.pick([0, 60]) } : {}),
    };
  }

  #cron(name: string): CronJobWish {
    const dice = this.#dice;
    return {
      image: this.#image(dice.pick(['task', 'long', 'longer', 'fail'])),
      extras: this.extras('task'),
      policy: dice.pick(['Allow', 'Forbid', 'Replace']),
      schedule: schedules[name] ?? '* * * * *',
      isSuspended: dice.chance(0.15),
    };
  }

  #sets(wishes: Wishes, natures = sets): Changed {
    const name = this.#dice.pick(Object.keys(natures)) ?? 'db';
    const old = wishes.statefulSets[name];
    const { [name]: _removed, ...others } = wishes.statefulSets;
    const put = (about: string, wish: StatefulSetWish): Changed => [
      `${name}: ${about}`,
      { ...wishes, statefulSets: { ...others, [name]: wish } },
    ];
    if (old === undefined) return put('made anew', this.#set(name));
    return this.#dice.weighted<() => Changed>([
      [4, () => put('image', { ...old, image: this.#server() })],
      [4, () => put('scale', { ...old, replicas: this.#dice.between(0, 4) })],
      [1, () => put('all', this.#set(name))],
      [1, () => put('extras', { ...old, extras: this.extras('server') })],
      [1, () => [`${name}: removed`, { ...wishes, statefulSets: others }]],
    ])();
  }

  #daemons(wishes: Wishes): Changed {
    const name = this.#dice.pick(['agent', 'proxy']);
    const { [name]: old, ...others } = wishes.daemonSets;
    if (old !== undefined && this.#dice.chance(0.2)) return [`${name}: removed`, { ...wishes, daemonSets: others }];
    const wish = old !== undefined && this.#dice.chance(0.6) ? { ...old, image: this.#server() } : this.#daemon();
    return [`${name}: ${old === undefined ? 'made anew' : 'changed'}`, { ...wishes, daemonSets: { ...others, [name]: wish } }];
  }

  #controllers(wishes: Wishes): Changed {
    const { farm, ...others } = wishes.controllers;
    if (farm !== undefined && this.#dice.chance(0.2)) return ['farm: removed', { ...wishes, controllers: others }];
    const wish = farm === undefined ? this.#controller() : { ...farm, image: this.#server(), replicas: this.#dice.between(0, 4) };
    return ['farm', { ...wishes, controllers: { ...others, farm: wish } }];
  }

  #jobs(wishes: Wishes): Changed {
    const name = this.#dice.pick(['migrate', 'index', 'batch']);
    const { [name]: old, ...others } = wishes.jobs;
    if (old !== undefined && this.#dice.chance(0.2)) return [`${name}: removed`, { ...wishes, jobs: others }];
    if (old?.isSuspended === true)
      return [`${name}: resumed`, { ...wishes, jobs: { ...others, [name]: { ...old, isSuspended: false } } }];
    return [`${name}: ${old === undefined ? 'new' : 'replaced'}`, { ...wishes, jobs: { ...others, [name]: this.#job() } }];
  }

  #crons(wishes: Wishes): Changed {
    const name = this.#dice.pick(['tick', 'tock']);
    const { [name]: old, ...others } = wishes.cronJobs;
    if (old !== undefined && this.#dice.chance(0.15)) return [`${name}: removed`, { ...wishes, cronJobs: others }];
    const wish = old !== undefined && this.#dice.chance(0.3) ? { ...old, isSuspended: !old.isSuspended } : this.#cron(name);
    return [`${name}: ${wish.isSuspended ? 'suspended' : wish.policy}`, { ...wishes, cronJobs: { ...others, [name]: wish } }];
  }

  #order(wishes: Wishes): Changed {
    return changedOrder(wishes, this.#dice, this.#image);
  }

  #policies(wishes: Wishes): Changed {
    const { policies } = wishes;
    const put = (about: string, change: Partial<Wishes['policies']>): Changed => [
      about,
      { ...wishes, policies: { ...policies, ...change } },
    ];
    const { quotaPods, ...unlimited } = policies;
    const apps = [...Object.keys(wishes.deployments), ...Object.keys(wishes.statefulSets)];
    const { filler, ...others } = wishes.controllers;
    return this.#dice.weighted<() => Changed>([
      [2, () => (quotaPods === undefined ? put('quota', { quotaPods: 0 }) : ['no quota', { ...wishes, policies: unlimited }])],
      [2, () => put('limits', { hasLimits: !policies.hasLimits })],
      [1, () => put('budgets', { budgets: Object.fromEntries(apps.map((app) => [app, this.#dice.between(0, 2)])) })],
      [3, () => ['filler', { ...wishes, controllers: filler === undefined ? { ...others, filler: this.#filler() } : others }]],
    ])();
  }

  /** Takes what nobody else needs, and goes when somebody does. */
  #filler(): ControllerWish {
    return { image: this.#image('app'), extras: { priority: 'low', milliCpus: FILLER_MILLI_CPUS }, replicas: 7 };
  }

  #namespace(wishes: Wishes): Changed {
    if (!wishes.namespaces.includes(SIDE)) return this.#sets({ ...wishes, namespaces: [...wishes.namespaces, SIDE] }, sideSets);
    if (this.#dice.chance(0.3)) return ['the namespace goes', withoutNamespace(wishes, SIDE)];
    return this.#dice.pick([
      () => this.#sets(wishes, sideSets),
      (): Changed => {
        const guest = { ...this.#controller(), namespace: SIDE };
        return ['guest', { ...wishes, controllers: { ...wishes.controllers, guest } }];
      },
      (): Changed => {
        const rite = { ...this.#job(), namespace: SIDE };
        return ['rite', { ...wishes, jobs: { ...wishes.jobs, rite } }];
      },
    ])();
  }
}

function withoutNamespace(wishes: Wishes, namespace: string): Wishes {
  const left = <W extends { readonly namespace?: string }>(named: Readonly<Record<string, W>>): Record<string, W> =>
    Object.fromEntries(Object.entries(named).filter(([, wish]) => wish.namespace !== namespace));
  return {
    ...wishes,
    namespaces: wishes.namespaces.filter((name) => name !== namespace),
    statefulSets: left(wishes.statefulSets),
    controllers: left(wishes.controllers),
    jobs: left(wishes.jobs),
  };
}

/** Pods of the namespace `default` at the busiest time of a rollout, of each object. Ending ones count until they are gone. */
function podsNeeded(wishes: Wishes): readonly (readonly [object: string, pods: number])[] {
  const { deployments, statefulSets, daemonSets, controllers, jobs, cronJobs, pods, hooks } = wishes;
  const each = <W extends object>(
    kind: string,
    named: Readonly<Record<string, W>>,
    most: (wish: W) => number,
  ): readonly (readonly [string, number])[] =>
    Object.entries(named)
      .filter(([, wish]) => !('namespace' in wish))
      .map(([name, wish]) => [`${kind} ${name}`, most(wish)]);
  return [
    ...each('deployment', deployments, ({ replicas }) => 2 * replicas + 2),
    ...each('set', statefulSets, ({ replicas }) => replicas + 1),
    ...each('controller', controllers, ({ replicas }) => replicas + 1),
    ...each('job', jobs, ({ parallelism }) => 2 * parallelism),
    ...each('daemon', daemonSets, () => 2),
    ...each('cron', cronJobs, () => 4),
    ...each('pod', pods, () => 2),
    ...each('hook', hooks, () => 2),
  ];
}
