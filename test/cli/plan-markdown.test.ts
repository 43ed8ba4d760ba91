// A plan as a comment on a pull request: never longer than GitHub takes, and nothing from a repository gets out of its place.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DryRun } from '../../src/cli/parts.ts';
import { code, fenced, MAX_COMMENT_CHARACTERS, planMarkdown } from '../../src/cli/plan-markdown.ts';
import { run } from '../../src/cli/program.ts';
import type { OutcomeAction } from '../../src/sync/outcome.ts';
import { annsCommit } from '../support/applications.ts';
import { fakeParts } from '../support/fake-parts.ts';

const action = (options: Partial<OutcomeAction> = {}): OutcomeAction => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  action: 'update',
  effect: 'rolling update',
  reason: 'Updated',
  message: '',
  file: 'apps/web.yaml',
  line: 3,
  fields: [{ path: 'spec.replicas', old: 2, new: 3, file: 'apps/web.yaml', line: 9 }],
  ...options,
});
const plan = (options: Partial<DryRun> = {}): DryRun => ({
  application: 'shop',
  commit: annsCommit,
  actions: [],
  unchanged: 14,
  problems: [],
  ...options,
});

test('a whole plan', () => {
  const secret = action({
    kind: 'Secret',
    name: 'db',
    effect: 'in-place',
    fields: [{ path: 'data.key', old: 'b2xk', new: 'bmV3' }],
  });
  const page = action({
    kind: 'ConfigMap',
    name: 'page',
    effect: 'in-place',
    fields: [{ path: 'data.x', old: 'a\nb\n', new: 'a\nc\n' }],
  });
  const shown = planMarkdown(
    plan({
      actions: [action({ action: 'create', name: 'api', effect: 'new' }), action({ downtime: 'it has one pod' }), secret, page],
      images: [{ image: 'web:2', isPresent: false, pullBytes: 12_345_678 }],
      data: [{ kind: 'Deployment', namespace: 'shop', name: 'web', what: 'emptied', message: 'what it keeps goes' }],
    }),
  );
  expect(shown).toBe(
    [
      '### <code>Plan for shop at 1a2b3c4 &#34;Three replicas&#34; by Ann Lee</code>',
      '',
      '**1 to create, 3 to change, 0 to delete, 14 unchanged**',
      '',
      '- **Downtime** of <code>deployment/web in shop</code>: it has one pod',
      '- **Data**: <code>what it keeps goes</code>',
      '',
      '- <code>+ create deployment/api in shop</code> <code>&#40;apps/web.yaml&#58;3&#41;</code>',
      '<details><summary><code>&#126; update deployment/web in shop</code>, rolling update <code>&#40;apps/web.yaml&#58;3&#41;</code></summary>',
      '',
      '```diff',
      '  spec.replicas: 2 → 3 (apps/web.yaml:9)',
      '```',
      '',
      '</details>',
      '',
      '<details><summary><code>&#126; update secret/db in shop</code>, in-place <code>&#40;apps/web.yaml&#58;3&#41;</code></summary>',
      '',
      '```diff',
      '  data.key: changed (value hidden)',
      '```',
      '',
      '</details>',
      '',
      '<details><summary><code>&#126; update configmap/page in shop</code>, in-place <code>&#40;apps/web.yaml&#58;3&#41;</code></summary>',
      '',
      '```diff',
      '  data.x:',
      '      a',
      '- b',
      '+ c',
      '```',
      '',
      '</details>',
      '',
      '',
      'Images to pull:',
      '',
      '- <code>web&#58;2</code> 12.3 MB',
      '',
    ].join('\n'),
  );
});

test('no changes, and problems', () => {
  expect(planMarkdown(plan())).toContain('No changes, 14 objects as wanted.\n');
  const problem = {
    severity: 'error',
    reason: 'WrongType',
    file: 'a.yaml',
    line: 1,
    column: 2,
    field: 'spec',
    message: 'no',
  } as const;
  expect(planMarkdown(plan({ problems: [problem] }))).toContain(
    '**1 problem.** Nothing would be changed until they are mended.\n\n- <code>a.yaml&#58;1&#58;2 spec&#58; no</code>\n',
  );
});

test('what has no room is counted', () => {
  const actions = Array.from({ length: 2_000 }, (_none, index) => action({ name: `web-${index}` }));
  const shown = planMarkdown(plan({ actions }));
  expect(shown.length).toBeLessThanOrEqual(MAX_COMMENT_CHARACTERS);
  expect(shown).toMatch(/_\d+ more objects left out: a comment cannot be longer\. "holdfast diff" prints all of it\._\n$/);
});

test('however much there is of whatever, a comment fits', () => {
  const text = fc.string({ maxLength: 3_000, unit: 'binary' });
  const field = fc.record({ path: text, old: text, new: text });
  const anAction = fc.record({ name: text, file: text, fields: fc.array(field, { maxLength: 60 }), downtime: text });
  const arbitrary = fc.array(anAction, { maxLength: 40 });
  fc.assert(
    fc.property(arbitrary, text, (actions, subject) => {
      const commit = { ...annsCommit, subject };
      const data = actions.map(({ name, downtime }) => ({ ...action(), name, what: 'left' as const, message: downtime }));
      const images = actions.map(({ name }) => ({ image: name }));
      const shown = planMarkdown(plan({ commit, actions: actions.map(action), data, images }));
      return shown.length <= MAX_COMMENT_CHARACTERS;
    }),
    { numRuns: 20 },
  );
});

describe('what comes from a repository stays text', () => {
  test.each([
    ['a fence', '```\n# owned'],
    ['a longer fence', '`````\n</details>'],
  ])('%s does not end its block', (_name, value) => {
    const block = fenced(value);
    const [fence = ''] = /^`+/.exec(block) ?? [];
    expect(block.split('\n').filter((line) => line.startsWith(fence))).toEqual([`${fence}diff`, fence]);
  });

  test('no block is ended by what is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '~', '\n', ' ', 'a') }), (content) => {
        const lines = fenced(content).split('\n');
        const fence = (lines[0] ?? '').replace('diff', '');
        return lines.filter((line) => line.trim().startsWith(fence)).length === 2;
      }),
    );
  });

  test('no markup, mention or link comes of a name', () => {
    expect(code('</code><img src=x> @ada #1 [x](http://x) www.x.org **b** `c`')).toBe(
      '<code>&#60;/code&#62;&#60;img src=x&#62; &#64;ada &#35;1 &#91;x&#93;&#40;http&#58;//x&#41; www&#46;x.org &#42;&#42;b&#42;&#42; &#96;c&#96;</code>',
    );
  });
});

test('diff --output markdown', async () => {
  const parts = fakeParts({ dryRun: async () => plan({ actions: [action()] }) });
  expect(await run(['diff', '--repo', '.', '-o', 'markdown'], parts)).toBe(2);
  expect(parts.out()).toMatch(/^### <code>Plan for shop/);
});
