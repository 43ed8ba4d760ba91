// A push that tells of itself: from a bare repository on a server, by its post-receive hook, to running containers, without waiting for the
// interval. And those who call without the right to, twice, or by the hundred.
import { createHmac } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../support/e2e-command.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { bareGitRepo } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';
import { metricSamples } from '../support/metric-samples.ts';

const SECRET = 'a secret with spaces & "quotes"';
const version = (text: string): Record<string, string> => ({
  'web.yaml': yaml(deployment('web', { script: `echo ${text}`, container: { env: [{ name: 'VERSION', value: text }] } })),
});

let at: Scene;
let server: GitHttpServer;
let secretFile: string;
let bare: string;
let controller: RunningCommand;
let url: string;

beforeEach(async () => {
  at = await scene('signals');
  bare = await bareGitRepo(join(at.dir, 'served', 'app.git'));
  server = await startGitHttpServer({ dir: join(at.dir, 'served'), username: 'ada', password: 'p' });
  secretFile = join(at.dir, 'webhook-secret');
  await writeFile(secretFile, `${SECRET}\n`, { mode: 0o600 });
});
afterEach(async () => {
  await at.close();
  await server.close();
});

/** Starts the controller, which would ask again in an hour, and waits until the first commit is live. */
async function start(): Promise<string> {
  const first = await at.repo.commit(version('one'), 'One');
  await at.repo.push(pushTo());
  const signals = ['--listen', '127.0.0.1:0', '--webhook-secret-file', secretFile];
  const env = { HOLDFAST_GIT_USERNAME: 'ada', HOLDFAST_GIT_PASSWORD: 'p' };
  controller = at.controller(['--repo', `${server.url}/app.git`, '--interval', '1h', ...signals], { env });
  await controller.untilSays(/listening on http:\/\/127\.0\.0\.1:\d+\n/);
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(controller.stderr)?.[0] ?? '';
  await at.untilLive(first);
  return first;
}

const pushTo = (): string => `${server.urlWithCredentials}/app.git`;

/** Calls as GitHub does. */
async function github(delivery: string, secret = SECRET, ref = 'refs/heads/main'): Promise<{ status: number; result: string }> {
  const body = JSON.stringify({ ref, delivery, repository: { clone_url: `${server.url}/app.git` } });
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': delivery,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  const response = await fetch(`${url}/hooks/github`, { method: 'POST', headers, body });
  const { result } = (await response.json()) as { result: string };
  return { status: response.status, result };
}

/** How often the server was asked where its branches are, and how often for what they hold. */
function asked(): { readonly refs: number; readonly packs: number } {
  const paths = server.requests.filter(({ path }) => path.includes('git-upload-pack')).map(({ path }) => path);
  return {
    refs: paths.filter((path) => path.includes('info/refs')).length,
    packs: paths.filter((path) => !path.includes('?')).length,
  };
}

async function samples(): Promise<ReadonlyMap<string, number>> {
  return metricSamples(await (await fetch(`${url}/metrics`)).text());
}

test('a push by its post-receive hook ends in running containers', { timeout: 60_000 }, async () => {
  await start();
  const hook = join(bare, 'hooks', 'post-receive');
  const signed = `printf '%s.' "$time" | openssl dgst -sha256 -hmac "$(cat '${secretFile}')" | sed 's/.* //'`;
  const call = [
    'time=$(date +%s)',
    `mac=$(${signed})`,
    `curl -fsS -X POST -H "X-Holdfast-Timestamp: $time" -H "X-Holdfast-Signature: sha256=$mac" '${url}/hooks/generic'`,
  ];
  await writeFile(hook, `#!/bin/sh\n${call.join('\n')}\n`);
  await chmod(hook, 0o755);
  const second = await at.repo.commit(version('two'), 'Two');
  await at.repo.push(pushTo());
  await at.untilLive(second, 20_000);
  const { stdout } = await at.ask(['exec', 'deploy/web', '--', 'sh', '-c', 'echo $VERSION']);
  expect(stdout.trim()).toBe('two');

  const measured = await samples();
  expect(measured.get('holdfast_webhook_deliveries_total{forge="generic",result="woken"}')).toBe(1);
  expect(measured.get('holdfast_sync_attempts_total{application="app",outcome="live"}')).toBe(2);
  expect(measured.get('holdfast_source_reads_total{application="app",operation="head",result="ok"}')).toBe(2);
  expect(measured.get('holdfast_sync_phase_duration_seconds_count{application="app",phase="verifying"}')).toBe(2);
  expect(measured.get('holdfast_engine_call_duration_seconds_count{operation="create"}')).toBeGreaterThanOrEqual(4);
  expect(measured.get('holdfast_application_healthy{application="app"}')).toBe(1);
  expect(measured.get('holdfast_work_queue_depth{queue="sync"}')).toBeGreaterThanOrEqual(0);
  expect([...measured.keys()].filter((name) => name.startsWith('holdfast_build_info'))).toHaveLength(1);
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('ok\n');

  const { exitCode, stderr, stdout: printed } = await at.stop(controller);
  expect(exitCode).toBe(0);
  expect(stderr + printed).not.toContain(SECRET);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
});

