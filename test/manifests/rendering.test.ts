// Which kustomizations of a commit are built, what is taken from the last load, and what is judged together.
import { describe, expect, test } from 'vitest';
import { RemoteBaseFault } from '../../src/manifests/file-tree.ts';
import type { LoaderOptions, LoadResult } from '../../src/manifests/load.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import type { KustomizationBuilder } from '../../src/manifests/rendering.ts';
import { joinInside } from '../../src/manifests/snapshot-tree.ts';
import { told } from '../support/manifest-text.ts';
import { type MemoryCommit, memorySnapshot } from '../support/memory-snapshot.ts';

const map = (name: string, data = '{}'): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;

/** Builds what stands under `resources`, and notes the folder. */
function builder(built: string[] = []): KustomizationBuilder {
  const build: KustomizationBuilder = async (folder, context) => {
    const file = await context.tree.entry(`${folder === '' ? '' : `${folder}/`}kustomization.yaml`);
    if (file?.type !== 'file') return { objects: [], problems: [], folders: [], inputs: new Map() };
    const head = await context.readObjects(file.file);
    const { resources = [], remote } = (head.objects[0]?.value ?? {}) as { resources?: string[]; remote?: string };
    if (remote !== undefined) await context.remoteTrees({ url: remote, ref: 'v1', folder: '' });
    const objects = [];
    const problems = [...head.problems];
    const folders: string[] = [];
    for (const resource of resources) {
      const path = joinInside(folder, resource) ?? '';
      const entry = await context.tree.entry(path);
      if (entry?.type === 'folder') {
        const base = await build(entry.path ?? path, context);
        folders.push(entry.path ?? path, ...base.folders);
        objects.push(...base.objects);
      } else if (entry?.type === 'file') {
        const read = await context.readObjects(entry.file);
        objects.push(...read.objects.map((object) => ({ ...object, kustomization: file.file.path })));
        problems.push(...read.problems);
      }
    }
    return { objects, problems, folders, inputs: new Map() };
  };
  return (folder, context) => {
    built.push(folder);
    return build(folder, context);
  };
}

const names = (result: LoadResult): string[] =>
  result.manifests.map(
    ({ resource, file, kustomization = 'plain' }) => `${resource.metadata.name ?? ''} ${file} ${kustomization}`,
  );
const load = (files: MemoryCommit, options: LoaderOptions = {}, root = ''): Promise<LoadResult> =>
  createManifestLoader({ buildKustomization: builder(), root, ...options }).load(memorySnapshot(files, root));

