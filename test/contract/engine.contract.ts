// What every ContainerEngine does: the fake of the tests and the real one alike.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ContainerEngine,
  type ContainerSeen,
  type ContainerSpec,
  type EngineEvent,
  type FileEntry,
  type LogChunk,
  type NetworkSpec,
} from '../../src/kubelet/engine/container-engine.ts';
import type { SandboxImage } from '../../src/kubelet/images/sandbox-image.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { faultOf } from '../support/fault-of.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';

/** Programs that both engines can run. */
export type Program = 'forever' | 'exits-3' | 'ignores-term' | 'cannot-start' | 'prints' | 'echoes';

/** Where the program `echoes` listens. */
export const ECHO_PORT = 7000;

/** An engine under test, and what differs between engines. */
export interface EngineHarness {
  readonly engine: ContainerEngine;
  readonly cluster: string;
  /** How to run a program. */
  program(program: Program): Pick<ContainerSpec, 'image' | 'command'>;
  /** Makes a container, a network or a volume of the name that does not belong to the cluster, and returns its id. */
  makeForeign(kind: 'container' | 'network' | 'volume', name: string): Promise<string>;
  hasForeign(id: string): Promise<boolean>;
  /** Freezes a container behind the engine's back. */
  pause(id: string): Promise<void>;
  /** Told before somebody connects to the program `echoes` of a pod of this address, which listens at ECHO_PORT. */
  echoesAt(address: string): void;
  /** Lets time pass until the condition holds; fails when it does not in time. */
  until(condition: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

const never = (): AbortSignal => new AbortController().signal;
const MAX_OUTPUT_BYTES = 4096;
const link = (path: string, target: string): readonly FileEntry[] => [{ path, type: 'symlink', mode: 0o777, target }];

/** Declares the suite for one implementation. */
export function engineContract(name: string, open: () => Promise<EngineHarness>): void {
  describe(`ContainerEngine: ${name}`, () => {
    let harness: EngineHarness;
    let engine: ContainerEngine;
    let sandbox: SandboxImage;
    let network: string;
    let made = 0;

    const labels = (): Record<string, string> => ({ [CLUSTER_LABEL]: harness.cluster });
    const unique = (what: string): string => `${harness.cluster}-${what}-${(made += 1)}`;
    const seen = async (id: string): Promise<ContainerSeen> => {
      const container = await engine.inspect(id, never());
      if (container === undefined) throw new Error(`container ${id} is gone`);
      return container;
    };
    const isIn = (id: string, state: ContainerSeen['state']) => async () => (await seen(id)).state === state;

    const specOf = (overrides: Partial<ContainerSpec>): ContainerSpec => ({
      name: unique('c'),
      image: sandbox.reference,
      labels: { ...labels(), [ROLE_LABEL]: 'sandbox' },
      ...plainContainer,
      network: { type: 'network', name: network },
      ...overrides,
    });
    const startSandbox = async (overrides: Partial<ContainerSpec> = {}): Promise<string> => {
      const id = await engine.create(specOf(overrides), never());
      await engine.start(id, never());
      return id;
    };
    const createProgram = (program: Program, sandboxId: string, overrides: Partial<ContainerSpec> = {}): Promise<string> =>
      engine.create(
        specOf({
          ...harness.program(program),
          labels: { ...labels(), [ROLE_LABEL]: 'container' },
          network: { type: 'sandbox', containerId: sandboxId },
          ...overrides,
        }),
        never(),
      );

    /** Starts a program that reacts to signals, and waits until it does. */
    const startReady = async (id: string): Promise<void> => {
      await engine.start(id, never());
      const isReady = ['test', '-e', '/tmp/ready'];
      await harness.until(async () => (await engine.exec(id, isReady, MAX_OUTPUT_BYTES, never())).exitCode === 0);
    };

    beforeAll(async () => {
      harness = await open();
      engine = harness.engine;
      network = unique('net');
      sandbox = await ensureSandboxImage(engine);
      await engine.ensureNetwork({ name: network, labels: labels() }, never());
    });
    afterAll(async () => {
      await harness.close();
    });

    describe('engine and images', () => {
      test('says what it is, the same each time', async () => {
        const info = await engine.info(never());
        expect(info).toEqual(await engine.info(never()));
        expect(['amd64', 'arm64']).toContain(info.architecture);
        expect(info.id).not.toBe('');
        expect(info.cpus).toBeGreaterThan(0);
        expect(info.memoryBytes).toBeGreaterThan(0);
      });

      test('knows the images that it has, and only those', async () => {
        const image = await engine.image(sandbox.reference, never());
        expect(image).toMatchObject({ id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), user: '' });
        expect(image?.tags).toContain(sandbox.reference);
        expect(image?.sizeBytes).toBeGreaterThan(0);
        expect(await engine.image(image?.id ?? '', never())).toEqual(image);
        const listed = (await engine.listImages(never())).find(({ id }) => id === image?.id);
        expect({ ...listed, user: '' }).toEqual(image);
        expect(await engine.image('holdfast/no-such-image:1', never())).toBe(undefined);
      });

      test('does not make a container from an image that it lacks', async () => {
        expect(await faultOf(engine.create(specOf({ image: 'holdfast/no-such-image:1' }), never()))).toBe('NotFound');
      });
    });

    describe('life of a container', () => {
      test('create, start, see, kill, remove', async () => {
        const { enforces } = await engine.info(never());
        const spec = specOf({ hostname: 'web-0', memoryBytes: 32 * 2 ** 20, cpuShares: 102 });
        const id = await engine.create(spec, never());
        expect(await seen(id)).toMatchObject({
          state: 'created',
          image: spec.image,
          startedAtMs: 0,
          ip: '',
          exitCode: 0,
          error: '',
        });
        expect((await seen(id)).createdAtMs).toBeGreaterThan(0);

        await engine.start(id, never());
        const running = await seen(id);
        expect(running).toMatchObject({
          id,
          state: 'running',
          isOomKilled: false,
          imageId: (await engine.image(spec.image, never()))?.id,
        });
        expect(running.labels).toMatchObject(spec.labels);
        expect(running.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
        expect(running.startedAtMs).toBeGreaterThanOrEqual(running.createdAtMs);
        expect(running.settings).toEqual({
          name: spec.name,
          memoryBytes: enforces.memory ? 32 * 2 ** 20 : 0,
          nanoCpus: 0,
          cpuShares: enforces.cpuShares ? 102 : 0,
          pidsLimit: 0,
          restartPolicy: 'no',
          networks: [network],
          others: [],
        });

        await engine.kill(id, 'kill', never());
        await harness.until(isIn(id, 'exited'));
        const dead = await seen(id);
        expect(dead).toMatchObject({ exitCode: 137, ip: '' });
        expect(dead.finishedAtMs).toBeGreaterThanOrEqual(dead.startedAtMs);

        await engine.remove(id, never());
        expect(await engine.inspect(id, never())).toBe(undefined);
      });

      test('list shows ours in every state, as inspect does', async () => {
        const created = await engine.create(specOf({}), never());
        const running = await startSandbox();
        const listed = await engine.list(never());
        for (const id of [created, running]) expect(listed.find((one) => one.id === id)).toEqual(await seen(id));
      });

      test('a container of the same name and labels is returned, not made twice', async () => {
        const spec = specOf({});
        const id = await engine.create(spec, never());
        expect(await engine.create(spec, never())).toBe(id);
        expect(await faultOf(engine.create({ ...spec, labels: { ...spec.labels, other: 'x' } }, never()))).toBe('Conflict');
      });

      test('repeating a call is harmless', async () => {
        const id = await startSandbox();
        await engine.start(id, never());
        await engine.kill(id, 'kill', never());
        await harness.until(isIn(id, 'exited'));
        await engine.kill(id, 'kill', never());
        await engine.kill(id, 'stop', never());
        await engine.remove(id, never());
        await engine.remove(id, never());
        await engine.kill(id, 'kill', never());
        expect(await engine.inspect(id, never())).toBe(undefined);
      });

      test('what is gone is NotFound to those who need it', async () => {
        const id = await engine.create(specOf({}), never());
        await engine.remove(id, never());
        expect(await faultOf(engine.start(id, never()))).toBe('NotFound');
        expect(await faultOf(engine.exec(id, ['/holdfast', '/a', '/b'], MAX_OUTPUT_BYTES, never()))).toBe('NotFound');
        expect(await faultOf(engine.putFiles(id, '/', [], never()))).toBe('NotFound');
      });

      test('a running container is removed at once', async () => {
        const id = await startSandbox();
        await engine.remove(id, never());
        expect((await engine.list(never())).map((one) => one.id)).not.toContain(id);
      });

      test('the exit code of a program that ends by itself', async () => {
        const id = await createProgram('exits-3', await startSandbox());
        await engine.start(id, never());
        await harness.until(isIn(id, 'exited'));
        expect(await seen(id)).toMatchObject({ exitCode: 3, isOomKilled: false });
      });

      test('a program that obeys ends on stop', async () => {
        const id = await createProgram('forever', await startSandbox());
        await startReady(id);
        await engine.kill(id, 'stop', never());
        await harness.until(isIn(id, 'exited'));
        expect((await seen(id)).exitCode).toBe(143);
      });

      test('a program that ignores stop lives until it is killed', async () => {
        const id = await createProgram('ignores-term', await startSandbox());
        await startReady(id);
        await engine.kill(id, 'stop', never());
        expect((await seen(id)).state).toBe('running');
        await engine.kill(id, 'kill', never());
        await harness.until(isIn(id, 'exited'));
        expect((await seen(id)).exitCode).toBe(137);
      });

      test('a frozen program can be stopped', async () => {
        const id = await createProgram('forever', await startSandbox());
        await startReady(id);
        await harness.pause(id);
        expect((await seen(id)).state).toBe('paused');
        await engine.kill(id, 'stop', never());
        await harness.until(isIn(id, 'exited'));
        expect((await seen(id)).exitCode).toBe(143);
      });

      test('a program that cannot be started says why', async () => {
        const id = await createProgram('cannot-start', await startSandbox());
        expect(await faultOf(engine.start(id, never()))).toBe('StartFailed');
        const container = await seen(id);
        expect(container.state).toBe('created');
        expect(container.error).toContain('no such file');
        expect(container.exitCode).not.toBe(0);
      });

      test('a host port that is taken is StartFailed', async () => {
        const port = {
          containerPort: 80,
          protocol: 'tcp',
          hostPort: 20_000 + (process.pid % 10_000),
          hostIP: '127.0.0.1',
        } as const;
        const first = await startSandbox({ ports: [port] });
        const second = await engine.create(specOf({ ports: [port] }), never());
        expect(await faultOf(engine.start(second, never()))).toBe('StartFailed');
        await engine.remove(first, never());
        await engine.start(second, never());
        expect((await seen(second)).state).toBe('running');
      });

      test('a program outlives its sandbox, and cannot start without it', async () => {
        const pod = await startSandbox();
        const id = await createProgram('forever', pod);
        const late = await createProgram('forever', pod);
        await engine.start(id, never());
        await engine.kill(pod, 'kill', never());
        await harness.until(isIn(pod, 'exited'));
        expect((await seen(id)).state).toBe('running');
        expect(await faultOf(engine.start(late, never()))).toBe('Conflict');
      });
    });

    describe('inside a container', () => {
      test('exec: renames in a sandbox, replacing, and says when that failed', async () => {
        const volume = unique('v');
        await engine.ensureVolume({ name: volume, labels: labels(), inMemory: true, sizeBytes: 2 ** 20 }, never());
        const id = await startSandbox({ mounts: [{ type: 'volume', volume, target: '/pod/config', readOnly: false }] });
        await engine.putFiles(id, '/pod/config', link('..data', '..v1'), never());
        await engine.putFiles(id, '/pod/config', link('..new', '..v2'), never());
        expect(await engine.readLink(id, '/pod/config/..data', never())).toBe('..v1');
        const rename = ['/holdfast', '/pod/config/..new', '/pod/config/..data'];
        expect((await engine.exec(id, rename, MAX_OUTPUT_BYTES, never())).exitCode).toBe(0);
        expect(await engine.readLink(id, '/pod/config/..data', never())).toBe('..v2');
        expect(await engine.readLink(id, '/pod/config/..new', never())).toBe(undefined);
        expect((await engine.exec(id, rename, MAX_OUTPUT_BYTES, never())).exitCode).toBe(1);
      });

      test('exec needs a running container', async () => {
        const id = await engine.create(specOf({}), never());
        expect(await faultOf(engine.exec(id, ['/holdfast', '/a', '/b'], MAX_OUTPUT_BYTES, never()))).toBe('Conflict');
      });

      test('links: those of files and directories are not there', async () => {
        const id = await engine.create(specOf({}), never());
        const content = Buffer.from('x');
        await engine.putFiles(id, '/', [{ path: 'etc/file', type: 'file', mode: 0o600, content }], never());
        expect(await engine.readLink(id, '/etc/file', never())).toBe(undefined);
        expect(await engine.readLink(id, '/etc', never())).toBe(undefined);
        expect(await engine.readLink(id, '/nowhere/link', never())).toBe(undefined);
      });

      test('logs: all, the last lines, to the end', async () => {
        const id = await createProgram('prints', await startSandbox());
        await engine.start(id, never());
        await harness.until(isIn(id, 'exited'));
        const read = async (tailLines?: number, follow = false): Promise<string> => {
          let text = '';
          const tail = tailLines === undefined ? {} : { tailLines };
          for await (const chunk of engine.logs(id, { follow, timestamps: false, ...tail }, never()))
            text += `${chunk.stream}:${Buffer.from(chunk.bytes).toString()}`;
          return text;
        };
        expect(await read()).toBe('stdout:one\nstdout:two\n');
        expect(await read(1)).toBe('stdout:two\n');
        expect(await read(undefined, true)).toBe('stdout:one\nstdout:two\n');
      });

      test('logs: following ends quietly with the signal', async () => {
        const id = await createProgram('forever', await startSandbox());
        await engine.start(id, never());
        const stop = new AbortController();
        const chunks: LogChunk[] = [];
        const follow = async (): Promise<void> => {
          for await (const chunk of engine.logs(id, { follow: true, timestamps: false }, stop.signal)) chunks.push(chunk);
        };
        const ended = follow();
        setImmediate(() => stop.abort());
        await ended;
        expect(chunks).toEqual([]);
      });
    });

    describe('networks and volumes', () => {
      test('having them twice is having them once; removing them twice, too', async () => {
        const spec = { name: unique('v'), labels: { ...labels(), extra: 'yes' }, inMemory: false, sizeBytes: 0 };
        await engine.ensureVolume(spec, never());
        await engine.ensureVolume(spec, never());
        const listed = (await engine.listVolumes(never())).filter((volume) => volume.name === spec.name);
        expect(listed).toEqual([
          { name: spec.name, labels: spec.labels, driver: 'local', options: {}, createdAtMs: expect.any(Number) },
        ]);
        await engine.removeVolume(spec.name, never());
        await engine.removeVolume(spec.name, never());
        expect((await engine.listVolumes(never())).map((volume) => volume.name)).not.toContain(spec.name);

        const other = unique('net');
        await engine.ensureNetwork({ name: other, labels: labels() }, never());
        await engine.ensureNetwork({ name: other, labels: labels() }, never());
        await engine.removeNetwork(other, never());
        await engine.removeNetwork(other, never());
        const id = await engine.create(specOf({ network: { type: 'network', name: other } }), never());
        expect(await faultOf(engine.start(id, never()))).toBe('StartFailed');
      });

      describe('a network with addresses of our own', () => {
        // Engines of one host share its kernel: no two runs may choose the same.
        const part = Array.from({ length: 2 }, () => Math.floor(Math.random() * 250));
        const base = `10.${part.join('.')}`;
        const addressed = (own: string, subnet: string): NetworkSpec => ({
          name: own,
          labels: { ...labels(), extra: 'yes' },
          addresses: { subnet: `${subnet}.0/24`, gateway: `${subnet}.1`, dynamic: `${subnet}.248/29` },
          bridge: `hft${part.join('x')}`,
          isOpen: true,
        });
        let pods: string;
        beforeAll(async () => {
          pods = unique('pods');
          await engine.ensureNetwork(addressed(pods, base), never());
          await engine.ensureNetwork(addressed(pods, base), never());
        });
        const fixed = (address: string): Partial<ContainerSpec> => ({ network: { type: 'network', name: pods, address } });

        test('is shown among all networks, with what it was made from', async () => {
          const networks = await engine.networks(never());
          expect(networks.filter(({ name: its }) => its === pods)).toEqual([
            {
              name: pods,
              labels: { ...labels(), extra: 'yes' },
              subnets: [`${base}.0/24`],
              gateway: `${base}.1`,
              bridge: `hft${part.join('x')}`,
            },
          ]);
          const foreign = unique('foreign');
          await harness.makeForeign('network', foreign);
          expect((await engine.networks(never())).map(({ name: its }) => its)).toContain(foreign);
        });

        test('a second one with a subnet in it is Invalid', async () => {
          const other = { ...addressed(unique('pods'), base), bridge: `hfu${part.join('x')}` };
          expect(await faultOf(engine.ensureNetwork(other, never()))).toBe('Invalid');
        });

        test('a sandbox has the address that it was given, and shows it whether it runs or not', async () => {
          const id = await engine.create(specOf(fixed(`${base}.77`)), never());
          expect(await seen(id)).toMatchObject({ state: 'created', address: `${base}.77`, ip: '' });
          await engine.start(id, never());
          expect(await seen(id)).toMatchObject({ state: 'running', address: `${base}.77`, ip: `${base}.77` });
          await engine.kill(id, 'kill', never());
          await harness.until(isIn(id, 'exited'));
          expect(await seen(id)).toMatchObject({ address: `${base}.77`, ip: '' });
          await engine.start(id, never());
          expect(await seen(id)).toMatchObject({ state: 'running', ip: `${base}.77` });
          await engine.remove(id, never());
        });

        test('an address that another container has is AddressInUse, until that one ends', async () => {
          const first = await startSandbox(fixed(`${base}.78`));
          const second = await engine.create(specOf(fixed(`${base}.78`)), never());
          expect(await faultOf(engine.start(second, never()))).toBe('AddressInUse');
          await engine.remove(first, never());
          expect(await faultOf(engine.start(second, never()))).toBe('success');
          await engine.remove(second, never());
        });
      });

      test('how much of the disk is in use: volumes, and what containers have written into their own layers', async () => {
        const [onDisk, inMemory] = [unique('v'), unique('v')];
        await engine.ensureVolume({ name: onDisk, labels: labels(), inMemory: false, sizeBytes: 0 }, never());
        await engine.ensureVolume({ name: inMemory, labels: labels(), inMemory: true, sizeBytes: 2 ** 20 }, never());
        const mount = (volume: string, target: string) => ({ type: 'volume', volume, target, readOnly: false }) as const;
        const id = await startSandbox({ mounts: [mount(onDisk, '/data'), mount(inMemory, '/quick')] });
        const idle = await startSandbox();
        const file = (bytes: number): readonly FileEntry[] => [
          { path: 'file', type: 'file', mode: 0o644, content: new Uint8Array(bytes) },
        ];
        await engine.putFiles(id, '/data', file(300_000), never());
        await engine.putFiles(id, '/quick', file(200_000), never());
        await engine.putFiles(id, '/', file(100_000), never());
        const { volumes, containers } = await engine.diskUse(never());
        expect(volumes.get(onDisk)).toBeGreaterThanOrEqual(300_000);
        expect(volumes.get(onDisk)).toBeLessThan(400_000);
        expect(volumes.get(inMemory) ?? 0).toBe(0);
        expect(containers.get(id)).toBeGreaterThanOrEqual(100_000);
        expect(containers.get(id)).toBeLessThan(200_000);
        expect(containers.get(idle)).toBeLessThan(100_000);
        for (const each of [id, idle]) await engine.remove(each, never());
        for (const volume of [onDisk, inMemory]) await engine.removeVolume(volume, never());
      });

      test('in use: Conflict', async () => {
        const volume = unique('v');
        await engine.ensureVolume({ name: volume, labels: labels(), inMemory: false, sizeBytes: 0 }, never());
        const id = await startSandbox({ mounts: [{ type: 'volume', volume, target: '/data', readOnly: false }] });
        expect(await faultOf(engine.removeVolume(volume, never()))).toBe('Conflict');
        expect(await faultOf(engine.removeNetwork(network, never()))).toBe('Conflict');
        await engine.remove(id, never());
        expect((await engine.listVolumes(never())).map((one) => one.name)).toContain(volume);
        await engine.removeVolume(volume, never());
      });
    });

    describe('what is not ours', () => {
      test('containers are neither shown nor touched', async () => {
        const foreignName = unique('foreign');
        const id = await harness.makeForeign('container', foreignName);
        expect(await engine.inspect(id, never())).toBe(undefined);
        expect((await engine.list(never())).map((one) => one.id)).not.toContain(id);
        const calls = {
          start: () => engine.start(id, never()),
          kill: () => engine.kill(id, 'kill', never()),
          remove: () => engine.remove(id, never()),
          exec: () => engine.exec(id, ['/holdfast', '/a', '/b'], MAX_OUTPUT_BYTES, never()),
          putFiles: () => engine.putFiles(id, '/', [], never()),
          create: () => engine.create(specOf({ name: foreignName }), never()),
        };
        for (const [call, run] of Object.entries(calls))
          expect({ call, fault: await faultOf(run()) }).toEqual({ call, fault: 'Conflict' });
        expect(await harness.hasForeign(id)).toBe(true);
      });

      test('networks and volumes are not touched', async () => {
        const [itsNetwork, itsVolume] = [unique('foreign'), unique('foreign')];
        await harness.makeForeign('network', itsNetwork);
        await harness.makeForeign('volume', itsVolume);
        expect(await faultOf(engine.ensureNetwork({ name: itsNetwork, labels: labels() }, never()))).toBe('Conflict');
        expect(await faultOf(engine.removeNetwork(itsNetwork, never()))).toBe('Conflict');
        const spec = { name: itsVolume, labels: labels(), inMemory: false, sizeBytes: 0 };
        expect(await faultOf(engine.ensureVolume(spec, never()))).toBe('Conflict');
        expect(await faultOf(engine.removeVolume(itsVolume, never()))).toBe('Conflict');
        expect((await engine.listVolumes(never())).map((one) => one.name)).not.toContain(itsVolume);
        expect([...(await engine.diskUse(never())).volumes.keys()]).not.toContain(itsVolume);
      });
    });

    describe('events and signals', () => {
      test('events tell the life of our containers, from the time asked for', async () => {
        const spec = specOf({});
        const id = await engine.create(spec, never());
        const { createdAtMs } = await seen(id);
        await engine.start(id, never());
        await engine.kill(id, 'kill', never());
        await harness.until(isIn(id, 'exited'));
        await engine.remove(id, never());

        const stop = new AbortController();
        const actions: string[] = [];
        for await (const event of engine.events(createdAtMs, stop.signal)) {
          if (event.containerId !== id) continue;
          expect(event.labels).toMatchObject(spec.labels);
          actions.push(event.action);
          if (event.action === 'destroy') stop.abort();
        }
        expect(actions.filter((action) => ['create', 'start', 'die', 'destroy'].includes(action))).toEqual([
          'create',
          'start',
          'die',
          'destroy',
        ]);
      });

      test('events tell nothing of networks that come and go', async () => {
        const name = unique('passing');
        const sinceMs = (await seen(await engine.create(specOf({}), never()))).createdAtMs;
        await engine.ensureNetwork({ name, labels: labels() }, never());
        await engine.removeNetwork(name, never());
        const last = await engine.create(specOf({}), never());
        const stop = new AbortController();
        const ids = new Set<string>();
        for await (const event of engine.events(sinceMs, stop.signal)) {
          ids.add(event.containerId);
          if (event.containerId === last) stop.abort();
        }
        expect(ids).not.toContain('');
      });

      test('events end quietly with the signal, also while nothing happens', async () => {
        const stop = new AbortController();
        const events: EngineEvent[] = [];
        const follow = async (): Promise<void> => {
          for await (const event of engine.events(Date.parse('2199-01-01'), stop.signal)) events.push(event);
        };
        const ended = follow();
        setImmediate(() => stop.abort());
        await ended;
        expect(events).toEqual([]);
      });

      test('a call whose signal is aborted is Unreachable', async () => {
        const signal = AbortSignal.abort(new Error('too late'));
        const id = await engine.create(specOf({}), never());
        const calls = {
          info: () => engine.info(signal),
          list: () => engine.list(signal),
          inspect: () => engine.inspect(id, signal),
          create: () => engine.create(specOf({}), signal),
          start: () => engine.start(id, signal),
          kill: () => engine.kill(id, 'stop', signal),
          remove: () => engine.remove(id, signal),
          exec: () => engine.exec(id, ['/holdfast'], MAX_OUTPUT_BYTES, signal),
          putFiles: () => engine.putFiles(id, '/', [], signal),
          readLink: () => engine.readLink(id, '/x', signal),
          image: () => engine.image(sandbox.reference, signal),
          pull: () => engine.pull({ reference: 'holdfast/no-such-image:1' }, signal),
          networks: () => engine.networks(signal),
          ensureNetwork: () => engine.ensureNetwork({ name: network, labels: labels() }, signal),
          listVolumes: () => engine.listVolumes(signal),
          diskUse: () => engine.diskUse(signal),
        };
        for (const [call, run] of Object.entries(calls))
          expect({ call, fault: await faultOf(run()) }).toEqual({ call, fault: 'Unreachable' });
        expect((await seen(id)).state).toBe('created');
      });
    });
  });
}
