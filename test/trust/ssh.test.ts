import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchesPatterns, readAllowedSigners } from '../../src/trust/allowed-signers.ts';
import { judgeObject, readAnchors, type Verdict } from '../../src/trust/anchors.ts';
import { readSignedCommit } from '../../src/trust/signed-object.ts';
import { openSigningDesk, type SigningDesk, type SshKeyPair } from '../support/signing.ts';

const NOW = Date.UTC(2026, 0, 15);
const ADDRESS = 'ada@example.org';
const made = (seconds: number, address = ADDRESS): string =>
  `tree ${'a'.repeat(40)}\nauthor Bob <bob@example.org> 1 +0000\ncommitter Ada <${address}> ${seconds} +0100\n\nA change\n\nof two paragraphs\n`;
const PAYLOAD = made(NOW / 1000 - 3600);

let desk: SigningDesk;
let key: SshKeyPair;
let other: SshKeyPair;
beforeAll(async () => {
  desk = openSigningDesk();
  key = await desk.sshKey('key');
  other = await desk.sshKey('other');
});
afterAll(async () => {
  await desk.close();
});

/** A commit object with the signature where git writes it. */
function withSignature(payload: string, signature: string): Buffer {
  const header = `gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}\n`;
  return Buffer.from(payload.replace('\n\n', `\n${header}\n`), 'latin1');
}

async function judge(commit: Uint8Array, signers: string, nowMs = NOW): Promise<Verdict> {
  return await judgeObject(readSignedCommit(commit), await readAnchors([{ path: 'signers', text: signers }]), nowMs);
}

test.each([
  ['ed25519', undefined],
  ['ecdsa', 256],
  ['ecdsa', 384],
  ['ecdsa', 521],
  ['rsa', 2048],
])('a signature of ssh-keygen -t %s -b %s holds, and no other', async (type, bits) => {
  const made = await desk.sshKey(`${type}-${bits ?? ''}`, type, bits);
  // Numbers of ECDSA are now and then shorter.
  for (let round = 0; round < (type === 'ecdsa' ? 8 : 1); round++) {
    const signature = await desk.sshSign(made, Buffer.from(`${PAYLOAD}${round}`));
    expect(await judge(withSignature(`${PAYLOAD}${round}`, signature), `* ${made.line}`)).toHaveProperty('signer');
    expect(await judge(withSignature(PAYLOAD, signature), `* ${made.line}`)).toEqual({
      fault: 'the signature does not fit: something was changed after it was signed',
    });
  }
});

test('an RSA key that is too short does not count', async () => {
  const short = await desk.sshKey('short', 'rsa', 1024);
  await expect(judge(Buffer.from(PAYLOAD), `* ${short.line}`)).rejects.toThrow('signers:1: an RSA key of 1024 bits is too short');
});

test('no byte of a signed commit can be changed', async () => {
  const signature = await desk.sshSign(key, Buffer.from(PAYLOAD));
  const commit = withSignature(PAYLOAD, signature);
  const anchors = await readAnchors([{ path: 'signers', text: `* ${key.line}` }]);
  expect(await judgeObject(readSignedCommit(commit), anchors, NOW)).toHaveProperty('signer');
  const accepted: string[] = [];
  for (let at = 0; at < commit.length; at++)
    for (const bit of [1, 2, 0x20, 0x80]) {
      const changed = Buffer.from(commit);
      changed[at] = (changed[at] ?? 0) ^ bit;
      const verdict = await judgeObject(readSignedCommit(changed), anchors, NOW);
      if ('signer' in verdict) accepted.push(`${at} ${bit}`);
    }
  expect(accepted).toEqual([]);
});

test('nothing can be added, left out or cut off', async () => {
  const signature = await desk.sshSign(key, Buffer.from(PAYLOAD));
  const commit = withSignature(PAYLOAD, signature).toString('latin1');
  const all = [
    `${commit}x`,
    commit.replace('author', 'parent 1\nauthor'),
    commit.replace('gpgsig ', 'gpgsig  '),
    commit.replace('gpgsig ', 'gpgsig-sha256 x\ngpgsig '),
    commit.replace('\n\n', `\n${/gpgsig [\s\S]*?-----END SSH SIGNATURE-----\n/.exec(commit)?.[0] ?? ''}\n`),
    commit.replace('-----END', 'AAAA\n -----END'),
    ...Array.from({ length: 40 }, (_, index) => commit.slice(0, Math.floor((commit.length * index) / 40))),
  ];
  for (const changed of all) expect(await judge(Buffer.from(changed, 'latin1'), `* ${key.line}`)).toHaveProperty('fault');
});

