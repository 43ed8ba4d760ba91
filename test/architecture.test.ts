// Holds the plan of the house: which room may import which, what stays pure, how large a file may be.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');

/** What each room may import, beside itself, `model` and `system`. */
const table: Record<string, readonly string[]> = {
  model: [],
  system: [],
  cel: [],
  trust: [],
  manifests: ['cel'],
  store: [],
  runtime: ['store'],
  sync: ['cel', 'manifests', 'store', 'runtime'],
  controllers: ['store', 'runtime'],
  scheduler: ['store', 'runtime'],
  kubelet: ['store', 'runtime'],
  network: ['store', 'runtime'],
  signals: ['store', 'runtime'],
  git: ['sync', 'trust'],
  helm: ['manifests'],
  docker: ['kubelet', 'network'],
  cli: ['manifests', 'store', 'sync', 'kubelet', 'network'],
  // What the composition root is put together from; none of the rooms above may import these.
  surroundings: ['cli', 'git', 'manifests', 'trust'],
  installation: ['cli', 'docker', 'kubelet', 'store', 'sync'],
  sources: ['cli', 'git', 'helm', 'manifests', 'store', 'sync', 'surroundings', 'installation'],
  transport: ['cli', 'network', 'runtime', 'signals', 'store'],
  forges: ['cli', 'git', 'manifests', 'signals', 'store', 'sync', 'installation', 'sources', 'transport'],
  node: ['cli', 'docker', 'kubelet', 'network', 'runtime', 'store'],
  'control-plane': [
    'manifests',
    'store',
    'runtime',
    'sync',
    'controllers',
    'scheduler',
    'kubelet',
    'signals',
    'cli',
    'sources',
    'transport',
    'node',
  ],
  planning: ['cli', 'docker', 'git', 'manifests', 'store', 'sync', 'installation', 'sources', 'control-plane'],
};
/** All that stands in no room: the two commands, and what builds the parts that they ask for. */
const rootFiles = ['controller.ts', 'holdfast.ts', 'main.ts', 'reconcile.ts'];

/** Rooms whose files decide and never reach outside. */
const pureRooms = [
  'model',
  'cel',
  'manifests',
  'store',
  'runtime',
  'sync',
  'controllers',
  'scheduler',
  'kubelet',
  'network',
  'signals',
];
/** Files and folders in them that do: the adapters. */
const adapters = ['store/sqlite/', 'store/process-lock.ts'];
const isAdapter = (path: string): boolean => adapters.some((adapter) => path.startsWith(adapter));

/** Packages that only one room may know. */
const owners: Record<string, readonly string[]> = {
  dockerode: ['docker'],
  'docker-modem': ['docker'],
  'isomorphic-git': ['git'],
  execa: ['git', 'helm'],
  chokidar: ['git'],
  undici: ['git', 'docker'],
  libsql: ['store'],
  yaml: ['manifests', 'cli'],
  openpgp: ['trust'],
  '@bufbuild/cel': ['cel'],
  '@bufbuild/protobuf': ['cel'],
  commander: ['cli'],
  'prom-client': ['transport'],
  nodemailer: ['transport'],
  'acme-client': ['transport'],
};

