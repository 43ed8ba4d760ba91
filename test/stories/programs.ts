// Stories of programs that do not do what they should, and of Jobs, hooks and waves.
import { type HookWish, type Wishes } from '../simulation/wishes.ts';
import { type Stage, shop, web, withImage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const untouched = '2 × app:1, untouched';
const MINUTE_MS = 60_000;

/** A commit that is applied, is not well and is taken back. */
function takenBack(name: string, when: string, wishes: Wishes, told: readonly string[]): Story {
  const play = async (stage: Stage): Promise<void> => stage.held(stage.push(wishes, { as: 'unhealthy' }));
  return { name, when, play, runs: untouched, told: ['is not live (rolled-back', ...told] };
}

const hook = (event: HookWish['event'], image: string, backoffLimit = 0): HookWish => ({
  event,
  image,
  wave: 0,
  policy: 'before-hook-creation',
  backoffLimit,
});
const withHook = (event: HookWish['event'], image: string, wishes = withImage('app:2')): Wishes => ({
  ...wishes,
  hooks: { migration: hook(event, image) },
});
const jobs = (stage: Stage): number => stage.world.store.list('Job').length;

export const programStories: Chapter = {
  title: 'Programs',
  stories: [
    takenBack('A crash loop', 'The new program ends with an error, again and again.', withImage('crash:2'), [
      'CrashLoopBackOff after 3 restarts',
    ]),
    takenBack('Never ready', 'The new program runs, and its readiness probe never succeeds.', withImage('never:2'), [
      'not healthy in time',
      'Readiness probe failed: connection refused',
    ]),
    takenBack('A command that does not exist', 'The engine cannot start the container.', withImage('unstartable:2'), [
      'executable file not found',
    ]),
    takenBack(
      'An init container that fails',
      'The init container of the new pods ends with an error.',
      withImage('app:2', { extras: { init: 'fail:1' } }),
      ['container init: CrashLoopBackOff'],
    ),
    takenBack(
      'An init container that never ends',
      'The init container of the new pods waits for something that never comes.',
      withImage('app:2', { extras: { init: 'app:9' } }),
      ['not healthy in time', 'container init: initializing'],
    ),
    takenBack(
      'A Job that fails',
      'A commit brings a Job that fails.',
      {
        ...shop,
        jobs: {
          batch: {
            image: 'fail:1',
            extras: {},
            completions: 1,
            parallelism: 1,
            isIndexed: false,
            restartPolicy: 'Never',
            isLimitedPerIndex: false,
            backoffLimit: 1,
            isSuspended: false,
          },
        },
      },
      ['it cannot become healthy: job/batch: BackoffLimitExceeded'],
    ),
    {
      name: 'A slow start',
      when: 'The new program needs a quarter of a minute until it is ready.',
      play: async (stage) => stage.live(stage.push(withImage('slow:2'))),
      runs: '2 × slow:2, never fewer than 2',
      told: ['running but not ready'],
    },
    {
      name: 'A program that was well and crashes later',
      when: 'One of two pods crashes an hour after the commit went live.',
      play: async (stage) => {
        await stage.pass(60 * MINUTE_MS);
        stage.mishap();
        stage.world.engine.crash(stage.victim().id, 1);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, never fewer than 1',
      told: ['last exit code 1 (Error)'],
    },
    {
      name: 'Out of memory',
      when: 'The kernel kills a program that has used more than its limit.',
      play: async (stage) => {
        stage.world.engine.crash(stage.victim().id, 137, true);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, never fewer than 1',
      told: ['OOMKilled'],
    },
    {
      name: 'A program that hangs',
      when: 'A program with a liveness probe stops answering.',
      play: async (stage) => {
        await stage.live(stage.push(withImage('app:1', { extras: { hasLivenessProbe: true } })));
        await stage.rest();
        stage.mishap();
        const victim = stage.victim();
        const uid = victim.spec.labels['holdfast.dev/pod-uid'] ?? '';
        stage.world.engine.deaf.add(uid);
        await stage.until('it is killed', () => !stage.containers('web').includes(victim));
        stage.world.engine.deaf.delete(uid);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, never fewer than 1',
      told: ['Liveness probe failed'],
    },
    {
      name: 'A program that is not ready for a while',
      when: 'A program fails its readiness probe for two minutes, long after its commit went live.',
      play: async (stage) => {
        const uid = stage.victim().spec.labels['holdfast.dev/pod-uid'] ?? '';
        stage.world.engine.deaf.add(uid);
        await stage.until('it is told', () => stage.status.health !== 'Healthy');
        await stage.pass(2 * MINUTE_MS);
        stage.world.engine.deaf.delete(uid);
        await stage.until('it is well', () => stage.status.health === 'Healthy');
      },
      runs: '2 × app:1, never fewer than 1',
      told: ['Readiness probe failed: connection refused'],
    },
    {
      name: 'A time-out of the commit itself',
      when: 'A commit says `timeoutSeconds: 60`, and its program is not ready by then.',
      play: async (stage) => {
        const application = JSON.stringify({
          apiVersion: 'holdfast.dev/v1',
          kind: 'Application',
          metadata: { name: 'shop' },
          spec: { timeoutSeconds: 60 },
        });
        await stage.held(stage.push(withImage('never:2'), { as: 'unhealthy', files: { 'application.yaml': application } }));
      },
      runs: untouched,
      told: ['not healthy in time'],
    },
  ],
};

export const hookStories: Chapter = {
  title: 'Hooks and waves',
  stories: [
    {
      name: 'A pre-sync hook that fails',
      when: 'The migration before the commit fails.',
      play: async (stage) => stage.held(stage.push(withHook('pre-sync', 'fail:1'), { as: 'unhealthy' })),
      runs: untouched,
      told: [
        'pre-sync hook job/migration failed: BackoffLimitExceeded',
        'nothing of it is applied; it is not tried again until HEAD moves',
      ],
    },
    {
      name: 'A hook that hangs',
      when: 'The migration before the commit never ends.',
      play: async (stage) => stage.held(stage.push(withHook('pre-sync', 'app:7'), { as: 'unhealthy' })),
      runs: untouched,
      told: ['not done in time: pre-sync hook job/migration: 0 of 1 succeeded, 1 active', 'nothing of it is applied'],
    },
    {
      name: 'A hook that vanishes',
      when: 'Somebody deletes the Job of a hook while it runs.',
      play: async (stage) => {
        const id = stage.push(withHook('pre-sync', 'long:1'), { as: 'unhealthy' });
        await stage.until('the hook runs', () => stage.containers('migration').length === 1);
        await stage.remove('Job', 'migration');
        await stage.held(id);
      },
      runs: untouched,
      told: ['pre-sync hook job/migration vanished: its Job was deleted while it was waited for'],
    },
    {
      name: 'The container of a hook that vanishes',
      when: 'Somebody removes the container of a hook while it runs (`docker rm -f`).',
      play: async (stage) => {
        const id = stage.push({ ...withImage('app:2'), hooks: { migration: hook('pre-sync', 'long:1', 3) } });
        await stage.until('the hook runs', () => stage.containers('migration').length === 1);
        stage.world.engine.removeByHand(stage.victim('migration').id);
        await stage.live(id);
      },
      runs: '2 × app:2, never fewer than 2',
      told: ['It was removed by hand', '0 of 1 succeeded, 1 active, 1 failed'],
    },
    {
      name: 'A post-sync hook that fails',
      when: 'The smoke test after the commit fails.',
      play: async (stage) => stage.held(stage.push(withHook('post-sync', 'fail:1'), { as: 'unhealthy' })),
      runs: '2 × app:1, never fewer than 2',
      told: ['is not live (rolled-back', 'post-sync hook job/migration failed: BackoffLimitExceeded'],
    },
    {
      name: 'A hook on failure',
      when: 'A commit crashes, and a sync-fail hook tells somebody.',
      play: async (stage) => stage.held(stage.push(withHook('sync-fail', 'task:1', withImage('crash:2')), { as: 'unhealthy' })),
      runs: untouched,
      told: ['is not live (rolled-back', 'sync-fail hook job/migration succeeded'],
    },
    {
      name: 'A hook on failure that fails',
      when: 'The same, and that hook fails too.',
      play: async (stage) => stage.held(stage.push(withHook('sync-fail', 'fail:1', withImage('crash:2')), { as: 'unhealthy' })),
      runs: untouched,
      told: ['is not live (rolled-back', 'sync-fail hook job/migration failed: BackoffLimitExceeded'],
    },
    {
      name: 'A commit during a hook',
      when: 'A newer commit comes while a hook that never ends is running.',
      play: async (stage) => {
        stage.push(withHook('pre-sync', 'app:7'), { as: 'unhealthy' });
        await stage.until('the hook runs', () => stage.containers('migration').length === 1);
        await stage.live(stage.push(withImage('app:3')));
        stage.must(jobs(stage) === 0, 'the hook is still there');
      },
      runs: '2 × app:3, never fewer than 2',
      told: ['pre-sync hook job/migration is not waited for any more'],
    },
    {
      name: 'A first wave that is never healthy',
      when: 'The first of two waves never becomes ready.',
      play: async (stage) => {
        const api = { ...web, image: 'never:1', replicas: 1 };
        const wishes = {
          ...withImage('app:2'),
          deployments: { web: { ...web, image: 'app:2' }, api },
          waves: { api: -1, web: 1 },
        };
        await stage.held(stage.push(wishes, { as: 'unhealthy' }));
      },
      runs: untouched,
      told: [
        'is not live (rolled-back',
        'wave 0 waits for deployment/api',
        'it cannot become healthy: deployment/api: ProgressDeadlineExceeded',
      ],
    },
    {
      name: 'A second wave that crashes',
      when: 'The second of two waves crashes; the first is taken back with it.',
      play: async (stage) => {
        const api = { ...web, image: 'crash:1', replicas: 1 };
        const wishes = {
          ...withImage('app:2'),
          deployments: { web: { ...web, image: 'app:2' }, api },
          waves: { web: -1, api: 1 },
        };
        await stage.held(stage.push(wishes, { as: 'unhealthy' }));
      },
      runs: '2 × app:1, never fewer than 2',
      told: ['is not live (rolled-back', 'deployment/api'],
    },
  ],
};
