import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Architecture, sandboxProgram } from '../../src/kubelet/images/elf.ts';
import { SANDBOX_PROGRAM, sandboxImage } from '../../src/kubelet/images/sandbox-image.ts';

const CODE_OFFSET = 64 + 2 * 56;

function words(program: Uint8Array): string[] {
  const view = new DataView(program.buffer, CODE_OFFSET);
  return Array.from({ length: view.byteLength / 4 }, (_, at) =>
    view
      .getUint32(at * 4, true)
      .toString(16)
      .padStart(8, '0'),
  );
}

describe('the program', () => {
  test.each([
    ['amd64', 62],
    ['arm64', 183],
  ] as const)('%s: an ELF file of one loaded segment that begins at the code', (architecture, machine) => {
    const program = sandboxProgram(architecture);
    const view = new DataView(program.buffer);
    expect([...program.subarray(0, 7)]).toEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    expect({ type: view.getUint16(16, true), machine: view.getUint16(18, true) }).toEqual({ type: 2, machine });
    const [headersAt, address, size] = [32, 64 + 16, 64 + 32].map((at) => Number(view.getBigUint64(at, true)));
    expect({ headersAt, size }).toEqual({ headersAt: 64, size: program.length });
    expect(Number(view.getBigUint64(24, true))).toBe((address ?? 0) + CODE_OFFSET);
    expect({ type: view.getUint32(64, true), flags: view.getUint32(68, true) }).toEqual({ type: 1, flags: 5 });
  });

  test('arm64: the instructions, as an assembler encodes them', () => {
    expect(words(sandboxProgram('arm64'))).toEqual([
      'f94003e0', // ldr x0, [sp]
      'f100041f', // cmp x0, #1
      '54000121', // b.ne rename
      'd2800000', // mov x0, #0
      'd2800001', // mov x1, #0
      'd2800002', // mov x2, #0
      'd2800003', // mov x3, #0
      'd2800004', // mov x4, #0
      'd2800928', // mov x8, #73: ppoll
      'd4000001', // svc #0
      '17fffff9', // b pause
      'f1000c1f', // cmp x0, #3
      '54000161', // b.ne fail
      '92800c60', // mov x0, #-100
      'f9400be1', // ldr x1, [sp, #16]
      '92800c62', // mov x2, #-100
      'f9400fe3', // ldr x3, [sp, #24]
      'd28004c8', // mov x8, #38: renameat
      'd4000001', // svc #0
      'f100001f', // cmp x0, #0
      '9a9f07e0', // cset x0, ne
      'd2800ba8', // mov x8, #93: exit
      'd4000001', // svc #0
      'd2800020', // mov x0, #1
      'd2800ba8', // mov x8, #93: exit
      'd4000001', // svc #0
    ]);
  });

  const own: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  test('runs: renames, replaces, fails with 1, and waits when told nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-program-'));
    const path = (name: string): string => join(folder, name);
    const run = (args: readonly string[], timeout = 0): Promise<number | string | null> =>
      new Promise((resolve) => {
        execFile(path('program'), args, { timeout, killSignal: 'SIGKILL' }, (error) =>
          resolve(error === null ? 0 : (error.signal ?? error.code ?? null)),
        );
      });
    try {
      await writeFile(path('program'), sandboxProgram(own), { mode: 0o755 });
      await writeFile(path('old'), 'new content');
      await writeFile(path('taken'), 'old content');
      expect(await run([path('old'), path('taken')])).toBe(0);
      expect(await run([path('old'), path('taken')])).toBe(1);
      expect(await run([path('only-one')])).toBe(1);
      expect(await run(['1', '2', '3'])).toBe(1);
      expect(await run([], 100)).toBe('SIGKILL');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the image', () => {
  test.each(['amd64', 'arm64'])('%s: named by its content', (architecture) => {
    const image = sandboxImage(architecture);
    expect(image).toEqual(sandboxImage(architecture));
    expect(image.reference).toMatch(/^holdfast\/sandbox:[0-9a-f]{12}$/);
    expect(image.entrypoint).toEqual([SANDBOX_PROGRAM]);
    expect(image.files.map(({ path, mode }) => [path, mode])).toEqual([['holdfast', 0o755]]);
  });

  test('the two architectures have different images', () => {
    expect(sandboxImage('amd64').reference).not.toBe(sandboxImage('arm64').reference);
  });

  test('no other architecture', () => {
    expect(() => sandboxImage('s390x')).toThrow(/s390x: only amd64 and arm64/);
  });
});
