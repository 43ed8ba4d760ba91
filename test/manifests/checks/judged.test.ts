// Sets that have to stand alone, as `holdfast validate` loads them: what is hidden is not missing.
import { expect, test } from 'vitest';
import type { LoaderOptions } from '../../../src/manifests/load.ts';
import { createManifestLoader } from '../../../src/manifests/loader.ts';
import { told } from '../../support/manifest-text.ts';
import { type MemoryCommit, memorySnapshot } from '../../support/memory-snapshot.ts';
import { object, pod, service, workload } from './set-text.ts';

/** What is said besides that a kind is not supported yet or has no effect. */
async function validated(files: MemoryCommit, options: LoaderOptions = {}): Promise<string[]> {
  const loader = createManifestLoader({ sets: 'apart', areSetsJudged: true, ...options });
  return told(await loader.load(memorySnapshot(files))).filter((line) => !/ (?:UnsupportedKind|NoEffect) .* kind: /.test(line));
}

const web = workload('Deployment', 'web', pod('envFrom: [{configMapRef: {name: settings}}]'));
const settings = object('ConfigMap', 'settings', 'data: {a: b}\n');
const missing =
  'error NotFound web.yaml:8:78 spec.template.spec.containers[0].envFrom[0].configMapRef.name: ConfigMap "settings" is not declared in namespace "default".';

test('what a set needs must be in it', async () => {
  expect(await validated({ 'web.yaml': web })).toEqual([missing]);
  expect(await validated({ 'web.yaml': web, 'settings.yaml': settings })).toEqual([]);
});

test('unless somebody knows what runs: then it is for him to say', async () => {
  expect(await validated({ 'web.yaml': web }, { areSetsJudged: false })).toEqual([]);
});

test('an object that has faults is there', async () => {
  const faulty = settings.replace('data: {a: b}', 'dat: {a: b}');
  expect(await validated({ 'web.yaml': web, 'settings.yaml': faulty })).toEqual([
    'error UnknownField settings.yaml:4:1 dat: unknown field "dat". Did you mean "data"?',
  ]);
  expect(await validated({ 'web.yaml': web, 'settings.yaml': faulty.replace('name: settings', 'name: others') })).toEqual([
    'error UnknownField settings.yaml:4:1 dat: unknown field "dat". Did you mean "data"?',
    missing,
  ]);
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${faulty.trimEnd().replaceAll('\n', '\n  ')}\n`;
  expect(await validated({ 'web.yaml': web, 'settings.yaml': list })).toEqual([
    'error UnknownField settings.yaml:7:3 dat: unknown field "dat". Did you mean "data"?',
  ]);
});

test('a misspelt kind may be any kind', async () => {
  const lines = await validated({ 'web.yaml': web, 'settings.yaml': settings.replace('ConfigMap', 'ConfigMpa') });
  expect(lines).toEqual([]);
  const selecting = service('web', 'selector: {app: other}, ports: [{port: 80}]');
  expect(await validated({ 'service.yaml': selecting, 'other.yaml': workload('Deploymet', 'other') })).toEqual([]);
});

test('pods of a workload that has faults may be selected', async () => {
  const to = service('web', 'selector: {app: other}, ports: [{port: 80}]');
  const nothing =
    'note NotFound service.yaml:4:8 spec.selector: selects nothing: no pod that is declared in namespace "default" has the label app: other.';
  const faulty = workload('Deployment', 'other', pod(), '  replica: 1\n');
  expect(await validated({ 'service.yaml': to, 'other.yaml': object('ConfigMap', 'x') })).toEqual([nothing]);
  expect(await validated({ 'service.yaml': to, 'other.yaml': faulty })).toEqual([
    'error UnknownField other.yaml:6:3 spec.replica: unknown field "replica". Did you mean "replicas"?',
  ]);
});

test.each<[string, MemoryCommit]>([
  ['a text that is no YAML', { 'broken.yaml': 'kind: [' }],
  ['a document that is no object', { 'broken.yaml': '- a\n' }],
  ['an object without a name', { 'broken.yaml': 'apiVersion: v1\nkind: ConfigMap\n' }],
  ['a name that is a variable', { 'broken.yaml': object('ConfigMap', '"${NAME}"') }],
  ['a kustomization that cannot be built', { 'k/kustomization.yaml': 'resources: [gone.yaml]\n' }],
  ['a link that leads to nothing', { 'broken.yaml': { link: 'gone.yaml' } }],
])('%s may hide what is missing, and no conflicts', async (_name, broken) => {
  const lines = await validated({
    'web.yaml': web,
    'one.yaml': service('one', 'type: NodePort, selector: {app: none}, ports: [{port: 80, nodePort: 30080}]'),
    'two.yaml': service('two', 'type: NodePort, selector: {app: none}, ports: [{port: 80, nodePort: 30080}]'),
    ...broken,
  });
  const conflict = 'error Conflict two.yaml:4:66 spec.ports[0].nodePort: node port 30080 is taken by service/one (one.yaml:4)';
  expect(lines).toContain(conflict);
  expect(lines.filter((line) => line.includes('is not declared') || line.includes('selects nothing'))).toEqual([]);
  expect(lines.filter((line) => line !== conflict)).not.toEqual([]);
});

test('a custom resource that is skipped makes nothing here', async () => {
  const sealed = object('SealedSecret', 'settings').replace('v1', 'bitnami.com/v1alpha1');
  const needing = workload('Deployment', 'web', pod('envFrom: [{secretRef: {name: settings}}]'));
  expect(await validated({ 'web.yaml': needing, 'sealed.yaml': sealed }, { skipUnknownKinds: true })).toEqual([
    'error NotFound web.yaml:8:75 spec.template.spec.containers[0].envFrom[0].secretRef.name: Secret "settings" is not declared in namespace "default".',
  ]);
});

test('sets may need each other, and never get in the way of each other', async () => {
  const port = workload(
    'Deployment',
    'web',
    pod('envFrom: [{configMapRef: {name: settings}}], ports: [{containerPort: 80, hostPort: 80}]'),
  );
  const overlays = {
    'base/web.yaml': port,
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'one/kustomization.yaml': 'resources: [../base]\nnamePrefix: one-\n',
    'two/kustomization.yaml': 'resources: [../base]\nnamePrefix: two-\n',
  };
  expect(await validated({ ...overlays, 'settings.yaml': settings })).toEqual([]);
  const declared = 'containers[0].envFrom[0].configMapRef.name: ConfigMap "settings" is not declared in namespace "default".';
  // At the line that both were made from.
  expect(await validated(overlays)).toEqual([`error NotFound base/web.yaml:8:78 spec.template.spec.${declared}`]);
});

test('a set needs keys that another set has', async () => {
  const needing = workload('Deployment', 'web', pod('env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: b}}}]'));
  expect(
    await validated({ 'k/web.yaml': needing, 'k/kustomization.yaml': 'resources: [web.yaml]\n', 'settings.yaml': settings }),
  ).toEqual([
    'error NotFound k/web.yaml:8:114 spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key: ConfigMap "settings" has no key "b". Did you mean "a"?',
  ]);
});
