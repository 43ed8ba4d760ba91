// `openapi`: the merge keys of custom kinds, out of a schema file.
import { describe, expect, test } from 'vitest';
import type { Build, KustomizationFile } from '../../../../src/manifests/kustomize/resource.ts';
import { type OpenapiSchemas } from '../../../../src/manifests/kustomize/resource.ts';
import { SharedScalars } from '../../../../src/manifests/kustomize/shared-scalars.ts';
import { chooseSchemas } from '../../../../src/manifests/kustomize/steps/openapi.ts';
import { UntypedScalars } from '../../../../src/manifests/kustomize/steps/untyped.ts';
import { Origins } from '../../../../src/manifests/origins.ts';
import { formatProblem } from '../../../../src/manifests/problem.ts';
import { parseYaml } from '../../../../src/manifests/reading/yaml.ts';
import type { SchemaNode } from '../../../../src/manifests/schema/schema-node.ts';
import { type MemoryFiles, memoryContext } from '../../../support/memory-tree.ts';

const schema = JSON.stringify({
  definitions: {
    'v1alpha1.MyResource': {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { template: { $ref: '#/definitions/Template' } } },
        names: { type: 'array', items: { type: 'string' }, 'x-kubernetes-patch-strategy': 'merge' },
      },
      'x-kubernetes-group-version-kind': [{ group: 'example.com', kind: 'MyResource', version: 'v1alpha1' }],
    },
    Template: {
      type: 'object',
      properties: { containers: { $ref: '#/definitions/Containers' }, again: { $ref: '#/definitions/Template' } },
    },
    Containers: {
      type: 'array',
      items: { $ref: '#/definitions/Container' },
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    },
    Container: {
      properties: {
        ports: {
          type: 'array',
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
        },
        env: { additionalProperties: { $ref: '#/definitions/Nowhere' } },
      },
    },
    Round: { $ref: '#/definitions/Round' },
  },
});

async function read(openapi: object, files: MemoryFiles): Promise<{ schemas: OpenapiSchemas | undefined; problems: string[] }> {
  const text = `openapi: ${JSON.stringify(openapi)}\n`;
  const [document] = parseYaml(text);
  const layer: KustomizationFile = {
    path: 'kustomization.yaml',
    folder: '',
    value: { openapi },
    locate: (path) => ({ file: 'kustomization.yaml', ...(document?.locate(path) ?? { line: 1, column: 1 }) }),
  };
  const build: Build = {
    context: memoryContext(files),
    origins: new Origins(),
    inputs: new Map(),
    folders: new Set(),
    schemas: { isChosen: false },
    shared: new SharedScalars(),
    untyped: new UntypedScalars(),
    problems: [],
  };
  await chooseSchemas(layer, build);
  return { schemas: build.schemas.own, problems: build.problems.map(formatProblem) };
}

const mergeKey = (node: SchemaNode | undefined): unknown => [
  node?.['x-kubernetes-patch-strategy'],
  node?.['x-kubernetes-patch-merge-key'],
];

describe('chooseSchemas', () => {
  test('follows references to the merge keys of lists, and survives circles', async () => {
    const { schemas, problems } = await read({ path: 'schema.json' }, { 'schema.json': schema });
    const root = schemas?.schemaOf('example.com/v1alpha1', 'MyResource');
    const template = root?.properties?.['spec']?.properties?.['template'];
    expect(problems).toEqual([]);
    expect(mergeKey(template?.properties?.['containers'])).toEqual(['merge', 'name']);
    expect(mergeKey(template?.properties?.['again']?.properties?.['again']?.properties?.['containers'])).toEqual([
      'merge',
      'name',
    ]);
    expect(mergeKey(template?.properties?.['containers']?.items?.properties?.['ports'])).toEqual(['merge', 'containerPort']);
    expect(mergeKey(root?.properties?.['names'])).toEqual(['merge', undefined]);
    expect(template?.properties?.['containers']?.items?.properties?.['env']?.additionalProperties).toEqual({});
  });

  test('knows the kinds of the file alone', async () => {
    const { schemas } = await read({ path: 'schema.json' }, { 'schema.json': schema });
    expect(schemas?.schemaOf('apps/v1', 'Deployment')).toBeUndefined();
    expect(schemas?.schemaOf(undefined, 1)).toBeUndefined();
  });

  test.each<[string, object, MemoryFiles, string[]]>([
    ['a built-in version needs nothing', { version: 'v1.20.4' }, {}, []],
    ['no such file', { path: 'x.json' }, {}, ['kustomization.yaml:1:11 openapi.path: there is no file x.json']],
    [
      'no definitions',
      { path: 'x.json' },
      { 'x.json': '{}' },
      ['kustomization.yaml:1:11 openapi.path: x.json must be one OpenAPI document with definitions'],
    ],
    [
      'both',
      { path: 'x.json', version: 'v1.20.4' },
      {},
      ['kustomization.yaml:1:27 openapi.version: builtin version and custom schema provided, cannot use both'],
    ],
  ])('%s', async (_title, openapi, files, problems) => {
    const result = await read(openapi, files);
    expect(result.schemas).toBeUndefined();
    expect(result.problems).toEqual(problems);
  });
});
