// What the plug does on a real Docker Engine, beside what Docker does: a pod that is plugged in cannot tell the difference.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPlugContainer } from '../../src/docker/network-container.ts';
import type { ContainerEngine, ContainerSpec } from '../../src/kubelet/engine/container-engine.ts';
import type { SandboxImage } from '../../src/kubelet/images/sandbox-image.ts';
import { PLUG_ADDRESS_LABEL } from '../../src/kubelet/labels.ts';
import { gatewayOf } from '../../src/model/cluster-ranges.ts';
import { linkName } from '../../src/network/plug/plug-names.ts';
import { attachScript, type PlugRequest, plugScript, TRY_SCRIPT } from '../../src/network/plug/plug-script.ts';
import { plugContainerSpec } from '../../src/network/plug/plug-spec.ts';
import {
  BUSYBOX,
  cleanUp,
  ensureBusybox,
  ensureNetworkImage,
  testDockerHost,
  testEngine,
  uniqueCluster,
} from '../support/docker.ts';
import { ownRanges } from '../support/own-ranges.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';

const cluster = uniqueCluster('plug');
const container = createPlugContainer({ cluster, host: testDockerHost() });
const signal = new AbortController().signal;
const bridge = `hft${cluster.slice(-6)}`;
const NAME = `hf-${cluster}`;
let engine: ContainerEngine;
let slice = '';
let network: { readonly bridge: string; readonly gateway: string; readonly podRange: string };
let image: SandboxImage;
let made = 0;

const addressAt = (last: number): string => slice.replace(/\.0\/24$/, `.${last}`);
const run = async (script: string): Promise<string> => {
  const { exitCode, output } = await container.run(script, signal);
  return exitCode === 0 ? output : `exit code ${exitCode}: ${output}`;
};

async function start(options: Partial<ContainerSpec>): Promise<string> {
  made += 1;
  const base = { ...plainContainer, name: `${NAME}-${made}`, image: image.reference, labels: {} };
  const id = await engine.create({ ...base, network: { type: 'network', name: NAME }, ...options }, signal);
  await engine.start(id, signal);
  return id;
}
/** A running container without a network, and how it is plugged in. */
async function bare(address: string): Promise<{ readonly id: string; readonly request: PlugRequest }> {
  const id = await start({
    network: { type: 'bare', name: NAME },
    hostname: 'pod-a',
    labels: { [PLUG_ADDRESS_LABEL]: address },
    mounts: [{ type: 'scratch', target: '/termination' }],
  });
  const { pid = 0 } = (await engine.inspect(id, signal)) ?? {};
  return { id, request: { containerId: id, pid, address, directory: '/termination', files: { hosts: "it's\n" } } };
}
const plugIn = (request: PlugRequest): Promise<string> => run(plugScript(network, request));
/** What a program in the network of a container prints. */
async function inside(sandbox: string, command: string): Promise<string> {
  const network = { type: 'sandbox', containerId: sandbox } as const;
  const id = await start({ image: BUSYBOX, network, command: ['sh', '-c', 'sleep 600'] });
  const { output } = await engine.exec(id, ['sh', '-c', command], 100_000, signal);
  await engine.remove(id, signal);
  return output;
}

beforeAll(async () => {
  await ensureBusybox();
  engine = await testEngine(cluster);
  image = await ensureSandboxImage(engine);
  slice = (await ownRanges()).podRange.replace(/\.\d+\.\d+\/\d+$/, '.7.0/24');
  network = { bridge, gateway: gatewayOf(slice), podRange: slice };
  const addresses = { subnet: slice, gateway: network.gateway, dynamic: slice.replace(/\.0\/24$/, '.240/28') };
  await engine.ensureNetwork({ name: NAME, labels: {}, addresses, bridge, isOpen: true }, signal);
  // Docker's own bridge is up as soon as it has one port.
  await start({});
});
beforeEach(async () => {
  await container.ensure(plugContainerSpec(await ensureNetworkImage()), signal);
});
afterAll(async () => {
  await container.remove(signal);
  container.close();
  await cleanUp(cluster);
});

