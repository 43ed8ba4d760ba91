// Data outlives pods and manifests; configuration reaches what runs; secrets stay where they belong.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { byHand } from '../support/docker.ts';
import { clusterContainers, clusterVolumes } from '../support/e2e-engine.ts';
import { claim, configMap, deployment, secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

describe('a claim', () => {
  let at: Scene;
  beforeEach(async () => {
    at = await scene('claim');
  });
  afterEach(async () => {
    await at.close();
  });

  const keeper = (text: string): string =>
    yaml(
      deployment('keeper', {
        script: 'echo run >> /data/runs',
        container: { env: [{ name: 'VERSION', value: text }], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
        spec: { strategy: { type: 'Recreate' } },
      }),
    );
  const files = {
    'keeper.yaml': keeper('one'),
    'data.yaml': yaml(claim('data')),
    'rest.yaml': yaml(configMap('rest', { a: '1' })),
  };
  const runs = async (): Promise<number> => {
    const { stdout } = await at.ask(['exec', 'deploy/keeper', '--', 'cat', '/data/runs']);
    return stdout.split('\n').filter((line) => line === 'run').length;
  };
  const live = async (changes: Record<string, string | null>, message: string): Promise<void> => {
    await at.repo.commit(changes, message);
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  };

  test('keeps its data through a new pod, the end of the Deployment, its own end, and a lost store', {
    timeout: 60_000,
  }, async () => {
    await live(files, 'One');
    expect(await runs()).toBe(1);
    const volume = `hf-${at.cluster}-default-data`;
    expect(await clusterVolumes(at.cluster)).toContain(volume);

    await live({ 'keeper.yaml': keeper('two') }, 'Another pod');
    expect(await runs()).toBe(2);

    await live({ 'keeper.yaml': null }, 'No Deployment');
    expect(await clusterContainers(at.cluster)).toEqual([]);
    await live({ 'keeper.yaml': keeper('three') }, 'The Deployment again');
    expect(await runs()).toBe(3);

    await live({ 'keeper.yaml': null, 'data.yaml': null }, 'Nothing but the rest\n\nHoldfast-Allow-Prune: true');
    expect(await clusterContainers(at.cluster)).toEqual([]);
    expect(await clusterVolumes(at.cluster)).toEqual([volume]);
    await rm(at.dataDir, { recursive: true });
    await live(files, 'All again');
    expect(await runs()).toBe(4);
  });
});

describe('configuration', () => {
  let at: Scene;
  const PASSWORD = 'xyzzy-plugh-2718';
  const files = (text: string): Record<string, string> => ({
    'config.yaml': yaml(
      configMap('words', { first: `${text} first`, second: `${text} second` }),
      secret('door', { password: PASSWORD }),
    ),
    'reader.yaml': yaml(
      deployment('reader', {
        container: {
          env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'door', key: 'password' } } }],
          volumeMounts: [
            { name: 'words', mountPath: '/words' },
            { name: 'door', mountPath: '/door' },
          ],
        },
        pod: {
          volumes: [
            { name: 'words', configMap: { name: 'words' } },
            { name: 'door', secret: { secretName: 'door', defaultMode: 0o400 } },
          ],
        },
      }),
      // Reads both files all the time, and notes when one is missing or the two do not belong together. A directory that
      // was replaced between its two reads goes away, as under the kubelet: only one that still counts must be whole.
      deployment('watcher', {
        container: {
          command: [
            'sh',
            '-c',
            `trap 'exit 0' TERM
while :; do
  now=$(readlink /words/..data)
  if ! a=$(cat /words/$now/first 2>/dev/null) || ! b=$(cat /words/$now/second 2>/dev/null); then
    [ "$(readlink /words/..data)" = "$now" ] && echo missing
    continue
  fi
  [ "\${a% *}" = "\${b% *}" ] || echo "torn: $a, $b"
  [ "$a" = "$last" ] || echo "saw $a"
  last=$a
  [ -s /words/first ] || echo missing
done`,
          ],
          volumeMounts: [{ name: 'words', mountPath: '/words' }],
        },
        pod: { volumes: [{ name: 'words', configMap: { name: 'words' } }] },
      }),
    ),
  });
  beforeAll(async () => {
    at = await scene('config');
    const commit = await at.repo.commit(files('one'), 'One');
    at.controller();
    await at.untilLive(commit);
  });
  afterAll(async () => {
    await at.close();
  });

  test('a change reaches the mounted files of a pod that goes on, whole and at once', { timeout: 60_000 }, async () => {
    const before = await clusterContainers(at.cluster);
    for (const text of ['two', 'three', 'four']) {
      await at.untilLive(await at.repo.commit(files(text), text));
      await until(
        'the new text is there',
        async () => (await at.ask(['exec', 'deploy/reader', '--', 'cat', '/words/first', '/words/second'])).stdout,
        (content) => content === `${text} first${text} second`,
      );
    }
    const logs = async (): Promise<string[]> =>
      (await at.holdfast(['logs', 'deploy/watcher'])).stdout.split('\n').filter((line) => line !== '');
    await until('the watcher has seen the last text', logs, (lines) => lines.at(-1) === 'saw four first');
    expect(await logs()).toEqual(['saw one first', 'saw two first', 'saw three first', 'saw four first']);
    expect(await clusterContainers(at.cluster)).toEqual(before);
  });

  test('a secret is in the pod and nowhere else: no label, no file of the data folder, no output', async () => {
    const read = await at.ask([
      'exec',
      'deploy/reader',
      '--',
      'sh',
      '-c',
      'cat /door/password; echo " $PASSWORD"; stat -Lc %a /door/password',
    ]);
    expect(read.stdout).toBe(`${PASSWORD} ${PASSWORD}\n400\n`);
    for (const { id, labels } of await clusterContainers(at.cluster)) {
      expect(JSON.stringify(labels)).not.toContain(PASSWORD);
      const { Config } = (await byHand('GET', `/containers/${id}/json`)) as { Config: { Cmd: unknown; Entrypoint: unknown } };
      expect(JSON.stringify([Config.Cmd, Config.Entrypoint])).not.toContain(PASSWORD);
    }
    for (const name of await readdir(at.dataDir)) {
      const bytes = await readFile(join(at.dataDir, name)).catch(() => Buffer.alloc(0));
      for (const form of [PASSWORD, Buffer.from(PASSWORD).toString('base64')])
        expect({ name, holds: bytes.includes(form) }).toEqual({ name, holds: false });
    }
    const said = await Promise.all(
      [['get', 'secret', 'door', '-o', 'yaml'], ['status'], ['why', 'secret/door'], ['diff', '--repo', at.repo.dir]].map((args) =>
        at.holdfast(args),
      ),
    );
    for (const { stdout, stderr } of said)
      expect(stdout + stderr).not.toMatch(new RegExp(`${PASSWORD}|${Buffer.from(PASSWORD).toString('base64')}`));
  });
});