describe('what is built and what is read', () => {
  test('a root with a kustomization is that alone', async () => {
    const result = await load({
      'kustomization.yaml': 'resources: [a.yaml, base]',
      'a.yaml': map('a'),
      'b.yaml': map('b'),
      'base/kustomization.yaml': 'resources: [c.yaml]',
      'base/c.yaml': map('c'),
      'other/kustomization.yaml': 'resources: [d.yaml]',
      'other/d.yaml': map('d'),
    });
    expect(told(result)).toEqual([]);
    expect(names(result)).toEqual(['a a.yaml kustomization.yaml', 'c base/c.yaml base/kustomization.yaml']);
  });

  test('elsewhere, every folder with a kustomization is built, and nothing below it is read file by file', async () => {
    const result = await load(
      {
        'apps/plain.yaml': map('plain'),
        'apps/db/kustomization.yaml': 'resources: [db.yaml]',
        'apps/db/db.yaml': map('db'),
        'apps/db/unused.yaml': 'no: [',
        'apps/db/deep/unused.yaml': 'no: [',
        'apps/db/nested/kustomization.yaml': 'resources: [x.yaml]',
        'apps/web/deep/web.yaml': map('web'),
      },
      {},
      'apps',
    );
    expect(told(result)).toEqual([]);
    expect(names(result)).toEqual([
      'plain apps/plain.yaml plain',
      'web apps/web/deep/web.yaml plain',
      'db apps/db/db.yaml apps/db/kustomization.yaml',
    ]);
  });

  test('bases and components are not built on their own, also those that only a link leads to', async () => {
    const built: string[] = [];
    const result = await load(
      {
        'base/kustomization.yaml': 'resources: [a.yaml]',
        'base/a.yaml': map('a'),
        'hidden/kustomization.yaml': 'resources: [b.yaml]',
        'hidden/b.yaml': map('b'),
        'extra/kustomization.yaml': 'kind: Component\nresources: [no.yaml]',
        link: { link: 'hidden' },
        'overlay/kustomization.yaml': 'resources: [../base, ../link]',
      },
      { buildKustomization: builder(built) },
    );
    expect(names(result)).toEqual(['a base/a.yaml base/kustomization.yaml', 'b hidden/b.yaml hidden/kustomization.yaml']);
    expect(built).toEqual(['hidden', 'overlay']);
  });

  test('a lone component and kustomizations that use one another are built, so that the fault is told', async () => {
    const built: string[] = [];
    await load({ 'a/kustomization.yaml': 'kind: Component' }, { buildKustomization: builder(built) });
    expect(built).toEqual(['a']);
    const faulty: KustomizationBuilder = async (folder) => {
      built.push(`circle ${folder}`);
      return { objects: [], problems: [], folders: ['a', 'b'], inputs: new Map() };
    };
    const circle = { 'a/kustomization.yaml': 'resources: [../b]', 'b/kustomization.yaml': 'resources: [../a]' };
    await load(circle, { buildKustomization: faulty });
    expect(built).toEqual(['a', 'circle a']);
  });

  test('a chart that nothing renders is told, and its files are not read', async () => {
    const result = await load({ 'a.yaml': map('a'), 'chart/Chart.yaml': 'name: x', 'chart/templates/b.yaml': '{{ x }}: [' });
    expect(told(result)).toEqual([
      'error UnsupportedKind chart/Chart.yaml nothing renders this Helm chart; declare a HelmChart that names it, or commit the output of "helm template"',
    ]);
    expect(names(result)).toEqual(['a a.yaml plain']);
  });
});

describe('links among plain files', () => {
  test('a link to a file is that file; what is read anyway is read once', async () => {
    const files: MemoryCommit = {
      'app/a.yaml': map('a'),
      'app/again.yaml': { link: 'a.yaml' },
      'app/b.yaml': { link: '../shared/b.yaml' },
      'app/CLAUDE.md': { link: 'README.md' },
      'app/current': { link: '../shared/b.yaml' },
      'shared/b.yaml': map('b'),
    };
    const result = await load(files, {}, 'app');
    expect(told(result)).toEqual([]);
    expect(names(result)).toEqual(['a app/a.yaml plain', 'b shared/b.yaml plain']);
  });

  test('links that lead nowhere, out of the repository or to folders are told', async () => {
    const result = await load({
      'a.yaml': map('a'),
      'b.yaml': { link: 'no.yaml' },
      'c.yaml': { link: '../../etc/passwd' },
      d: { link: 'folder' },
      e: { link: 'nothing' },
      'folder/f.yaml': map('f'),
    });
    expect(told(result)).toEqual([
      'error Unreadable b.yaml the symbolic link leads to nothing',
      'error Unreadable c.yaml the symbolic link c.yaml leads out of the repository, to ../../etc/passwd',
      'error Unreadable d a symbolic link to a folder is not followed; name the folder in a kustomization, or commit the files themselves',
    ]);
  });
});

