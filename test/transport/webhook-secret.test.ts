// Where the secret of webhooks is, and what is said when it is not there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSignals } from '../../src/control-plane/signal-plane.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { webhookSecret } from '../../src/transport/webhook-secret.ts';
import { FakeClock } from '../support/fake-clock.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-secret-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const surroundings = { version: '1.2.3', clock: new FakeClock(), logger: silentLogger };
const listen = { host: '127.0.0.1', port: 0 };

test('in the environment', () => {
  expect(webhookSecret({ webhookSecret: 's' })()).toEqual({ ok: true, secret: 's' });
  expect(webhookSecret({})()).toEqual({
    ok: false,
    reason:
      'webhooks are refused, because there is no secret: start Holdfast with --webhook-secret-file or HOLDFAST_WEBHOOK_SECRET',
  });
});

test('in a file, which may change', async () => {
  const file = join(dir, 'secret');
  const secret = webhookSecret({ webhookSecretFile: file });
  expect(secret()).toEqual({ ok: false, reason: `the file ${file} with the secret of webhooks cannot be read` });
  await writeFile(file, ' \n');
  expect(secret()).toEqual({ ok: false, reason: `the file ${file} with the secret of webhooks is empty` });
  await writeFile(file, 'one\n');
  expect(secret()).toEqual({ ok: true, secret: 'one' });
  await writeFile(file, 'two');
  expect(secret()).toEqual({ ok: true, secret: 'two' });
});

test('a file that is missing ends the start; no secret at all refuses webhooks and says so', async () => {
  const webhookSecretFile = join(dir, 'none');
  await expect(openSignals({ listen, webhookSecretFile }, surroundings)).rejects.toThrow('cannot be read');
  const signals = await openSignals({ listen }, surroundings);
  expect(signals?.listening).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+; webhooks are refused, because there is no secret/);
  const [url = ''] = /http:\/\/[\d.:]+/.exec(signals?.listening ?? '') ?? [];
  expect((await fetch(`${url}/hooks/github`, { method: 'POST', body: '{}' })).status).toBe(403);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'the controller is starting\n']);
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
  await signals?.close();
  expect(await openSignals({}, surroundings)).toBeUndefined();
});
