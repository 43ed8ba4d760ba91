// A node in network namespaces: a host with a bridge, pods on it, and a client outside. Rules are run by the real programs.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeScript, fullSyncScript } from '../../../src/network/change-script.ts';
import type { Fragments, TableBodies } from '../../../src/network/fragment.ts';
import type { NodeNetwork } from '../../../src/network/node-network.ts';
import { planChange } from '../../../src/network/plan-change.ts';
import { serviceFrame } from '../../../src/network/services/service-frame.ts';
import { FRAME_NODE } from './frame-node.ts';

const AGENT = join(import.meta.dirname, 'namespace-agent.mjs');
const BRIDGE_MAC = '02:00:00:00:00:01';

/** A program in a namespace that answers and asks. */
export interface Agent {
  listenTcp(port: number): Promise<string>;
  listenUdp(port: number): Promise<string>;
  /** `NAME CLIENT` of who answered, or the code of the error. */
  tcp(host: string, port: number): Promise<string>;
  /** The same flow each time. */
  udp(flow: string, host: string, port: number): Promise<string>;
  /** Opens a connection to keep. */
  keep(key: string, host: string, port: number): Promise<string>;
  again(key: string): Promise<string>;
}

export interface KernelScene {
  readonly node: NodeNetwork;
  readonly host: Agent;
  readonly outside: Agent;
  /** 10.244.1.11, .12 and .13. */
  readonly pods: readonly Agent[];
  /** Where the state lies. */
  readonly directory: string;
  /** Makes the node hold these, as a change from what it held, or as a whole. */
  apply(fragments: Fragments, how?: 'change' | 'all'): Promise<void>;
  /** Runs a script of busybox sh on the host. */
  run(script: string): Promise<{ readonly code: number; readonly output: string }>;
  close(): Promise<void>;
}

/** Without the flag `hairpin`, a bridge whose frames iptables sees does not send a translated one back to where it came from. */
const SETUP = (ns: (name: string) => string, bridgeCalls: number): string => `
set -e
for each in host outside pod1 pod2 pod3; do ip netns add ${ns('$each')}; ip -n ${ns('$each')} link set lo up; done
h=${ns('host')}
ip -n $h link add br0 address ${BRIDGE_MAC} type bridge
ip -n $h addr add 10.244.1.1/24 dev br0
ip -n $h link set br0 up
for i in 1 2 3; do
  p=${ns('pod$i')}
  ip -n $h link add v$i type veth peer name eth0 netns $p
  ip -n $h link set v$i master br0 up
  ip -n $h link set v$i type bridge_slave hairpin on
  ip -n $p addr add 10.244.1.1$i/24 dev eth0
  ip -n $p link set eth0 up
  ip -n $p route add default via 10.244.1.1
done
ip -n $h link add out type veth peer name eth0 netns ${ns('outside')}
ip -n $h addr add 192.0.2.1/24 dev out
ip -n $h link set out up
ip -n $h route add 10.96.0.0/16 dev br0
ip -n ${ns('outside')} addr add 192.0.2.9/24 dev eth0
ip -n ${ns('outside')} link set eth0 up
ip -n ${ns('outside')} route add default via 192.0.2.1
ip netns exec $h sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.br0.send_redirects=0
f=/proc/sys/net/bridge/bridge-nf-call-iptables
ip netns exec $h sh -c "[ ! -e $f ] || echo ${bridgeCalls} >$f"
`;

/** Pods of one bridge reach each other through the host, so that it can undo translations. */
const ROUTED: TableBodies = {
  ip: [],
  bridge: [
    'chain pre {',
    '  type filter hook prerouting priority -300; policy accept;',
    `  ip daddr 10.244.1.0/24 ip daddr != 10.244.1.1 meta pkttype set host ether daddr set ${BRIDGE_MAC}`,
    '}',
  ],
};

const FRAME = (node: NodeNetwork): readonly TableBodies[] => [serviceFrame(node), ROUTED];

/** Needs root. `bridgeCalls` is the host's bridge-nf-call-iptables. */
export async function kernelScene(bridgeCalls: 0 | 1): Promise<KernelScene> {
  const ns = (name: string): string => `hf-${process.pid}-${name}`;
  const node = FRAME_NODE;
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  execFileSync('bash', ['-c', SETUP(ns, bridgeCalls)]);
  const children: ChildProcess[] = [];
  const start = async (name: string): Promise<Agent> => {
    const { agent, child } = await startAgent(ns(name), name);
    children.push(child);
    return agent;
  };
  const names = ['host', 'outside', 'pod1', 'pod2', 'pod3'];
  const [host, outside, ...pods] = await Promise.all(names.map(start));
  if (host === undefined || outside === undefined) throw new Error('no agents');
  const run: KernelScene['run'] = async (script) =>
    await new Promise((resolve) => {
      const child = execFile('ip', ['netns', 'exec', ns('host'), 'busybox', 'sh'], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
      child.stdin?.end(script);
    });
  let held: Fragments | undefined;
  return {
    node,
    host,
    outside,
    pods,
    directory,
    run,
    async apply(fragments, how = 'change') {
      const frame = FRAME(node);
      const isWhole = how === 'all' || held === undefined;
      const script = isWhole
        ? fullSyncScript(fragments, frame, node, { directory })
        : changeScript(planChange(held ?? new Map(), fragments, node), node, { directory });
      const { code, output } = await run(script);
      if (code !== 0) throw new Error(`exit code ${code}: ${output}`);
      held = fragments;
    },
    async close() {
      await Promise.all(children.map((child) => ended(child)));
      for (const name of names) execFileSync('ip', ['netns', 'del', ns(name)]);
      rmSync(directory, { recursive: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.disconnect();
  await exit;
}

async function startAgent(namespace: string, name: string): Promise<{ agent: Agent; child: ChildProcess }> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, AGENT, name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: string) => void>();
  let last = 0;
  const ready = new Promise<string>((resolve) => {
    waiting.set(0, resolve);
  });
  child.on('message', ({ id, answer }: { id: number; answer: string }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const call = async (command: string, ...args: readonly (string | number)[]): Promise<string> => {
    last += 1;
    const id = last;
    const answer = new Promise<string>((resolve) => {
      waiting.set(id, resolve);
    });
    child.send({ id, command, args });
    return await answer;
  };
  await ready;
  const agent: Agent = {
    listenTcp: async (port) => await call('listenTcp', port),
    listenUdp: async (port) => await call('listenUdp', port),
    tcp: async (host, port) => await call('tcp', host, port),
    udp: async (flow, host, port) => await call('udp', flow, host, port),
    keep: async (key, host, port) => await call('keep', key, host, port),
    again: async (key) => await call('again', key),
  };
  return { agent, child };
}
