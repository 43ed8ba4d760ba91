// Stories of the forge that is told what becomes of commits.
import { type FindStatusTarget } from '../../src/signals/statuses/reporter.ts';
import { ScriptedForge } from '../support/scripted-forge.ts';
import { type Stage, withImage } from './stage.ts';
import type { Chapter } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;
const place = { forge: 'github', api: 'https://git.example/api/v3', repository: 'acme/shop' } as const;

/** A forge that is told from now on, by a controller that is started again. */
async function withForge(stage: Stage, token = 'T0K3N'): Promise<ScriptedForge> {
  const forge = new ScriptedForge('github');
  const targetOf: FindStatusTarget = () => ({ place, token });
  stage.world.statuses = { client: forge, targetOf };
  stage.world.restart();
  await stage.until('it is stopped', () => !stage.world.isRunning);
  await stage.until('it runs again', () => stage.world.isRunning);
  return forge;
}

function mustShow(stage: Stage, forge: ScriptedForge, id: string, states: string): void {
  const shown = forge.statesOf(id).join(', ');
  stage.must(shown === states, `the forge shows ${shown}, not ${states}`);
}

export const forgeStories: Chapter = {
  title: 'The forge that shows what becomes of commits',
  stories: [
    {
      name: 'A forge that is down',
      when: 'The API of the forge fails while a commit is rolled out, and for half an hour after it.',
      play: async (stage) => {
        const forge = await withForge(stage);
        forge.trouble = () => ({ status: 502, headers: {}, body: '' });
        const id = stage.push(withImage('app:2'));
        await stage.live(id);
        await stage.pass(30 * MINUTE_MS);
        forge.trouble = () => undefined;
        await stage.pass(15 * MINUTE_MS);
        mustShow(stage, forge, id, 'success');
      },
      runs: rolled,
      told: ['cannot tell the forge what becomes of commits', 'the forge answered 502; nothing waits for that'],
    },
    {
      name: 'A forge that never answers',
      when: 'Calls to the API of the forge are taken and never answered.',
      play: async (stage) => {
        const forge = await withForge(stage);
        forge.trouble = () => 'hangs';
        const id = stage.push(withImage('app:2'));
        await stage.live(id);
        await stage.pass(MINUTE_MS);
      },
      runs: rolled,
      told: ['no answer within 10 s; nothing waits for that'],
    },
    {
      name: 'A forge that wants to be left alone',
      when: 'The forge has had enough calls (`X-RateLimit-Remaining: 0`) until ten minutes from now.',
      play: async (stage) => {
        const forge = await withForge(stage);
        const reset = String(Math.floor(stage.world.clock.now() / 1000) + 600);
        const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
        forge.trouble = () => ({ status: 403, headers, body: '' });
        const before = forge.calls;
        const id = stage.push(withImage('app:2'));
        await stage.live(id);
        forge.trouble = () => undefined;
        await stage.pass(8 * MINUTE_MS);
        stage.must(forge.calls === before + 1, 'it was called while it wanted to be left alone');
        await stage.pass(3 * MINUTE_MS);
        mustShow(stage, forge, id, 'success');
      },
      runs: rolled,
      told: [],
    },
    {
      name: 'A forge that does not take the token',
      when: 'The token for statuses has expired.',
      play: async (stage) => {
        await withForge(stage, 'EXPIRED');
        const id = stage.push(withImage('app:2'));
        await stage.live(id);
      },
      runs: rolled,
      told: ['the token is not accepted; nothing waits for that'],
    },
    {
      name: 'Killed before the forge was told',
      when: 'A commit crashes and is rolled back, and the controller is killed (`kill -9`) in the moment in which it tells the forge.',
      play: async (stage) => {
        const forge = await withForge(stage);
        const id = stage.push(withImage('crash:2'), { as: 'unhealthy' });
        forge.trouble = () => {
          if (stage.status.held?.commit.id !== id) return undefined;
          forge.trouble = () => undefined;
          stage.world.killNow();
          return 'cut';
        };
        await stage.held(id);
        await stage.pass(MINUTE_MS);
        mustShow(stage, forge, id, 'pending, failure');
      },
      runs: untouched,
      told: ['is not live (rolled-back'],
    },
  ],
};
