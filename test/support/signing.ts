// Keys and signatures for tests, made by the programs that people use: ssh-keygen and gpg.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { GitRepo } from './git-repo.ts';

/** A folder with keys; all of it is gone when it is closed. */
export interface SigningDesk {
  readonly dir: string;
  /** Makes an SSH key; `type` is as for ssh-keygen -t. */
  sshKey(name: string, type?: string, bits?: number): Promise<SshKeyPair>;
  /** Signs bytes as `ssh-keygen -Y sign` does. */
  sshSign(key: SshKeyPair, payload: Uint8Array, namespace?: string): Promise<string>;
  /** Makes an OpenPGP key with a signing subkey. Times are gpg's, such as `20200101T000000`. */
  gpgKey(address: string, options?: { readonly expires?: string; readonly madeAt?: string }): Promise<string>;
  /** The armored public keys of all that are known, or of one. */
  gpgExport(fingerprint?: string): Promise<string>;
  gpg(...args: string[]): Promise<string>;
  /** What git calls to sign with OpenPGP. */
  readonly gpgProgram: string;
  close(): Promise<void>;
}

export interface SshKeyPair {
  /** The file with the private key. */
  readonly file: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly line: string;
}

/** Opens an empty desk. */
export function openSigningDesk(): SigningDesk {
  const dir = mkdtempSync(join(tmpdir(), 'sign-'));
  const home = join(dir, 'gnupg');
  mkdirSync(home, { mode: 0o700 });
  const gpgProgram = join(dir, 'gpg');
  writeFileSync(
    gpgProgram,
    `#!/bin/sh\nexec gpg --homedir '${home}' --batch --no-tty --pinentry-mode loopback --passphrase '' "$@"\n`,
  );
  chmodSync(gpgProgram, 0o755);
  const gpg = async (...args: string[]): Promise<string> => (await execa(gpgProgram, args)).stdout;
  return {
    dir,
    gpg,
    gpgProgram,
    sshKey: async (name, type = 'ed25519', bits) => {
      const file = join(dir, name);
      await execa('ssh-keygen', [
        '-q',
        '-t',
        type,
        ...(bits === undefined ? [] : ['-b', String(bits)]),
        '-N',
        '',
        '-C',
        '',
        '-f',
        file,
      ]);
      return { file, line: readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ') };
    },
    sshSign: async (key, payload, namespace = 'git') => {
      const file = join(dir, 'payload');
      rmSync(`${file}.sig`, { force: true });
      writeFileSync(file, payload);
      await execa('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key.file, file]);
      return readFileSync(`${file}.sig`, 'latin1');
    },
    gpgKey: async (address, { expires = '0', madeAt } = {}) => {
      const clock = madeAt === undefined ? [] : ['--faked-system-time', `${madeAt}!`];
      await gpg(...clock, '--quick-generate-key', `Test <${address}>`, 'ed25519', 'cert', expires);
      const listed = await gpg('--list-keys', '--with-colons', address);
      const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '';
      await gpg(...clock, '--quick-add-key', fingerprint, 'ed25519', 'sign', expires);
      return fingerprint;
    },
    gpgExport: async (fingerprint) => await gpg('--armor', '--export', ...(fingerprint === undefined ? [] : [fingerprint])),
    close: async () => {
      await execa('gpgconf', ['--homedir', home, '--kill', 'all'], { reject: false });
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Makes git sign every commit and tag of a repository with this key from now on. */
export async function signWithSsh(repo: GitRepo, key: SshKeyPair): Promise<void> {
  for (const [name, value] of [
    ['gpg.format', 'ssh'],
    ['user.signingkey', key.file],
    ['commit.gpgsign', 'true'],
    ['tag.gpgsign', 'true'],
  ])
    await repo.git('config', name ?? '', value ?? '');
}

/** The same with an OpenPGP key. */
export async function signWithGpg(repo: GitRepo, desk: SigningDesk, fingerprint: string): Promise<void> {
  for (const [name, value] of [
    ['gpg.format', 'openpgp'],
    ['gpg.program', desk.gpgProgram],
    ['user.signingkey', fingerprint],
    ['commit.gpgsign', 'true'],
    ['tag.gpgsign', 'true'],
  ])
    await repo.git('config', name ?? '', value ?? '');
}
