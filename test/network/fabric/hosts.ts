// Hosts as network namespaces: each with a bridge, pods on it and the rules that Docker makes, on two subnets with a router between. One has a network
// of somebody else, too, with a container whose port is published.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { NodeNetwork } from '../../../src/network/node-network.ts';
import { DOCKER_20, type DockerNetwork, type DockerRules } from './docker-rules.ts';

const run = promisify(execFile);
const RANGE = '10.199.0.0/16';
const SERVICES = '10.198.0.0/16';
/** Answers each connection with the address that it sees, then with as much as was asked for, or resets it; each datagram with its sender. */
const SERVER = `
const net = require('node:net');
net.createServer((socket) => socket.on('error', () => {}).once('data', (data) => {
  if (data.toString() === 'reset') return socket.resetAndDestroy();
  socket.write(socket.remoteAddress.replace('::ffff:', '') + '\\n');
  socket.end(Buffer.alloc(Number(data.toString())));
})).listen(80, () => console.log('listening'));
const udp = require('node:dgram').createSocket('udp4');
udp.on('message', (data, from) => udp.send(data, from.port, from.address)).bind(53);
`;
const CLIENT = `
const [address, bytes, localPort] = process.argv.slice(1);
let seen = Buffer.alloc(0);
const from = localPort === undefined ? {} : { localPort: Number(localPort) };
const socket = require('node:net').connect({ host: address, port: 80, ...from }, () => socket.write(bytes));
const fail = (why) => { console.log(why); process.exit(); };
setTimeout(() => fail("no answer"), 8000);
socket.on('error', (error) => fail(error.code)).on('data', (data) => { seen = Buffer.concat([seen, data]); }).on('end', () => {
  const line = seen.indexOf(10);
  fail(seen.subarray(0, line) + ' ' + (seen.length - line - 1));
});
`;
const HELD_CLIENT = `
const [host, localPort] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: 80, localPort: Number(localPort) }, () => console.log('connected'));
const end = (why) => { console.log(why); process.exit(); };
socket.on('error', (error) => end(error.code)).on('end', () => end('ended'));
process.stdin.once('data', () => socket.write('reset'));
`;
const UDP_CLIENT = `
const [address, bytes] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
const fail = (why) => { console.log(why); process.exit(); };
setTimeout(() => fail("no answer"), 8000);
const ask = () => socket.send(Buffer.alloc(Number(bytes)), 53, address, (error) => error && setTimeout(ask, 100));
setInterval(ask, 500);
socket.on('error', () => {}).on('message', (data) => fail(String(data.length)));
ask();
`;

/** A container of somebody else on host `one`, and the port of the host that leads to it. */
export const OTHER = { address: '172.30.0.2', published: 8080 };

/** Three hosts: `one` and `two` on a subnet, `three` behind a router. */
export class Hosts {
  readonly #docker: DockerRules;
  readonly #tag = randomBytes(3).toString('hex');
  readonly #namespaces: string[] = [];
  readonly #servers: ChildProcess[] = [];
  readonly #addresses = { one: '192.168.171.11', two: '192.168.171.12', three: '192.168.172.13' };

  constructor(docker: DockerRules = DOCKER_20) {
    this.#docker = docker;
  }

  /** The namespace of a host, of a pod (`one-a`), or of the router. */
  namespace(name: string): string {
    return `hf${this.#tag}-${name}`;
  }

  /** A node as it sees itself and the others. */
  node(name: 'one' | 'two' | 'three', peers: readonly ('one' | 'two' | 'three')[] = ['one', 'two', 'three']): NodeNetwork {
    const order = ['one', 'two', 'three'] as const;
    const route = (each: 'one' | 'two' | 'three'): { name: string; podRange: string; address: string } => ({
      name: each,
      podRange: `10.199.${order.indexOf(each)}.0/24`,
      address: this.#addresses[each],
    });
    return {
      ...route(name),
      cluster: `t${this.#tag}`,
      bridge: 'hfpods',
      gateway: `10.199.${order.indexOf(name)}.1`,
      clusterRange: RANGE,
      serviceRange: SERVICES,
      dnsAddress: '10.198.0.10',
      nodePorts: { first: 30_000, last: 32_767 },
      peers: peers.filter((each) => each !== name).map(route),
    };
  }

