// What every ContainerEngine does with files and parts of volumes: the fake of the tests and the real one alike.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ContainerEngine,
  type ContainerSpec,
  EngineError,
  type FileEntry,
  type Mount,
} from '../../src/kubelet/engine/container-engine.ts';
import { sandboxImage } from '../../src/kubelet/images/sandbox-image.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';
import type { EngineHarness } from './engine.contract.ts';

const never = (): AbortSignal => new AbortController().signal;
const file = (path: string, text: string, mode = 0o644): FileEntry => ({ path, type: 'file', mode, content: Buffer.from(text) });

/** Declares the suite for one implementation. */
export function engineFilesContract(name: string, open: () => Promise<EngineHarness>): void {
  describe(`ContainerEngine, files: ${name}`, () => {
    let harness: EngineHarness;
    let engine: ContainerEngine;
    let image: string;
    let network: string;
    let made = 0;

    const labels = (): Record<string, string> => ({ [CLUSTER_LABEL]: harness.cluster, [ROLE_LABEL]: 'sandbox' });
    const unique = (what: string): string => `${harness.cluster}-f${what}-${(made += 1)}`;
    const create = async (spec: Partial<ContainerSpec>): Promise<string> => {
      const base: ContainerSpec = {
        name: unique('c'),
        image,
        labels: labels(),
        ...plainContainer,
        network: { type: 'network', name: network },
      };
      return await engine.create({ ...base, ...spec }, never());
    };
    const sandbox = async (mounts: readonly Mount[]): Promise<string> => {
      const id = await create({ mounts });
      await engine.start(id, never());
      await engine.inspect(id, never());
      return id;
    };
    const aVolume = async (inMemory = false): Promise<string> => {
      const volume = unique('v');
      await engine.ensureVolume({ name: volume, labels: labels(), inMemory, sizeBytes: 0 }, never());
      return volume;
    };
    const text = async (id: string, path: string, maxBytes = 1000): Promise<string | undefined> => {
      const bytes = await engine.readFile(id, path, maxBytes, never());
      return bytes === undefined ? undefined : Buffer.from(bytes).toString();
    };

    beforeAll(async () => {
      harness = await open();
      engine = harness.engine;
      network = unique('net');
      image = (await ensureSandboxImage(engine)).reference;
      await engine.ensureNetwork({ name: network, labels: labels() }, never());
    });
    afterAll(async () => {
      await harness.close();
    });

    test('stat and list: kinds, rights and owners', async () => {
      const volume = await aVolume();
      const id = await sandbox([{ type: 'volume', volume, target: '/pod/data', readOnly: false }]);
      const link: FileEntry = { path: 'link', type: 'symlink', mode: 0o777, target: 'file' };
      const owned: FileEntry = { ...file('file', 'four', 0o640), uid: 5, gid: 7 };
      const below: FileEntry = file('folder/deep', 'x');
      await engine.putFiles(
        id,
        '/pod/data',
        [owned, { path: 'folder', type: 'directory', mode: 0o2770, gid: 9 }, below, link],
        never(),
      );
      const seen = { type: 'file', mode: 0o640, uid: 5, gid: 7, sizeBytes: 4, target: '' };
      expect(await engine.stat(id, '/pod/data/file', never())).toEqual(seen);
      expect(await engine.stat(id, '/pod/data/link', never())).toMatchObject({ type: 'symlink', target: 'file' });
      expect(await engine.stat(id, '/pod/data/folder', never())).toMatchObject({ type: 'directory', mode: 0o2770, gid: 9 });
      expect(await engine.stat(id, '/pod/data/nothing', never())).toBe(undefined);
      const listed = await engine.listFiles(id, '/pod/data', never());
      expect([...(listed?.keys() ?? [])].toSorted()).toEqual(['file', 'folder', 'link']);
      expect(listed?.get('file')).toEqual(seen);
      expect(await engine.listFiles(id, '/pod/nothing', never())).toBe(undefined);
    });

    test('read: the end of a regular file, also when the container has ended', async () => {
      const id = await sandbox([]);
      await engine.putFiles(id, '/', [file('words', 'first words, last words')], never());
      expect(await text(id, '/words')).toBe('first words, last words');
      expect(await text(id, '/words', 10)).toBe('last words');
      expect(await text(id, '/nothing')).toBe(undefined);
      expect(await text(id, '/')).toBe(undefined);
      await engine.kill(id, 'kill', never());
      await harness.until(async () => (await engine.inspect(id, never()))?.state === 'exited');
      expect(await text(id, '/words', 10)).toBe('last words');
    });

    test('a directory is given to a group, all that is in it, and nothing beside it', async () => {
      const volume = await aVolume();
      const id = await sandbox([{ type: 'volume', volume, target: '/pod/data', readOnly: false }]);
      const folder: FileEntry = { path: 'folder', type: 'directory', mode: 0o700 };
      const link: FileEntry = { path: 'link', type: 'symlink', mode: 0o777, target: '/beside' };
      await engine.putFiles(
        id,
        '/pod/data',
        [folder, file('folder/deep', 'kept', 0o600), file('top', 'kept', 0o755), link],
        never(),
      );
      await engine.putFiles(id, '/', [file('beside', '')], never());
      await engine.giveToGroup(id, '/pod/data', 2000, never());
      const seen = async (path: string): Promise<unknown> => {
        const { type, mode = 0, gid } = (await engine.stat(id, path, never())) ?? {};
        return [type, mode % 0o1000, mode >= 0o2000, gid];
      };
      expect(await seen('/pod/data/folder')).toEqual(['directory', 0o770, true, 2000]);
      expect(await seen('/pod/data/folder/deep')).toEqual(['file', 0o660, false, 2000]);
      expect(await seen('/pod/data/top')).toEqual(['file', 0o775, false, 2000]);
      expect((await engine.stat(id, '/pod/data', never()))?.gid).toBe(2000);
      expect((await engine.stat(id, '/beside', never()))?.gid).toBe(0);
      expect(await text(id, '/pod/data/folder/deep')).toBe('kept');
      await engine.giveToGroup(id, '/pod/data', 2000, never());
      expect(await seen('/pod/data/top')).toEqual(['file', 0o775, false, 2000]);
    });

    test('the files of an image are copied', async () => {
      const volume = await aVolume();
      const id = await sandbox([{ type: 'volume', volume, target: '/pod/data', readOnly: false }]);
      await engine.copyImage(image, id, '/pod/data', never());
      expect((await engine.listFiles(id, '/pod/data', never()))?.size).toBeGreaterThan(0);
      expect((await engine.list(never())).filter(({ id: each }) => each !== id && each.startsWith('image'))).toEqual([]);
      const failure = await engine
        .copyImage('holdfast/no-such-image:1', id, '/pod/data', never())
        .catch((error: unknown) => error);
      expect(failure instanceof EngineError && failure.fault).toBe('NotFound');
    });

    test('a scratch volume begins with the files of the image, is named, and goes with its container', async () => {
      const id = await sandbox([{ type: 'scratch', target: '/termination' }]);
      const volume = (await engine.inspect(id, never()))?.scratchVolumes?.['/termination'] ?? '';
      expect(volume).not.toBe('');
      expect((await engine.stat(id, '/termination/0', never()))?.mode).toBe(0o666);
      const mount: Mount = { type: 'volume', volume, target: '/dev/last', readOnly: false, subPath: '0', isSubPathPlain: true };
      const other = await create({ mounts: [mount], network: { type: 'sandbox', containerId: id } });
      await engine.putFiles(id, '/termination', [file('1', 'words')], never());
      expect(await text(id, '/termination/1')).toBe('words');
      await engine.remove(other, never());
      await engine.remove(id, never());
      expect((await engine.listVolumes(never())).map(({ name: each }) => each)).not.toContain(volume);
    });

    test('what is in memory is there as long as something that runs mounts it', async () => {
      const mount: Mount = { type: 'volume', volume: await aVolume(true), target: '/pod/memory', readOnly: false };
      const first = await sandbox([mount]);
      const second = await sandbox([mount]);
      await engine.putFiles(first, '/pod/memory', [file('a', 'kept')], never());
      const end = async (id: string): Promise<void> => {
        await engine.kill(id, 'kill', never());
        while ((await engine.inspect(id, never()))?.state === 'running');
      };
      await end(first);
      expect(await text(second, '/pod/memory/a')).toBe('kept');
      await end(second);
      expect(await text(await sandbox([mount]), '/pod/memory/a')).toBe(undefined);
    });

    test('an image is removed once no container uses it', async () => {
      const reference = `holdfast-test/${unique('i')}:1`;
      const { architecture } = await engine.info(never());
      const { files, entrypoint } = sandboxImage(architecture);
      await engine.importImage(reference, [...files, file('other', unique('content'))], { entrypoint }, never());
      const id = (await engine.image(reference, never()))?.id ?? '';
      const container = await create({ image: reference });
      const failure = await engine.removeImage(id, never()).catch((error: unknown) => error);
      expect(failure instanceof EngineError && failure.fault).toBe('Conflict');
      await engine.remove(container, never());
      await engine.removeImage(id, never());
      await engine.removeImage(id, never());
      expect(await engine.image(reference, never())).toBe(undefined);
    });
  });
}