const maxLines = 300;
const bannedNames = /^(utils?|helpers?|common|managers?)(\.ts)?$/;
const banned: readonly (readonly [string, RegExp])[] = [
  ['Date.now', /\bDate\.now\b/],
  ['new Date()', /\bnew Date\(\)/],
  ['Math.random', /\bMath\.random\b/],
  ['timers', /\b(setTimeout|setInterval|setImmediate)\(/],
  ['process', /\bprocess\.\w/],
];
/** Built-in modules that compute and reach nothing. */
const harmless = new Set(['node:crypto', 'node:util', 'node:path', 'node:path/posix', 'node:buffer', 'node:url']);

interface SourceText {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const sources: readonly SourceText[] = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => {
    const path = relative(src, join(entry.parentPath, entry.name)).split(sep).join('/');
    const text = readFileSync(join(src, path), 'utf8');
    const imports = [...withoutComments(text).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    return { path, room: path.includes('/') ? (path.split('/')[0] ?? '') : '', text, imports };
  });
const isGenerated = (source: SourceText): boolean => /(^|[/.])generated\.ts$/.test(source.path);

/** The room that a relative import leads to; '' for the files beside the rooms. */
function importedRoom(source: SourceText, specifier: string): string {
  const target = normalize(join(dirname(source.path), specifier))
    .split(sep)
    .join('/');
  return target.includes('/') ? (target.split('/')[0] ?? '') : '';
}

describe('the rooms', () => {
  test('every folder of src is a room of the table, and none is empty', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((folder) => folder.name).filter((name) => !(name in table))).toEqual([]);
    expect(Object.keys(table).filter((room) => !sources.some((source) => source.room === room))).toEqual([]);
  });

  test('whatever belongs to something stands in its room', () => {
    expect(sources.filter((source) => source.room === '').map((source) => source.path)).toEqual(rootFiles);
  });

  test.each(Object.keys(table))('%s imports only what stands on its right', (room) => {
    const allowed = new Set([room, 'model', 'system', ...(table[room] ?? [])]);
    if (room === 'system') allowed.delete('model');
    const wrong = sources
      .filter((source) => source.room === room)
      .flatMap((source) =>
        source.imports
          .filter((specifier) => specifier.startsWith('.') && !allowed.has(importedRoom(source, specifier)))
          .map((specifier) => `${source.path} imports ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  test('relative imports carry .ts and lead to a file', () => {
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((specifier) => specifier.startsWith('.'))
        .filter((specifier) => !specifier.endsWith('.ts') || !existsSync(join(src, dirname(source.path), specifier)))
        .map((specifier) => `${source.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no files import each other in a circle, not even for types', () => {
    const importsOf = new Map(
      sources.map(({ path, imports }) => {
        const relatives = imports.filter((specifier) => specifier.startsWith('.'));
        return [
          path,
          relatives.map((specifier) =>
            normalize(join(dirname(path), specifier))
              .split(sep)
              .join('/'),
          ),
        ] as const;
      }),
    );
    // What nobody imports, and what imports nothing, is in no circle; without these, others are so.
    let left = new Set(importsOf.keys());
    for (let before = Number.POSITIVE_INFINITY; left.size < before; ) {
      before = left.size;
      const imported = new Set([...left].flatMap((path) => importsOf.get(path) ?? []));
      left = new Set([...left].filter((path) => imported.has(path) && importsOf.get(path)?.some((target) => left.has(target))));
    }
    expect([...left]).toEqual([]);
  });

  test('packages stay in the room that owns them', () => {
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((specifier) => {
          const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
          const rooms = owners[name];
          return rooms !== undefined && !rooms.includes(source.room);
        })
        .map((specifier) => `${source.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('a package of the old kind that is loaded late is taken by its default export: the bundle knows no other', () => {
    const read = (path: string): { readonly type?: string; readonly dependencies?: Readonly<Record<string, string>> } =>
      JSON.parse(readFileSync(join(root, path), 'utf8')) as object;
    const isBundled = (name: string): boolean =>
      !(name in (read('package.json').dependencies ?? {})) && read(`node_modules/${name}/package.json`).type !== 'module';
    const wrong = sources.flatMap((source) =>
      [...withoutComments(source.text).matchAll(/(\{ default: \w+ \} = await )?(?<!typeof )\bimport\('([^.'][^']*)'\)/g)]
        .filter(([, byDefault, name = '']) => byDefault === undefined && !name.startsWith('node:') && isBundled(name))
        .map(([, , name]) => `${source.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** The files that loading one loads: no types, and nothing that is imported when it is needed. */
function loadedBy(path: string, found = new Set<string>()): ReadonlySet<string> {
  found.add(path);
  const text = sources.find((source) => source.path === path)?.text ?? '';
  for (const [, what = '', specifier = ''] of text.matchAll(/^(?:import|export) (?!type )([^;]*?)from '(\.[^']+)';/gms)) {
    const target = normalize(join(dirname(path), specifier))
      .split(sep)
      .join('/');
    const isTypesOnly = /^\{(\s*type [^,}]+,?)+\s*\}\s*$/.test(what);
    if (!isTypesOnly && !found.has(target)) loadedBy(target, found);
  }
  return found;
}

test('what every command loads judges nothing: the library of expressions comes when it is needed', () => {
  const loaded = [...loadedBy('main.ts')];
  expect(loaded).toContain('sync/phrases.ts');
  expect(loaded.filter((path) => path.startsWith('cel/'))).toEqual([]);
});

describe('purity', () => {
  const pure = sources.filter((source) => pureRooms.includes(source.room) && !isAdapter(source.path) && !isGenerated(source));

  test.each(banned)('%s does not occur in the pure rooms', (_name, pattern) => {
    expect(pure.filter((source) => pattern.test(withoutComments(source.text))).map((source) => source.path)).toEqual([]);
  });

  test('no built-in module that reaches outside', () => {
    const wrong = pure.flatMap((source) =>
      source.imports
        .filter((specifier) => specifier.startsWith('node:') && !harmless.has(specifier))
        .map((specifier) => `${source.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every adapter that is named exists', () => {
    expect(adapters.filter((path) => !existsSync(join(src, path)))).toEqual([]);
  });
});

describe('size and names', () => {
  test(`no file is longer than ${maxLines} lines`, () => {
    const long = sources
      .filter((source) => !isGenerated(source))
      .map((source) => [source.path, source.text.split('\n').length - 1] as const)
      .filter(([, lines]) => lines > maxLines);
    expect(long).toEqual([]);
  });

  test('no drawer for everything', () => {
    const wrong = sources.filter((source) => source.path.split('/').some((part) => bannedNames.test(part)));
    expect(wrong.map((source) => source.path)).toEqual([]);
  });

  test('file names are kebab-case', () => {
    const wrong = sources.filter(
      (source) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.generated)?\.ts$/.test(source.path.split('/').at(-1) ?? ''),
    );
    expect(wrong.map((source) => source.path)).toEqual([]);
  });
});