  /** Runs a script of busybox sh in a namespace; throws with what it printed when it fails. */
  async script(name: string, text: string): Promise<string> {
    const child = spawn('ip', ['netns', 'exec', this.namespace(name), 'busybox', 'sh', '-s'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => output.push(data));
    // busybox would take its own one.
    child.stdin.end(`ip() { /usr/sbin/ip "$@"; }\n${text}`);
    const [code] = await once(child, 'close');
    const said = Buffer.concat(output).toString();
    if (code !== 0) throw new Error(`exit code ${code}: ${said}`);
    return said;
  }

  async #node(name: string, program: string, args: readonly string[]): Promise<string> {
    const { stdout } = await run('ip', ['netns', 'exec', this.namespace(name), process.execPath, '-e', program, ...args]);
    return stdout.trim();
  }

  /** Asks a server over TCP for so many bytes, at port 80 unless the address says another: what it sees as the client's address, and how many came. */
  ask(from: string, address: string, bytes = 0): Promise<string> {
    return bytes === 0 ? this.#askForNothing(from, address, 8) : this.#node(from, CLIENT, [address, String(bytes)]);
  }

  /** The same for a server that may be closed to whoever asks: what came of it within a second. */
  askBriefly(from: string, address: string): Promise<string> {
    return this.#askForNothing(from, address, 1);
  }