describe('what is remembered', () => {
  const files: MemoryCommit = {
    'apps/a/kustomization.yaml': 'resources: [../../base]',
    'apps/b/kustomization.yaml': 'resources: [b.yaml]',
    'apps/b/b.yaml': map('b'),
    'apps/c.yaml': map('c'),
    'base/kustomization.yaml': 'resources: [a.yaml]',
    'base/a.yaml': map('a'),
  };

  test('only what changed is read, built and admitted again', async () => {
    const built: string[] = [];
    const reads: string[] = [];
    const loader = createManifestLoader({ root: 'apps', buildKustomization: builder(built) });
    const first = await loader.load(memorySnapshot(files, 'apps', { reads }));
    expect(names(first)).toHaveLength(3);
    built.splice(0);
    reads.splice(0);
    const second = await loader.load(memorySnapshot({ ...files, 'base/a.yaml': map('a2') }, 'apps', { reads }));
    expect([built, reads]).toEqual([['apps/a'], ['base/a.yaml']]);
    expect(second.manifests.map(({ resource }) => resource.metadata.name)).toEqual(['c', 'a2', 'b']);
    expect([second.manifests[0], second.manifests[2]]).toEqual([first.manifests[0], first.manifests[2]]);
    expect(second.manifests[2]).toBe(first.manifests[2]);
    reads.splice(0);
    await loader.load(memorySnapshot({ ...files, 'base/a.yaml': map('a2') }, 'apps', { reads }));
    expect([built, reads]).toEqual([['apps/a'], []]);
  });

  test('what left the set is forgotten', async () => {
    const reads: string[] = [];
    const loader = createManifestLoader({ buildKustomization: builder() });
    await loader.load(memorySnapshot(files));
    await loader.load(memorySnapshot({ 'z.yaml': map('z') }));
    await loader.load(memorySnapshot(files, '', { reads }));
    expect(reads.toSorted()).toEqual(Object.keys(files).toSorted());
  });

  test('a load that failed changes nothing of it', async () => {
    const reads: string[] = [];
    const loader = createManifestLoader({ root: 'apps', buildKustomization: builder() });
    await loader.load(memorySnapshot(files, 'apps'));
    const broken = memorySnapshot({ ...files, 'apps/b/b.yaml': map('b2') }, 'apps');
    const failing = { ...broken, filesBelow: () => Promise.reject(new Error('the server is gone')) };
    await expect(loader.load(failing)).rejects.toThrow('the server is gone');
    await loader.load(memorySnapshot(files, 'apps', { reads }));
    expect(reads).toEqual([]);
  });

  test('an aborted load rejects', async () => {
    const loader = createManifestLoader();
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(loader.load(memorySnapshot({ 'a.yaml': map('a') }), aborted)).rejects.toThrow('enough');
  });
});

describe('bases of other repositories', () => {
  const files = { 'kustomization.yaml': 'remote: https://git.example/a.git\nresources: [a.yaml]', 'a.yaml': map('a') };

  test('one that does not answer fails the load, whatever the builder made of it', async () => {
    const forgiving: KustomizationBuilder = async (_folder, context) => {
      await context.remoteTrees({ url: 'https://git.example/a.git', ref: 'v1', folder: '' }).catch(() => undefined);
      return { objects: [], problems: [], folders: [], inputs: new Map() };
    };
    const remoteTrees = (): Promise<never> => Promise.reject(new Error('connection refused'));
    await expect(load(files, { remoteTrees })).rejects.toThrow('connection refused');
    await expect(load(files, { remoteTrees, buildKustomization: forgiving })).rejects.toThrow('connection refused');
  });

  test('one that is not there is a problem, and is asked for again by the next load', async () => {
    let calls = 0;
    const remoteTrees = (): Promise<never> => {
      calls += 1;
      return Promise.reject(new RemoteBaseFault('there is no repository a'));
    };
    const loader = createManifestLoader({ buildKustomization: builder(), remoteTrees });
    expect(told(await loader.load(memorySnapshot(files)))).toEqual([
      'error RenderFailed kustomization.yaml there is no repository a',
    ]);
    await loader.load(memorySnapshot(files));
    expect(calls).toBe(2);
  });
});