describe('allowed signers', () => {
  const day = (text: string): string => text.replaceAll('-', '');
  test.each<[string, (line: string) => string, string | undefined]>([
    ['anybody', (line) => `* ${line}`, undefined],
    ['one address', (line) => `${ADDRESS} ${line}`, undefined],
    [
      'one of several, with a comment',
      (line) => `# who may\n\n"bob@example.org,*@example.org" namespaces="git,file" ${line} Ada's key`,
      undefined,
    ],
    ['another address', (line) => `eve@example.org ${line}`, 'may not sign as "ada@example.org", only as eve@example.org'],
    ['all but this address', (line) => `*,!${ADDRESS} ${line}`, `may not sign as "ada@example.org", only as *,!${ADDRESS}`],
    ['files only', (line) => `* namespaces="file" ${line}`, 'may sign for file, not for git'],
    ['not yet', (line) => `* valid-after="${day('2026-01-15')}Z" ${line}`, 'counts from 2026-01-15T00:00:00Z on'],
    ['already', (line) => `* valid-after="${day('2026-01-14')}Z" ${line}`, undefined],
    ['no more', (line) => `* valid-before="${day('2026-01-14')}Z" ${line}`, 'counted until 2026-01-14T00:00:00Z'],
    ['no more since the commit', (line) => `* valid-before="202601142359Z" ${line}`, 'counted until 2026-01-14T23:59:00Z'],
    ['a while longer', (line) => `* valid-after="20250101",valid-before="20270101120000" ${line}`, undefined],
    ['no more under one line, but under another', (line) => `* valid-before="20200101Z" ${line}\n* ${line}`, undefined],
  ])('%s', async (_what, file, fault) => {
    const verdict = await judge(withSignature(PAYLOAD, await desk.sshSign(key, Buffer.from(PAYLOAD))), file(key.line));
    expect('fault' in verdict ? verdict.fault.replace(/^.*, which /, '') : undefined).toBe(fault);
  });

  test('a key that has expired cannot vouch for what says that it is older', async () => {
    const old = made(Date.UTC(2019, 0, 1) / 1000);
    const verdict = await judge(
      withSignature(old, await desk.sshSign(key, Buffer.from(old))),
      `* valid-before="20200101Z" ${key.line}`,
    );
    expect(verdict).toHaveProperty('fault', expect.stringContaining('counted until 2020-01-01T00:00:00Z'));
  });

  test.each([
    ['another key', 'git', /^it is signed by the SSH key SHA256:\S+, which is not among those that may sign$/],
    ['another purpose', 'file', /^it was signed for "file", not for "git"$/],
  ])('a signature of %s is refused', async (what, namespace, message) => {
    const signer = what === 'another key' ? other : key;
    const verdict = await judge(
      withSignature(PAYLOAD, await desk.sshSign(signer, Buffer.from(PAYLOAD), namespace)),
      `* ${key.line}`,
    );
    expect(verdict).toEqual({ fault: expect.stringMatching(message) as string });
  });

  test.each<[string, RegExp]>([
    ['* ssh-ed25519', /^signers:1: a line has principals/],
    ['* ssh-ed25519 AAAA', /^signers:1: it is cut short/],
    ['# x\n* cert-authority KEY', /^signers:2: certificates of SSH are not supported/],
    ['* valid-until="20200101" KEY', /^signers:1: the option "valid-until" is not known/],
    ['* valid-before="2020" KEY', /^signers:1: "2020" is no time/],
    ['* valid-before="20200231" KEY', /^signers:1: "20200231" is no time/],
    ['* ssh-rsa KEY', /^signers:1:/],
    ['', /^there are no keys in signers$/],
  ])('%j is told at its line', async (text, message) => {
    await expect(judge(Buffer.from(PAYLOAD), text.replace('KEY', key.line))).rejects.toThrow(message);
  });

  test('patterns are as ssh-keygen has them', () => {
    const cases: [string, string[], boolean][] = [
      ['a@b', ['*'], true],
      ['a@b', ['?@b', '!a@*'], false],
      ['a.b@c', ['a?b@c'], true],
      ['axb@c', ['a.b@c'], false],
      ['', ['*@c'], false],
    ];
    expect(cases.map(([word, patterns]) => matchesPatterns(word, patterns))).toEqual(cases.map(([, , is]) => is));
    expect(readAllowedSigners('').signers).toEqual([]);
  });
});

test.each([
  ['-----BEGIN SIGNED MESSAGE-----\nx\n-----END SIGNED MESSAGE-----', /X\.509/],
  ['-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----', /cannot be read/],
  ['nonsense', /of no known type/],
])('%j is no signature', async (signature, message) => {
  expect(await judge(withSignature(PAYLOAD, signature), `* ${key.line}`)).toEqual({
    fault: expect.stringMatching(message) as string,
  });
});
