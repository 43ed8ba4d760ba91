// The relay of the sandbox's program for AArch64: ADDRESS, a sockaddr of Linux in lowercase hexadecimal, is what it connects its input and
// output to. It is reached with the stack as the process began it, and holds no address of its own, so it can stand anywhere. Pure.
//
// What it says and when it ends: see relay-amd64.ts.

/** argv[1] → the address at the top of the stack, its length in w21. */
const READ_ADDRESS: readonly number[] = [
  0xf940_0be1, // ldr x1, [sp, #16]: argv[1]
  0xd140_0bff, // sub sp, sp, #2, lsl #12
  0xd104_03ff, // sub sp, sp, #256: room: address, poll's list at 32, input at 0x100, output at 0x1100
  0x9100_03e2, // mov x2, sp
  0xd280_0003, // mov x3, #0: digits so far
  0xd280_0004, // mov x4, #0
  // digit:
  0x3840_1420, // ldrb w0, [x1], #1
  0x3400_01e0, // cbz w0, parsed
  0x5100_c000, // sub w0, w0, #48: '0'
  0x7100_241f, // cmp w0, #9
  0x5400_0089, // b.ls value
  0x5100_9c00, // sub w0, w0, #39: 'a' becomes 10
  0x7100_3c1f, // cmp w0, #15
  0x5400_00e8, // b.hi bad
  // value:
  0x0b04_1004, // add w4, w0, w4, lsl #4
  0x1100_0463, // add w3, w3, #1
  0x3707_fec3, // tbnz w3, #0, digit
  0x3800_1444, // strb w4, [x2], #1
  0x7101_007f, // cmp w3, #64: longer than any address
  0x54ff_fe63, // b.lo digit
  // bad:
  0xd280_0020, // mov x0, #1
  0x1400_008d, // b exit
];

/** Says that it runs, makes the connection and waits until that is decided. */
const CONNECT: readonly number[] = [
  // parsed:
  0x5301_7c75, // lsr w21, w3, #1: bytes of the address
  0x34ff_ffb5, // cbz w21, bad
  0xd280_0020, // mov x0, #1
  0x9100_03e1, // mov x1, sp: the address family, as a sign of life
  0xd280_0022, // mov x2, #1
  0xd280_0808, // mov x8, #64: write
  0xd400_0001, // svc #0
  0x7940_03e0, // ldrh w0, [sp]: the address family
  0xd281_0021, // mov x1, #0x801: SOCK_STREAM | SOCK_NONBLOCK
  0xd280_0002, // mov x2, #0
  0xd280_18c8, // mov x8, #198: socket
  0xd400_0001, // svc #0
  0x37f8_0ec0, // tbnz w0, #31, failed
  0x2a00_03f3, // mov w19, w0
  0x9100_03e1, // mov x1, sp
  0x2a15_03e2, // mov w2, w21
  0xd280_1968, // mov x8, #203: connect
  0xd400_0001, // svc #0
  0x3101_cc1f, // cmn w0, #115: EINPROGRESS
  0x5400_0321, // b.ne decided
  // wait:
  0xf900_13ff, // str xzr, [sp, #32]: input: nothing is asked, yet its end is told
  0x5280_0081, // mov w1, #4: POLLOUT
  0x2905_07f3, // stp w19, w1, [sp, #40]
  0x9100_83e0, // add x0, sp, #32
  0xd280_0041, // mov x1, #2
  0xd280_0002, // mov x2, #0: without end
  0xd280_0003, // mov x3, #0
  0xd280_0928, // mov x8, #73: ppoll
  0xd400_0001, // svc #0
  0x7100_001f, // cmp w0, #0
  0x54ff_fecd, // b.le wait
  0x7940_4fe0, // ldrh w0, [sp, #38]
  0x3500_0d60, // cbnz w0, over
  0x5280_0080, // mov w0, #4: length of an int
  0xb900_37e0, // str w0, [sp, #52]
  0x2a13_03e0, // mov w0, w19
  0xd280_0021, // mov x1, #1: SOL_SOCKET
  0xd280_0082, // mov x2, #4: SO_ERROR
  0x9100_c3e3, // add x3, sp, #48
  0x9100_d3e4, // add x4, sp, #52
  0xd280_1a28, // mov x8, #209: getsockopt
  0xd400_0001, // svc #0
  0xb940_33e0, // ldr w0, [sp, #48]
  0x4b00_03e0, // neg w0, w0
];

/** It stands: the 0 that says so is the first output that waits. */
const BEGIN: readonly number[] = [
  // decided:
  0x37f8_0ac0, // tbnz w0, #31, failed
  0x9140_07f8, // add x24, sp, #1, lsl #12
  0x9104_0318, // add x24, x24, #256: where output is read to
  0xaa18_03f6, // mov x22, x24: output that waits, and
  0x3900_02df, // strb wzr, [x22]: (0: connected)
  0x5280_0037, // mov w23, #1: how much of it
  0x5280_0015, // mov w21, #0: how much of the input waits
];