describe('a sandbox that is plugged in', () => {
  test('has what Docker would have given it', async () => {
    const { id, request } = await bare(addressAt(7));
    expect(await plugIn(request)).toBe('');
    const docker = await start({ hostname: 'pod-a', network: { type: 'network', name: NAME, address: addressAt(8) } });
    const look = [
      'ip -4 addr show eth0; cat /sys/class/net/eth0/address; cat /sys/class/net/eth0/mtu /sys/class/net/eth0/flags; ip route; hostname',
      'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range; cat /etc/hostname',
      'cat /proc/net/if_inet6 | grep -v lo; ping -c 1 -W 2 $(ip route | sed -n "s/default via \\([^ ]*\\).*/\\1/p") | grep -c ttl=',
    ].join('; ');
    const [plugged, connected] = [await inside(id, look), await inside(docker, look)];
    const same = (text: string): string =>
      text
        .replaceAll(/^\d+: eth0@if\d+/gm, 'eth0')
        .replaceAll(addressAt(8), addressAt(7))
        .replace(/08$/m, '07');
    expect(same(plugged)).toBe(same(connected));
    expect(plugged).toContain(`inet ${addressAt(7)}/24`);
  });

  test('is reached by others, and reaches them', async () => {
    const one = await bare(addressAt(11));
    const other = await bare(addressAt(12));
    expect(await plugIn(one.request)).toBe('');
    expect(await plugIn(other.request)).toBe('');
    expect(await inside(one.id, `ping -c 1 -W 2 ${addressAt(12)} | grep -c ttl=`)).toBe('1\n');
    expect(await engine.inspect(one.id, signal)).toMatchObject({ ip: addressAt(11), address: addressAt(11), state: 'running' });
  });

  test('stays as it is when that is done again, also by a plug that was made anew', async () => {
    const { id, request } = await bare(addressAt(21));
    expect(await plugIn(request)).toBe('');
    const before = await inside(id, 'ip addr show eth0');
    expect(await plugIn(request)).toBe('');
    await container.remove(signal);
    await container.ensure(plugContainerSpec(await ensureNetworkImage()), signal);
    expect(await plugIn(request)).toBe('');
    expect(await inside(id, 'ip addr show eth0')).toBe(before);
    const file = await engine.readFile(id, '/termination/hosts', 100, signal);
    expect(Buffer.from(file ?? []).toString()).toBe("it's\n");
  });

  test('has its network although a script broke off in the middle', async () => {
    const { id, request } = await bare(addressAt(22));
    const link = linkName(bridge, addressAt(22));
    await run(`ip link add ${link} type veth peer name eth0 netns ${request.pid}`);
    expect(await plugIn(request)).toBe('');
    expect(await inside(id, `ping -c 1 -W 2 ${network.gateway} | grep -c ttl=`)).toBe('1\n');
  });

  test('takes the address from the sandbox before it, whose programs still run', async () => {
    const [before, after] = [await bare(addressAt(23)), await bare(addressAt(23))];
    expect(await plugIn(before.request)).toBe('');
    expect(await plugIn(after.request)).toBe('');
    expect(await inside(before.id, 'ls /sys/class/net')).toBe('lo\n');
    expect(await inside(after.id, `ping -c 1 -W 2 ${network.gateway} | grep -c ttl=`)).toBe('1\n');
  });

  test('is put back on the bridge', async () => {
    const { id, request } = await bare(addressAt(24));
    expect(await plugIn(request)).toBe('');
    await run(`ip link set dev ${linkName(bridge, addressAt(24))} nomaster`);
    expect(await run(attachScript(network))).toBe('');
    expect(await inside(id, `ping -c 1 -W 2 ${network.gateway} | grep -c ttl=`)).toBe('1\n');
  });

  test('leaves nothing on the host when it goes', async () => {
    const { id, request } = await bare(addressAt(25));
    expect(await plugIn(request)).toBe('');
    await engine.remove(id, signal);
    const link = `/sys/class/net/${linkName(bridge, addressAt(25))}`;
    expect(
      await run(
        `tries=0; while [ -e ${link} ] && [ $tries -lt 100 ]; do tries=$((tries + 1)); usleep 20000; done; ls -d ${link} 2>&1 | grep -c 'No such'`,
      ),
    ).toBe('1\n');
  });
});

describe('the plug', () => {
  test('may do what it needs, and not enter the namespaces of what runs on the host', async () => {
    expect(await run(TRY_SCRIPT)).toBe('');
    expect(await run('readlink /proc/1/ns/net || echo denied')).toBe('denied\n');
  });

  test('touches no process but that of the sandbox', async () => {
    const { request } = await bare(addressAt(31));
    const other = await bare(addressAt(32));
    const said = await plugIn({ ...request, pid: other.request.pid });
    expect(said).toBe(`exit code 1: process ${other.request.pid} is not that of the sandbox\n`);
    expect(await inside(other.id, 'ls /sys/class/net')).toBe('lo\n');
    expect(await plugIn({ ...request, pid: 1 })).toMatch(/^exit code \d: /);
  });

  test('plugs nobody in where there is no bridge', async () => {
    const { request } = await bare(addressAt(33));
    const said = await run(plugScript({ ...network, bridge: 'hfnowhere' }, request));
    expect(said).toBe('exit code 1: the bridge hfnowhere of the pods is not there\n');
  });
});

test('a container is not made with an address that Docker gave another', async () => {
  const address = addressAt(41);
  await start({ network: { type: 'network', name: NAME, address } });
  await expect(bare(address)).rejects.toMatchObject({ fault: 'AddressInUse' });
  await expect(
    engine.create(
      { ...plainContainer, name: 'x', image: BUSYBOX, labels: {}, network: { type: 'bare', name: 'nowhere' } },
      signal,
    ),
  ).rejects.toMatchObject({ fault: 'NotFound' });
});
