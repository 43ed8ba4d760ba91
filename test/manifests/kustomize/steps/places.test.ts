// Where the values that steps set are said to stand: at the entry of the kustomization that set them.
import { describe, expect, test } from 'vitest';
import { build, placeIn } from './scene.ts';

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations:
    note: $(NAME)
spec:
  containers:
  - name: c
    image: nginx:1
`;

describe('places', () => {
  test.each<[string, string, (string | number)[], string]>([
    ['a literal', 'ConfigMap', ['data', 'b'], 'kustomization.yaml:5:19'],
    ['a line of an env file, at the entry that names it', 'ConfigMap', ['data', 'c'], 'kustomization.yaml:6:10'],
    ['a label of a generator', 'ConfigMap', ['metadata', 'labels', 'l'], 'kustomization.yaml:7:22'],
    ['a label of all generators', 'ConfigMap', ['metadata', 'labels', 'g'], 'kustomization.yaml:3:12'],
    ['the generator', 'ConfigMap', [], 'kustomization.yaml:4:22'],
    ['an image', 'Pod', ['spec', 'containers', 0, 'image'], 'kustomization.yaml:9:4'],
    ['a var', 'Pod', ['metadata', 'annotations', 'note'], 'kustomization.yaml:12:8'],
    ['a replacement', 'Pod', ['spec', 'containers', 0, 'name'], 'kustomization.yaml:11:95'],
    ['what nothing has changed', 'Pod', ['metadata', 'name'], 'pod.yaml:4:3'],
  ])('%s', async (_title, kind, path, place) => {
    const built = await build({
      'pod.yaml': pod,
      'e.env': 'c=3\n',
      'kustomization.yaml': `resources: [pod.yaml]
generatorOptions:
  labels: {g: x}
configMapGenerator: [{name: m,
  literals: [a=1, b=2],
  envs: [e.env],
  options: {labels: {l: x}}}]
images:
- {newTag: "2", name: nginx}
replacements:
- {source: {kind: ConfigMap, fieldPath: data.a}, targets: [{select: {kind: Pod}, fieldPaths: [spec.containers.0.name]}]}
vars: [{name: NAME, objref: {apiVersion: v1, kind: Pod, name: p}}]
`,
    });
    expect(built.problems).toEqual([]);
    expect(placeIn(built, kind, path)).toBe(place);
  });
});
