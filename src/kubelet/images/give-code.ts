// The part of the sandbox's program that gives files to a group: GID MODE PATH [MODE PATH]..., in decimal. It is reached with the stack as
// the process began it, and holds no address of its own, so it can stand anywhere. Pure.

/** Instructions of x86-64, as an assembler encodes them. */
export function amd64GiveCode(): readonly number[] {
  return [
    [0x48, 0x8d, 0x5c, 0x24, 0x10], // lea rbx, [rsp+16]: argv[1]
    [0xe8, 0x61, 0, 0, 0], // call parse
    [0x49, 0x89, 0xc4], // mov r12, rax: the group
    // next:
    [0x48, 0x83, 0x3b, 0], // cmp qword [rbx], 0
    [0x74, 0x4f], // je done
    [0xe8, 0x53, 0, 0, 0], // call parse
    [0x49, 0x89, 0xc5], // mov r13, rax: the mode
    [0x4c, 0x8b, 0x33], // mov r14, [rbx]: the path
    [0x48, 0x83, 0xc3, 8], // add rbx, 8
    [0x4c, 0x89, 0xf7], // mov rdi, r14
    [0x48, 0x83, 0xce, 0xff], // or rsi, -1: the owner stays
    [0x4c, 0x89, 0xe2], // mov rdx, r12
    [0xb8, 0x5e, 0, 0, 0, 0x0f, 0x05], // mov eax, 94: lchown; syscall
    [0x48, 0x83, 0xf8, 0xfe], // cmp rax, -2: ENOENT
    [0x74, 0xd4], // je next
    [0x48, 0x85, 0xc0], // test rax, rax
    [0x75, 0x18], // jne fail
    [0x4c, 0x89, 0xf7], // mov rdi, r14
    [0x4c, 0x89, 0xee], // mov rsi, r13
    [0xb8, 0x5a, 0, 0, 0, 0x0f, 0x05], // mov eax, 90: chmod; syscall
    [0x48, 0x83, 0xf8, 0xfe], // cmp rax, -2
    [0x74, 0xbc], // je next
    [0x48, 0x85, 0xc0], // test rax, rax
    [0x74, 0xb7], // je next
    // fail:
    [0xbf, 1, 0, 0, 0, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05], // mov edi, 1; mov eax, 60: exit; syscall
    // done:
    [0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05], // xor edi, edi; mov eax, 60: exit; syscall
    // parse:
    [0x48, 0x8b, 0x0b], // mov rcx, [rbx]
    [0x48, 0x83, 0xc3, 8], // add rbx, 8
    [0x31, 0xc0], // xor eax, eax
    // digit:
    [0x0f, 0xb6, 0x11], // movzx edx, byte [rcx]
    [0x48, 0xff, 0xc1], // inc rcx
    [0x83, 0xea, 0x30], // sub edx, '0'
    [0x83, 0xfa, 9], // cmp edx, 9
    [0x77, 0x0a], // ja parsed
    [0x48, 0x8d, 0x04, 0x80], // lea rax, [rax+rax*4]
    [0x48, 0x8d, 0x04, 0x42], // lea rax, [rdx+rax*2]
    [0xeb, 0xe8], // jmp digit
    // parsed:
    [0xc3], // ret
  ].flat();
}

/** Instructions of AArch64, as an assembler encodes them. */
export function arm64GiveCode(): readonly number[] {
  return [
    0x9100_43f3, // add x19, sp, #16: argv[1]
    0x9400_001e, // bl parse
    0xaa00_03f4, // mov x20, x0: the group
    // next:
    0xf940_0261, // ldr x1, [x19]
    0xb400_0301, // cbz x1, done
    0x9400_001a, // bl parse
    0xaa00_03f5, // mov x21, x0: the mode
    0xf840_8676, // ldr x22, [x19], #8: the path
    0x9280_0c60, // mov x0, #-100: AT_FDCWD
    0xaa16_03e1, // mov x1, x22
    0x9280_0002, // mov x2, #-1: the owner stays
    0xaa14_03e3, // mov x3, x20
    0xd280_2004, // mov x4, #256: AT_SYMLINK_NOFOLLOW
    0xd280_06c8, // mov x8, #54: fchownat
    0xd400_0001, // svc #0
    0xb100_081f, // cmn x0, #2: ENOENT
    0x54ff_fe60, // b.eq next
    0xb500_0120, // cbnz x0, fail
    0x9280_0c60, // mov x0, #-100
    0xaa16_03e1, // mov x1, x22
    0xaa15_03e2, // mov x2, x21
    0xd280_06a8, // mov x8, #53: fchmodat
    0xd400_0001, // svc #0
    0xb100_081f, // cmn x0, #2
    0x54ff_fd60, // b.eq next
    0xb4ff_fd40, // cbz x0, next
    // fail:
    0xd280_0020, // mov x0, #1
    0x1400_0002, // b exit
    // done:
    0xd280_0000, // mov x0, #0
    // exit:
    0xd280_0ba8, // mov x8, #93: exit
    0xd400_0001, // svc #0
    // parse:
    0xf840_8661, // ldr x1, [x19], #8
    0xd280_0000, // mov x0, #0
    0xd280_0143, // mov x3, #10
    // digit:
    0x3840_1422, // ldrb w2, [x1], #1
    0x5100_c042, // sub w2, w2, #48
    0x7100_245f, // cmp w2, #9
    0x5400_0068, // b.hi parsed
    0x9b03_0800, // madd x0, x0, x3, x2
    0x17ff_fffb, // b digit
    // parsed:
    0xd65f_03c0, // ret
  ];
}
