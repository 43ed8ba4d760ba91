// The rules of policies in a real kernel: a node and pods in network namespaces, and who reaches whom. Needs root, nft and ip.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fragments } from '../../src/network/fragment.ts';
import { replacingText } from '../../src/network/frame.ts';
import { planChange } from '../../src/network/plan-change.ts';
import { policyFrame } from '../../src/network/policies/policies.ts';
import type { PolicyPod } from '../../src/network/policies/policy-pod.ts';
import { runCommand } from '../support/hosts-command.ts';
import { allFragments, aPolicy, aPolicyPod, NODE as POLICY_NODE } from './policies-scene.ts';

const PREFIX = `hf-pol-${process.pid}`;
const NODE = `${PREFIX}-node`;
const CLIENT = '203.0.113.1';
const SERVICE = '10.96.0.7';
const GATEWAY = '10.244.1.1';

const web = aPolicyPod('shop/web', '10.244.1.5', { app: 'web' }, [{ name: 'http', protocol: 'TCP', port: 8080 }]);
const db = aPolicyPod('shop/db', '10.244.1.6', { app: 'db' });
const far = aPolicyPod('metrics/far', '10.244.2.7', { app: 'probe' });
const pods = [web, db, far];
/** Namespaces by the address that each has. The last one's is told to nobody. */
const UNKNOWN = '10.244.1.99';
const addresses = [web.address, db.address, far.address, CLIENT, UNKNOWN];
const spaceOf = (address: string): string => `${PREFIX}-${address.replaceAll('.', '-')}`;

const servers: (() => void)[] = [];

beforeAll(async () => {
  const links = addresses.map((address, index) => {
    const space = spaceOf(address);
    return `
      ip netns add ${space}
      ip link add v${index} netns ${NODE} type veth peer name eth0 netns ${space}
      ip -n ${space} link set lo up
      ip -n ${space} address add ${address}/32 dev eth0
      ip -n ${space} link set eth0 up
      ip -n ${space} route add ${GATEWAY} dev eth0
      ip -n ${space} route add default via ${GATEWAY}
      ip -n ${NODE} link set v${index} up
      ip -n ${NODE} route add ${address} dev v${index}`;
  });
  const script = `set -e
    ip netns add ${NODE}
    ip -n ${NODE} link set lo up
    ip -n ${NODE} address add ${GATEWAY}/32 dev lo
    ${links.join('\n')}
    ip netns exec ${NODE} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`;
  await runCommand(['sh', '-c', script]);
  await nft(replacingText(POLICY_NODE, [policyFrame(), services], []));
  for (const address of addresses) for (const port of [8080, 9090]) servers.push(await serve(address, port));
});

afterAll(async () => {
  for (const stop of servers) stop();
  await runCommand(['sh', '-c', [NODE, ...addresses.map(spaceOf)].map((space) => `ip netns delete ${space}`).join('\n')]);
});

beforeEach(() => load([]));

describe('who reaches whom', () => {
  test('everybody without policies', async () => {
    expect(await reached([web, db, far, CLIENT], 8080)).toEqual(everybody([web, db, far, CLIENT]));
    expect(await isReached(UNKNOWN, db)).toBe(true);
  });

  test('default deny of both directions leaves a pod its node and itself', async () => {
    await load([aPolicy('deny', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] })]);
    const others = everybody([db, far, CLIENT]);
    expect(await reached([web, db, far, CLIENT], 8080)).toEqual(others);
    // The node to its pod, the pod to its node, and the pod to itself through a Service.
    expect(await answers(NODE, web.address, 8080)).toBe(true);
    expect(await answers(spaceOf(web.address), SERVICE, 80)).toBe(true);
    expect(await answers(spaceOf(db.address), SERVICE, 80)).toBe(false);
    expect(await pings(spaceOf(web.address), GATEWAY)).toBe(true);
    expect(await pings(spaceOf(web.address), db.address)).toBe(false);
  });

  test('peers, ports and names, behind a Service too', async () => {
    await load([
      aPolicy('web', {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ port: 'http' }] },
          { from: [{ ipBlock: { cidr: '203.0.0.0/8', except: ['203.0.113.128/25'] } }], ports: [{ port: 9000, endPort: 9100 }] },
        ],
      }),
    ]);
    const seen = await Promise.all([
      isReached(db, web, 8080),
      isReached(db, web, 9090),
      isReached(CLIENT, web, 8080),
      isReached(CLIENT, web, 9090),
      isReached(far, web, 8080),
      answers(spaceOf(db.address), SERVICE, 80),
      answers(spaceOf(CLIENT), SERVICE, 80),
    ]);
    expect(seen).toEqual([true, false, false, true, false, true, false]);
  });

  test('rules for what goes out see the pod behind a Service', async () => {
    const egress = [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 'http' }] }];
    await load([aPolicy('db', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Egress'], egress })]);
    const seen = await Promise.all([
      isReached(db, web, 8080),
      isReached(db, web, 9090),
      isReached(db, far, 8080),
      isReached(far, db, 8080),
      answers(spaceOf(db.address), SERVICE, 80),
    ]);
    expect(seen).toEqual([true, false, false, true, true]);
  });

  test('an address of the node that nobody told of is closed while there is any policy', async () => {
    await load([aPolicy('other/any', { podSelector: {} })]);
    expect(await Promise.all([isReached(UNKNOWN, db), isReached(db, UNKNOWN), isReached(CLIENT, db)])).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('a pod that comes and one that goes are followed by elements', async () => {
    const policies = [
      aPolicy('db', { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: [{ podSelector: {} }] }] }),
      aPolicy('web', { podSelector: { matchLabels: { app: 'web' } }, ingress: [] }),
    ];
    await load(policies);
    expect(await Promise.all([isReached(web, db), isReached(UNKNOWN, db), isReached(UNKNOWN, web)])).toEqual([
      true,
      false,
      false,
    ]);
    const newcomer = aPolicyPod('shop/new', UNKNOWN, { app: 'db' });
    await load(policies, [...pods, newcomer]);
    expect(await Promise.all([isReached(UNKNOWN, db), isReached(db, UNKNOWN), isReached(far, UNKNOWN)])).toEqual([
      true,
      true,
      false,
    ]);
    // Another pod has the address now, with another policy.
    await load(policies, [...pods, { ...newcomer, labels: { app: 'web' } }]);
    expect(await Promise.all([isReached(UNKNOWN, db), isReached(db, UNKNOWN)])).toEqual([true, false]);
    await load(policies);
    expect(await isReached(UNKNOWN, db)).toBe(false);
  });

  test('connections that were there stay', async () => {
    const line = talk(spaceOf(CLIENT), web.address, 8080);
    try {
      expect(await line.say('before')).toBe('before\n');
      await load([aPolicy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })]);
      expect(await isReached(CLIENT, web)).toBe(false);
      expect(await line.say('after')).toBe('after\n');
    } finally {
      line.end();
    }
  });
});

