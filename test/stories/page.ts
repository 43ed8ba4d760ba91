// The page that tells users what becomes of each failure, made of the stories and of what they came to.
import { type Ending, spanOf } from './stage.ts';
import type { Chapter, Story } from './story.ts';

const HEAD = `# Failure stories

What Holdfast does when something goes wrong. Each row is a test: the whole control plane runs it on virtual time, over a simulated engine that
takes 200 ms to start a container and a repository in memory (\`test/stories\`). This page is made of those tests
(\`npx vitest run test/stories -u\`), and they fail when it says something else.

The shop of these stories is a Deployment \`web\` of two pods of \`app:1\`, with a readiness probe, replaced one by one
(\`maxSurge: 1\`, \`maxUnavailable: 0\`). A commit that is well brings \`app:2\`; one that crashes brings \`crash:2\`. A commit must be healthy
within five minutes, and the repository is asked every 30 seconds.

- **What runs** is what runs of \`web\` when all is over. *Untouched*: the very same containers, all the time. *Never fewer than 2*: so many
  were there at every moment. *None for 10 s*: at most so long nothing of it ran.
- **What is told** is in the words of \`holdfast why\`, \`holdfast status\` and the events.
- **How long** is at most the time from the mishap until that was told, and until nothing moved any more; where something is away for a while, that
  while is part of it.
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** A part of a line, as a quotation. */
function quotation(text: string): string {
  const isOpen = text.split('(').length > text.split(')').length;
  return `“${cell(text)}${isOpen ? ' …' : ''}”`;
}

function row({ name, when, told }: Story, { runs, toldMs, overMs }: Ending): string {
  const lines = told.map(quotation).join('<br>');
  const time = [...(toldMs === undefined ? [] : [`told ${spanOf(toldMs)}`]), `over ${spanOf(overMs)}`].join('<br>');
  return `| **${cell(name)}**<br>${cell(when)} | ${cell(runs)} | ${lines} | ${time} |`;
}

/** The whole page. */
export function pageOf(chapters: readonly Chapter[], endings: ReadonlyMap<string, Ending>): string {
  const parts = chapters.map(({ title, stories }) => {
    const rows = stories.flatMap((story) => {
      const ending = endings.get(story.name);
      return ending === undefined ? [] : [row(story, ending)];
    });
    return [`## ${title}`, '', '| Story | What runs | What is told | How long |', '| --- | --- | --- | --- |', ...rows].join(
      '\n',
    );
  });
  return [HEAD, ...parts.map((part) => `${part}\n`)].join('\n');
}
