// Plugins whose configurations a kustomization of their own makes.
import { expect, test } from 'vitest';
import type { Build, BuildResource, KustomizationFile } from '../../../../src/manifests/kustomize/resource.ts';
import { SharedScalars } from '../../../../src/manifests/kustomize/shared-scalars.ts';
import { runTransformers } from '../../../../src/manifests/kustomize/steps/plugins.ts';
import { UntypedScalars } from '../../../../src/manifests/kustomize/steps/untyped.ts';
import { Origins } from '../../../../src/manifests/origins.ts';
import { memoryContext } from '../../../support/memory-tree.ts';

const resourceOf = (value: BuildResource['value']): BuildResource => ({
  value,
  previousIds: [],
  prefixes: [],
  suffixes: [],
  needsHash: false,
  behavior: 'unspecified',
  kustomization: 'kustomization.yaml',
});

const layer: KustomizationFile = {
  path: 'kustomization.yaml',
  folder: '',
  value: { transformers: ['labels'] },
  locate: () => ({ file: 'kustomization.yaml', line: 1, column: 1 }),
};

test('what a folder makes is asked for at its entry, and configures the plugin', async () => {
  const build: Build = {
    context: memoryContext({ 'labels/kustomization.yaml': 'resources: []\n' }),
    origins: new Origins(),
    inputs: new Map(),
    folders: new Set(),
    schemas: { isChosen: false },
    shared: new SharedScalars(),
    untyped: new UntypedScalars(),
    problems: [],
  };
  const service = resourceOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } });
  const asked: unknown[] = [];
  await runTransformers([service], layer, build, (name, at) => {
    asked.push([name, at]);
    const fieldSpecs = [{ path: 'metadata/labels', create: true }];
    const metadata = { name: 'l' };
    return Promise.resolve([
      resourceOf({ apiVersion: 'builtin', kind: 'LabelTransformer', metadata, labels: { a: 'b' }, fieldSpecs }),
    ]);
  });
  expect(asked).toEqual([['labels', ['transformers', 0]]]);
  expect(build.problems).toEqual([]);
  expect(service.value).toEqual({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', labels: { a: 'b' } } });
});