describe('sets', () => {
  const files: MemoryCommit = {
    'base/kustomization.yaml': 'resources: [a.yaml]',
    'base/a.yaml': map('a'),
    'prod/kustomization.yaml': 'resources: [../base]',
    'staging/kustomization.yaml': 'resources: [../base]',
    'x.yaml': map('x'),
    'y.yaml': map('x'),
  };

  test('together, one name may be declared once', async () => {
    expect(told(await load(files))).toEqual([
      'error Duplicate base/a.yaml:3:12 metadata.name: configmap/a is declared twice; first at base/a.yaml:1',
      'error Duplicate y.yaml:3:12 metadata.name: configmap/x is declared twice; first at x.yaml:1',
    ]);
  });

  test('apart, every kustomization is judged for itself, and the plain files together', async () => {
    expect(told(await load(files, { sets: 'apart' }))).toEqual([
      'error Duplicate y.yaml:3:12 metadata.name: configmap/x is declared twice; first at x.yaml:1',
    ]);
  });

  test.each(['together', 'apart'] as const)('what two overlays find in their base is told once (%s)', async (sets) => {
    const result = await load(
      {
        'base/kustomization.yaml': 'resources: [a.yaml]',
        'base/a.yaml': '{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}, secrets: [{}], spec: 1}',
        'prod/kustomization.yaml': '{resources: [../base], namePrefix: p-}',
        'staging/kustomization.yaml': '{resources: [../base], namePrefix: s-}',
      },
      { sets },
    );
    expect(told(result)).toEqual(['error UnknownField base/a.yaml:1:76 spec: unknown field "spec".']);
  });

  const application = (spec: string): string =>
    `apiVersion: holdfast.dev/v1\nkind: Application\nmetadata: {name: shop}\nspec: ${spec}\n`;

  test.each(['together', 'apart'] as const)('the Application among the plain files speaks for all (%s)', async (sets) => {
    const result = await load(
      {
        'app.yaml': application(
          '{substitute: {A: one}, substituteFrom: [{kind: ConfigMap, name: settings}], timeoutSeconds: 90}',
        ),
        'k/kustomization.yaml': 'resources: [a.yaml, settings.yaml]',
        'k/a.yaml': map('a', '{v: "${A} ${B}"}'),
        'k/settings.yaml': map('settings', '{B: two}'),
        'p.yaml': map('p', '{v: "${B}"}'),
      },
      { sets },
    );
    expect(told(result)).toEqual([]);
    expect(
      Object.fromEntries(result.manifests.map(({ resource }) => [resource.metadata.name, 'data' in resource && resource.data])),
    ).toEqual({
      a: { v: 'one two' },
      p: { v: 'two' },
      settings: { B: 'two' },
    });
    expect(result.timeoutSeconds).toBe(90);
  });

  test('without an Application nothing is substituted, and the command line wins over all', async () => {
    const plain = { 'a.yaml': map('a', '{v: "${A}"}') };
    expect((await load(plain)).manifests[0]?.resource).toMatchObject({ data: { v: '${A}' } });
    const own = { ...plain, 'app.yaml': application('{substitute: {A: one}}') };
    const loader = createManifestLoader({ substitute: { A: 'two' } });
    const result = await loader.load(memorySnapshot(own));
    expect(result.manifests[0]?.resource).toMatchObject({ data: { v: 'two' } });
    expect((await loader.load(memorySnapshot(own))).manifests[0]).toBe(result.manifests[0]);
  });
});

describe('kinds that only a cluster has', () => {
  const files = {
    'a.yaml': `${map('a')}---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: x}\n`,
    'b.yaml':
      'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: y}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: z}\n',
  };

  test('are refused one by one', async () => {
    const result = await load(files);
    expect(result.problems.map(({ severity, file, line, field }) => `${severity} ${file}:${line} ${field}`)).toEqual([
      'error a.yaml:7 kind',
      'error b.yaml:2 kind',
      'error b.yaml:5 spec',
      'error b.yaml:6 kind',
    ]);
  });

  test('or left out on demand, with one note for each kind; what is misspelt stays an error', async () => {
    const result = await load(
      { ...files, 'c.yaml': 'apiVersion: v1\nkind: ConfgMap\nmetadata: {name: c}\n' },
      { skipUnknownKinds: true },
    );
    expect(told(result)).toEqual([
      'note UnsupportedKind a.yaml:7:1 kind: 2 objects of kind Certificate (cert-manager.io/v1) are skipped',
      'note UnsupportedKind b.yaml:6:1 kind: 1 object of kind CustomResourceDefinition (apiextensions.k8s.io/v1) is skipped',
      'error UnsupportedKind c.yaml:2:1 kind: ConfgMap (v1) is unknown. Did you mean "ConfigMap"?',
    ]);
    expect(names(result)).toEqual(['a a.yaml plain']);
  });
});
