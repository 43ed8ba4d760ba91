// The network comes and goes: with and without it, on an engine that cannot have it, twice on one engine, and taken away.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { hostOfEnvironment } from '../../scripts/engine-api.mjs';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const run = promisify(execFile);
const AUTO = { env: { HOLDFAST_NETWORK: 'auto' } };
const NONE = { env: { HOLDFAST_NETWORK: 'none' } };
const client = deployment('client', { image: NETWORK_IMAGE });
const web = yaml(service('web'), server('web'));

let scenes: Scene[] = [];
afterEach(async () => {
  const all = scenes;
  scenes = [];
  for (const at of all) await at.close();
}, 180_000);

async function open(name: string): Promise<Scene> {
  const at = await scene(name, AUTO);
  scenes.push(at);
  return at;
}

interface NodesSeen {
  readonly items: readonly {
    readonly status: {
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
    };
  }[];
}

const networkOf = ({ items }: NodesSeen): unknown =>
  items[0]?.status.conditions?.find(({ type }) => type === 'NetworkUnavailable');

const docker = (...args: readonly string[]): Promise<unknown> =>
  run('docker', [...args], { env: { ...process.env, DOCKER_HOST: hostOfEnvironment() } });

/** Writes the image of the network container as an archive, whole at once. */
async function saveImage(archive: string): Promise<void> {
  await docker('save', '--output', `${archive}.part`, NETWORK_IMAGE);
  await rename(`${archive}.part`, archive);
}

/** Takes the name away that the image of an archive was given. */
async function forgetImage(archive: string): Promise<void> {
  const hash = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  await docker('rmi', '--force', `holdfast-network:${hash.slice(0, 12)}`);
}

async function inside(at: Scene, command: string, pod = 'deploy/client'): Promise<string> {
  const { stdout, stderr, exitCode } = await at.ask(['exec', pod, '--', 'sh', '-c', command]);
  return exitCode === 0 ? stdout.trim() : `failed: ${stdout}${stderr}`.trim();
}

/** What the kernel, as far as the engine shares it with this machine, has of a cluster. */
async function traces(cluster: string): Promise<readonly string[]> {
  const said = await Promise.all([
    run('nft', ['list', 'tables']),
    // All chains: where Docker makes no rules, there is none of its own, and to ask for that is an error.
    run('iptables', ['-S']),
    run('ip', ['-4', 'addr', 'show', 'dev', 'lo']),
  ]);
  return said.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line.includes(`hf-${cluster}`));
}

test('pods of before go on untouched when the network comes, and when it goes', { timeout: 180_000 }, async () => {
  const at = await open('modes');
  const first = await at.repo.commit({ 'old.yaml': yaml(server('old')) }, 'Without a network');
  const without = at.controller([], NONE);
  const old = await at.untilLive(first);
  await at.stop(without);

  const withIt = at.controller();
  const second = await at.repo.commit(
    { 'web.yaml': web, 'client.yaml': yaml(client), 'old-service.yaml': yaml(service('old')) },
    'With one',
  );
  const all = await at.untilLive(second);
  expect(all).toEqual(expect.arrayContaining([...old]));
  expect(await inside(at, 'timeout 3 wget -qO- http://web/cgi-bin/who')).toMatch(/^web-/);
  await at.stop(withIt);

  const refused = at.controller([], NONE);
  await until(
    'it says so',
    () => at.application(),
    ({ status }) => status.lastGood?.id === second && status.attempt === undefined,
  );
  expect(await runningContainers(at.cluster)).toEqual(expect.arrayContaining([...all]));
  // What was programmed goes on without those who look after it.
  expect(await inside(at, 'timeout 3 wget -qO- http://web/cgi-bin/who')).toMatch(/^web-/);
  await at.stop(refused);
});

test('an engine that cannot have the container runs pods, and a Service is refused with the reason', {
  timeout: 180_000,
}, async () => {
  const at = await open('no-image');
  const env = { HOLDFAST_NETWORK_IMAGE: '127.0.0.1:1/nowhere/network:1' };
  const first = await at.repo.commit({ 'client.yaml': yaml(client) }, 'A pod');
  const controller = at.controller([], { env });
  const before = await at.untilLive(first);
  const bad = await at.repo.commit({ 'web.yaml': web }, 'A Service');
  const { status } = await until(
    'it is held',
    () => at.application(),
    (seen) => seen.status.held?.commit.id === bad,
  );
  expect(status.held?.message).toMatch(/web\.yaml:\d+/);
  expect(status.held?.message).toMatch(/127\.0\.0\.1:1\/nowhere\/network:1/);
  expect(await runningContainers(at.cluster)).toEqual(before);
  expect((await at.ask(['get', 'nodes', '-o', 'json'])).stdout).toContain('NoNetworkContainer');
  await at.stop(controller);
});

