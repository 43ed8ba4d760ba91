// What only a real engine can show: that Docker takes what we send as we mean it, and what becomes of broken connections.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/docker/docker-engine.ts';
import {
  type ContainerEngine,
  type ContainerSpec,
  EngineError,
  type EngineEvent,
} from '../../src/kubelet/engine/container-engine.ts';
import type { SandboxImage } from '../../src/kubelet/images/sandbox-image.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { systemClock } from '../../src/system/clock.ts';
import { BUSYBOX, byHand, cleanUp, ensureBusybox, testDockerHost, testEngine, uniqueCluster } from '../support/docker.ts';
import { openEngineProxy } from '../support/engine-proxy.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';
import { openRegistry, type ScriptedRegistry } from '../support/scripted-registry.ts';

const cluster = uniqueCluster('docker');
const clock = systemClock();
const never = (): AbortSignal => new AbortController().signal;
const KIB = 1024;
let engine: ContainerEngine;
let sandbox: SandboxImage;
const network = `${cluster}-net`;
let made = 0;

const specOf = (overrides: Partial<ContainerSpec>): ContainerSpec => ({
  name: `${cluster}-${(made += 1)}`,
  image: sandbox.reference,
  labels: { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'sandbox' },
  ...plainContainer,
  network: { type: 'network', name: network },
  ...overrides,
});
const started = async (overrides: Partial<ContainerSpec>): Promise<string> => {
  const id = await engine.create(specOf(overrides), never());
  await engine.start(id, never());
  return id;
};
/** An app container that waits to be asked by `sh`. */
const startedApp = (sandboxId: string, overrides: Partial<ContainerSpec> = {}): Promise<string> =>
  started({ image: BUSYBOX, command: ['sleep', '600'], network: { type: 'sandbox', containerId: sandboxId }, ...overrides });
const sh = async (id: string, script: string): Promise<string> => {
  const { output, exitCode } = await engine.exec(id, ['sh', '-c', script], 64 * KIB, never());
  return exitCode === 0 ? output.trim() : `exit ${exitCode}: ${output.trim()}`;
};
const failureOf = async (call: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof EngineError) return error;
  throw error;
};
const inVolume = (volume: string, target = '/data', readOnly = false) => ({ type: 'volume', volume, target, readOnly }) as const;
const aVolume = async (inMemory: boolean, sizeBytes = 0): Promise<string> => {
  const name = `${cluster}-v${(made += 1)}`;
  await engine.ensureVolume({ name, labels: { [CLUSTER_LABEL]: cluster }, inMemory, sizeBytes }, never());
  return name;
};

beforeAll(async () => {
  engine = await testEngine(cluster);
  await ensureBusybox();
  sandbox = await ensureSandboxImage(engine);
  await engine.ensureNetwork({ name: network, labels: { [CLUSTER_LABEL]: cluster } }, never());
});
afterAll(async () => {
  await cleanUp(cluster);
});

