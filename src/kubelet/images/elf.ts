// The program of the sandbox, assembled here byte by byte: a static executable of some 1200 bytes for Linux, so that no compiler, no
// registry and no binary in the repository is needed. Pure.
//
//   /holdfast                        waits for ever; holds a pod's namespaces and volumes, and reaps what dies in them
//   /holdfast OLD NEW                rename(2), atomic; exits with 0, or with 1 when that fails
//   /holdfast GID MODE PATH ...      lchown(2) and chmod(2) of each path, numbers in decimal; exits with 0, or with 1 at the first that
//                                    fails. What is not there any more is passed over
//   /holdfast ADDRESS                connects its input and output to an address (see relay-amd64.ts)
//   /holdfast PATH TEXT WORD WORD    writes the text into the file, and waits for ever; exits with 1 when it cannot
//   otherwise                        exits with 1

import { amd64GiveCode, arm64GiveCode } from './give-code.ts';
import { amd64RelayCode } from './relay-amd64.ts';
import { arm64RelayCode } from './relay-arm64.ts';
import { amd64WriteCode, arm64WriteCode } from './write-code.ts';

/** Architectures that the program exists for, as images name them. */
export type Architecture = 'amd64' | 'arm64';

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const PROGRAM_HEADERS = 2;
const CODE_OFFSET = HEADER_BYTES + PROGRAM_HEADERS * PROGRAM_HEADER_BYTES;
const LOAD_ADDRESS = 0x40_0000n;
/** The largest page size of either architecture. */
const PAGE_BYTES = 0x1_0000n;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;
const ET_EXEC = 2;
const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474_e551;
const READ = 4;
const WRITE = 2;
const EXECUTE = 1;

/** The sandbox's program as an ELF file. */
export function sandboxProgram(architecture: Architecture): Uint8Array {
  return architecture === 'amd64' ? elf(EM_X86_64, amd64Code()) : elf(EM_AARCH64, arm64Code());
}

/** Instructions of x86-64. On entry the stack holds argc, argv[0], argv[1], argv[2]. */
const X86 = {
  loadArgc: [0x48, 0x8b, 0x3c, 0x24], // mov rdi, [rsp]
  loadOld: [0x48, 0x8b, 0x7c, 0x24, 16], // mov rdi, [rsp+16]: argv[1]
  loadNew: [0x48, 0x8b, 0x74, 0x24, 24], // mov rsi, [rsp+24]: argv[2]
  failureToRdi: [0x31, 0xff, 0x48, 0x85, 0xc0, 0x40, 0x0f, 0x95, 0xc7], // xor edi, edi; test rax, rax; setne dil
  cmpRdi: (value: number): number[] => [0x48, 0x83, 0xff, value],
  jumpIfNotEqual: (distance: number): number[] => [0x75, distance],
  /** A jump beyond 127 bytes, up to 65535. */
  jumpFarIfAtLeast: (distance: number): number[] => [0x0f, 0x8d, distance % 0x100, distance >> 8, 0, 0],
  /** rt_sigaction(SIGCHLD, SIG_IGN): the kernel reaps children by itself then, also those that other processes left behind. */
  ignoreChildren: [
    [0x6a, 0, 0x6a, 0, 0x6a, 0, 0x6a, 1], // push 0; push 0; push 0; push 1: mask, restorer, flags, handler
    [0xbf, 17, 0, 0, 0, 0x48, 0x89, 0xe6, 0x31, 0xd2], // mov edi, 17; mov rsi, rsp; xor edx, edx
    [0x41, 0xba, 8, 0, 0, 0, 0xb8, 13, 0, 0, 0, 0x0f, 0x05], // mov r10d, 8; mov eax, 13; syscall
  ].flat(),
  jumpBack: (distance: number): number[] => [0xeb, 0x100 - distance],
  /** Number in eax; arguments in rdi and rsi. */
  systemCall: (number: number): number[] => [0xb8, number, 0, 0, 0, 0x0f, 0x05],
};
const X86_CALLS = { pause: 34, rename: 82, exit: 60 };
const JUMP_BYTES = 2;

function amd64Code(): Uint8Array {
  const pause = X86.systemCall(X86_CALLS.pause);
  const pauseLoop = [...X86.ignoreChildren, ...pause, ...X86.jumpBack(pause.length + JUMP_BYTES)];
  const exit = X86.systemCall(X86_CALLS.exit);
  const rename = [X86.loadOld, X86.loadNew, X86.systemCall(X86_CALLS.rename), X86.failureToRdi, exit].flat();
  return Uint8Array.from(
    [
      [X86.loadArgc, X86.cmpRdi(5), X86.jumpIfNotEqual(amd64WriteCode().length), amd64WriteCode()],
      [X86.cmpRdi(1), X86.jumpIfNotEqual(pauseLoop.length), pauseLoop],
      [X86.cmpRdi(3), X86.jumpIfNotEqual(rename.length), rename],
      [X86.cmpRdi(4), X86.jumpFarIfAtLeast(amd64RelayCode.length), amd64RelayCode],
      [amd64GiveCode()],
    ].flat(2),
  );
}