const services = {
  ip: [
    'chain services {',
    `  type nat hook prerouting priority -105; ip daddr ${SERVICE} tcp dport 80 dnat to ${web.address}:8080;`,
    '}',
    'chain hairpin {',
    `  type nat hook postrouting priority 95; ip saddr ${web.address} ip daddr ${web.address} masquerade;`,
    '}',
  ],
};

let held: Fragments = new Map();

/** Changes what the kernel holds to what these policies ask for, in one transaction. */
async function load(policies: Parameters<typeof allFragments>[0], known: readonly PolicyPod[] = pods): Promise<void> {
  const wanted = allFragments(policies, known);
  const { rules } = planChange(held, wanted, POLICY_NODE);
  if (rules !== '') await nft(rules);
  held = wanted;
}

async function nft(text: string): Promise<void> {
  await runCommand(['ip', 'netns', 'exec', NODE, 'nft', '-f', '-'], text);
}

type End = PolicyPod | string;
const addressOf = (end: End): string => (typeof end === 'string' ? end : end.address);

const everybody = (ends: readonly End[]): string[] => pairs(ends).map(([from, to]) => `${addressOf(from)} → ${addressOf(to)}`);
const pairs = (ends: readonly End[]): [End, End][] =>
  ends.flatMap((from) => ends.filter((to) => to !== from).map((to): [End, End] => [from, to]));

async function reached(ends: readonly End[], port: number): Promise<string[]> {
  const seen = await Promise.all(pairs(ends).map(async ([from, to]) => ({ from, to, ok: await isReached(from, to, port) })));
  return seen.filter(({ ok }) => ok).map(({ from, to }) => `${addressOf(from)} → ${addressOf(to)}`);
}

const isReached = (from: End, to: End, port = 8080): Promise<boolean> => answers(spaceOf(addressOf(from)), addressOf(to), port);

/** Whether the server there echoes a line within a second. */
async function answers(space: string, address: string, port: number): Promise<boolean> {
  const nc = ['busybox', 'timeout', '1', 'sh', '-c', `echo hello | busybox nc -w 1 ${address} ${port}`];
  const { output } = await runCommand(['ip', 'netns', 'exec', space, ...nc], '', { mayFail: true });
  return output.includes('hello');
}

async function pings(space: string, address: string): Promise<boolean> {
  const ping = ['busybox', 'ping', '-c', '1', '-W', '1', address];
  return (await runCommand(['ip', 'netns', 'exec', space, ...ping], '', { mayFail: true })).exitCode === 0;
}

/** An echo server. Resolves when it listens. */
async function serve(address: string, port: number): Promise<() => void> {
  const space = spaceOf(address);
  const server = spawn('ip', ['netns', 'exec', space, 'busybox', 'nc', '-ll', '-p', String(port), '-e', 'cat'], {
    stdio: 'ignore',
  });
  for (;;) if (await answers(space, address, port)) return () => server.kill('SIGKILL');
}

/** A connection that is kept open. */
function talk(space: string, address: string, port: number): { say: (text: string) => Promise<string>; end: () => void } {
  const child = spawn('ip', ['netns', 'exec', space, 'busybox', 'nc', address, String(port)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return {
    say: async (text) => {
      child.stdin.write(`${text}\n`);
      const [data] = (await once(child.stdout, 'data')) as [Buffer];
      return data.toString();
    },
    end: () => child.kill('SIGKILL'),
  };
}
