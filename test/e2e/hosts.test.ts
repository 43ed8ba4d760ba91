// The hosts that tests of several hosts run on: that they are hosts, that a reboot leaves nothing behind, and that they go away.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerRequest } from '../../scripts/engine-api.mjs';
import { BUSYBOX } from '../../scripts/images.mjs';
import { type HostLayout, type Station, startHosts, type TestHost, type TestHosts } from '../support/hosts.ts';
import { runCommand } from '../support/hosts-command.ts';

const root = join(fileURLToPath(import.meta.url), '../../..');

async function runContainer({ dockerHost }: TestHost, body: object): Promise<string> {
  const { Id } = (await dockerRequest(dockerHost, 'POST', '/containers/create', { Image: BUSYBOX, StopTimeout: 1, ...body })) as {
    Id: string;
  };
  await dockerRequest(dockerHost, 'POST', `/containers/${Id}/start`);
  return Id;
}

/** Pings from inside a container, and tells the container's exit code. */
async function pingsFromContainer(host: TestHost, address: string): Promise<number> {
  const id = await runContainer(host, { Cmd: ['ping', '-c', '1', '-W', '2', address] });
  const { StatusCode } = (await dockerRequest(host.dockerHost, 'POST', `/containers/${id}/wait`)) as { StatusCode: number };
  return StatusCode;
}

async function pings(from: Station, address: string): Promise<boolean> {
  return (await from.exec(['busybox', 'ping', '-c', '1', '-W', '1', address], { mayFail: true })).exitCode === 0;
}

describe.each<HostLayout>(['subnet', 'routed'])('hosts, layout %s', (layout) => {
  let world: TestHosts;
  let one: TestHost;
  let two: TestHost;

  beforeAll(async () => {
    world = await startHosts({ count: 2, layout });
    [one, two] = world.hosts as [TestHost, TestHost];
  });
  afterAll(() => world.close());

  test('are apart, and have names of their own', async () => {
    const names = world.hosts.map(
      async ({ dockerHost }) => ((await dockerRequest(dockerHost, 'GET', '/info')) as { Name: string }).Name,
    );
    expect(await Promise.all(names)).toEqual(['one', 'two']);
    const links = async (host: TestHost): Promise<string> => (await host.exec(['ip', '-o', 'link'])).output;
    expect(await links(one)).toMatch(/docker0.*/);
    expect((await one.exec(['iptables', '-S', 'FORWARD'])).output).toContain('-j DOCKER-USER');
    expect(one.address.replace(/\d+$/, '') === two.address.replace(/\d+$/, '')).toBe(layout === 'subnet');
  });

  test('containers reach the other host, the client and hosts reach each other', async () => {
    expect(await Promise.all([pingsFromContainer(one, two.address), pingsFromContainer(two, one.address)])).toEqual([0, 0]);
    expect(
      await Promise.all([pings(world.client, one.address), pings(two, world.client.address), pings(one, two.address)]),
    ).toEqual([true, true, true]);
  });

  test('the client reaches a published port', async () => {
    const id = await runContainer(one, {
      Cmd: ['nc', '-ll', '-p', '8080', '-e', 'echo', 'hello'],
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: { PortBindings: { '8080/tcp': [{ HostPort: '18080' }] } },
    });
    const read = ['busybox', 'nc', '-w', '2', one.address, '18080'];
    await expect.poll(async () => (await world.client.exec(read, { mayFail: true })).output, { timeout: 10_000 }).toBe('hello\n');
    await dockerRequest(one.dockerHost, 'DELETE', `/containers/${id}?force=1`);
  });

  test('one that is cut off reaches nobody, until it is joined again', async () => {
    await two.cutOff();
    expect(await pings(one, two.address)).toBe(false);
    await two.reconnect();
    await expect.poll(() => pings(one, two.address), { timeout: 10_000 }).toBe(true);
  });

  test('an engine that is stopped ends its containers and comes back', async () => {
    const id = await runContainer(one, { Cmd: ['sleep', '1000'] });
    await one.stopEngine();
    await expect(dockerRequest(one.dockerHost, 'GET', '/_ping')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
    await one.startEngine();
    const { State } = (await dockerRequest(one.dockerHost, 'GET', `/containers/${id}/json`)) as { State: { Running: boolean } };
    expect(State.Running).toBe(false);
  });

  test('a reboot flushes the network, ends containers, and keeps the disk', async () => {
    const lasting = await runContainer(one, { Cmd: ['sleep', '1000'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    const plain = await runContainer(one, { Cmd: ['sleep', '1000'] });
    const pidOf = async (id: string): Promise<number> =>
      ((await dockerRequest(one.dockerHost, 'GET', `/containers/${id}/json`)) as { State: { Pid: number } }).State.Pid;
    await one.exec(['nft', 'add table ip ours']);
    await one.exec(['ip', 'link', 'add', 'extra', 'type', 'bridge']);
    await one.exec(['ip', 'route', 'add', 'blackhole', '10.1.0.0/16']);
    await one.exec(['iptables', '-I', 'DOCKER-USER', '-s', '192.0.2.1', '-j', 'DROP']);
    const traces = async (): Promise<string> => {
      const look = 'nft list tables; ip link; ip route; iptables -S; conntrack -L';
      return (await one.exec(['sh', '-c', look])).output;
    };
    for (const trace of ['table ip ours', 'extra', 'blackhole', '192.0.2.1']) expect(await traces()).toContain(trace);
    expect(await pings(one, two.address)).toBe(true);

    await one.reboot();

    const after = await traces();
    for (const trace of ['table ip ours', 'extra', 'blackhole', '192.0.2.1', `dst=${two.address}`])
      expect(after).not.toContain(trace);
    await expect.poll(() => pidOf(lasting), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await pidOf(plain)).toBe(0);
    expect(await pingsFromContainer(one, two.address)).toBe(0);
    expect(await pings(two, one.address)).toBe(true);
  });
});

test('hosts go away with a process that is killed', async () => {
  const script = `
    const { startHosts } = await import(${JSON.stringify(join(root, 'test/support/hosts.ts'))});
    const { hosts } = await startHosts({ count: 1 });
    console.log(JSON.stringify([hosts[0].dockerHost, hosts[0].inside([])[1]]));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [dockerHost, option] = JSON.parse(line.toString()) as [string, string];
  const socket = dockerHost.replace('unix://', '');
  const namespace = option.replace('--net=/run/netns/', '');
  expect(existsSync(socket)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => existsSync(socket), { timeout: 20_000 }).toBe(false);
  await expect.poll(async () => (await runCommand(['ip', 'netns', 'list'])).output, { timeout: 20_000 }).not.toContain(namespace);
}, 60_000);
