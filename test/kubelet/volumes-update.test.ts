import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { engineCalls } from '../../src/kubelet/engine/engine-calls.ts';
import { CLUSTER_LABEL } from '../../src/kubelet/labels.ts';
import { type ContentFile, holds, layOut, type VolumeContent, versionSeen } from '../../src/kubelet/volumes/layout.ts';
import { updateVolume } from '../../src/kubelet/volumes/update-volume.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { plainContainer } from '../support/plain-container.ts';

type Data = Readonly<Record<string, string>>;

const ROOT = '/volumes/config';
const READER = '/etc/app';

function contentOf(data: Data): VolumeContent {
  const files = Object.entries(data).map(([path, text]): ContentFile => ({ path, mode: 0o644, content: Buffer.from(text) }));
  return layOut(files, undefined);
}

/** One sandbox with one config volume, and a container that reads it. */
class Scene {
  readonly engine = new FakeEngine({ clock: new FakeClock(), images: ['sandbox'] });
  readonly signal = new AbortController().signal;
  readonly calls = engineCalls(this.engine, new FakeClock(), this.signal);
  sandboxId = '';
  readerId = '';

  async start(): Promise<void> {
    const common = {
      image: 'sandbox',
      labels: { [CLUSTER_LABEL]: 'test' },
      ...plainContainer,
    };
    await this.engine.ensureNetwork({ name: 'net', labels: {} }, this.signal);
    await this.engine.ensureVolume({ name: 'v', labels: {}, inMemory: true, sizeBytes: 0 }, this.signal);
    const mount = { type: 'volume', volume: 'v', readOnly: false } as const;
    this.sandboxId = await this.engine.create(
      { ...common, name: 'sandbox', mounts: [{ ...mount, target: ROOT }], network: { type: 'network', name: 'net' } },
      this.signal,
    );
    await this.engine.start(this.sandboxId, this.signal);
    const network = { type: 'sandbox', containerId: this.sandboxId } as const;
    this.readerId = await this.engine.create(
      { ...common, name: 'app', mounts: [{ ...mount, target: READER }], network },
      this.signal,
    );
    await this.engine.start(this.readerId, this.signal);
  }

  /** What a look at the volume leads to: as the kubelet does it after a start of its own. */
  async bring(data: Data): Promise<void> {
    const content = contentOf(data);
    const held = versionSeen(await this.calls.listFiles(this.sandboxId, ROOT));
    if (!holds(held, content))
      await updateVolume(this.calls, { type: 'update-volume', sandboxId: this.sandboxId, volume: 'config', held, content });
  }

  /** What a program reads at the names that it sees, through the links. */
  read(names: readonly string[]): Data {
    const found = names.map((name) => [name, this.engine.textOf(this.readerId, `${READER}/${name}`)] as const);
    return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
  }

  async names(): Promise<readonly string[]> {
    const listed = await this.engine.listFiles(this.sandboxId, ROOT, this.signal);
    return [...(listed?.keys() ?? [])].toSorted();
  }
}

let scene: Scene;
beforeEach(async () => {
  scene = new Scene();
  await scene.start();
});

describe('an update', () => {
  test('leaves the new version and nothing else', async () => {
    await scene.bring({ a: '1', gone: 'x', 'deep/er': '2' });
    await scene.bring({ a: '2', b: 'new' });
    const { version } = contentOf({ a: '2', b: 'new' });
    expect(await scene.names()).toEqual(['..data', '..data_tmp', `..${version}`, 'a', 'b'].toSorted());
    expect(scene.read(['a', 'b', 'gone', 'deep/er'])).toEqual({ a: '2', b: 'new' });
  });

  test('takes away what a kubelet before this one has left', async () => {
    await scene.bring({ a: '1' });
    const version = contentOf({ a: '0' }).version;
    await scene.calls.putFiles(scene.sandboxId, ROOT, [
      ...contentOf({ a: '0' }).files,
      { path: 'stale', type: 'symlink', mode: 0o777, target: '..data/stale' },
      { path: 'part', type: 'directory', mode: 0o755 },
    ]);
    expect(await scene.names()).toContain(`..${version}`);
    await scene.bring({ a: '1' });
    expect(await scene.names()).toEqual(['..data', '..data_tmp', `..${contentOf({ a: '1' }).version}`, 'a', 'part'].toSorted());
  });

  test('of the same content does nothing', async () => {
    await scene.bring({ a: '1' });
    const writes = (): number => scene.engine.calls.filter(({ name }) => name === 'putFiles' || name === 'exec').length;
    const before = writes();
    await scene.bring({ a: '1' });
    expect(writes()).toBe(before);
  });
});

const versions = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/x', 'd/y'), fc.constantFrom('1', '2', '3'), { maxKeys: 4 });

test('any row of versions, each cut off anywhere, shows old or new as a whole, and ends with the last one alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ data: versions, cutAfter: fc.option(fc.nat(8), { nil: undefined }), late: fc.boolean() }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (rounds) => {
        const world = new Scene();
        await world.start();
        let visible: Data = {};
        for (const { data, cutAfter, late } of rounds) {
          let writes = 0;
          const problems: string[] = [];
          const check = (): void => {
            const seen = world.read(Object.keys({ ...visible, ...data }));
            // A name that is not there yet, or not any more, is no half of a version; a text of another one would be.
            const isOf = (whole: Data): boolean => Object.entries(seen).every(([name, text]) => whole[name] === text);
            if (!isOf(visible) && !isOf(data)) problems.push(`${JSON.stringify(seen)} is neither old nor new`);
          };
          world.engine.faults = (name) => {
            check();
            if (name !== 'putFiles' && name !== 'exec') return undefined;
            writes += 1;
            if (cutAfter === undefined || writes <= cutAfter) return undefined;
            return late ? 'late-success' : new EngineError('Unreachable', 'killed');
          };
          await world.bring(data).catch((error: unknown) => {
            if (!(error instanceof EngineError)) throw error;
          });
          world.engine.faults = () => undefined;
          check();
          expect(problems).toEqual([]);
          const current = versionSeen(await world.calls.listFiles(world.sandboxId, ROOT)).version;
          if (current === contentOf(data).version) visible = data;
        }
        const last = rounds.at(-1)?.data ?? {};
        await world.bring(last);
        const content = contentOf(last);
        expect(versionSeen(await world.calls.listFiles(world.sandboxId, ROOT))).toEqual({
          version: content.version,
          names: [...content.names].toSorted(),
          leftovers: [],
        });
        expect(world.read(['a', 'b', 'c', 'd/x', 'd/y'])).toEqual(last);
      },
    ),
    { numRuns: 150 },
  );
});