test('an image that is away at the start is taken when it comes, by itself', { timeout: 180_000 }, async () => {
  const at = await open('late-image');
  const archive = join(at.dir, 'network.tar');
  const env = { HOLDFAST_NETWORK_IMAGE: archive };
  const all = await at.repo.commit({ 'web.yaml': web, 'client.yaml': yaml(client) }, 'All');
  const controller = at.controller([], { env });
  const { status } = await until(
    'it is held',
    () => at.application(),
    (seen) => seen.status.held?.commit.id === all,
  );
  expect(status.held?.message).toMatch(/network\.tar cannot be read: .*it is tried again by itself/s);
  const pods = await at.repo.commit({ 'web.yaml': null }, 'A pod alone');
  const early = await at.untilLive(pods);
  // The engine resolves: there is nothing else that could.
  expect(await inside(at, 'cat /etc/resolv.conf')).toContain('nameserver 127.0.0.11');
  const second = await at.repo.commit({ 'web.yaml': web }, 'A Service');
  await until(
    'it is held, too',
    () => at.application(),
    (seen) => seen.status.held?.commit.id === second,
  );

  await saveImage(archive);
  const live = await at.untilLive(second, 90_000);
  expect(live).toEqual(expect.arrayContaining([...early]));
  const node = JSON.parse((await at.ask(['get', 'nodes', '-o', 'json'])).stdout) as NodesSeen;
  expect(networkOf(node)).toMatchObject({ status: 'False', reason: 'NetworkReady' });
  const { stdout } = await at.ask(['get', 'service', 'web', '-o', 'json']);
  const { clusterIP } = (JSON.parse(stdout) as { spec: { clusterIP: string } }).spec;
  expect(await inside(at, `timeout 3 wget -qO- http://${clusterIP}/cgi-bin/who`)).toMatch(/^web-/);
  const renamed = deployment('client', { image: NETWORK_IMAGE, container: { env: [{ name: 'WHO', value: 'again' }] } });
  await at.untilLive(await at.repo.commit({ 'client.yaml': yaml(renamed) }, 'A new client'));
  expect(await inside(at, 'timeout 3 wget -qO- http://web/cgi-bin/who')).toMatch(/^web-/);
  await at.stop(controller);
  await forgetImage(archive);
});

test('a container goes on with its image when another one is wanted that is not to be had', { timeout: 180_000 }, async () => {
  const at = await open('other-image');
  const first = await at.repo.commit({ 'web.yaml': web, 'client.yaml': yaml(client) }, 'All');
  const before = at.controller();
  const running = await at.untilLive(first);
  await at.stop(before);
  const env = { HOLDFAST_NETWORK_IMAGE: '127.0.0.1:1/nowhere/network:1' };
  const after = at.controller([], { env });
  const second = await at.repo.commit({ 'more.yaml': yaml(service('more', { selector: { app: 'web' } })) }, 'One more');
  expect(await at.untilLive(second)).toEqual(running);
  // Nothing is rolled out that the commit would wait for, and the way to the container that runs was just found.
  await until(
    'the new Service leads to the pods by its name',
    () => inside(at, 'timeout 3 wget -qO- http://more/cgi-bin/who'),
    (who) => who.startsWith('web-'),
  );
  await at.stop(after);
});

test('two clusters on one engine: each its own addresses and names, and one goes without a trace', {
  timeout: 180_000,
}, async () => {
  const one = await open('one');
  const two = await open('two');
  const both = [one, two];
  const commits = await Promise.all(both.map((at) => at.repo.commit({ 'web.yaml': web, 'client.yaml': yaml(client) }, 'All')));
  for (const at of both) at.controller();
  for (const [index, at] of both.entries()) await at.untilLive(commits[index] ?? '', 60_000);
  const pods = await Promise.all(
    both.map(async (at) => (await runningContainers(at.cluster, 'web-')).map(({ pod }) => pod)[0] ?? 'none'),
  );
  for (const [index, at] of both.entries())
    expect(await inside(at, 'timeout 3 wget -qO- http://web/cgi-bin/who')).toMatch(new RegExp(`^${pods[index]} `));
  expect(await traces(one.cluster)).not.toEqual([]);
  scenes = [two];
  await one.close();
  expect(await traces(one.cluster)).toEqual([]);
  expect(await inside(two, 'timeout 3 wget -qO- http://web/cgi-bin/who')).toMatch(new RegExp(`^${pods[1]} `));
});
