// Input that is meant to hurt, or that must not be repeated: it ends in problems, in bounded time and memory.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expand } from '../../../../src/manifests/kustomize/steps/var-references.ts';
import { fileProblem } from '../../../../src/manifests/reading/file.ts';
import { build } from './scene.ts';

describe('input that is meant to hurt', () => {
  test('replacements that copy a map into itself end in a problem', async () => {
    const entry = `- source: {kind: ConfigMap, fieldPath: data}
  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a, data.b], options: {create: true}}]
`;
    const { problems } = await build({
      'm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {x: {y: z}}\n',
      'kustomization.yaml': `resources: [m.yaml]\nreplacements:\n${entry.repeat(40)}`,
    });
    expect(problems.slice(0, 1)).toEqual([
      'kustomization.yaml:26:54 replacements[11].targets[0].fieldPaths[0]: data.a: the replacements copy too much',
    ]);
  });

  test('replacements that put a text into itself end in a problem', async () => {
    const entry = `- source: {kind: ConfigMap, fieldPath: data.x}
  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x], options: {delimiter: ",", index: -1}}]
`;
    const { problems } = await build({
      'm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {x: abcdefgh}\n',
      'kustomization.yaml': `resources: [m.yaml]\nreplacements:\n${entry.repeat(60)}`,
    });
    expect(problems.slice(0, 1)).toEqual([
      'kustomization.yaml:38:54 replacements[17].targets[0].fieldPaths[0]: data.x: the text gets longer than 2097152 characters',
    ]);
  });

  test('a path with more steps than an object has levels is refused', async () => {
    const { problems } = await build({
      'm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n',
      'kustomization.yaml': `resources: [m.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: ConfigMap}, fieldPaths: [${'a.'.repeat(101)}b], options: {create: true}}]
`,
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('in replacement target: the path has more than 100 steps');
  });

  test('keys that JavaScript has a meaning for are keys', async () => {
    const { problems, objects } = await build({
      'e.env': '__proto__=1\nconstructor=2\n',
      'kustomization.yaml': 'configMapGenerator:\n- name: m\n  envs: [e.env]\n  options: {disableNameSuffixHash: true}\n',
    });
    expect(problems).toEqual([]);
    expect(objects.map(({ value }) => JSON.stringify((value as { data: unknown }).data))).toEqual([
      '{"__proto__":"1","constructor":"2"}',
    ]);
  });

  test('references that would become too long are not replaced', () => {
    const values = new Map([['A', 'x'.repeat(1024 * 1024)]]);
    expect(expand('-$(A)$(A)$(A)', values, { left: 10 ** 9 })).toEqual({
      fault: 'the text gets too long when its vars are replaced',
      used: ['A', 'A', 'A'],
    });
    expect(expand('-$(A)', values, { left: 10 })).toHaveProperty('fault');
  });

  test('a text without references stays, but for double dollar signs', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', 'A', 'é') }), (text) => {
        const { value } = expand(text, new Map(), { left: 100 }) as { value: unknown };
        expect(value).toBe(text.replace(/\$(\$|\([^)]*\)|[^])/g, (whole, next: string) => (next === '$' ? '$' : whole)));
      }),
    );
  });

  test('a file that cannot be decrypted is told as its reader tells it', async () => {
    const problem = fileProblem('s.env', 'Undecryptable', 'there is no key for it');
    const files = { 's.env': 'A=1\n', 'kustomization.yaml': 'secretGenerator:\n- name: m\n  envs: [s.env]\n' };
    const { problems, objects } = await build(files, { readData: () => Promise.resolve({ problem }) });
    expect(objects).toEqual([]);
    expect(problems).toEqual(['s.env there is no key for it']);
  });

  test('a secret is never part of a message', async () => {
    const { problems } = await build({
      'e.env': 'hunter2-secret\nhunter2 secret=1\n',
      'kustomization.yaml': 'secretGenerator:\n- name: m\n  envs: [e.env]\n  literals: [hunter2-secret]\n',
    });
    expect(problems).toHaveLength(3);
    expect(problems.filter((problem) => problem.includes('hunter2'))).toEqual([]);
  });
});
