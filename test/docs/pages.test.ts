// What the pages for people say can be followed: their links lead somewhere, the files that they name are there, every option and variable has its
// line, and the manifests of the first page are accepted.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { fakeParts } from '../support/fake-parts.ts';
import { textFile } from '../support/manifest-text.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const pages = [...inFolder('.'), ...inFolder('docs'), ...inFolder('docs/adr')];

const withoutCode = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```$/gm, '');
/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (path: string): string[] =>
  [...withoutCode(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe.each(pages)('%s', (page) => {
  test('its links lead to pages and headings', () => {
    const links = [...withoutCode(read(page)).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const dead = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });

  test('the files of this repository that it names are there', () => {
    const named = [...read(page).matchAll(/`((?:src|test|scripts|bench|docs|schemas|images|examples-repo)\/[\w./-]+)`/g)];
    const exemplary = /[A-Z]{4}/;
    expect(named.map(([, path = '']) => path).filter((path) => !exemplary.test(path) && !existsSync(join(root, path)))).toEqual(
      [],
    );
  });
});

test.each(['reconcile', 'diff', 'history', 'get', 'why', 'status', 'port-forward'])(
  'the reference has every option of %s',
  async (command) => {
    const parts = fakeParts();
    await run([command, '--help'], parts);
    const options = [...parts.out().matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);
    expect(options).toContain('--data-dir');
    const reference = read('docs/reference.md');
    expect(options.filter((option) => option !== '--help' && !reference.includes(option))).toEqual([]);
  },
);

test('the reference has every variable that the command line reads', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const variables = sources.flatMap((path) =>
    [...read(join('src', path)).matchAll(/env\['(HOLDFAST_\w+)'\]|\(env (?:var )?(HOLDFAST_\w+)/g)].map(
      ([, one, other]) => one ?? other ?? '',
    ),
  );
  expect(variables).toContain('HOLDFAST_REPO');
  const reference = read('docs/reference.md');
  expect([...new Set(variables)].filter((name) => !reference.includes(name))).toEqual([]);
});

test('the manifests of the first page are accepted as they stand there', async () => {
  const blocks = [...read('docs/getting-started.md').matchAll(/^```yaml\n# (notes\/\S+\.yaml)\n([\s\S]*?)^```$/gm)];
  const files = blocks.map(([, path = '', text = '']) => textFile(path, text));
  const { manifests, problems } = await createManifestLoader().load({ files });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(manifests.map(({ resource }) => `${resource.kind}/${resource.metadata.name}`).toSorted()).toEqual([
    'Deployment/web',
    'Secret/notes',
    'Service/db',
    'Service/web',
    'StatefulSet/db',
  ]);
});
