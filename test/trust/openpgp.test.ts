import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeObject, readAnchors, type Verdict } from '../../src/trust/anchors.ts';
import { readSignedCommit } from '../../src/trust/signed-object.ts';
import { openSigningDesk, type SigningDesk } from '../support/signing.ts';

const PAYLOAD = `tree ${'a'.repeat(40)}\nauthor Ada <ada@example.org> 1 +0000\ncommitter Ada <ada@example.org> 1700000000 +0000\n\nA change\n`;
const DAY_MS = 24 * 3600 * 1000;

let desk: SigningDesk;
let key = '';
beforeAll(async () => {
  desk = openSigningDesk();
  key = await desk.gpgKey('ada@example.org');
});
afterAll(async () => {
  await desk.close();
});

async function sign(fingerprint: string, madeAt?: string): Promise<string> {
  const clock = madeAt === undefined ? [] : ['--faked-system-time', `${madeAt}!`];
  const { stdout } = await execa(desk.gpgProgram, [...clock, '--armor', '--detach-sign', '--local-user', fingerprint], {
    input: PAYLOAD,
  });
  return stdout;
}

function withSignature(signature: string, payload = PAYLOAD): Buffer {
  return Buffer.from(payload.replace('\n\n', `\ngpgsig ${signature.replaceAll('\n', '\n ')}\n\n`), 'latin1');
}

async function judge(commit: Uint8Array, keys: string, nowMs = Date.now()): Promise<Verdict> {
  return await judgeObject(readSignedCommit(commit), await readAnchors([{ path: 'keys.asc', text: keys }]), nowMs);
}

test('a signature by a subkey holds, in the name of its key', async () => {
  expect(await judge(withSignature(await sign(key)), await desk.gpgExport())).toEqual({
    signer: `Test <ada@example.org> (${key})`,
  });
});

test('no byte of what was signed can be changed', async () => {
  const signature = await sign(key);
  const anchors = await readAnchors([{ path: 'keys.asc', text: await desk.gpgExport(key) }]);
  const accepted: number[] = [];
  for (let at = 0; at < PAYLOAD.length; at++) {
    const changed = Buffer.from(PAYLOAD, 'latin1');
    changed[at] = (changed[at] ?? 0) ^ 1;
    const verdict = await judgeObject(
      readSignedCommit(withSignature(signature, changed.toString('latin1'))),
      anchors,
      Date.now(),
    );
    if ('signer' in verdict) accepted.push(at);
  }
  expect(accepted).toEqual([]);
});

test('a changed signature is refused, or says the same', async () => {
  const signature = await sign(key);
  const anchors = await readAnchors([{ path: 'keys.asc', text: await desk.gpgExport(key) }]);
  const signers = new Set<string>();
  for (let at = 0; at < signature.length; at++) {
    const changed = Buffer.from(signature, 'latin1');
    changed[at] = (changed[at] ?? 0) ^ 1;
    const verdict = await judgeObject(readSignedCommit(withSignature(changed.toString('latin1'))), anchors, Date.now());
    signers.add('signer' in verdict ? verdict.signer : 'nobody');
  }
  expect([...signers].filter((signer) => signer !== 'nobody' && !signer.includes(key))).toEqual([]);
});

test('a key that is not listed does not count', async () => {
  const other = await desk.gpgKey('eve@example.org');
  expect(await judge(withSignature(await sign(other)), await desk.gpgExport(key))).toEqual({
    fault: expect.stringMatching(
      /^it is signed by the OpenPGP key [0-9A-F]{16}, which is not among those that may sign$/,
    ) as string,
  });
});

test('a key that has expired cannot vouch for what says that it is older', async () => {
  const old = await desk.gpgKey('old@example.org', { madeAt: '20200101T000000', expires: '1y' });
  const commit = withSignature(await sign(old, '20200601T000000'));
  const keys = await desk.gpgExport(old);
  expect(await judge(commit, keys, Date.UTC(2020, 6, 1))).toHaveProperty('signer');
  expect(await judge(commit, keys, Date.UTC(2021, 6, 1))).toEqual({
    fault: expect.stringMatching(/counts no more: .*expired/) as string,
  });
});

test('a key that was revoked counts no more', async () => {
  const gone = await desk.gpgKey('gone@example.org');
  const commit = withSignature(await sign(gone));
  expect(await judge(commit, await desk.gpgExport(gone))).toHaveProperty('signer');
  const file = `${desk.dir}/gnupg/openpgp-revocs.d/${gone}.rev`;
  await execa('sed', ['-i', 's/^:-----BEGIN/-----BEGIN/', file]);
  await desk.gpg('--import', file);
  expect(await judge(commit, await desk.gpgExport(gone))).toEqual({ fault: expect.stringMatching(/revoked/) as string });
});

test('a signature from the future does not hold, but clocks may differ a little', async () => {
  const commit = withSignature(await sign(key));
  const keys = await desk.gpgExport(key);
  expect(await judge(commit, keys, Date.now() - 60_000)).toHaveProperty('signer');
  expect(await judge(commit, keys, Date.now() - 2 * DAY_MS)).toHaveProperty('fault');
});

test.each([
  ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n', 'keys.asc: the block of keys has no end'],
  ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n', 'keys.asc: the keys cannot be read'],
])('%j is no key', async (text, message) => {
  await expect(judge(Buffer.from(PAYLOAD), text)).rejects.toThrow(message);
});

test.each(['-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----', '-----BEGIN PGP SIGNATURE-----'])(
  '%j is no signature',
  async (signature) => {
    expect(await judge(withSignature(signature), await desk.gpgExport(key))).toHaveProperty('fault');
  },
);
