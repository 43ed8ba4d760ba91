// The relay of the sandbox's program for x86-64: ADDRESS, a sockaddr of Linux in lowercase hexadecimal, is what it connects its input and
// output to. It is reached with the stack as the process began it, and holds no address of its own, so it can stand anywhere. Pure.
//
// First it writes a byte as a sign of life, then one with the error number of the attempt to connect, 0 when the connection stands; after
// that, what it reads goes out and what comes in is written. It ends as soon as its input does, whatever it waits for, and it has no
// timeout: whoever runs it closes the stream. Exit code: 0 at the end of either side, 1 without an address, else the error number.
//
// One poll waits for everything, and only what is taken at once is written or sent, so that the end of the input is never missed: the
// socket does not block, and a pipe with room takes the 4 KiB that are written at most.

/** argv[1] → the address at the top of the stack, its length in ebx. */
const READ_ADDRESS: readonly (readonly number[])[] = [
  [0x48, 0x8b, 0x74, 0x24, 0x10], // mov rsi, [rsp+16]: argv[1]
  [0x48, 0x81, 0xec, 0, 0x21, 0, 0], // sub rsp, 0x2100: room: address, poll's list at 32, input at 0x100, output at 0x1100
  [0x48, 0x89, 0xe7], // mov rdi, rsp
  [0x31, 0xc9], // xor ecx, ecx: digits so far
  // digit:
  [0x0f, 0xb6, 6], // movzx eax, byte [rsi]
  [0x48, 0xff, 0xc6], // inc rsi
  [0x85, 0xc0], // test eax, eax
  [0x74, 0x32], // jz parsed
  [0x83, 0xe8, 0x30], // sub eax, 0x30: '0'
  [0x83, 0xf8, 9], // cmp eax, 9
  [0x76, 8], // jbe value
  [0x83, 0xe8, 0x27], // sub eax, 39: 'a' becomes 10
  [0x83, 0xf8, 0x0f], // cmp eax, 15
  [0x77, 0x16], // ja bad
  // value:
  [0xc1, 0xe2, 4], // shl edx, 4
  [9, 0xc2], // or edx, eax
  [0xff, 0xc1], // inc ecx
  [0xf6, 0xc1, 1], // test cl, 1
  [0x75, 0xda], // jnz digit
  [0x88, 0x17], // mov [rdi], dl
  [0x48, 0xff, 0xc7], // inc rdi
  [0x83, 0xf9, 0x40], // cmp ecx, 64: longer than any address
  [0x72, 0xd0], // jb digit
  // bad:
  [0xbf, 1, 0, 0, 0], // mov edi, 1
  [0xb8, 0x3c, 0, 0, 0], // mov eax, 60: exit
  [0x0f, 5], // syscall
];

/** Says that it runs, makes the connection and waits until that is decided. */
const CONNECT: readonly (readonly number[])[] = [
  // parsed:
  [0x89, 0xcb], // mov ebx, ecx
  [0xd1, 0xeb], // shr ebx, 1: bytes of the address
  [0x74, 0xee], // jz bad
  [0xbf, 1, 0, 0, 0], // mov edi, 1
  [0x48, 0x89, 0xe6], // mov rsi, rsp: the address family, as a sign of life
  [0xba, 1, 0, 0, 0], // mov edx, 1
  [0xb8, 1, 0, 0, 0], // mov eax, 1: write
  [0x0f, 5], // syscall
  [0x0f, 0xb7, 0x3c, 0x24], // movzx edi, word [rsp]: the address family
  [0xbe, 1, 8, 0, 0], // mov esi, 0x801: SOCK_STREAM | SOCK_NONBLOCK
  [0x31, 0xd2], // xor edx, edx
  [0xb8, 0x29, 0, 0, 0], // mov eax, 41: socket
  [0x0f, 5], // syscall
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x88, 0xc8, 1, 0, 0], // js failed
  [0x41, 0x89, 0xc4], // mov r12d, eax
  [0x44, 0x89, 0xe7], // mov edi, r12d
  [0x48, 0x89, 0xe6], // mov rsi, rsp
  [0x89, 0xda], // mov edx, ebx
  [0xb8, 0x2a, 0, 0, 0], // mov eax, 42: connect
  [0x0f, 5], // syscall
  [0x83, 0xf8, 0x8d], // cmp eax, -115: EINPROGRESS
  [0x75, 0x66], // jne decided
  // wait:
  [0x48, 0xc7, 0x44, 0x24, 0x20, 0, 0, 0, 0], // mov qword [rsp+32], 0: input: nothing is asked, yet its end is told
  [0x44, 0x89, 0x64, 0x24, 0x28], // mov [rsp+40], r12d
  [0xc7, 0x44, 0x24, 0x2c, 4, 0, 0, 0], // mov dword [rsp+44], 4: POLLOUT
  [0x48, 0x8d, 0x7c, 0x24, 0x20], // lea rdi, [rsp+32]
  [0xbe, 2, 0, 0, 0], // mov esi, 2
  [0x83, 0xca, 0xff], // or edx, -1: without end
  [0xb8, 7, 0, 0, 0], // mov eax, 7: poll
  [0x0f, 5], // syscall
  [0x85, 0xc0], // test eax, eax
  [0x7e, 0xd2], // jle wait
  [0x66, 0x83, 0x7c, 0x24, 0x26, 0], // cmp word [rsp+38], 0
  [0x0f, 0x85, 0x96, 1, 0, 0], // jne over
  [0xc7, 0x44, 0x24, 0x34, 4, 0, 0, 0], // mov dword [rsp+52], 4: length of an int
  [0x44, 0x89, 0xe7], // mov edi, r12d
  [0xbe, 1, 0, 0, 0], // mov esi, 1: SOL_SOCKET
  [0xba, 4, 0, 0, 0], // mov edx, 4: SO_ERROR
  [0x4c, 0x8d, 0x54, 0x24, 0x30], // lea r10, [rsp+48]
  [0x4c, 0x8d, 0x44, 0x24, 0x34], // lea r8, [rsp+52]
  [0xb8, 0x37, 0, 0, 0], // mov eax, 55: getsockopt
  [0x0f, 5], // syscall
  [0x8b, 0x44, 0x24, 0x30], // mov eax, [rsp+48]
  [0xf7, 0xd8], // neg eax
];

