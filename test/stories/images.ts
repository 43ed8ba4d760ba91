// Stories of images and registries.
import { type Stage, shop, withImage } from './stage.ts';
import type { Chapter } from './story.ts';

const untouched = '2 × app:1, untouched';
const rolled = '2 × app:2, never fewer than 2';
const MINUTE_MS = 60_000;

/** The image behaves otherwise than its name says: it is taught after the commit was pushed, which teaches it too. */
function pushWith(stage: Stage, image: string, behaviour: Parameters<Stage['world']['engine']['behave']>[1]): string {
  const id = stage.push(withImage(image), { as: 'refused' });
  stage.world.engine.behave(image, behaviour);
  return id;
}

export const imageStories: Chapter = {
  title: 'Images and registries',
  stories: [
    {
      name: 'A failed pull',
      when: 'No registry has the image that the commit names.',
      play: async (stage) => {
        await stage.held(stage.push(withImage('gone:2'), { as: 'refused' }));
        await stage.pass(30 * MINUTE_MS);
      },
      runs: untouched,
      told: ['is not live (preflight-failed', 'image gone:2', 'nothing of it is applied; it is tried again'],
    },
    {
      name: 'A failed pull, then somebody pushes the image',
      when: 'The commit comes before the image has been built.',
      play: async (stage) => {
        const id = stage.push(withImage('app:2'));
        stage.world.engine.behave('app:2', { pull: 'missing' });
        await stage.held(id);
        await stage.pass(10 * MINUTE_MS);
        stage.world.engine.learn('app:2');
        await stage.live(id);
      },
      runs: rolled,
      told: ['is not live (preflight-failed', 'app:2'],
    },
    {
      name: 'A registry that is down',
      when: 'The registry refuses connections for ten minutes.',
      play: async (stage) => {
        const id = stage.push(withImage('app:2'));
        stage.world.engine.behave('app:2', { pull: 'unreachable' });
        await stage.pass(10 * MINUTE_MS);
        stage.world.engine.learn('app:2');
        await stage.live(id);
      },
      runs: rolled,
      told: ['connection refused'],
    },
    {
      name: 'A registry that hangs',
      when: 'The pull of an image begins and never ends; ten minutes later the registry is well again.',
      play: async (stage) => {
        const id = stage.push(withImage('app:2'));
        stage.world.engine.behave('app:2', { pull: 'hang' });
        await stage.pass(10 * MINUTE_MS);
        stage.world.engine.learn('app:2');
        await stage.live(id);
      },
      runs: rolled,
      told: ['waits for image app:2 to be pulled'],
    },
    {
      name: 'A registry that hangs, and another commit',
      when: 'While the pull hangs, a commit comes that does not need it.',
      play: async (stage) => {
        pushWith(stage, 'app:2', { pull: 'hang' });
        await stage.pass(MINUTE_MS);
        await stage.live(stage.push({ ...shop, configMaps: { texts: 'bye' } }));
      },
      runs: untouched,
      told: ['waits for image app:2 to be pulled'],
    },
    {
      name: 'A running image that was removed',
      when: 'Somebody removes the image of what runs (`docker rmi -f`), and a container crashes.',
      play: async (stage) => {
        stage.world.engine.removeImageByHand('app:1');
        stage.world.engine.crash(stage.victim().id, 1);
        await stage.until('two run', () => stage.containers('web').length === 2);
      },
      runs: '2 × app:1, never fewer than 1',
      told: ['last exit code 1 (Error)'],
    },
    {
      name: 'A rollback whose image is gone',
      when: 'A commit replaces all pods at once and crashes; meanwhile the old image was deleted here and in the registry.',
      play: async (stage) => {
        await stage.live(stage.push(withImage('app:1', { strategy: { type: 'Recreate' } })));
        const id = stage.push(withImage('crash:2', { strategy: { type: 'Recreate' } }), { as: 'unhealthy' });
        await stage.phase(id, 'verifying', () => undefined);
        await stage.until('the old pods are gone', () => stage.containers('web').every(({ spec }) => spec.image !== 'app:1'));
        stage.world.engine.removeImageByHand('app:1');
        stage.world.engine.behave('app:1', { pull: 'missing' });
        await stage.held(id);
      },
      runs: 'nothing',
      told: ['going back to the last good commit failed too: it cannot become healthy', 'app:1'],
    },
    {
      name: 'An image that moved under its tag',
      when: 'What the tag names was deleted from the registry, and the host has it: `imagePullPolicy` is IfNotPresent.',
      play: async (stage) => {
        stage.world.engine.behave('app:1', { pull: 'missing' });
        await stage.live(stage.push(withImage('app:1', { replicas: 3 })));
      },
      runs: '3 × app:1, never fewer than 2',
      told: [],
    },
  ],
};
