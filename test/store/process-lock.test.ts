import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acquireProcessLock, lockHolder, type ProcessLock } from '../../src/store/process-lock.ts';

const HOLDER = fileURLToPath(new URL('lock-holder-process.ts', import.meta.url));
let folder: string;
let path: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'lock');
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function startHolder(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', HOLDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  if (child.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said: line };
}
const held = (lock: ProcessLock): (() => void) => {
  if (!lock.ok) throw new Error(`held by ${lock.holder}`);
  return lock.release;
};

describe('the lock of a process', () => {
  test('is refused to others, who learn the holder, and dies with kill -9', async () => {
    const { child, said } = await startHolder();
    expect(said).toBe('held');
    const lost = acquireProcessLock(path, 'me');
    if (lost.ok) throw new Error('it was given twice');
    expect(lost.holder).toContain('holdfast reconcile --repo /srv/app');
    expect(lost.holder).toContain(`process ${child.pid} on ${hostname()}, since 20`);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    held(acquireProcessLock(path, 'me'))();
  });

  test('can be looked at by others without being taken', async () => {
    expect(lockHolder(path)).toBeUndefined();
    const { child } = await startHolder();
    expect(lockHolder(path)).toContain(`holdfast reconcile --repo /srv/app (process ${child.pid} on ${hostname()}`);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(lockHolder(path)).toBeUndefined();
    held(acquireProcessLock(path, 'me'))();
  });

  test('is refused to other processes while this one has it', async () => {
    const release = held(acquireProcessLock(path, 'the first'));
    const { said } = await startHolder();
    expect(said).toContain(`refused the first (process ${process.pid}`);
    release();
  });

  test('is refused within the process too, and free after its release', () => {
    const release = held(acquireProcessLock(path, 'the first'));
    expect(acquireProcessLock(path, 'the second')).toMatchObject({ ok: false, holder: expect.stringContaining('the first') });
    release();
    release();
    const again = held(acquireProcessLock(path, 'the third'));
    expect(acquireProcessLock(path, 'the fourth')).toMatchObject({ ok: false, holder: expect.stringContaining('the third') });
    again();
  });

  test('in a folder that is not there says so', () => {
    expect(() => acquireProcessLock(join(folder, 'none', 'lock'), 'me')).toThrow(
      `check that the folder ${join(folder, 'none')} exists`,
    );
  });

  test('on a file of another kind fails instead of destroying it', () => {
    writeFileSync(path, 'something else entirely, and long enough to be looked at\n'.repeat(20));
    expect(() => acquireProcessLock(path, 'me')).toThrow('cannot use the lock file');
  });
});
