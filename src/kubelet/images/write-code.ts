// The part of the sandbox's program that writes a file before it begins to wait: PATH TEXT and two more words. The file is there and is
// written in place, because other containers of the pod have it mounted. It is reached with the stack as the process began it, leaves the
// number of arguments of a program that only waits, and holds no address of its own, so it can stand anywhere. Pure.

/** Instructions of x86-64, as an assembler encodes them. */
export function amd64WriteCode(): readonly number[] {
  return [
    [0x48, 0x8b, 0x7c, 0x24, 0x10], // mov rdi, [rsp+16]: argv[1]
    [0xbe, 1, 2, 0, 0], // mov esi, 0x201: O_WRONLY | O_TRUNC
    [0x31, 0xd2], // xor edx, edx
    [0xb8, 2, 0, 0, 0, 0x0f, 0x05], // mov eax, 2: open; syscall
    [0x85, 0xc0], // test eax, eax
    [0x78, 0x2c], // js fail
    [0x89, 0xc3], // mov ebx, eax
    [0x48, 0x8b, 0x74, 0x24, 0x18], // mov rsi, [rsp+24]: argv[2]
    [0x48, 0x89, 0xf2], // mov rdx, rsi
    // more:
    [0x80, 0x3a, 0], // cmp byte [rdx], 0
    [0x74, 5], // je write
    [0x48, 0xff, 0xc2], // inc rdx
    [0xeb, 0xf6], // jmp more
    // write:
    [0x48, 0x29, 0xf2], // sub rdx, rsi
    [0x89, 0xdf], // mov edi, ebx
    [0xb8, 1, 0, 0, 0, 0x0f, 0x05], // mov eax, 1: write; syscall
    [0x48, 0x39, 0xd0], // cmp rax, rdx
    [0x75, 7], // jne fail
    [0xbf, 1, 0, 0, 0], // mov edi, 1: as if there were no arguments
    [0xeb, 0x0c], // jmp done
    // fail:
    [0xbf, 1, 0, 0, 0, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05], // mov edi, 1; mov eax, 60: exit; syscall
    // done:
  ].flat();
}

/** Instructions of AArch64, as an assembler encodes them. */
export function arm64WriteCode(): readonly number[] {
  return [
    0x9280_0c60, // mov x0, #-100: AT_FDCWD
    0xf940_0be1, // ldr x1, [sp, #16]: argv[1]
    0xd280_4022, // mov x2, #0x201: O_WRONLY | O_TRUNC
    0xd280_0003, // mov x3, #0
    0xd280_0708, // mov x8, #56: openat
    0xd400_0001, // svc #0
    0xb7f8_01c0, // tbnz x0, #63, fail
    0xf940_0fe1, // ldr x1, [sp, #24]: argv[2]
    0xd280_0002, // mov x2, #0
    // more:
    0x3862_6824, // ldrb w4, [x1, x2]
    0x3400_0064, // cbz w4, write
    0x9100_0442, // add x2, x2, #1
    0x17ff_fffd, // b more
    // write:
    0xaa02_03e5, // mov x5, x2
    0xd280_0808, // mov x8, #64: write
    0xd400_0001, // svc #0
    0xeb05_001f, // cmp x0, x5
    0x5400_0061, // b.ne fail
    0xd280_0020, // mov x0, #1: as if there were no arguments
    0x1400_0004, // b done
    // fail:
    0xd280_0020, // mov x0, #1
    0xd280_0ba8, // mov x8, #93: exit
    0xd400_0001, // svc #0
    // done:
  ];
}
