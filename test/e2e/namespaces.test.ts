// What a pod shares with its host and among its containers, what it is called, and whom it asks for names.
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { type Inside, lookInside } from '../support/e2e-inside.ts';
import { podSpec, STAY, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

const aPod = (name: string, pod: object, container: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { ...podSpec({ container }), ...pod },
});
const beside = (name: string, script = ':'): object => ({
  name,
  image: BUSYBOX,
  command: ['sh', '-c', `${script}; ${STAY}`],
});
const two = [beside('main'), beside('other', 'sleep 4321 & :')];

describe('pods that run', () => {
  let at: Scene;
  let inside: Inside;
  let result: Awaited<ReturnType<Scene['once']>>;

  beforeAll(async () => {
    at = await scene('names');
    await at.repo.commit(
      {
        'pods.yaml': yaml(
          aPod('plain', {}),
          aPod('named', { hostname: 'db', subdomain: 'peers' }),
          aPod('whole', { hostname: 'db', subdomain: 'peers', setHostnameAsFQDN: true }),
          aPod('override', { hostname: 'db', hostnameOverride: 'other.example.com' }),
          aPod('aliases', {
            hostAliases: [
              { ip: '10.1.2.3', hostnames: ['a.example.com', 'b'] },
              { ip: 'fd00::1', hostnames: ['six'] },
            ],
          }),
          aPod('apart', { containers: two }),
          aPod('together', { containers: two, shareProcessNamespace: true }),
          aPod('hostnet', { hostNetwork: true }, { ports: [{ containerPort: 45_671 }] }),
          aPod('hostnet-cluster', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
          aPod('hostpid', { hostPID: true }),
          aPod('hostipc', { hostIPC: true }),
          aPod('default', { dnsPolicy: 'Default' }),
          aPod('none', {
            dnsPolicy: 'None',
            dnsConfig: {
              nameservers: ['192.0.2.1', '192.0.2.2'],
              searches: ['one.example', 'two.example'],
              options: [{ name: 'ndots', value: '2' }],
            },
          }),
          aPod('config', {
            dnsConfig: { searches: ['more.example'], options: [{ name: 'ndots', value: '1' }, { name: 'edns0' }] },
          }),
          aPod('terminal', {}, { tty: true, stdin: true, command: ['sh', '-c', `test -t 1 && echo terminal; ${STAY}`] }),
          aPod('input', {}, { stdin: true, stdinOnce: true }),
          aPod('signal', { os: { name: 'linux' } }, { lifecycle: { stopSignal: 'SIGUSR1' } }),
        ),
      },
      'Pods',
    );
    result = await at.once();
    inside = await lookInside(at.cluster);
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });
  const resolv = async (pod: string): Promise<string[]> =>
    (await inside.run(pod, 'grep -E "^(search|options|nameserver)" /etc/resolv.conf | sort')).split('\n');

  test('all of them are live', () =>
    expect({ code: result.exitCode, outcome: result.outcome }).toMatchObject({ code: 0, outcome: { outcome: 'live' } }));

  test('a pod is called by its name', async () => expect(await inside.run('plain', 'hostname')).toBe('plain'));

  test('hostname and subdomain: in the kernel and in the hosts file', async () => {
    expect(await inside.run('named', 'hostname; hostname -f')).toBe('db\ndb.peers.default.svc.cluster.local');
    expect(
      await inside.run('named', 'grep -c "^$(hostname -i)[[:space:]]*db.peers.default.svc.cluster.local db$" /etc/hosts'),
    ).toBe('1');
  });

  test('the whole name as the host name', async () => {
    expect(await inside.run('whole', 'hostname')).toBe('db.peers.default.svc.cluster.local');
    expect(await inside.run('whole', 'grep "db.peers.default.svc.cluster.local db$" /etc/hosts | wc -l')).toBe('1');
  });

  test('the name that overrides all', async () => expect(await inside.run('override', 'hostname')).toBe('other.example.com'));

  test('aliases in the hosts file', async () => {
    const hosts = await inside.run('aliases', 'cat /etc/hosts');
    for (const line of [/^10\.1\.2\.3\s+a\.example\.com$/m, /^10\.1\.2\.3\s+b$/m, /^fd00::1\s+six$/m])
      expect(hosts).toMatch(line);
  });

  test('containers see each other’s processes only when they share them, and orphans are reaped', async () => {
    const seen = "ps -o args | grep -c '^sleep 4321'";
    expect(await inside.run('apart', seen)).toBe('0');
    expect(await inside.run('together', seen)).toBe('1');
    expect(await inside.run('together', 'cat /proc/1/cmdline')).toContain('/holdfast');
    // Nor do they reach through the sandbox's process what it alone has mounted.
    expect(await inside.run('together', 'ls /proc/1/root/volumes /proc/1/root/host 2>&1')).not.toMatch(
      /^(?!.*Permission denied)/m,
    );
    // A shell that leaves its child behind: the first process of the pod inherits it, and its end leaves no zombie.
    await inside.run('together', '(sleep 0.1 &) ; true', 'other');
    expect(await inside.run('together', "sleep 0.5; ps -o stat,args | grep -c '^Z'")).toBe('0');
  });

  test('the network of the host: its name, its ports, its address', async () => {
    expect(await inside.run('hostnet', 'hostname')).toBe(hostname());
    expect((await inside.inspect('hostnet', '_sandbox')).HostConfig).toMatchObject({ NetworkMode: 'host', PortBindings: {} });
    await inside.run('hostnet', 'mkdir -p /w; echo hello > /w/index.html; httpd -p 127.0.0.1:45671 -h /w');
    expect(await (await fetch('http://127.0.0.1:45671/index.html')).text()).toBe('hello\n');
    const { stdout } = await at.ask(['get', 'pod', 'hostnet', '-o', 'json']);
    const { status } = JSON.parse(stdout) as { status: { podIP: string; hostIP: string } };
    expect(status.podIP).toBe(status.hostIP);
  });

  test('the processes of the host', async () => {
    expect((await inside.inspect('hostpid')).HostConfig).toMatchObject({ PidMode: 'host' });
    expect(await inside.run('hostpid', `test -d /proc/${inside.find('plain').pid} && echo seen`)).toBe('seen');
    expect(await inside.run('plain', `test -d /proc/${inside.find('hostpid').pid} || echo hidden`)).toBe('hidden');
  });

  test('the IPC namespace of the host', async () => {
    expect((await inside.inspect('hostipc')).HostConfig).toMatchObject({ IpcMode: 'host' });
    const own = await inside.run('plain', 'readlink /proc/self/ns/ipc');
    expect(await inside.run('hostipc', 'readlink /proc/self/ns/ipc')).not.toBe(own);
  });

  test('the resolver: as nobody says it, and as the host has it', async () => {
    expect(await resolv('plain')).toEqual([
      'nameserver 127.0.0.11',
      'options ndots:5',
      'search default.svc.cluster.local svc.cluster.local cluster.local',
    ]);
    expect((await resolv('default')).join(' ')).not.toMatch(/cluster\.local|ndots:5/);
    expect((await resolv('hostnet')).join(' ')).not.toMatch(/cluster\.local/);
    expect((await resolv('hostnet-cluster')).join(' ')).toMatch(
      /search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/,
    );
  });

  test('the resolver: all by itself, and with additions', async () => {
    expect((await resolv('none')).filter((line) => !line.startsWith('nameserver'))).toEqual([
      'options ndots:2',
      'search one.example two.example',
    ]);
    expect((await inside.inspect('none', '_sandbox')).HostConfig).toMatchObject({ Dns: ['192.0.2.1', '192.0.2.2'] });
    expect(await resolv('config')).toEqual([
      'nameserver 127.0.0.11',
      expect.stringMatching(/^options ndots:1 edns0/),
      'search default.svc.cluster.local svc.cluster.local cluster.local more.example',
    ]);
  });

  test('terminal and input', async () => {
    expect((await inside.inspect('terminal')).Config).toMatchObject({ Tty: true, OpenStdin: true, StdinOnce: false });
    expect((await inside.inspect('input')).Config).toMatchObject({ Tty: false, OpenStdin: true, StdinOnce: true });
    expect((await at.holdfast(['logs', 'terminal'])).stdout).toMatch(/^terminal\r?\n/);
  });

  test('a signal of its own', async () => {
    expect((await inside.inspect('signal')).Config).toMatchObject({ StopSignal: 'SIGUSR1' });
  });

  test('a second run finds nothing to do', async () => {
    const before = await at.engine();
    expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
    expect(await at.engine()).toEqual(before);
  });
});

describe('runtime classes', () => {
  let at: Scene;
  beforeAll(async () => {
    at = await scene('runtime');
  });
  afterAll(async () => {
    await at.close();
  });
  const runtimeClass = (name: string, handler: string): object => ({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name },
    handler,
  });

  test('a class that names a runtime of the engine', { timeout: 60_000 }, async () => {
    const { Runtimes } = (await byHand('GET', '/info')) as { Runtimes: object };
    expect(Object.keys(Runtimes)).toContain('runc');
    await at.repo.commit(
      { 'pods.yaml': yaml(runtimeClass('usual', 'runc'), aPod('classed', { runtimeClassName: 'usual' })) },
      'Pods',
    );
    const { exitCode, outcome } = await at.once();
    expect({ exitCode, message: outcome.message }).toMatchObject({ exitCode: 0 });
    const inside = await lookInside(at.cluster);
    for (const container of ['main', '_sandbox'])
      expect((await inside.inspect('classed', container)).HostConfig).toMatchObject({ Runtime: 'runc' });
    expect((await at.ask(['get', 'runtimeclasses'])).stdout).toMatch(/NAME +HANDLER +AGE\nusual +runc/);
  });

  test('a class that names another one: the commit says which there are', { timeout: 60_000 }, async () => {
    const bad = aPod('kata', { runtimeClassName: 'kata' });
    await at.repo.commit({ 'pods.yaml': yaml(runtimeClass('kata', 'kata-qemu'), bad) }, 'Pods');
    const { exitCode, outcome } = await at.once(['--timeout', '6s']);
    expect(exitCode).toBe(1);
    expect(outcome.message).toMatch(/no runtime for "kata-qemu" is configured: the Docker Engine has .*runc/);
  });

  test('a class that is not there is told before anything is touched', { timeout: 60_000 }, async () => {
    await at.repo.commit({ 'pods.yaml': yaml(aPod('lost', { runtimeClassName: 'gone' })) }, 'Pods');
    const { exitCode, outcome } = await at.once(['--timeout', '6s']);
    expect({ exitCode, text: `${outcome.message} ${outcome.problems.map(({ message }) => message).join(' ')}` }).toEqual({
      exitCode: 1,
      text: expect.stringMatching(/RuntimeClass.*gone/),
    });
  });
});