/** It stands: the 0 that says so is the first output that waits. */
const BEGIN: readonly (readonly number[])[] = [
  // decided:
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x88, 0x43, 1, 0, 0], // js failed
  [0x4c, 0x8d, 0xbc, 0x24, 0, 0x11, 0, 0], // lea r15, [rsp+0x1100]: output that waits, and
  [0x41, 0x88, 7], // mov [r15], al: (0: connected)
  [0xbd, 1, 0, 0, 0], // mov ebp, 1: how much of it
  [0x45, 0x31, 0xf6], // xor r14d, r14d: how much of the input waits
];

/** Waits for whatever can go on: input if none waits, output if some does, and the socket for what the two leave it. */
const WAIT: readonly (readonly number[])[] = [
  // pump:
  [0x31, 0xc0], // xor eax, eax
  [0x45, 0x85, 0xf6], // test r14d, r14d
  [0x0f, 0x94, 0xc0], // sete al: POLLIN unless input waits
  [0x48, 0xc1, 0xe0, 0x20], // shl rax, 32
  [0x48, 0x89, 0x44, 0x24, 0x20], // mov [rsp+32], rax: descriptor 0
  [0x31, 0xc0], // xor eax, eax
  [0x31, 0xc9], // xor ecx, ecx
  [0x85, 0xed], // test ebp, ebp
  [0x0f, 0x94, 0xc0], // sete al: POLLIN unless output waits
  [0x45, 0x85, 0xf6], // test r14d, r14d
  [0x0f, 0x95, 0xc1], // setne cl
  [0x8d, 4, 0x88], // lea eax, [rax+rcx*4]: POLLOUT if input waits
  [0x44, 0x89, 0xe1], // mov ecx, r12d
  [0x85, 0xc0], // test eax, eax
  [0x75, 3], // jnz asked
  [0x83, 0xc9, 0xff], // or ecx, -1: nothing to ask: passed over
  // asked:
  [0x89, 0x4c, 0x24, 0x28], // mov [rsp+40], ecx
  [0x89, 0x44, 0x24, 0x2c], // mov [rsp+44], eax
  [0x31, 0xc0], // xor eax, eax
  [0x85, 0xed], // test ebp, ebp
  [0x0f, 0x95, 0xc0], // setne al
  [0x48, 0xc1, 0xe0, 0x22], // shl rax, 34: POLLOUT if output waits
  [0x48, 0xff, 0xc0], // inc rax
  [0x48, 0x89, 0x44, 0x24, 0x30], // mov [rsp+48], rax: descriptor 1
  [0x48, 0x8d, 0x7c, 0x24, 0x20], // lea rdi, [rsp+32]
  [0xbe, 3, 0, 0, 0], // mov esi, 3
  [0x83, 0xca, 0xff], // or edx, -1
  [0xb8, 7, 0, 0, 0], // mov eax, 7: poll
  [0x0f, 5], // syscall
  [0x85, 0xc0], // test eax, eax
  [0x7e, 0xa0], // jle pump
  [0x0f, 0xb7, 0x44, 0x24, 0x36], // movzx eax, word [rsp+54]
];

/** Output → descriptor 1. */
const WRITE: readonly (readonly number[])[] = [
  [0xa8, 4], // test al, 4: POLLOUT
  [0x74, 0x20], // jz unwritten
  [0xbf, 1, 0, 0, 0], // mov edi, 1
  [0x4c, 0x89, 0xfe], // mov rsi, r15
  [0x89, 0xea], // mov edx, ebp
  [0xb8, 1, 0, 0, 0], // mov eax, 1: write; never more than a pipe with room takes
  [0x0f, 5], // syscall
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x8e, 0xcd, 0, 0, 0], // jle over
  [0x49, 1, 0xc7], // add r15, rax
  [0x29, 0xc5], // sub ebp, eax
  [0x31, 0xc0], // xor eax, eax
];