describe('a pod', () => {
  test('containers share network, host name and IPC of their sandbox', async () => {
    const pod = await started({ hostname: 'web-0' });
    const [one, two] = [await startedApp(pod), await startedApp(pod)];
    await sh(one, 'echo hello > /tmp/index.html; httpd -p 127.0.0.1:8080 -h /tmp');
    expect(await sh(two, 'wget -qO- http://127.0.0.1:8080/index.html')).toBe('hello');
    expect(await sh(two, 'hostname')).toBe('web-0');
    await sh(one, 'echo shared > /dev/shm/x');
    expect(await sh(two, 'cat /dev/shm/x')).toBe('shared');
    const seen = await engine.inspect(pod, never());
    expect(await sh(two, 'ip -4 -o addr show eth0')).toContain(`inet ${seen?.ip}/`);
    expect((await engine.inspect(two, never()))?.settings.networks).toEqual([]);
  });

  test('a port that is published answers on the host', async () => {
    const hostPort = 30_000 + (process.pid % 2000);
    const pod = await started({ ports: [{ containerPort: 8080, protocol: 'tcp', hostPort, hostIP: '127.0.0.1' }] });
    await sh(await startedApp(pod), 'echo published > /tmp/index.html; httpd -p 8080 -h /tmp');
    expect(await (await fetch(`http://127.0.0.1:${hostPort}/index.html`)).text()).toBe('published\n');
  });

  test('command, args, environment, working directory, limits', async () => {
    const pod = await started({});
    const app = await startedApp(pod, {
      env: ['A=1 2'],
      workingDir: '/var/www',
      memoryBytes: 32 * KIB * KIB,
      nanoCpus: 5e8,
      oomScoreAdj: 500,
    });
    expect(await sh(app, 'echo "$A:$PWD:$(cat /proc/1/oom_score_adj)"')).toBe('1 2:/var/www:500');
    expect((await engine.inspect(app, never()))?.settings).toMatchObject({
      memoryBytes: 32 * KIB * KIB,
      nanoCpus: 5e8,
      restartPolicy: 'no',
    });
  });

  test('a program beyond its memory is seen as killed for that', async () => {
    const pod = await started({});
    const app = await started({
      image: BUSYBOX,
      command: ['sh', '-c', 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'],
      network: { type: 'sandbox', containerId: pod },
      memoryBytes: 8 * KIB * KIB,
    });
    // Docker notes the cause in an event of its own, which may come after the end.
    await expect.poll(async () => (await engine.inspect(app, never()))?.isOomKilled, { timeout: 20_000 }).toBe(true);
    await expect.poll(async () => (await engine.inspect(app, never()))?.state, { timeout: 20_000 }).toBe('exited');
    expect((await engine.inspect(app, never()))?.exitCode).toBe(137);
  });
});

describe('files', () => {
  test.each([
    ['in memory', true],
    ['on disk', false],
  ])('put into a volume %s through the sandbox, seen by containers that run and that come', async (_name, inMemory) => {
    const volume = await aVolume(inMemory);
    const pod = await started({ mounts: [inVolume(volume, '/volumes/config')] });
    const before = await startedApp(pod, { mounts: [inVolume(volume, '/etc/app', true)] });
    const content = Buffer.from('v1');
    await engine.putFiles(
      pod,
      '/volumes/config',
      [
        { path: '..1', type: 'directory', mode: 0o755 },
        { path: '..1/a b.conf', type: 'file', mode: 0o440, content },
        { path: '..data', type: 'symlink', mode: 0o777, target: '..1' },
        { path: 'a b.conf', type: 'symlink', mode: 0o777, target: '..data/a b.conf' },
      ],
      never(),
    );
    const after = await startedApp(pod, { mounts: [inVolume(volume, '/etc/app', true)] });
    for (const app of [before, after]) {
      expect(await sh(app, 'cat "/etc/app/a b.conf"; stat -Lc " %a %u" "/etc/app/a b.conf"')).toBe('v1 440 0');
      expect(await sh(app, 'touch /etc/app/x')).toContain('Read-only file system');
    }
    await engine.putFiles(
      pod,
      '/volumes/config',
      [{ path: '..1/a b.conf', type: 'file', mode: 0o440, content: Buffer.from('v2') }],
      never(),
    );
    expect(await sh(before, 'cat "/etc/app/a b.conf"')).toBe('v2');
    expect(await engine.readLink(pod, '/volumes/config/a b.conf', never())).toBe('..data/a b.conf');
  });

  test('a volume in memory is world-writable, limited, and lives as long as its sandbox', async () => {
    const volume = await aVolume(true, 64 * KIB);
    const pod = await started({ mounts: [inVolume(volume)] });
    const app = await startedApp(pod, { mounts: [inVolume(volume)] });
    expect(await sh(app, 'stat -c %a /data; df -k /data | tail -n 1 | tr -s " " | cut -d " " -f 1,2')).toBe('1777\ntmpfs 64');
    expect(await sh(app, 'dd if=/dev/zero of=/data/x bs=1k count=100 2>&1')).toContain('No space left on device');
    await sh(app, 'rm /data/x; echo kept > /data/y');
    await engine.remove(app, never());
    expect(await sh(await startedApp(pod, { mounts: [inVolume(volume)] }), 'cat /data/y')).toBe('kept');
  });

  test('the root of a volume on disk gets the mode that it is given', async () => {
    const volume = await aVolume(false);
    const pod = await started({ mounts: [inVolume(volume)] });
    // Named from above: Docker passes over an entry `.`.
    await engine.putFiles(pod, '/', [{ path: 'data', type: 'directory', mode: 0o777 }], never());
    expect(await sh(await startedApp(pod, { mounts: [inVolume(volume)] }), 'stat -c %a /data')).toBe('777');
  });

  test('put before the start; into a directory that is not there', async () => {
    const id = await engine.create(specOf({ image: BUSYBOX, command: ['sleep', '600'] }), never());
    await engine.putFiles(id, '/', [{ path: 'etc/new/file', type: 'file', mode: 0o644, content: Buffer.from('x') }], never());
    expect((await failureOf(engine.putFiles(id, '/nowhere', [], never()))).fault).toBe('NotFound');
    await engine.start(id, never());
    expect(await sh(id, 'cat /etc/new/file')).toBe('x');
  });

  test('a path of the host that is not what it must be: no container is left', async () => {
    const made = await aVolume(false);
    const app = await startedApp(await started({ mounts: [inVolume(made)] }), { mounts: [inVolume(made)] });
    await sh(app, 'touch /data/file; mkdir /data/directory');
    const { Mountpoint: root } = (await byHand('GET', `/volumes/${made}`)) as { Mountpoint: string };
    const create = (source: string, mustBe: 'directory' | 'file' | 'socket'): Promise<string> =>
      engine.create(
        specOf({
          image: BUSYBOX,
          mounts: [{ type: 'bind', source: `${root}/${source}`, target: '/h', readOnly: true, create: false, mustBe }],
        }),
        never(),
      );
    await create('file', 'file');
    await create('directory', 'directory');
    const before = (await engine.list(never())).length;
    for (const [source, mustBe] of [
      ['file', 'directory'],
      ['directory', 'file'],
      ['file', 'socket'],
    ] as const) {
      const failure = await failureOf(create(source, mustBe));
      expect([failure.fault, failure.message]).toEqual([
        'Invalid',
        `hostPath type check failed: ${root}/${source} is not a ${mustBe === 'socket' ? 'socket file' : mustBe}`,
      ]);
    }
    expect((await engine.list(never())).length).toBe(before);
  });

  test('content of the image is not copied into a volume', async () => {
    const volume = await aVolume(false);
    const app = await startedApp(await started({ mounts: [inVolume(volume)] }), { mounts: [inVolume(volume, '/etc')] });
    expect(await sh(app, 'ls /etc/passwd')).toContain('No such file');
  });
});

describe('commands', () => {
  test('both streams apart, whole, and byte for byte', async () => {
    const app = await startedApp(await started({}));
    const told: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
    const script = 'yes | head -c 1000000; printf "\\377\\0" >&2; exit 4';
    const result = await engine.exec(app, ['sh', '-c', script], 0, never(), ({ stream, bytes }) => told[stream].push(bytes));
    expect(result).toEqual({ exitCode: 4, output: '' });
    expect(Buffer.concat(told.stdout).equals(Buffer.from('y\n'.repeat(500_000)))).toBe(true);
    expect(Buffer.concat(told.stderr)).toEqual(Buffer.from([255, 0]));
  });

  test('output of both streams up to the limit, exit code, a program that is not there', async () => {
    const app = await startedApp(await started({}));
    const both = await engine.exec(app, ['sh', '-c', 'echo out; echo err >&2; exit 3'], 100, never());
    // Two pipes: their order is not known.
    expect({ exitCode: both.exitCode, lines: both.output.split('\n').toSorted() }).toEqual({
      exitCode: 3,
      lines: ['', 'err', 'out'],
    });
    const long = await engine.exec(app, ['sh', '-c', 'yes | head -c 1000000; exit 4'], 100, never());
    expect({ exitCode: long.exitCode, length: long.output.length }).toEqual({ exitCode: 4, length: 100 });
    expect((await engine.exec(app, ['/no/such/program'], 1000, never())).exitCode).toBeGreaterThan(125);
  });

  test('one that hangs ends with its signal', async () => {
    const app = await startedApp(await started({}));
    const { fault } = await failureOf(engine.exec(app, ['sleep', '600'], 100, AbortSignal.timeout(300)));
    expect(fault).toBe('Unreachable');
  });
});

test('an image of our own runs on the engine that it was imported into', async () => {
  const reference = `${cluster}/own:1`;
  try {
    await engine.importImage(reference, sandbox.files, { entrypoint: sandbox.entrypoint }, never());
    const id = await started({ image: reference });
    expect(await engine.inspect(id, never())).toMatchObject({
      state: 'running',
      imageId: (await engine.image(reference, never()))?.id,
    });
    await engine.remove(id, never());
  } finally {
    await byHand('DELETE', `/images/${reference}?force=1`);
  }
});

describe('pulling', () => {
  let registry: ScriptedRegistry;
  beforeAll(async () => {
    registry = await openRegistry();
  });
  afterAll(async () => {
    await registry.close();
  });

  test('an image that is there', async () => {
    const reference = await registry.publish('tiny', '1', sandbox.files, sandbox.entrypoint);
    try {
      await engine.pull({ reference }, never());
      expect(await engine.image(reference, never())).toMatchObject({ tags: [reference], user: '' });
      const id = await started({ image: reference });
      expect(await engine.inspect(id, never())).toMatchObject({ state: 'running', image: reference });
      await engine.remove(id, never());
    } finally {
      await byHand('DELETE', `/images/${reference}?force=1`);
    }
  });

  test.each([
    ['no such tag', undefined, 'ImageUnavailable'],
    ['no permission', 401, 'ImageUnavailable'],
    ['refused', 403, 'ImageUnavailable'],
    ['a registry in trouble', 503, 'Unreachable'],
    ['a registry that hangs up', 'cut', 'Unreachable'],
  ] as const)('%s', async (_name, answer, fault) => {
    registry.failWith(answer);
    const error = await failureOf(engine.pull({ reference: `${registry.address}/tiny:no-such` }, never()));
    registry.failWith(undefined);
    expect({ fault: error.fault, message: error.message }).toMatchObject({ fault });
    expect(error.message).toContain(`${registry.address}/tiny:no-such`);
  });

  test('no registry at all', async () => {
    const { fault, message } = await failureOf(engine.pull({ reference: '127.0.0.1:9/tiny:1' }, never()));
    expect({ fault, message }).toMatchObject({ fault: 'Unreachable' });
  });
});

interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

describe('the connection', () => {
  test('what is there already costs no write', async () => {
    const proxy = await openEngineProxy(testDockerHost(), { port: 'any' });
    try {
      const watched = createDockerEngine({ cluster, host: proxy.host, clock });
      const volume = await aVolume(true);
      const spec = { name: volume, labels: { [CLUSTER_LABEL]: cluster }, inMemory: true, sizeBytes: 0 };
      await watched.ensureVolume(spec, never());
      await watched.ensureNetwork({ name: network, labels: { [CLUSTER_LABEL]: cluster } }, never());
      await watched.list(never());
      await watched.listVolumes(never());
      await watched.image(BUSYBOX, never());
      expect(proxy.writes()).toEqual([]);
      expect(proxy.requests.filter((request) => /\/(_ping|version)$/.test(request))).toEqual(['GET /_ping']);
    } finally {
      await proxy.close();
    }
  });

  test('events: a broken stream is an error, and the next one works; what happens to the network is told', async () => {
    const proxy = await openEngineProxy(testDockerHost());
    try {
      const watched = createDockerEngine({ cluster, host: proxy.host, clock });
      const pod = await started({});
      const events: EngineEvent[] = [];
      const follow = async (): Promise<void> => {
        for await (const event of watched.events(clock.now(), never())) events.push(event);
      };
      const first = failureOf(follow());
      await expect.poll(() => proxy.requests.some((request) => request.includes('/events'))).toBe(true);
      proxy.cut();
      expect((await first).fault).toBe('Unreachable');

      const second = failureOf(follow());
      await byHand('POST', `/networks/${network}/disconnect`, { Container: pod, Force: true });
      await expect.poll(() => events.map(({ action }) => action)).toContain('disconnect');
      expect(events.find(({ action }) => action === 'disconnect')).toMatchObject({
        containerId: pod,
        labels: { [CLUSTER_LABEL]: cluster },
      });
      proxy.cut();
      await second;
      expect((await watched.inspect(pod, never()))?.settings.networks).toEqual([]);
    } finally {
      await proxy.close();
    }
  });

  test('events: a network that comes and goes concerns no container', async () => {
    const name = `${network}-passing`;
    const events: EngineEvent[] = [];
    const over = new AbortController();
    const since = clock.now();
    await byHand('POST', '/networks/create', { Name: name, Labels: { [CLUSTER_LABEL]: cluster } });
    await byHand('DELETE', `/networks/${name}`);
    const pod = await started({});
    const following = (async (): Promise<void> => {
      for await (const event of engine.events(since, over.signal)) events.push(event);
    })();
    await expect.poll(() => events.map(({ action, containerId }) => `${action} ${containerId}`)).toContain(`start ${pod}`);
    over.abort(new Error('seen enough'));
    await following;
    expect(events.filter(({ containerId }) => containerId !== pod)).toEqual([]);
  });

  test('nobody there: says where it looked', async () => {
    const absent = createDockerEngine({ cluster, host: { type: 'unix', path: '/no/such.sock' }, clock });
    const error = await failureOf(absent.info(never()));
    expect(error.fault).toBe('Unreachable');
    expect(error.message).toBe('no Docker Engine answers at unix:///no/such.sock (no such socket): is it running?');
    const refused = createDockerEngine({ cluster, host: { type: 'tcp', hostname: '127.0.0.1', port: 9 }, clock });
    expect((await failureOf(refused.list(never()))).message).toContain('tcp://127.0.0.1:9 (connection refused)');
  });

  test.each(['', '.', '..'])('the name %j reaches nothing', async (name) => {
    expect((await failureOf(engine.inspect(name, never()))).fault).toBe('Invalid');
    expect((await failureOf(engine.remove(name, never()))).fault).toBe('Invalid');
    expect((await failureOf(engine.removeVolume(name, never()))).fault).toBe('Invalid');
    expect((await failureOf(engine.image(name, never()))).fault).toBe('Invalid');
  });

  test('TLS files that are not there are a mistake of the configuration', () => {
    const host = { type: 'tcp', hostname: 'a', port: 1, tls: { directory: '/no/such' } } as const;
    expect(() => createDockerEngine({ cluster, host, clock })).toThrow(/cannot read the TLS files of tcp:\/\/a:1/);
  });

  describe('to something odd', () => {
    let folder: string;
    let server: Server;
    let answer: (url: string) => Scripted | 'nothing';
    let odd: ContainerEngine;
    const connectAnew = (): ContainerEngine =>
      createDockerEngine({ cluster, host: { type: 'unix', path: join(folder, 'socket') }, clock });
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'odd-engine-'));
      server = createServer((request, response) => {
        const given = answer(request.url ?? '');
        if (given === 'nothing') return;
        const { status, headers = {}, body } = given;
        response.writeHead(status, status === 301 ? { Location: '/other' } : headers).end(body);
      });
      await new Promise<void>((resolve) => {
        server.listen(join(folder, 'socket'), resolve);
      });
      odd = connectAnew();
    });
    afterAll(async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    });

    test('no answer ends with the signal', async () => {
      answer = () => 'nothing';
      expect((await failureOf(odd.list(AbortSignal.timeout(50)))).fault).toBe('Unreachable');
    });

    test('an engine that is too old', async () => {
      answer = () => ({ status: 200, body: '{"Version":"18.09","ApiVersion":"1.39"}' });
      const { fault, message } = await failureOf(odd.list(never()));
      expect({ fault, message }).toEqual({ fault: 'Invalid', message: expect.stringContaining('too old') });
    });

    test.each<[string, (url: string) => Scripted, string[]]>([
      ['is asked by a ping alone', () => ({ status: 200, body: '[]', headers: { 'Api-Version': '1.43' } }), ['/_ping', '/v1.43']],
      [
        'is asked whole of a newer engine, which may have dropped ours',
        (url) => ({
          status: 200,
          body: url === '/version' ? '{"ApiVersion":"1.60","MinAPIVersion":"1.50"}' : '[]',
          headers: { 'Api-Version': '1.60' },
        }),
        ['/_ping', '/version', '/v1.50'],
      ],
      [
        'is asked whole where a ping is refused',
        (url) => ({ status: url === '/_ping' ? 403 : 200, body: url === '/version' ? '{"ApiVersion":"1.42"}' : '[]' }),
        ['/_ping', '/version', '/v1.42'],
      ],
    ])('the version %s', async (_name, script, expected) => {
      const asked: string[] = [];
      answer = (url) => {
        asked.push(url.replace(/^(\/v[\d.]+).*/, '$1'));
        return script(url);
      };
      expect(await connectAnew().list(never())).toEqual([]);
      expect(asked).toEqual(expected);
    });

    test.each([
      ['not JSON', 200, '<html>', 'Failed'],
      ['an error', 500, '{"message":"disk full"}', 'Failed'],
      ['an error without words', 500, '', 'Failed'],
      ['a redirection', 301, '', 'Unreachable'],
    ] as const)('%s', async (_name, status, body, fault) => {
      answer = (url) => (url === '/_ping' ? { status: 200, body: 'OK', headers: { 'Api-Version': '1.41' } } : { status, body });
      expect((await failureOf(odd.list(never()))).fault).toBe(fault);
    });
  });
});
