// The lines where the new values of a difference are written.
import { describe, expect, test } from 'vitest';
import { admitObjects } from '../../src/manifests/object.ts';
import { parseYaml } from '../../src/manifests/reading/yaml.ts';
import { fromDocument } from '../../src/manifests/source.ts';
import { diffFields } from '../../src/sync/diff.ts';
import { pathIn, placedFields } from '../../src/sync/field-places.ts';

describe('a path of a difference leads back to the value', () => {
  const value = {
    spec: { containers: [{ name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }], env: [{ name: 'A.B', value: '1' }] }] },
    metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
    list: [1, 2],
  };
  test.each<readonly [string, readonly (string | number)[]]>([
    ['spec.containers[web]', ['spec', 'containers', 0]],
    ['spec.containers[web].ports[80/TCP].protocol', ['spec', 'containers', 0, 'ports', 0, 'protocol']],
    ['spec.containers[web].env[A.B].value', ['spec', 'containers', 0, 'env', 0, 'value']],
    ['metadata.labels[app.kubernetes.io/name]', ['metadata', 'labels', 'app.kubernetes.io/name']],
    ['spec.containers[api].image', ['spec', 'containers']],
    ['spec.containers[web].image', ['spec', 'containers', 0]],
    ['list[x]', ['list']],
    ['', []],
  ])('%s', (path, expected) => {
    expect(pathIn(value, path)).toEqual(expected);
  });
});

test('new values have a line, values that go have none', () => {
  const text = ['apiVersion: v1', 'kind: ConfigMap', 'metadata:', '  name: settings', 'data:', '  mode: "on"', '  page: x'];
  const [manifest] = admitObjects(parseYaml(text.join('\n')).map((document) => fromDocument(document, 'app.yaml'))).manifests;
  const old = { data: { mode: 'off', gone: '1' } };
  const next = { data: { mode: 'on', page: 'x' } };
  expect(placedFields(diffFields(old, next), manifest)).toEqual([
    { path: 'data.gone', old: '1' },
    { path: 'data.mode', old: 'off', new: 'on', file: 'app.yaml', line: 6 },
    { path: 'data.page', new: 'x', file: 'app.yaml', line: 7 },
  ]);
});

test('what is not known to be written anywhere has no line', () => {
  const fields = [{ path: 'data.mode', new: 'on' }];
  expect(placedFields(fields, undefined)).toEqual(fields);
});