/** Descriptor 0 → input. */
const READ: readonly (readonly number[])[] = [
  // unwritten:
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x85, 0xbe, 0, 0, 0], // jnz over: nobody reads
  [0x0f, 0xb7, 0x44, 0x24, 0x26], // movzx eax, word [rsp+38]
  [0xa8, 1], // test al, 1: POLLIN
  [0x74, 0x23], // jz unread
  [0x31, 0xff], // xor edi, edi
  [0x48, 0x8d, 0xb4, 0x24, 0, 1, 0, 0], // lea rsi, [rsp+0x100]
  [0x49, 0x89, 0xf5], // mov r13, rsi
  [0xba, 0, 0x10, 0, 0], // mov edx, 0x1000
  [0x31, 0xc0], // xor eax, eax: read
  [0x0f, 5], // syscall
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x8e, 0x97, 0, 0, 0], // jle over
  [0x41, 0x89, 0xc6], // mov r14d, eax
  [0x31, 0xc0], // xor eax, eax
];

/** Input → socket. */
const SEND: readonly (readonly number[])[] = [
  // unread:
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x85, 0x8a, 0, 0, 0], // jnz over: the input has ended
  [0x45, 0x85, 0xf6], // test r14d, r14d
  [0x74, 0x2e], // jz unsent
  [0x44, 0x89, 0xe7], // mov edi, r12d
  [0x4c, 0x89, 0xee], // mov rsi, r13
  [0x44, 0x89, 0xf2], // mov edx, r14d
  [0x41, 0xba, 0, 0x40, 0, 0], // mov r10d, 0x4000: MSG_NOSIGNAL
  [0x45, 0x31, 0xc0], // xor r8d, r8d
  [0x45, 0x31, 0xc9], // xor r9d, r9d
  [0xb8, 0x2c, 0, 0, 0], // mov eax, 44: sendto
  [0x0f, 5], // syscall
  [0x83, 0xf8, 0xf5], // cmp eax, -11: EAGAIN
  [0x74, 0x0d], // je unsent
  [0x85, 0xc0], // test eax, eax
  [0x79, 3], // jns sent
  [0x44, 0x89, 0xf0], // mov eax, r14d: nobody takes it: let it go
  // sent:
  [0x49, 1, 0xc5], // add r13, rax
  [0x41, 0x29, 0xc6], // sub r14d, eax
];

/** Socket → output. */
const RECEIVE: readonly (readonly number[])[] = [
  // unsent:
  [0x85, 0xed], // test ebp, ebp
  [0x0f, 0x85, 0, 0xff, 0xff, 0xff], // jnz pump
  [0x44, 0x89, 0xe7], // mov edi, r12d
  [0x48, 0x8d, 0xb4, 0x24, 0, 0x11, 0, 0], // lea rsi, [rsp+0x1100]
  [0x49, 0x89, 0xf7], // mov r15, rsi
  [0xba, 0, 0x10, 0, 0], // mov edx, 0x1000
  [0x31, 0xc0], // xor eax, eax: read
  [0x0f, 5], // syscall
  [0x83, 0xf8, 0xf5], // cmp eax, -11
  [0x0f, 0x84, 0xe0, 0xfe, 0xff, 0xff], // je pump
  [0x89, 0xc5], // mov ebp, eax
  [0x85, 0xc0], // test eax, eax
  [0x0f, 0x8f, 0xd6, 0xfe, 0xff, 0xff], // jg pump
  [0xf7, 0xd8], // neg eax
  [0x89, 0xc7], // mov edi, eax: 0 at the end, else why
  [0xeb, 0x21], // jmp exit
];

/** Says why there is no connection; and the end. */
const END: readonly (readonly number[])[] = [
  // failed:
  [0xf7, 0xd8], // neg eax
  [0x89, 0xc3], // mov ebx, eax
  [0x88, 4, 0x24], // mov [rsp], al
  [0xbf, 1, 0, 0, 0], // mov edi, 1
  [0x48, 0x89, 0xe6], // mov rsi, rsp
  [0xba, 1, 0, 0, 0], // mov edx, 1
  [0xb8, 1, 0, 0, 0], // mov eax, 1: write
  [0x0f, 5], // syscall
  [0x89, 0xdf], // mov edi, ebx
  [0xeb, 2], // jmp exit
  // over:
  [0x31, 0xff], // xor edi, edi
  // exit:
  [0xb8, 0x3c, 0, 0, 0], // mov eax, 60: exit
  [0x0f, 5], // syscall
];

/** Instructions of x86-64, as an assembler encodes them. */
export const amd64RelayCode: readonly number[] = [READ_ADDRESS, CONNECT, BEGIN, WAIT, WRITE, READ, SEND, RECEIVE, END].flat(2);
