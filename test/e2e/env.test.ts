// The environment of a container, seen from the inside, and what is wrong with it when it cannot be made.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Inside, lookInside } from '../support/e2e-inside.ts';
import { configMap, podSpec, secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

const aPod = (name: string, container: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name }, ...metadata },
  spec: podSpec({ container }),
});
const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const amount = (name: string, resource: string, divisor?: string): object => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...(divisor === undefined ? {} : { divisor }) } },
});

describe('pods that run', () => {
  let at: Scene;
  let inside: Inside;
  let result: Awaited<ReturnType<Scene['once']>>;

  beforeAll(async () => {
    at = await scene('env');
    await at.repo.commit(
      {
        'pods.yaml': yaml(
          configMap('config', { A: 'a', 'b.c': 'dotted' }),
          secret('secret', { KEY: 's3cret' }),
          aPod('literal', {
            env: [
              { name: 'FIRST', value: '1' },
              { name: 'SECOND', value: '$(FIRST)2 $(LATER) $$(FIRST)' },
              { name: 'LATER', value: '3' },
              { name: 'FIRST', value: '$(FIRST)0' },
            ],
          }),
          aPod('sources', {
            envFrom: [
              { prefix: 'P_', configMapRef: { name: 'config' } },
              { secretRef: { name: 'secret' } },
              { configMapRef: { name: 'gone', optional: true } },
            ],
            env: [
              { name: 'ONE', valueFrom: { configMapKeyRef: { name: 'config', key: 'A' } } },
              { name: 'TWO', valueFrom: { secretKeyRef: { name: 'secret', key: 'KEY' } } },
              { name: 'NONE', valueFrom: { secretKeyRef: { name: 'secret', key: 'no', optional: true } } },
            ],
          }),
          aPod(
            'fields',
            {
              env: [
                field('NAME', 'metadata.name'),
                field('NAMESPACE', 'metadata.namespace'),
                field('POD_UID', 'metadata.uid'),
                field('LABEL', "metadata.labels['app']"),
                field('NOTE', "metadata.annotations['example.com/note']"),
                field('NODE', 'spec.nodeName'),
                field('ACCOUNT', 'spec.serviceAccountName'),
                field('HOST', 'status.hostIP'),
                field('HOSTS', 'status.hostIPs'),
                field('IP', 'status.podIP'),
                field('IPS', 'status.podIPs'),
              ],
            },
            { annotations: { 'example.com/note': 'a note' } },
          ),
          aPod('amounts', {
            resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } },
            env: [
              amount('CPU', 'limits.cpu'),
              amount('MILLI', 'limits.cpu', '1m'),
              amount('ASKED', 'requests.cpu', '1m'),
              amount('MEMORY', 'limits.memory'),
              amount('MEBI', 'requests.memory', '1Mi'),
            ],
          }),
          aPod('unlimited', {
            env: [amount('CPU', 'limits.cpu'), amount('MEMORY', 'limits.memory'), amount('ASKED', 'requests.memory')],
          }),
          aPod('words', {
            env: [{ name: 'WORD', value: 'hello' }],
            command: ['sh', '-c', 'echo "$0 $1" > /tmp/words; sleep 3600', '$(WORD)'],
            args: ['$(WORD) $(NOBODY)'],
          }),
        ),
      },
      'Pods',
    );
    result = await at.once();
    inside = await lookInside(at.cluster);
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });

  test('all of them are live', () =>
    expect({ code: result.exitCode, outcome: result.outcome }).toMatchObject({ code: 0, outcome: { outcome: 'live' } }));

  test('values refer to those before them, and the last of a name wins', async () =>
    expect(await inside.run('literal', 'echo "$FIRST|$SECOND|$LATER"')).toBe('10|12 $(LATER) $(FIRST)|3'));

  test('keys and whole objects, with a prefix, and what is optional', async () => {
    expect(await inside.run('sources', 'echo "$P_A $KEY $ONE $TWO ${NONE-unset}"')).toBe('a s3cret a s3cret unset');
    expect(await inside.run('sources', "tr '\\0' '\\n' < /proc/1/environ | grep '^P_b.c='")).toBe('P_b.c=dotted');
  });

  test('fields of the pod', async () => {
    const { stdout } = await at.ask(['get', 'pod', 'fields', '-o', 'json']);
    const { metadata, spec, status } = JSON.parse(stdout) as {
      metadata: { uid: string };
      spec: { nodeName: string };
      status: { podIP: string; hostIP: string };
    };
    const names = ['NAME', 'NAMESPACE', 'POD_UID', 'LABEL', 'NOTE', 'NODE', 'ACCOUNT', 'HOST', 'HOSTS', 'IP', 'IPS'];
    expect(await inside.run('fields', names.map((name) => `echo "$${name}"`).join('; '))).toBe(
      ['fields', 'default', metadata.uid, 'fields', 'a note', spec.nodeName, 'default']
        .concat([status.hostIP, status.hostIP, status.podIP, status.podIP])
        .join('\n'),
    );
  });

  test('amounts of the container, in units, and those of the node where there is no limit', async () => {
    expect(await inside.run('amounts', 'echo $CPU $MILLI $ASKED $MEMORY $MEBI')).toBe('1 500 250 67108864 32');
    const [cpu = '', memory = '', asked] = (await inside.run('unlimited', 'echo $CPU $MEMORY $ASKED')).split(' ');
    expect(Number(cpu)).toBeGreaterThanOrEqual(1);
    expect(Number(memory)).toBeGreaterThan(2 ** 27);
    expect(asked).toBe('0');
  });

  test('in the command and its arguments', async () =>
    expect(await inside.run('words', 'cat /tmp/words')).toBe('hello hello $(NOBODY)'));
});

test.each<[string, object, RegExp]>([
  ['a ConfigMap', { configMapKeyRef: { name: 'gone', key: 'x' } }, /configmap.*gone/i],
  ['a key', { secretKeyRef: { name: 'there', key: 'gone' } }, /couldn't find key gone in Secret default\/there|gone/],
])('%s that is not there: the commit says so', { timeout: 60_000 }, async (_what, valueFrom, message) => {
  const at = await scene('env-bad');
  try {
    await at.repo.commit(
      { 'pod.yaml': yaml(secret('there', { a: 'b' }), aPod('bad', { env: [{ name: 'A', valueFrom }] })) },
      'Pods',
    );
    const { exitCode, outcome } = await at.once(['--timeout', '6s']);
    const told = [outcome.message, ...outcome.problems.map((problem) => problem.message)].join('\n');
    expect({ exitCode, told }).toEqual({ exitCode: 1, told: expect.stringMatching(message) });
  } finally {
    await at.close();
  }
});
