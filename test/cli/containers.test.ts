// logs and exec: straight from the engine.
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { ATTEMPT_LABEL, CONTAINER_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import { aContainer, aDeployment, aPod, aReplicaSetOf } from '../support/builders.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';
import { plainContainer } from '../support/plain-container.ts';

let parts: FakeParts;
const signal = new AbortController().signal;
const ids: Record<string, string> = {};

async function makeContainer(pod: StoredOf<'Pod'>, container: string, attempt: number): Promise<string> {
  const id = await parts.engine.create(
    {
      name: `hf_${pod.metadata.name}_${container}_${attempt}`,
      image: 'busybox:1.36',
      ...plainContainer,
      network: { type: 'network', name: 'hf' },
      labels: {
        [ROLE_LABEL]: 'container',
        [POD_UID_LABEL]: pod.metadata.uid,
        [CONTAINER_LABEL]: container,
        [ATTEMPT_LABEL]: String(attempt),
      },
    },
    signal,
  );
  ids[`${pod.metadata.name}/${container}/${attempt}`] = id;
  return id;
}

const idOf = (key: string): string => ids[key] ?? '';

beforeEach(async () => {
  parts = fakeParts();
  await parts.engine.ensureNetwork({ name: 'hf', labels: {} }, signal);
  const deployment = aDeployment({ name: 'web' });
  const set = aReplicaSetOf(deployment);
  const first = aPod({ name: 'web-1', owner: set });
  const second = aPod({ name: 'web-2', owner: set, readyAtMs: 0 });
  const pair = aPod({ name: 'pair', spec: { containers: [aContainer({ name: 'app' }), aContainer({ name: 'side' })] } });
  await put(parts.store, deployment, set, first, second, pair, aDeployment({ name: 'empty' }));
  for (const [pod, container, attempt] of [
    [first, 'main', 0],
    [second, 'main', 9],
    [second, 'main', 10],
    [pair, 'app', 0],
    [pair, 'side', 0],
  ] as const) {
    const id = await makeContainer(pod, container, attempt);
    await parts.engine.start(id, signal);
    parts.engine.print(id, `${pod.metadata.name} ${container} ${attempt}`);
  }
});

async function outputOf(...argv: readonly string[]): Promise<readonly [number, string, string]> {
  return [await run(argv, parts), parts.out(), parts.err()];
}

describe('logs', () => {
  test.each<readonly [string, readonly string[], string, string]>([
    ['of a pod', ['web-1'], 'web-1 main 0\n', ''],
    ['of pod/NAME', ['pod/web-1'], 'web-1 main 0\n', ''],
    ['of the latest run', ['web-2'], 'web-2 main 10\n', ''],
    ['of the run before', ['web-2', '--previous'], 'web-2 main 9\n', ''],
    ['of a deployment: a ready pod', ['deploy/web'], 'web-2 main 10\n', 'found 2 pods, using pod/web-2\n'],
    [
      'of the first of several containers',
      ['pair'],
      'pair app 0\n',
      'using container app out of app, side; -c NAME chooses another\n',
    ],
    ['of another container', ['pair', '-c', 'side'], 'pair side 0\n', ''],
    ['only the last lines', ['web-1', '--tail', '0'], '', ''],
  ])('%s', async (_name, argv, out, err) => {
    expect(await outputOf('logs', ...argv)).toEqual([0, out, err]);
  });

  test.each<readonly [string, readonly string[], string]>([
    ['no such pod', ['web-3'], 'there is no pod "web-3" in namespace default. Did you mean pod/web-1 or pod/web-2?'],
    ['no such container', ['pair', '-c', 'web'], 'pod/pair has no container "web"; it has app, side'],
    ['no earlier run', ['web-1', '-p'], 'there is no earlier run of container main of pod/web-1'],
    ['no pods', ['deploy/empty'], 'deployment/empty has no pods; "holdfast why deployment/empty" says why'],
    ['no containers in a kind', ['cm/web'], 'cm/web has no containers: name a pod or what makes pods'],
    [
      'a bad number',
      ['web-1', '--tail', 'x'],
      "option '--tail <lines>' argument 'x' is invalid. Give a whole number, for example 100.",
    ],
  ])('%s', async (_name, argv, message) => {
    expect(await outputOf('logs', ...argv)).toEqual([1, '', `holdfast: ${message}\n`]);
  });

  test('follows until Ctrl-C, and a character that is cut in two arrives whole', async () => {
    const code = run(['logs', 'web-1', '-f'], parts);
    await parts.clock.settle();
    parts.engine.print(idOf('web-1/main/0'), 'grüße', 'stderr');
    await parts.clock.settle();
    parts.interrupt();
    expect([await code, parts.out()]).toEqual([130, 'web-1 main 0\ngrüße\n']);
  });
});

describe('exec', () => {
  test('passes output, errors and exit code on', async () => {
    const seen: (readonly string[])[] = [];
    parts.engine.behave('busybox:1.36', {
      execResult: (command) => {
        seen.push(command);
        return { exitCode: 3, output: 'total 0\n', errors: 'no such file\n' };
      },
    });
    expect(await outputOf('exec', 'web-1', '--', 'ls', '-l', '--', '/nope')).toEqual([3, 'total 0\n', 'no such file\n']);
    expect(seen).toEqual([['ls', '-l', '--', '/nope']]);
  });

  test('options before -- are ours', async () => {
    expect(await outputOf('exec', 'pair', '-c', 'side', '--', 'true')).toEqual([0, '', '']);
  });

  test.each<readonly [readonly string[], string]>([
    [['-it', 'web-1', '--', 'sh'], 'docker exec -it hf_web-1_main_0 sh'],
    [['-i', 'web-1', '--', 'sh', '-c', "echo 'a b'"], "docker exec -i hf_web-1_main_0 sh -c 'echo '\\''a b'\\'''"],
  ])('interactive %j is left to docker', async (argv, command) => {
    expect(await outputOf('exec', ...argv)).toEqual([
      1,
      '',
      `holdfast: exec does not read from the terminal; this does: ${command}\n`,
    ]);
  });

  test('a container that does not run', async () => {
    parts.engine.crash(idOf('web-1/main/0'), 1);
    expect(await outputOf('exec', 'web-1', '--', 'true')).toEqual([
      1,
      '',
      'holdfast: container main of pod/web-1 is not running: it is exited\n',
    ]);
  });

  test('no command', async () => {
    expect(await outputOf('exec', 'web-1')).toEqual([1, '', "holdfast: missing required argument 'command'\n"]);
  });
});