  /** By a program that starts quickly. */
  async #askForNothing(from: string, target: string, seconds: number): Promise<string> {
    const [host = '', port = '80'] = target.split(':');
    const command = `printf 0 | busybox nc -w ${seconds} ${host} ${port}`;
    const args = ['netns', 'exec', this.namespace(from), 'busybox', 'timeout', String(seconds), 'busybox', 'sh', '-c', command];
    const { stdout } = await run('ip', args).catch(() => ({ stdout: '' }));
    return stdout === '' ? 'no answer' : `${stdout.trim()} 0`;
  }

  /** What Docker has made on a host, as text. */
  docker(name: 'one' | 'two' | 'three'): Promise<string> {
    return this.script(name, this.#docker.print);
  }

  /** Docker makes its rules anew, as when it starts again. */
  async remakeDocker(name: 'one' | 'two' | 'three'): Promise<void> {
    await this.script(name, this.#docker.remake(this.networks(name)));
  }

  /** Opens a connection from a port of one's own choice. It stays until `reset` has the server reset it, which tells what the client saw. */
  async hold(from: string, address: string, port: number): Promise<{ reset(): Promise<string> }> {
    const args = ['netns', 'exec', this.namespace(from), process.execPath, '-e', HELD_CLIENT, address, String(port)];
    const child = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const said = child.stdout.setEncoding('utf8');
    await once(said, 'data');
    return {
      async reset() {
        child.stdin.end('now');
        const [what] = (await once(said, 'data')) as [string];
        return what.trim();
      },
    };
  }

  /** Asks from a port of one's own choice. */
  askFrom(from: string, address: string, port: number): Promise<string> {
    return this.#node(from, CLIENT, [address, '0', String(port)]);
  }

  /** Sends a datagram of so many bytes to a pod: how many came back. */
  askUdp(from: string, address: string, bytes: number): Promise<string> {
    return this.#node(from, UDP_CLIENT, [address, String(bytes)]);
  }

  async up(): Promise<void> {
    await this.#add('switch', 'ip link add lan type bridge; ip link set lan up');
    await this.#add('router', 'ip addr add 203.0.113.1/32 dev lo; echo 1 >/proc/sys/net/ipv4/ip_forward');
    await this.#wire('switch', 'router', 'ip link set OUT master lan', 'ip addr add 192.168.171.1/24 dev IN');
    for (const name of ['one', 'two'] as const) {
      await this.#host(name);
      const inside = `ip addr add ${this.#addresses[name]}/24 dev IN; ip route add default via 192.168.171.1`;
      await this.#wire('switch', name, 'ip link set OUT master lan', inside);
    }
    await this.#host('three');
    const behind = 'ip addr add 192.168.172.13/24 dev IN; ip route add default via 192.168.172.1';
    await this.#wire('router', 'three', 'ip addr add 192.168.172.1/24 dev OUT', behind);
    for (const [host, pod, address] of [
      ['one', 'one-a', '10.199.0.2'],
      ['one', 'one-b', '10.199.0.3'],
      ['two', 'two-a', '10.199.1.2'],
      ['three', 'three-a', '10.199.2.2'],
    ] as const)
      await this.#pod(host, 'hfpods', pod, address);
    await this.#pod('one', 'others', 'one-other', OTHER.address);
    for (const name of ['router', 'two', 'three']) await this.#serve(name);
  }

  async #add(name: string, commands: string): Promise<void> {
    await run('ip', ['netns', 'add', this.namespace(name)]);
    this.#namespaces.push(this.namespace(name));
    await this.script(name, `set -e\nip link set lo up\n${commands}\n`);
  }

  /** A cable between two namespaces. */
  async #wire(outer: string, inner: string, outside: string, inside: string): Promise<void> {
    const port = `p-${inner}`;
    await run('ip', [
      'link',
      'add',
      port,
      'netns',
      this.namespace(outer),
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      this.namespace(inner),
    ]);
    await this.script(outer, `set -e\nip link set ${port} up\n${outside.replaceAll('OUT', port)}\n`);
    await this.script(inner, `set -e\nip link set eth0 up\n${inside.replaceAll('IN', 'eth0')}\n`);
  }

  /** Docker's networks on a host. */
  networks(name: 'one' | 'two' | 'three'): readonly DockerNetwork[] {
    const pods = { bridge: 'hfpods', range: this.node(name).podRange, isOpen: true };
    const published = new Map([[OTHER.address, OTHER.published]]);
    return name === 'one' ? [pods, { bridge: 'others', range: '172.30.0.0/24', isOpen: false, published }] : [pods];
  }

  /** A host with what Docker makes for its networks. */
  async #host(name: 'one' | 'two' | 'three'): Promise<void> {
    const bridges = this.networks(name).map(
      ({ bridge, range }) => `ip link add ${bridge} type bridge
ip addr add ${range.replace('0/24', '1/24')} dev ${bridge}
ip link set ${bridge} up`,
    );
    await this.#add(name, `echo 1 >/proc/sys/net/ipv4/ip_forward\n${bridges.join('\n')}`);
    await this.script(name, this.#docker.make(this.networks(name)));
  }

  async #pod(host: 'one' | 'two' | 'three', bridge: string, name: string, address: string): Promise<void> {
    const gateway = address.replace(/\d+$/, '1');
    await this.#add(name, 'true');
    const inside = `ip addr add ${address}/24 dev IN; ip route add default via ${gateway}`;
    await this.#wire(host, name, `ip link set OUT master ${bridge}`, inside);
    await this.#serve(name);
  }

  async #serve(name: string): Promise<void> {
    const child = spawn('ip', ['netns', 'exec', this.namespace(name), process.execPath, '-e', SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#servers.push(child);
    await once(child.stdout, 'data');
  }

  async down(): Promise<void> {
    const ended = this.#servers.map((child) => once(child, 'close'));
    for (const child of this.#servers) child.kill('SIGKILL');
    await Promise.all(ended);
    for (const namespace of this.#namespaces) await run('ip', ['netns', 'del', namespace]);
  }
}