/** Instructions of AArch64: words of 32 bits, little-endian. */
const ARM = {
  movz: (register: number, value: number): number => 0xd280_0000 + value * 32 + register,
  /** movn: the register becomes -value. */
  movMinus: (register: number, value: number): number => 0x9280_0000 + (value - 1) * 32 + register,
  /** ldr from [sp, #offset]. */
  loadFromStack: (register: number, offset: number): number => 0xf940_0000 + (offset / 8) * 1024 + 31 * 32 + register,
  cmp: (register: number, value: number): number => 0xf100_001f + value * 1024 + register * 32,
  /** b.ne; distances count words from the branch itself. */
  branchIfNotEqual: (words: number): number => 0x5400_0001 + words * 32,
  branchIfAtLeast: (words: number): number => 0x5400_000a + words * 32,
  branchBack: (words: number): number => 0x1400_0000 + (0x400_0000 - words),
  /** cset: 1 when the comparison found them unequal. */
  setIfNotEqual: (register: number): number => 0x9a9f_07e0 + register,
  /** Number in x8; arguments from x0 on. */
  systemCall: (number: number): number[] => [0xd280_0000 + number * 32 + 8, 0xd400_0001],
};
/** See ignoreChildren of X86. */
const ARM_IGNORE_CHILDREN: readonly number[] = [
  0xd100_83ff, // sub sp, sp, #32
  0xd280_0021, // mov x1, #1: SIG_IGN
  0xf900_03e1, // str x1, [sp]
  0xf900_07ff, // str xzr, [sp, #8]
  0xf900_0bff, // str xzr, [sp, #16]
  0xf900_0fff, // str xzr, [sp, #24]
  0xd280_0220, // mov x0, #17: SIGCHLD
  0x9100_03e1, // mov x1, sp
  0xd280_0002, // mov x2, #0
  0xd280_0103, // mov x3, #8
  0xd280_10c8, // mov x8, #134: rt_sigaction
  0xd400_0001, // svc #0
];
const ARM_CALLS = { ppoll: 73, renameat: 38, exit: 93 };
/** AT_FDCWD is the negative of it. */
const CURRENT_DIRECTORY = 100;

function arm64Code(): Uint8Array {
  const { movz, movMinus, loadFromStack, cmp, branchIfNotEqual, branchBack, setIfNotEqual, systemCall } = ARM;
  const pause = [...[0, 1, 2, 3, 4].map((register) => movz(register, 0)), ...systemCall(ARM_CALLS.ppoll)];
  const pauseLoop = [...ARM_IGNORE_CHILDREN, ...pause, branchBack(pause.length)];
  const exit = systemCall(ARM_CALLS.exit);
  const paths = [movMinus(0, CURRENT_DIRECTORY), loadFromStack(1, 16), movMinus(2, CURRENT_DIRECTORY), loadFromStack(3, 24)];
  const rename = [...paths, ...systemCall(ARM_CALLS.renameat), cmp(0, 0), setIfNotEqual(0), ...exit];
  const words = [
    [loadFromStack(0, 0), cmp(0, 5), branchIfNotEqual(arm64WriteCode().length + 1), arm64WriteCode()], // argc
    [cmp(0, 1), branchIfNotEqual(pauseLoop.length + 1), pauseLoop],
    [cmp(0, 3), branchIfNotEqual(rename.length + 1), rename],
    [cmp(0, 4), ARM.branchIfAtLeast(arm64RelayCode.length + 1), arm64RelayCode],
    [arm64GiveCode()],
  ].flat(2);
  const code = new DataView(new ArrayBuffer(words.length * 4));
  for (const [at, word] of words.entries()) code.setUint32(at * 4, word, true);
  return new Uint8Array(code.buffer);
}

/** Wraps code into an ELF file: one segment that is read and executed, and a stack that is not executable. */
function elf(machine: number, code: Uint8Array): Uint8Array {
  const file = new Uint8Array(CODE_OFFSET + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bits, little-endian, version 1
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true); // version
  view.setBigUint64(24, LOAD_ADDRESS + BigInt(CODE_OFFSET), true); // entry
  view.setBigUint64(32, BigInt(HEADER_BYTES), true); // offset of the program headers
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, PROGRAM_HEADER_BYTES, true);
  view.setUint16(56, PROGRAM_HEADERS, true);
  view.setUint16(58, HEADER_BYTES, true); // size of a section header; there is none
  writeProgramHeader(view, HEADER_BYTES, { type: PT_LOAD, flags: READ + EXECUTE, address: LOAD_ADDRESS, bytes: file.length });
  writeProgramHeader(view, HEADER_BYTES + PROGRAM_HEADER_BYTES, {
    type: PT_GNU_STACK,
    flags: READ + WRITE,
    address: 0n,
    bytes: 0,
  });
  file.set(code, CODE_OFFSET);
  return file;
}

function writeProgramHeader(
  view: DataView,
  at: number,
  segment: { readonly type: number; readonly flags: number; readonly address: bigint; readonly bytes: number },
): void {
  view.setUint32(at, segment.type, true);
  view.setUint32(at + 4, segment.flags, true);
  view.setBigUint64(at + 8, 0n, true); // offset in the file
  view.setBigUint64(at + 16, segment.address, true);
  view.setBigUint64(at + 24, segment.address, true);
  view.setBigUint64(at + 32, BigInt(segment.bytes), true); // in the file
  view.setBigUint64(at + 40, BigInt(segment.bytes), true); // in memory
  view.setBigUint64(at + 48, PAGE_BYTES, true);
}
