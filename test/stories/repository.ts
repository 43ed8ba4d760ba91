// Stories of the repository: servers that are away, pushes that come in odd ways, trees that are half there.

import { WakeGate } from '../../src/signals/hooks/wake-gate.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { away, type Stage, shop, withImage } from './stage.ts';
import type { Chapter } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;

/** The server fails in one way while something happens, then it is well again. */
async function whileFailing(stage: Stage, failure: SourceError, happens: () => Promise<void>): Promise<void> {
  stage.world.source.failure = failure;
  await happens();
  stage.world.source.failure = undefined;
}

export const repositoryStories: Chapter = {
  title: 'The repository',
  stories: [
    {
      name: 'A failed clone',
      when: 'The Git server is down when the controller starts for the first time, and comes up ten minutes later.',
      isFromNothing: true,
      play: async (stage) => {
        const id = stage.push(shop);
        await whileFailing(stage, away, async () => {
          stage.world.start();
          await stage.sourceIll();
          await stage.pass(10 * MINUTE_MS);
        });
        await stage.live(id);
      },
      runs: '2 × app:1',
      told: ['could not connect to git.example: connection refused (Unreachable); what runs goes on, and it is tried again'],
    },
    {
      name: 'A failed clone for want of a password',
      when: 'The server does not accept the credentials; somebody puts the right ones in place.',
      isFromNothing: true,
      play: async (stage) => {
        const id = stage.push(shop);
        await whileFailing(
          stage,
          new SourceError('AuthenticationFailed', 'git.example does not accept the credentials'),
          async () => {
            stage.world.start();
            await stage.sourceIll();
            await stage.pass(2 * MINUTE_MS);
          },
        );
        await stage.live(id);
      },
      runs: '2 × app:1',
      told: ['git.example does not accept the credentials (AuthenticationFailed)'],
    },
    {
      name: 'A failed pull from Git',
      when: 'The Git server is down for ten minutes while a commit is pushed to it by another way.',
      play: async (stage) => {
        let id = '';
        await whileFailing(stage, away, async () => {
          id = stage.push(withImage('app:2'));
          await stage.sourceIll();
          await stage.pass(10 * MINUTE_MS);
        });
        await stage.live(id);
      },
      runs: rolled,
      told: ['connection refused (Unreachable)'],
    },
    {
      name: 'The server gone in the middle',
      when: 'The server tells of a new commit and dies before the commit was read.',
      play: async (stage) => {
        const { source } = stage.world;
        source.snapshotFailure = new SourceError('Unreachable', 'the connection to git.example broke while objects were read');
        const id = stage.push(withImage('app:2'));
        await stage.sourceIll();
        await stage.pass(5 * MINUTE_MS);
        source.snapshotFailure = undefined;
        await stage.live(id);
      },
      runs: rolled,
      told: ['the connection to git.example broke while objects were read (Unreachable)'],
    },
    {
      name: 'A server that never answers',
      when: 'Connections to the server are taken and never answered.',
      play: async (stage) => {
        const { source } = stage.world;
        source.isHanging = true;
        const id = stage.push(withImage('app:2'));
        await stage.sourceIll();
        source.isHanging = false;
        await stage.live(id);
      },
      runs: rolled,
      told: ['(TimedOut)'],
    },
    {
      name: 'A damaged repository',
      when: 'An object of the commit cannot be read, until somebody repairs the repository.',
      play: async (stage) => {
        const { source } = stage.world;
        source.snapshotFailure = new SourceError('Corrupt', 'object 1f2e3d is damaged');
        const id = stage.push(withImage('app:2'));
        await stage.sourceIll();
        source.snapshotFailure = undefined;
        await stage.live(id);
      },
      runs: rolled,
      told: ['object 1f2e3d is damaged (Corrupt)'],
    },
    {
      name: 'A branch that was deleted',
      when: 'The branch that is followed is gone, and comes back.',
      play: async (stage) => {
        await whileFailing(stage, new SourceError('RevisionNotFound', 'there is no branch main'), async () => {
          await stage.sourceIll();
          await stage.pass(10 * MINUTE_MS);
        });
        await stage.until('it is read again', () => stage.status.source?.ready === true);
      },
      runs: untouched,
      told: ['there is no branch main (RevisionNotFound)'],
    },
    {
      name: 'A webhook storm',
      when: 'A thousand webhooks come in within ten seconds, and nothing was pushed.',
      play: async (stage) => {
        const { source, engine } = stage.world;
        const [heads, writes] = [source.heads, engine.writes];
        const gate = new WakeGate(stage.world.clock, () => stage.world.lookAtSource());
        for (let hook = 0; hook < 1_000; hook++) {
          gate.wake();
          await stage.pass(10);
        }
        await stage.pass(10_000);
        stage.must(source.heads - heads <= 4, `the server was asked ${source.heads - heads} times`);
        stage.must(source.snapshots === 1, 'the commit was read again');
        stage.must(engine.writes === writes, 'the engine was changed');
      },
      runs: untouched,
      told: [],
    },
    {
      name: 'Two pushes in a row',
      when: 'A second commit is pushed while the first is being rolled out.',
      play: async (stage) => {
        const first = stage.push(withImage('slow:2'));
        await stage.phase(first, 'verifying', () => undefined);
        const id = stage.push(withImage('app:3'));
        await stage.live(id);
        stage.must(stage.status.history?.every(({ commit }) => commit.id !== first) === true, 'the first commit was finished');
      },
      runs: '2 × app:3, never fewer than 2',
      told: [],
    },
    {
      name: 'Twenty pushes in twenty seconds',
      when: 'A commit is pushed every second.',
      play: async (stage) => {
        let id = '';
        for (let tag = 2; tag <= 21; tag++) {
          id = stage.push(withImage(`app:${tag}`));
          await stage.pass(1_000);
        }
        await stage.live(id);
      },
      runs: '2 × app:21, never fewer than 2',
      told: [],
    },
    {
      name: 'A force-push back',
      when: 'The branch is forced back to an earlier commit.',
      play: async (stage) => {
        const before = stage.world.head;
        await stage.live(stage.push(withImage('app:2')));
        stage.world.move(before);
        await stage.live(before);
      },
      runs: '2 × app:1, never fewer than 2',
      told: [],
    },
    {
      name: 'A force-push away from what is being applied',
      when: 'A commit is being rolled out, and the branch is forced back to the one before.',
      play: async (stage) => {
        const before = stage.world.head;
        const id = stage.push(withImage('slow:2'));
        await stage.phase(id, 'verifying', () => undefined);
        stage.world.move(before);
        await stage.live(before);
      },
      runs: untouched,
      told: [],
    },
    {
      name: 'A force-push away from a bad commit',
      when: 'A commit was rolled back, and the branch is forced back to the one before.',
      play: async (stage) => {
        const before = stage.world.head;
        const id = stage.push(withImage('crash:2'), { as: 'unhealthy' });
        await stage.held(id);
        stage.world.move(before);
        await stage.until('nothing is held', () => stage.status.held === undefined);
      },
      runs: untouched,
      told: ['is not live (rolled-back'],
    },
    {
      name: 'An empty commit',
      when: 'A commit changes nothing (`git commit --allow-empty`).',
      play: async (stage) => {
        const { writes } = stage.world.engine;
        await stage.live(stage.push(shop, { files: { 'README.md': 'hello' } }));
        stage.must(stage.world.engine.writes === writes, 'the engine was changed');
      },
      runs: untouched,
      told: [],
    },
    {
      name: 'A deleted directory',
      when: 'The folder with all manifests is gone from the commit.',
      play: async (stage) => {
        const id = stage.pushFiles({ 'README.md': 'gone' }, 'invalid');
        await stage.held(id);
        await stage.pass(10 * MINUTE_MS);
      },
      runs: untouched,
      told: ['the commit has no manifests; all 2 objects would be deleted'],
    },
    {
      name: 'A deleted directory, and it is meant',
      when: 'The same, and the message of the commit has the trailer `Holdfast-Allow-Prune: true`.',
      play: async (stage) => stage.live(stage.pushFiles({}, 'good', true)),
      runs: 'nothing',
      told: [],
    },
    {
      name: 'Most of it deleted',
      when: 'A commit takes away five of six objects.',
      play: async (stage) => {
        const many = { ...shop, configMaps: { a: '1', b: '1', c: '1', d: '1', texts: 'hello' } };
        await stage.live(stage.push(many));
        await stage.held(stage.push({ ...shop, configMaps: {} }, { as: 'refused' }));
      },
      runs: untouched,
      told: ['the commit would delete 5 of 6 objects, and 50% at most go at once'],
    },
    {
      name: 'A half-written working tree',
      when: 'The folder of a `file://` repository is read while an editor is half through a file.',
      play: async (stage) => {
        const whole = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' }, data: { a: 'b' } });
        const half = stage.push(withImage('app:2'), { as: 'invalid', files: { 'more.yaml': whole.slice(0, 40) } });
        await stage.held(half);
        await stage.live(stage.push(withImage('app:2'), { files: { 'more.yaml': whole } }));
      },
      runs: rolled,
      told: ['is not live (invalid', 'more.yaml:1:'],
    },
  ],
};
