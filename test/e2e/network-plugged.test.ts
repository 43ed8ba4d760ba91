// Pods whose sandboxes are plugged in, beside one that Docker connects: what Docker makes of them, and what somebody's tidying does to them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { byHand } from '../support/docker.ts';
import type { RunningCommand } from '../support/e2e-command.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { NETWORK, NETWORK_SCENE_MS, networkScene } from '../support/e2e-network-scene.ts';
import type { Scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const run = promisify(execFile);
const client = deployment('client', { image: NETWORK_IMAGE, container: { ports: [{ containerPort: 9, hostPort: 20_909 }] } });

let at: Scene;
let controller: RunningCommand;

async function inside(command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await at.ask(['exec', 'deploy/client', '--', 'sh', '-c', command]);
  return exitCode === 0 ? stdout.trim() : `failed: ${stdout}${stderr}`.trim();
}

/** Whether Docker gave the sandboxes of pods whose names begin so a network, and since when they run. */
async function sandboxes(prefix: string): Promise<readonly string[]> {
  const filters = encodeURIComponent(
    JSON.stringify({ label: [`holdfast.dev/cluster=${at.cluster}`, 'holdfast.dev/role=sandbox'] }),
  );
  const listed = (await byHand('GET', `/containers/json?filters=${filters}`)) as readonly {
    Id: string;
    Names: readonly string[];
  }[];
  const own = listed.filter(({ Names }) => Names[0]?.includes(`.default.${prefix}`));
  const bodies = (await Promise.all(own.map(({ Id }) => byHand('GET', `/containers/${Id}/json`)))) as readonly {
    readonly Config: { readonly NetworkDisabled?: boolean };
    readonly State: { readonly StartedAt: string };
  }[];
  return bodies
    .map(({ Config, State }) => `${Config.NetworkDisabled === true ? 'plugged' : 'docker'} ${State.StartedAt}`)
    .toSorted();
}

const web = {
  'web.yaml': yaml(service('web'), server('web', { replicas: 2 })),
  'client.yaml': yaml(client),
};

beforeAll(async () => {
  ({ at, controller } = await networkScene('plugged', web));
}, NETWORK_SCENE_MS);
afterAll(async () => {
  await at.close();
}, NETWORK_SCENE_MS);

test('Docker connects only what needs it to, and nobody inside can tell', async () => {
  expect((await sandboxes('web')).map((one) => one.split(' ')[0])).toEqual(['plugged', 'plugged']);
  expect((await sandboxes('client')).map((one) => one.split(' ')[0])).toEqual(['docker']);
  await until(
    'the Service answers',
    () => inside('timeout 3 wget -qO- http://web/cgi-bin/who'),
    (said) => said.startsWith('web-'),
  );
  const [{ pod } = { pod: '' }] = await runningContainers(at.cluster, 'web-');
  const { stdout } = await at.ask([
    'exec',
    pod,
    '--',
    'sh',
    '-c',
    'hostname; cat /etc/hostname; tail -n 1 /etc/hosts; cat /etc/resolv.conf',
  ]);
  const [name, own, hosts = '', resolver] = stdout.split('\n');
  expect([name, own, hosts.split('\t')[1]]).toEqual([pod, pod, pod]);
  expect(resolver).toMatch(/^nameserver 10\./);
});

test('they outlive tidying: networks that nobody is on, the plug, and what keeps their network', {
  timeout: 120_000,
}, async () => {
  const before = await sandboxes('web');
  const env = { ...process.env, DOCKER_HOST: hostOfEnvironment() };
  for (const name of ['_plug', '_bridge']) await run('docker', ['rm', '--force', `hf.${at.cluster}.${name}`], { env });
  const filter = `label=holdfast.dev/cluster=${at.cluster}`;
  await run('docker', ['network', 'prune', '--force', '--filter', filter], { env });
  const commit = await at.repo.commit({ 'late.yaml': yaml(service('late'), server('late')) }, 'One more');
  await at.untilLive(commit);
  await until(
    'both Services answer',
    () => inside('timeout 3 wget -qO- http://web/cgi-bin/who; timeout 3 wget -qO- http://late/cgi-bin/who'),
    (said) => /web-[^]*late-/.test(said),
  );
  await until(
    'plug and keeper are there',
    async () => (await run('docker', ['ps', '--filter', filter, '--format', '{{.Names}}'], { env })).stdout,
    (names) => ['_plug', '_bridge'].every((name) => names.includes(`hf.${at.cluster}.${name}`)),
    { timeoutMs: 60_000 },
  );
  expect(await sandboxes('web')).toEqual(before);
});

test('without the plug, pods that run stay as they are and new ones are connected by Docker', { timeout: 120_000 }, async () => {
  const before = await sandboxes('web');
  await at.stop(controller);
  const other = at.controller([], { env: { ...NETWORK, HOLDFAST_SANDBOX_NETWORK: 'docker' } });
  const commit = await at.repo.commit({ 'next.yaml': yaml(server('next')) }, 'Without the plug');
  await at.untilLive(commit);
  expect(await sandboxes('web')).toEqual(before);
  expect((await sandboxes('next')).map((one) => one.split(' ')[0])).toEqual(['docker']);
  await at.stop(other);
  expect((await at.holdfast(['uninstall', '--pods', '--yes'])).exitCode).toBe(0);
});
