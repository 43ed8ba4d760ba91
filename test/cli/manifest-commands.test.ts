import { describe, expect, test } from 'vitest';
import type { Parts, ValidatedPaths } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import type { Manifest } from '../../src/manifests/load.ts';
import type { Problem } from '../../src/manifests/problem.ts';
import { fakeParts } from '../support/fake-parts.ts';

const config: Manifest = {
  resource: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'default' }, data: { mode: 'on' } },
  file: 'a.yaml',
  line: 2,
};
const secret: Manifest = {
  resource: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'web', namespace: 'default' },
    type: 'Opaque',
    data: { key: 'c2VjcmV0' },
  },
  file: 'b.yaml',
  line: 1,
};
const problem: Problem = {
  severity: 'error',
  reason: 'Invalid',
  file: 'a.yaml',
  line: 7,
  column: 3,
  field: 'x',
  message: 'is wrong',
};
const refusal: Problem = { ...problem, reason: 'UnsupportedField', message: 'x is not supported yet: no' };

function loading(result: Partial<ValidatedPaths>): Partial<Parts> {
  return { loadPaths: async () => ({ manifests: [config, secret], problems: [], fileCount: 2, ...result }) };
}

describe('validate', () => {
  test('at a terminal the line is shown with a caret', async () => {
    const parts = fakeParts({ ...loading({ problems: [problem] }), readSourceLine: () => '  mode: on' });
    const terminal = { ...parts, stdout: { ...parts.stdout, isTTY: true }, env: { ...parts.env, NO_COLOR: '1' } };
    expect(await run(['validate', 'a.yaml'], terminal)).toBe(1);
    expect(parts.out()).toBe('a.yaml:7:3 x: is wrong\n      mode: on\n      ^^^^\n2 files, 2 objects: 1 problem\n');
  });

  test.each<[form: string, start: string]>([
    ['sarif', '{\n  "$schema": "https://docs.oasis-open.org/sarif'],
    ['junit', '<?xml version="1.0"'],
    ['github', '::error file=a.yaml,line=7,col=3,title=A value that breaks a rule of Kubernetes::x: is wrong\n'],
    ['json', '{\n  "valid": false,\n  "files": 2,\n  "objects": 2,\n'],
  ])('-o %s', async (form, start) => {
    const parts = fakeParts(loading({ problems: [problem] }));
    expect(await run(['validate', 'a.yaml', '-o', form], parts)).toBe(1);
    expect(parts.out().slice(0, start.length)).toBe(start);
  });

  test.each<[form: string, file: string]>([
    ['github', 'file=shop/a.yaml,'],
    ['sarif', '"uri": "shop/a.yaml"'],
    ['text', 'a.yaml:7:3 x'],
  ])('-o %s: files as those who read it know them', async (form, file) => {
    const parts = fakeParts({ ...loading({ problems: [problem] }), repositoryPath: (path) => `shop/${path}` });
    await run(['validate', 'a.yaml', '-o', form], parts);
    expect(parts.out()).toContain(file);
    expect(parts.out().includes('shop/')).toBe(form !== 'text');
  });

  test.each(['validate', 'render'])('%s ends when it is interrupted', async (command) => {
    const parts = fakeParts({ loadPaths: () => new Promise(() => {}) });
    const ended = run([command, 'apps'], parts);
    parts.interrupt();
    expect(await ended).toBe(130);
    expect(parts.out() + parts.err()).toBe('');
  });

  test('hands over how to read', async () => {
    const asked: unknown[] = [];
    const parts = fakeParts({
      loadPaths: async (paths, settings) => {
        asked.push(paths, settings);
        return { manifests: [config], problems: [], fileCount: 1 };
      },
    });
    const options = [
      '--skip-unknown-kinds',
      '--age-key-file',
      'k',
      '--substitute',
      'A=1',
      '--substitute',
      'B=x=y',
      '--policies',
      'p',
      '--policies',
      'q',
    ];
    expect(await run(['validate', 'apps', ...options], parts)).toBe(0);
    expect(asked).toEqual([
      ['apps'],
      { skipUnknownKinds: true, ageKeyFile: 'k', substitute: { A: '1', B: 'x=y' }, policies: ['p', 'q'] },
    ]);
  });

  test('a variable without a value is told', async () => {
    const parts = fakeParts(loading({}));
    expect(await run(['validate', 'apps', '--substitute', 'A'], parts)).toBe(1);
    expect(parts.err()).toContain('Write NAME=value, for example REGION=eu.');
  });
});

