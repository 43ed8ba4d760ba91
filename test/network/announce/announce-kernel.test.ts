// Addresses of pools on hosts in network namespaces: who answers for them, what neighbours remember, and what is left alone.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  announceCheck,
  announceRemoval,
  announceScript,
  readSubnets,
  subnetsScript,
} from '../../../src/network/announce/announce-script.ts';
import { Hosts } from '../fabric/hosts.ts';

type Name = 'one' | 'two' | 'three';

const hosts = new Hosts();
const names: readonly Name[] = ['one', 'two', 'three'];
const A = '192.168.171.240';
const B = '192.168.171.241';

/** The script ends a shell of its own. */
const announce = (name: Name, addresses: readonly string[], again = ''): Promise<string> =>
  hosts.script(name, `(again='${again}'\n${announceScript(hosts.node(name), addresses)})`);
const check = (name: Name, addresses: readonly string[]): Promise<string> =>
  hosts.script(name, announceCheck(hosts.node(name), addresses));
/** Its addresses beside the one that it was made with, with their devices. */
const addresses = async (name: Name): Promise<string> =>
  (await hosts.script(name, "ip -4 -o addr show | sed -n 's/^[0-9]*: *\\([^ ]*\\) *inet \\([0-9.]*.32\\) .*/\\2 \\1/p'")).trim();
const macOf = async (name: Name): Promise<string> => (await hosts.script(name, 'cat /sys/class/net/eth0/address')).trim();
/** Which hardware address a neighbour has for an address, without asking anybody. */
const known = async (address: string): Promise<string> =>
  (await hosts.script('router', `ip neigh show ${address} | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p'`)).trim();
const reaches = async (address: string): Promise<boolean> => {
  const said = await hosts.script('router', `busybox ping -c 1 -W 1 ${address} >/dev/null && echo yes || echo no`);
  return said.trim() === 'yes';
};

beforeAll(() => hosts.up(), 60_000);
afterEach(async () => {
  for (const name of names) await hosts.script(name, announceRemoval(hosts.node(name)));
  await hosts.script('router', 'ip neigh flush all');
});
afterAll(() => hosts.down());

test('subnets are what is reached without a router, and not our own pods', async () => {
  const seen = async (name: Name): Promise<readonly string[]> =>
    readSubnets(await hosts.script(name, subnetsScript(hosts.node(name))));
  expect(await seen('one')).toEqual(['172.30.0.0/24', '192.168.171.0/24']);
  expect(await seen('three')).toEqual(['192.168.172.0/24']);
});

test('a host answers for an address in its subnet, and neighbours follow it to another host without asking', async () => {
  expect(await reaches(A)).toBe(false);
  expect(await announce('one', [A])).toBe('');
  expect(await addresses('one')).toBe(`${A}/32 eth0`);
  expect(await reaches(A)).toBe(true);
  expect(await known(A)).toBe(await macOf('one'));
  // The other host takes it over while the first still has it, as one that is cut off.
  expect(await announce('two', [A])).toBe('');
  const two = await macOf('two');
  await expect.poll(() => known(A), { timeout: 10_000 }).toBe(two);
  expect(await announce('one', [])).toBe('');
  expect(await addresses('one')).toBe('');
  expect(await reaches(A)).toBe(true);
  expect(await known(A)).toBe(two);
});

test('neighbours are told once, and again of what may have been taken over meanwhile', async () => {
  await announce('one', [A]);
  expect(await reaches(A)).toBe(true);
  await announce('two', [A]);
  const [one, two] = await Promise.all([macOf('one'), macOf('two')]);
  await expect.poll(() => known(A), { timeout: 10_000 }).toBe(two);
  await hosts.script('two', announceRemoval(hosts.node('two')));
  // Nothing has come, so that nothing is told.
  await announce('one', [A]);
  expect(await known(A)).toBe(two);
  await announce('one', [A], A);
  await expect.poll(() => known(A), { timeout: 10_000 }).toBe(one);
});

test('where a router leads the address nothing is added, and it is told', async () => {
  const missing = `announce: ${A} is in no subnet of this host`;
  await expect(announce('three', [A])).rejects.toThrow(missing);
  expect(await addresses('three')).toBe('');
  await hosts.script('one', 'ip route add 192.168.171.128/25 via 192.168.171.1');
  try {
    await expect(announce('one', [A])).rejects.toThrow(missing);
    expect(await addresses('one')).toBe('');
    expect(await check('one', [A])).toBe('');
  } finally {
    await hosts.script('one', 'ip route del 192.168.171.128/25');
  }
});

test('what somebody else has added is left alone, and so are addresses of other clusters', async () => {
  const other = { ...hosts.node('one'), cluster: 'other' };
  await hosts.script('one', `ip addr add ${B}/32 dev eth0`);
  await hosts.script('one', `(${announceScript(other, ['192.168.171.242'])})`);
  try {
    expect(await announce('one', [A, B])).toBe('');
    expect(await check('one', [A, B])).toBe('');
    expect(await announce('one', [])).toBe('');
    await hosts.script('one', announceRemoval(hosts.node('one')));
    expect(await addresses('one')).toBe(`${B}/32 eth0\n192.168.171.242/32 eth0`);
  } finally {
    await hosts.script('one', announceRemoval(other));
    expect(await addresses('one')).toBe(`${B}/32 eth0`);
    await hosts.script('one', `ip addr del ${B}/32 dev eth0`);
  }
});

test('the check finds what is missing and what is too much, and the script puts it right', async () => {
  await announce('one', [A, B]);
  expect(await check('one', [A, B])).toBe('');
  expect(await check('one', [A])).toBe(`the address ${B} is one too many\n`);
  await hosts.script('one', `ip addr del ${A}/32 dev eth0`);
  await expect(check('one', [A, B])).rejects.toThrow(`the address ${A} is gone`);
  await announce('one', [A]);
  expect(await addresses('one')).toBe(`${A}/32 eth0`);
  expect(await check('one', [A])).toBe('');
});

test('an address follows its subnet to another device', async () => {
  await announce('one', [A]);
  await hosts.script('one', 'ip link add near type bridge; ip link set near up; ip route add 192.168.171.240/28 dev near');
  try {
    await announce('one', [A]);
    expect(await addresses('one')).toBe(`${A}/32 near`);
  } finally {
    await hosts.script('one', 'ip link del near');
  }
});