/** Waits for whatever can go on: input if none waits, output if some does, and the socket for what the two leave it. */
const WAIT: readonly number[] = [
  // pump:
  0x7100_02bf, // cmp w21, #0
  0x1a9f_17e1, // cset w1, eq: POLLIN unless input waits
  0x2904_07ff, // stp wzr, w1, [sp, #32]: descriptor 0
  0x1a9f_07e1, // cset w1, ne
  0x531e_7421, // lsl w1, w1, #2: POLLOUT if input waits
  0x7100_02ff, // cmp w23, #0
  0x1a9f_17e2, // cset w2, eq
  0x2a02_0021, // orr w1, w1, w2: POLLIN unless output waits
  0x7100_003f, // cmp w1, #0
  0x5a9f_1260, // csinv w0, w19, wzr, ne: nothing to ask: passed over
  0x2905_07e0, // stp w0, w1, [sp, #40]
  0x7100_02ff, // cmp w23, #0
  0x1a9f_07e1, // cset w1, ne
  0x531e_7421, // lsl w1, w1, #2: POLLOUT if output waits
  0x5280_0020, // mov w0, #1: descriptor 1
  0x2906_07e0, // stp w0, w1, [sp, #48]
  0x9100_83e0, // add x0, sp, #32
  0xd280_0061, // mov x1, #3
  0xd280_0002, // mov x2, #0
  0xd280_0003, // mov x3, #0
  0xd280_0928, // mov x8, #73: ppoll
  0xd400_0001, // svc #0
  0x7100_001f, // cmp w0, #0
  0x54ff_fd2d, // b.le pump
  0x7940_6fe0, // ldrh w0, [sp, #54]
];

/** Output → descriptor 1. */
const WRITE: readonly number[] = [
  0x3610_0160, // tbz w0, #2, unwritten: POLLOUT
  0xd280_0020, // mov x0, #1
  0xaa16_03e1, // mov x1, x22
  0x2a17_03e2, // mov w2, w23
  0xd280_0808, // mov x8, #64: write; never more than a pipe with room takes
  0xd400_0001, // svc #0
  0x7100_001f, // cmp w0, #0
  0x5400_070d, // b.le over
  0x8b20_42d6, // add x22, x22, w0, uxtw
  0x4b00_02f7, // sub w23, w23, w0
  0x5280_0000, // mov w0, #0
];

/** Descriptor 0 → input. */
const READ: readonly number[] = [
  // unwritten:
  0x3500_0680, // cbnz w0, over: nobody reads
  0x7940_4fe0, // ldrh w0, [sp, #38]
  0x3600_0160, // tbz w0, #0, unread: POLLIN
  0xd280_0000, // mov x0, #0
  0x9104_03f4, // add x20, sp, #256
  0xaa14_03e1, // mov x1, x20
  0xd282_0002, // mov x2, #4096
  0xd280_07e8, // mov x8, #63: read
  0xd400_0001, // svc #0
  0x7100_001f, // cmp w0, #0
  0x5400_054d, // b.le over
  0x2a00_03f5, // mov w21, w0
  0x5280_0000, // mov w0, #0
];

/** Input → socket. */
const SEND: readonly number[] = [
  // unread:
  0x3500_04e0, // cbnz w0, over: the input has ended
  0x3400_01f5, // cbz w21, unsent
  0x2a13_03e0, // mov w0, w19
  0xaa14_03e1, // mov x1, x20
  0x2a15_03e2, // mov w2, w21
  0xd288_0003, // mov x3, #0x4000: MSG_NOSIGNAL
  0xd280_0004, // mov x4, #0
  0xd280_0005, // mov x5, #0
  0xd280_19c8, // mov x8, #206: sendto
  0xd400_0001, // svc #0
  0x3100_2c1f, // cmn w0, #11: EAGAIN
  0x5400_00a0, // b.eq unsent
  0x36f8_0040, // tbz w0, #31, sent
  0x2a15_03e0, // mov w0, w21: nobody takes it: let it go
  // sent:
  0x8b20_4294, // add x20, x20, w0, uxtw
  0x4b00_02b5, // sub w21, w21, w0
];

/** Socket → output. */
const RECEIVE: readonly number[] = [
  // unsent:
  0x35ff_f7f7, // cbnz w23, pump
  0x2a13_03e0, // mov w0, w19
  0xaa18_03e1, // mov x1, x24
  0xaa18_03f6, // mov x22, x24
  0xd282_0002, // mov x2, #4096
  0xd280_07e8, // mov x8, #63: read
  0xd400_0001, // svc #0
  0x3100_2c1f, // cmn w0, #11
  0x54ff_f6e0, // b.eq pump
  0x2a00_03f7, // mov w23, w0
  0x7100_001f, // cmp w0, #0
  0x54ff_f68c, // b.gt pump
  0x4b00_03e0, // neg w0, w0: 0 at the end, else why
  0x1400_000b, // b exit
];

/** Says why there is no connection; and the end. */
const END: readonly number[] = [
  // failed:
  0x4b00_03f5, // neg w21, w0
  0x3900_03f5, // strb w21, [sp]
  0xd280_0020, // mov x0, #1
  0x9100_03e1, // mov x1, sp
  0xd280_0022, // mov x2, #1
  0xd280_0808, // mov x8, #64: write
  0xd400_0001, // svc #0
  0x2a15_03e0, // mov w0, w21
  0x1400_0002, // b exit
  // over:
  0xd280_0000, // mov x0, #0
  // exit:
  0xd280_0ba8, // mov x8, #93: exit
  0xd400_0001, // svc #0
];

/** Instructions of AArch64, as an assembler encodes them. */
export const arm64RelayCode: readonly number[] = [READ_ADDRESS, CONNECT, BEGIN, WAIT, WRITE, READ, SEND, RECEIVE, END].flat();
