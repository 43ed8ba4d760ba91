// Every way in which we know that things go wrong, each played on the whole control plane on virtual time; and the page that tells users what
// becomes of it, which is made of what was played: `npx vitest run test/stories -u` writes it anew.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applicationStories, gateStories } from './applications.ts';
import { clockStories } from './clock.ts';
import { commitStories } from './commits.ts';
import { controllerStories, stateStories } from './controller.ts';
import { deletedStories } from './deleted.ts';
import { forgeStories } from './forge.ts';
import { handStories, hostStories } from './host.ts';
import { imageStories } from './images.ts';
import { pageOf } from './page.ts';
import { hookStories, programStories } from './programs.ts';
import { repositoryStories } from './repository.ts';
import { type Ending, Stage } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const PAGE = fileURLToPath(new URL('../../docs/failure-stories.md', import.meta.url));
const SHOWN_TRACE_LINES = 60;

const chapters: readonly Chapter[] = [
  repositoryStories,
  forgeStories,
  commitStories,
  imageStories,
  programStories,
  hookStories,
  hostStories,
  clockStories,
  handStories,
  applicationStories,
  gateStories,
  deletedStories,
  controllerStories,
  stateStories,
];
const endings = new Map<string, Ending>();

async function play(story: Story): Promise<Ending> {
  const stage = new Stage(story.told);
  if (story.isFromNothing === true) stage.mishap();
  else await stage.open();
  await story.play(stage);
  await stage.rest();
  const { violations } = stage.world.invariants;
  const unexpected = violations.filter((violation) => story.breaks?.test(violation) !== true);
  if (unexpected.length > 0) console.error(stage.world.trace.slice(-SHOWN_TRACE_LINES).join('\n'));
  expect(unexpected).toEqual([]);
  return stage.ending();
}

describe.each(chapters)('$title', ({ stories }) => {
  test.each(stories)('$name', async (story) => {
    const ending = await play(story);
    endings.set(story.name, ending);
    expect(ending.runs).toBe(story.runs);
  });
});

test('no two stories have the same name', () => {
  const names = chapters.flatMap(({ stories }) => stories.map(({ name }) => name));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('the page has a row for each, and says what was seen', async () => {
  const all = chapters.reduce((sum, { stories }) => sum + stories.length, 0);
  // It needs all others: run the whole file.
  expect(endings.size).toBe(all);
  await expect(pageOf(chapters, endings)).toMatchFileSnapshot(PAGE);
});