describe('render', () => {
  test('prints every object with its place, and hides the values of Secrets', async () => {
    const parts = fakeParts(loading({}));
    expect(await run(['render', 'apps'], parts)).toBe(0);
    expect(parts.out()).toBe(
      [
        '# a.yaml:2\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: default\ndata:\n  mode: "on"\n',
        '# b.yaml:1\napiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  namespace: default\ntype: Opaque\ndata:\n  key: (hidden)\n',
      ].join('---\n'),
    );
  });

  test('--show-secrets prints them', async () => {
    const parts = fakeParts(loading({}));
    expect(await run(['render', 'apps', '--show-secrets', '-o', 'json'], parts)).toBe(0);
    expect(JSON.parse(parts.out())).toEqual({ apiVersion: 'v1', kind: 'List', items: [config.resource, secret.resource] });
  });

  test('prints nothing when there is an error, and says so', async () => {
    const parts = fakeParts(loading({ problems: [problem] }));
    expect(await run(['render', 'apps'], parts)).toBe(1);
    expect(parts.out()).toBe('');
    expect(parts.err()).toBe('a.yaml:7:3 x: is wrong\nholdfast: nothing is printed: 1 problem\n');
  });

  test('what cannot be run yet can be rendered', async () => {
    const parts = fakeParts(loading({ manifests: [config], problems: [refusal] }));
    expect(await run(['render', 'apps'], parts)).toBe(1);
    expect(parts.out()).toContain('kind: ConfigMap');
    expect(parts.err()).toBe('a.yaml:7:3 x: x is not supported yet: no\n');
  });
});

describe('explain', () => {
  const explained = async (...what: string[]): Promise<{ code: number; out: string; err: string }> => {
    const parts = fakeParts();
    const code = await run(['explain', ...what], parts);
    return { code, out: parts.out(), err: parts.err() };
  };

  test.each(['deployment', 'Deployment', 'deploy', 'deployments'])('%s names the kind', async (name) => {
    const { code, out } = await explained(name);
    expect(code).toBe(0);
    expect(out.split('\n', 1)[0]).toBe('Deployment <object> (apps/v1)');
  });

  test('a field: type, meaning, answer, values', async () => {
    const [title, , meaning, , ...rest] = (await explained('deployment.spec.strategy.type')).out.split('\n');
    expect(title).toBe('Deployment.spec.strategy.type <string> (apps/v1)');
    expect(meaning).toMatch(/\w+/);
    expect(rest).toEqual(['honoured', '', 'One of: RollingUpdate, Recreate', '']);
  });

  test('a status is none of the manifest', async () => {
    for (const field of ['pod.status', 'deployment.status.replicas'])
      expect((await explained(field)).out).toContain('\nset by Holdfast: What a manifest says is not used.\n');
    expect((await explained('pod')).out).toMatch(/^ {4}status +<PodStatus> +set by Holdfast$/m);
  });

  test('positions in lists are passed over', async () => {
    expect((await explained('pod.spec.containers[0].image')).out).toContain('Pod.spec.containers.image <string> (v1)');
  });

  test('what is below a refused field is refused with it', async () => {
    const { out } = await explained('pod.metadata.generateName', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      path: ['metadata', 'generateName'],
      answer: 'refused',
      reason: 'A manifest in Git needs a fixed name, otherwise every pass would create another object.',
    });
  });

  test('every kind, and every field of it, can be explained', async () => {
    const { out } = await explained('kinds', '-o', 'json');
    const kinds = JSON.parse(out) as { kind: string; fields: { name: string }[] }[];
    expect(kinds.map(({ kind }) => kind)).toContain('Deployment');
    for (const { kind, fields } of kinds)
      for (const { name } of fields) {
        const { code, out: text } = await explained(`${kind}.${name}`);
        expect([kind, name, code, text.split(' ', 1)[0]]).toEqual([kind, name, 0, `${kind}.${name}`]);
      }
  });

  test.each<[what: string, message: string]>([
    ['deploymnt', 'holdfast: there is no kind "deploymnt". Did you mean deployment? "holdfast explain kinds" lists all\n'],
    ['pod.spec.contaners', 'holdfast: Pod.spec has no field "contaners". Did you mean "containers"?\n'],
    ['pod.spec.nodeName.x', 'holdfast: Pod.spec.nodeName has no fields\n'],
  ])('%s is told to be nothing', async (what, message) => {
    expect(await explained(what)).toEqual({ code: 1, out: '', err: message });
  });
});
