// Plans that are saved and applied, and what is kept of what was applied.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployment, secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

let at: Scene;
let plan: string;
beforeAll(async () => {
  at = await scene('records');
  plan = join(at.dir, 'shop.plan');
});
afterAll(async () => {
  await at.close();
});

const web = (replicas: number): string => yaml(deployment('web', { replicas, script: 'echo up' }));
const password = (value: string): string => yaml(secret('db', { password: value }));

test('a saved plan is applied, once, and holds until something moves', async () => {
  const { repo } = at;
  await repo.commit({ 'web.yaml': web(1), 'db.yaml': password('correct-horse') }, 'One web pod');
  expect(await at.holdfast(['diff', '--repo', repo.dir, '--out', plan])).toMatchObject({ exitCode: 2 });
  expect(await readFile(plan, 'utf8')).not.toMatch(/horse/);
  expect(await at.once(['--plan', plan])).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  const again = await at.once(['--plan', plan]);
  expect([again.exitCode, again.outcome.outcome]).toEqual([1, 'failed']);
  expect(again.outcome.message).toMatch(/does not hold any more, and nothing was touched: commit .{7} is live already/);

  await repo.commit({ 'web.yaml': web(2) }, 'Two web pods');
  expect(await at.holdfast(['plan', '--repo', repo.dir, '--out', plan])).toMatchObject({ exitCode: 2 });
  await repo.commit({ 'db.yaml': password('other-horse') }, 'Another password');
  const before = await at.engine();
  const moved = await at.once(['--plan', plan]);
  expect([moved.exitCode, moved.outcome.message]).toEqual([
    1,
    expect.stringMatching(/the source is at commit .{7}, and the plan is of/),
  ]);
  expect(await at.engine()).toEqual(before);

  await writeFile(plan, (await readFile(plan, 'utf8')).replace('"update"', '"delete"'));
  expect((await at.once(['--plan', plan])).outcome.message).toContain('it is damaged: its checksum is another one');
});

test('each sync has a receipt that says what ran, and verifies', async () => {
  const { repo } = at;
  const good = await repo.commit({ 'web.yaml': web(1), 'db.yaml': password('a-third-horse') }, 'A third password');
  expect(await at.once()).toMatchObject({ exitCode: 0 });
  // A pod without probes is ready while it runs, however short that is.
  const broken = deployment('web', { script: 'exit 1', spec: { minReadySeconds: 3, progressDeadlineSeconds: 8 } });
  await repo.commit({ 'web.yaml': yaml(broken) }, 'A web that does not start');
  expect((await at.once(['--timeout', '20s'])).outcome.outcome).toBe('rolled-back');
  expect(await at.holdfast(['receipts', 'verify'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('3 receipts verified'),
  });
  const { stdout } = await at.holdfast(['receipts', 'ls', '--output', 'json']);
  expect(stdout).not.toMatch(/horse/);
  const key = (await at.holdfast(['receipts', 'key'])).stdout.trim();
  const file = join(at.dir, 'receipts.json');
  await writeFile(file, stdout.replace('rolled-back', 'live'));
  expect(await at.holdfast(['receipts', 'verify', file, '--key', key])).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('receipt 3 of repo was changed: its signature is of another text'),
  });
  const history = await at.holdfast(['history', '--at', good]);
  expect(history.stdout).toMatch(/: live at \S+, from receipt 2\n/);
  expect(history.stdout).toMatch(/deployment\/web +default +1 +[0-9a-f]{12} /);
  expect(history.stdout).toMatch(/Images that ran when it ended:\n {2}\S+ sha256:[0-9a-f]{64}\n$/);
});
