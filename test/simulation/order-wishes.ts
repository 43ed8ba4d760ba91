// Makes the wishes for the order within a commit: waves of what it has, and hooks around it.
import type { Dice } from './dice.ts';
import type { HookWish, Wishes } from './wishes.ts';

type Changed = readonly [about: string, wishes: Wishes];
type Imaging = (program: string) => string;

/** When each hook runs: the name decides it. */
const events = { prepare: 'pre-sync', migration: 'pre-sync', seed: 'sync', announce: 'post-sync', alarm: 'sync-fail' } as const;
const names = ['prepare', 'migration', 'seed', 'announce', 'alarm'] as const;
/** What is configured comes no later than who uses it. */
const configWaves = [-3, -1, 0];
const serverWaves = [0, 1, 2, 7];

/** Whether an app is that of a hook. */
export function isHookName(app: string): boolean {
  return Object.hasOwn(events, app);
}

function aHook(name: keyof typeof events, dice: Dice, image: Imaging): HookWish {
  return {
    event: events[name],
    image: image(dice.pick(['task', 'task', 'flaky'])),
    wave: dice.pick([0, 0, 1, -1]),
    policy: dice.pick(['before-hook-creation', 'hook-succeeded', 'before-hook-creation,hook-succeeded,hook-failed']),
    backoffLimit: 20,
  };
}

/** Other waves, or one hook more, less or changed. */
export function changedOrder(wishes: Wishes, dice: Dice, image: Imaging): Changed {
  if (dice.chance(0.4)) {
    const waves = [
      ...Object.keys(wishes.configMaps).map((name) => [name, dice.pick(configWaves)] as const),
      ...Object.keys(wishes.deployments).map((name) => [name, dice.pick(serverWaves)] as const),
    ];
    return ['waves', { ...wishes, waves: Object.fromEntries(waves.filter(() => dice.chance(0.7))) as Record<string, number> }];
  }
  const name = dice.pick(names);
  const { [name]: old, ...others } = wishes.hooks;
  if (old !== undefined && dice.chance(0.3)) return [`hook ${name} removed`, { ...wishes, hooks: others }];
  return [`hook ${name}`, { ...wishes, hooks: { ...others, [name]: aHook(name, dice, image) } }];
}

/** One hook that fails, or never ends. */
export function brokenHook(wishes: Wishes, dice: Dice, image: Imaging): Changed {
  const name = dice.pick(['prepare', 'migration', 'seed', 'announce'] as const);
  const program = dice.pick(['fail', 'fail', 'app']);
  const bad = { ...aHook(name, dice, image), image: image(program), backoffLimit: dice.between(0, 1) };
  return [`hook ${name} ${program}`, { ...wishes, hooks: { ...wishes.hooks, [name]: bad } }];
}