describe('who calls', { timeout: 60_000 }, () => {
  test('without the secret, again, or for something else, moves nothing', async () => {
    await start();
    server.forgetRequests();
    expect(await github('d-1', 'another')).toEqual({ status: 401, result: 'refused' });
    expect(await github('d-2', SECRET, 'refs/heads/next')).toEqual({ status: 202, result: 'not-followed' });
    expect((await fetch(`${url}/hooks/github`)).status).toBe(405);
    expect((await fetch(`${url}/hooks`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/hooks/github`, { method: 'POST', body: new Uint8Array(5_300_000) })).status).toBe(413);
    expect(asked()).toEqual({ refs: 0, packs: 0 });
    expect(await github('d-3')).toEqual({ status: 200, result: 'woken' });
    await expect.poll(() => asked().refs, { timeout: 10_000 }).toBe(1);
    expect(await github('d-3')).toEqual({ status: 200, result: 'seen' });
    const measured = await samples();
    expect(measured.get('holdfast_webhook_deliveries_total{forge="github",result="refused"}')).toBe(1);
    expect(measured.get('holdfast_webhook_deliveries_total{forge="github",result="seen"}')).toBe(1);
    expect(asked().refs).toBe(1);
  });

  test('two hundred times at once has it asked twice', async () => {
    await start();
    const second = await at.repo.commit(version('two'), 'Two');
    await at.repo.push(pushTo());
    server.forgetRequests();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => github(`storm-${index}`)));
    expect(new Set(answers.map(({ status, result }) => `${status} ${result}`))).toEqual(new Set(['200 woken']));
    await at.untilLive(second, 20_000);
    const reads = async (): Promise<number | undefined> =>
      (await samples()).get('holdfast_source_reads_total{application="app",operation="head",result="ok"}');
    await expect.poll(reads, { timeout: 10_000 }).toBe(3);
    expect((await samples()).get('holdfast_source_reads_total{application="app",operation="snapshot",result="ok"}')).toBe(2);
  });

  test('while there is no secret is refused with the reason, and a new one counts at once', async () => {
    await start();
    await writeFile(secretFile, '');
    expect(await github('d-1')).toEqual({ status: 403, result: 'no-secret' });
    await writeFile(secretFile, 'another');
    expect(await github('d-2')).toEqual({ status: 401, result: 'refused' });
    expect(await github('d-3', 'another')).toEqual({ status: 200, result: 'woken' });
  });
});

describe('a receiver of notifications', { timeout: 120_000 }, () => {
  let receiver: Server;
  let heard: { readonly application: string; readonly event: string; readonly commit: { readonly id: string } | null }[];
  let status: number;

  beforeEach(async () => {
    heard = [];
    status = 200;
    receiver = createHttpServer((request, response) => {
      void (async () => {
        let text = '';
        for await (const chunk of request) text += String(chunk);
        if (status === 200) heard.push(JSON.parse(text) as (typeof heard)[number]);
        response.writeHead(status).end();
      })();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  const events = (): readonly string[] => heard.map(({ event, commit }) => `${event} ${commit?.id ?? ''}`);

  test('whose address is in a Secret hears of each commit once, also after a restart', async () => {
    const bound = receiver.address();
    const address = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}/token-T0K3N`;
    const files = {
      'app.yaml': yaml({
        apiVersion: 'holdfast.dev/v1',
        kind: 'Application',
        metadata: { name: 'app' },
        spec: { notifications: [{ type: 'webhook', urlFrom: { secretKeyRef: { name: 'chat', key: 'address' } } }] },
      }),
      'chat.yaml': yaml({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'chat' }, stringData: { address } }),
    };
    const first = await at.repo.commit({ ...version('one'), ...files }, 'One');
    const args = ['--repo', at.repo.dir, '--application', 'app'];
    let running = at.controller(args);
    await at.untilLive(first);
    await expect.poll(events, { timeout: 10_000 }).toEqual([`live ${first}`]);

    status = 500;
    const bad = await at.repo.commit({ 'web.yaml': 'kind: [' }, 'Two');
    const shown = async (): Promise<string> => (await at.ask(['status'])).stdout;
    await expect
      .poll(shown, { timeout: 20_000 })
      .toMatch(/receiver +webhook Secret chat, key address cannot be told for .*: the receiver answered 500/);
    await at.stop(running);
    status = 200;
    running = at.controller(args);
    await expect.poll(events, { timeout: 30_000 }).toEqual([`live ${first}`, `held ${bad}`]);

    const third = await at.repo.commit(version('three'), 'Three');
    await at.untilLive(third);
    await expect.poll(events, { timeout: 20_000 }).toEqual([`live ${first}`, `held ${bad}`, `live ${third}`]);
    const { stderr } = await at.stop(running);
    const all =
      (await at.holdfast(['status', '-o', 'json'])).stdout + (await at.holdfast(['get', 'applications', '-o', 'yaml'])).stdout;
    expect(all + stderr).not.toContain('T0K3N');
  });
});

test('a port that is taken ends the start, with the way out', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const bound = taken.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  await at.repo.commit(version('one'), 'One');
  const { exitCode, stderr } = await at.holdfast(['reconcile', '--repo', at.repo.dir, '--listen', String(port)]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: the port is in use; give another one with --listen`);
  expect((await at.engine()).containers).toEqual([]);
  await new Promise((resolve) => taken.close(resolve));
});
