// ConfigMaps, Secrets and fields of the pod as files: what a commit changes reaches the containers that run, all files at once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { testEngine } from '../support/docker.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { configMap, podSpec, secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const MAX_OUTPUT_BYTES = 65_536;

let at: Scene;
let engine: ContainerEngine;

/** What a shell prints in the container of a pod. */
async function inside(pod: string, script: string): Promise<string> {
  const [found] = await runningContainers(at.cluster, pod);
  if (found === undefined) throw new Error(`pod ${pod} does not run`);
  const { output } = await engine.exec(found.id, ['sh', '-c', script], MAX_OUTPUT_BYTES, AbortSignal.timeout(20_000));
  return output.trim();
}

function pod(name: string, volume: object, mount: object = {}, script = ':', labels: object = {}): object {
  const volumes = [{ name: 'files', ...volume }];
  const volumeMounts = [{ name: 'files', mountPath: '/files', ...mount }];
  const spec = podSpec({ script, container: { volumeMounts }, pod: { volumes } });
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name, ...labels } }, spec };
}

/** Watches two files that always change together; what it ever sees of two versions at once it writes down. */
const WATCHER = `(while :; do
  v=$(cd -P /files/..data && cat one two 2>/dev/null | tr -d '\\n')
  [ \${#v} -ne 2 ] || [ "\${v%?}" = "\${v#?}" ] || echo "$v" >> /tmp/torn
  echo "$v" >> /tmp/seen
  sleep 0.01
done) & :`;

const both = (text: string, more: Record<string, string> = {}): object => configMap('both', { one: text, two: text, ...more });
const later = configMap('later', { key: 'now' });

describe('files of running containers', () => {
  beforeAll(async () => {
    at = await scene('config');
    engine = await testEngine(at.cluster);
    await at.repo.commit(
      {
        'both.yaml': yaml(both('0', { gone: 'soon' })),
        'secret.yaml': yaml(secret('app', { password: 'old' })),
        'pods.yaml': yaml(
          pod('watcher', { configMap: { name: 'both' } }, {}, WATCHER),
          pod('secretive', { secret: { secretName: 'app' } }),
          pod('mixed', {
            projected: {
              sources: [
                { configMap: { name: 'both', items: [{ key: 'one', path: 'conf/one' }] } },
                { secret: { name: 'app', items: [{ key: 'password', path: 'conf/password' }] } },
              ],
            },
          }),
          pod('part', { configMap: { name: 'both' } }, { mountPath: '/files/one', subPath: 'one' }),
          pod('waiting', { configMap: { name: 'later', optional: true } }),
        ),
        'labelled.yaml': yaml(labelled('blue')),
      },
      'One',
    );
    const { exitCode, outcome } = await at.once();
    expect({ exitCode, message: outcome.message, problems: outcome.problems }).toMatchObject({ exitCode: 0, problems: [] });
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });

  function labelled(colour: string): object {
    const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }];
    return pod('labelled', { downwardAPI: { items } }, {}, ':', { colour });
  }

  const reads = (name: string, script: string, text: string): Promise<string> =>
    until(
      `${name} reads ${text}`,
      () => inside(name, script),
      (read) => read === text,
    );

  test('follow a commit: keys change, come and go, and no version is left behind', { timeout: 60_000 }, async () => {
    const before = await runningContainers(at.cluster);
    const controller = at.controller();
    await at.repo.commit(
      { 'both.yaml': yaml(both('1', { new: 'here' })), 'secret.yaml': yaml(secret('app', { password: 'new' })) },
      'Two',
    );
    await reads('watcher', 'cat /files/one /files/two /files/new; echo; ls /files', '11here\nnew\none\ntwo');
    await reads('secretive', 'cat /files/password', 'new');
    await reads('mixed', 'cat /files/conf/one /files/conf/password', '1new');
    expect(await inside('part', 'cat /files/one')).toBe('0');
    const versions = "ls -A /files | grep -c '^\\.\\.[0-9a-f]*$'";
    await reads('watcher', versions, '1');
    await reads('secretive', versions, '1');
    expect((await runningContainers(at.cluster)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    await at.stop(controller);
  });

  test('follow an object that was not there before, and labels of the pod', { timeout: 60_000 }, async () => {
    expect(await inside('waiting', 'ls /files')).toBe('');
    await at.repo.commit({ 'later.yaml': yaml(later), 'labelled.yaml': yaml(labelled('green')) }, 'Three');
    const controller = at.controller();
    await reads('waiting', 'cat /files/key', 'now');
    await reads('labelled', 'cat /files/labels', 'app="labelled"\ncolour="green"');
    expect(await runningContainers(at.cluster, 'labelled')).toMatchObject([{ attempt: 0 }]);
    await at.stop(controller);
  });

  test('are old or new as a whole, however often the controller is killed on the way', { timeout: 90_000 }, async () => {
    for (const version of ['2', '3', '4', '5', '6']) {
      const controller = at.controller();
      await at.repo.commit({ 'both.yaml': yaml(both(version, { [`only-${version}`]: version })) }, `Version ${version}`);
      // At the first sign of it, which is somewhere within the update.
      await reads('watcher', 'cat /files/one', version);
      controller.signal('SIGKILL');
      await controller.ended;
    }
    const last = at.controller();
    await reads('watcher', 'ls /files', 'one\nonly-6\ntwo');
    await reads('watcher', "ls -A /files | grep -c '^\\.\\.[0-9a-f]*$'", '1');
    expect(await inside('watcher', 'cat /files/only-6; echo; cat /tmp/torn 2>/dev/null; sort -u /tmp/seen | grep -c 66')).toBe(
      '6\n1',
    );
    await at.stop(last);
  });

  test('stay as they are when the new commit is refused: an immutable ConfigMap', { timeout: 60_000 }, async () => {
    const fixed = (key: string): object => ({ ...configMap('fixed', { key }), immutable: true });
    const files = { 'fixed.yaml': yaml(fixed('1')), 'fixed-pod.yaml': yaml(pod('fixed', { configMap: { name: 'fixed' } })) };
    await at.repo.commit(files, 'Fixed');
    expect(await at.once()).toMatchObject({ exitCode: 0 });
    await at.repo.commit({ 'fixed.yaml': yaml(fixed('2')) }, 'Changed');
    const { exitCode, outcome } = await at.once();
    expect(exitCode).toBe(1);
    expect(JSON.stringify(outcome.problems)).toContain('is immutable; give the changed one another name');
    expect(await inside('fixed', 'cat /files/key')).toBe('1');
  });
});
