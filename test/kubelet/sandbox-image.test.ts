import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type Architecture, sandboxProgram } from '../../src/kubelet/images/elf.ts';
import { arm64GiveCode } from '../../src/kubelet/images/give-code.ts';
import { arm64RelayCode } from '../../src/kubelet/images/relay-arm64.ts';
import { SANDBOX_PROGRAM, sandboxImage } from '../../src/kubelet/images/sandbox-image.ts';
import { arm64WriteCode } from '../../src/kubelet/images/write-code.ts';

const CODE_OFFSET = 64 + 2 * 56;
const own: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

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
      'f100141f', // cmp x0, #5
      '54000301', // b.ne waits
      ...arm64WriteCode().map((word) => word.toString(16).padStart(8, '0')),
      'f100041f', // cmp x0, #1
      '540002a1', // b.ne rename
      'd10083ff', // sub sp, sp, #32
      'd2800021', // mov x1, #1: SIG_IGN
      'f90003e1', // str x1, [sp]
      'f90007ff', // str xzr, [sp, #8]
      'f9000bff', // str xzr, [sp, #16]
      'f9000fff', // str xzr, [sp, #24]
      'd2800220', // mov x0, #17: SIGCHLD
      '910003e1', // mov x1, sp
      'd2800002', // mov x2, #0
      'd2800103', // mov x3, #8
      'd28010c8', // mov x8, #134: rt_sigaction
      'd4000001', // svc #0
      'd2800000', // mov x0, #0
      'd2800001', // mov x1, #0
      'd2800002', // mov x2, #0
      'd2800003', // mov x3, #0
      'd2800004', // mov x4, #0
      'd2800928', // mov x8, #73: ppoll
      'd4000001', // svc #0
      '17fffff9', // b pause
      'f1000c1f', // cmp x0, #3
      '54000161', // b.ne several
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
      'f100101f', // cmp x0, #4
      '540014aa', // b.ge give
      ...[...arm64RelayCode, ...arm64GiveCode()].map((word) => word.toString(16).padStart(8, '0')),
    ]);
  });

  test('writes a file in place, then waits; fails with 1 when it is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-program-'));
    const path = (name: string): string => join(folder, name);
    try {
      await writeFile(path('program'), sandboxProgram(own), { mode: 0o755 });
      await writeFile(path('resolv.conf'), 'nameserver 127.0.0.11\noptions ndots:0 and more than what replaces it\n');
      const { ino } = await stat(path('resolv.conf'));
      const waits = spawn(path('program'), [path('resolv.conf'), 'nameserver 10.96.0.10\n', 'resolv.conf', 'written']);
      await vi.waitFor(async () => expect(await readFile(path('resolv.conf'), 'utf8')).toBe('nameserver 10.96.0.10\n'));
      expect({ exitCode: waits.exitCode, ino: (await stat(path('resolv.conf'))).ino }).toEqual({ exitCode: null, ino });
      const ended = once(waits, 'exit');
      waits.kill('SIGKILL');
      await ended;
      const fails = spawn(path('program'), [path('missing'), 'text', 'resolv.conf', 'written']);
      expect(await once(fails, 'exit')).toEqual([1, null]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

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
      expect(await run([], 100)).toBe('SIGKILL');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('giving files to a group', () => {
  const code = arm64GiveCode();
  const at = { next: 3, fail: 26, done: 28, exit: 29, parse: 31, digit: 34, parsed: 40 };

  test.each([
    ['bl', 1, at.parse, (words: number) => 0x9400_0000 + words],
    ['cbz x1', 4, at.done, (words: number) => 0xb400_0001 + words * 32],
    ['bl', 5, at.parse, (words: number) => 0x9400_0000 + words],
    ['b.eq', 16, at.next, (words: number) => 0x5400_0000 + (words + 0x8_0000) * 32],
    ['cbnz x0', 17, at.fail, (words: number) => 0xb500_0000 + words * 32],
    ['b.eq', 24, at.next, (words: number) => 0x5400_0000 + (words + 0x8_0000) * 32],
    ['cbz x0', 25, at.next, (words: number) => 0xb400_0000 + (words + 0x8_0000) * 32],
    ['b', 27, at.exit, (words: number) => 0x1400_0000 + words],
    ['b.hi', 37, at.parsed, (words: number) => 0x5400_0008 + words * 32],
    ['b', 39, at.digit, (words: number) => 0x1400_0000 + words + 0x400_0000],
  ] as const)('arm64: %s at %i leads to %i', (_name, from, to, encode) => {
    expect(code[from]?.toString(16)).toBe(encode(to - from).toString(16));
  });

  test('sets group and rights, passes over what is gone, and tells of a failure', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-give-'));
    const run = (...args: string[]): Promise<number> =>
      new Promise((resolve) => {
        const child = execFile(join(folder, 'program'), args, () => resolve(child.exitCode ?? -1));
      });
    try {
      const own: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
      await writeFile(join(folder, 'program'), sandboxProgram(own), { mode: 0o755 });
      const [one, two] = [join(folder, 'one'), join(folder, 'two')];
      await writeFile(one, 'x', { mode: 0o600 });
      await mkdir(two, { mode: 0o700 });
      const group = String(process.getgid?.() ?? 0);
      expect(await run(group, String(0o640), one, '511', join(folder, 'gone'), String(0o2775), two)).toBe(0);
      expect([(await stat(one)).mode & 0o7777, (await stat(two)).mode & 0o7777]).toEqual([0o640, 0o2775]);
      expect(await run(group, '511', join(one, 'below-a-file'))).toBe(1);
      expect(await run(group)).toBe(1);
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
    expect(image.files.slice(0, 2).map(({ path, mode }) => [path, mode])).toEqual([
      ['holdfast', 0o755],
      ['termination/0', 0o666],
    ]);
  });

  test('the two architectures have different images', () => {
    expect(sandboxImage('amd64').reference).not.toBe(sandboxImage('arm64').reference);
  });

  test('no other architecture', () => {
    expect(() => sandboxImage('s390x')).toThrow(/s390x: only amd64 and arm64/);
  });
});
