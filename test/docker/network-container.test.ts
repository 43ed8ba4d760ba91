// What only a real engine can show of the network container: how Docker makes it, and what becomes of it when we are killed in the middle.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createNetworkContainer } from '../../src/docker/network-container.ts';
import { networkContainerBody, networkContainerName, networkVolumeName } from '../../src/docker/network-container-body.ts';
import { byPod, podVolumes } from '../../src/kubelet/engine/engine-listing.ts';
import { planRecovery } from '../../src/kubelet/recover.ts';
import { MAX_SCRIPT_OUTPUT_BYTES, type NodeContainer, type NodeContainerSpec } from '../../src/network/node-container.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { byHand, cleanUp, ensureNetworkImage, testDockerHost, testEngine, uniqueCluster } from '../support/docker.ts';
import { openEngineProxy } from '../support/engine-proxy.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const cluster = uniqueCluster('net');
const name = networkContainerName(cluster);
const never = (): AbortSignal => new AbortController().signal;
let spec: NodeContainerSpec;
let container: NodeContainer;

const open = (): NodeContainer => createNetworkContainer({ cluster, host: testDockerHost() });
const sh = async (script: string): Promise<string> => {
  const { exitCode, output } = await container.run(script, never());
  return exitCode === 0 ? output.trim() : `exit ${exitCode}: ${output.trim()}`;
};
interface Inspected {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: { readonly Status: string };
}
const inspected = async (): Promise<Inspected> => (await byHand('GET', `/containers/${name}/json`)) as Inspected;

beforeAll(async () => {
  const init = "#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 1 & wait $!; done\n";
  const files = [
    { path: '/test/init', mode: 0o755, content: init },
    { path: '/test/deep/er/täxt', mode: 0o640, content: 'ü\n' },
  ];
  spec = { image: await ensureNetworkImage(), files, command: ['/test/init'] };
});
afterEach(async () => {
  container.close();
  await cleanUp(cluster);
});
afterAll(async () => {
  await cleanUp(cluster);
});

describe('the container', () => {
  test('has its files, the network of the host and the rights to program it, and no others', async () => {
    container = open();
    await container.ensure(spec, never());
    expect(await sh("cat /test/deep/er/täxt; stat -c '%a %u %g' /test/deep/er/täxt")).toBe('ü\n640 0 0');
    expect(await sh(`nft add table ip hf-${cluster} && nft list tables ip`)).toContain(`table ip hf-${cluster}`);
    await sh(`nft delete table ip hf-${cluster}`);
    expect(await sh('ip -V; ip address add 127.99.0.1/32 dev lo && ip address del 127.99.0.1/32 dev lo')).toContain('iproute2');
    expect(await sh('iptables -S >/dev/null 2>&1 && conntrack -C >/dev/null && bridge link >/dev/null && echo all')).toBe('all');
    expect(await sh('mount -t tmpfs none /tmp 2>&1')).toContain('exit 1');
    expect(await sh('echo 1 >/proc/sys/net/ipv4/ip_forward')).toContain('Read-only file system');
  });

  test('is nothing to the kubelet, and neither is its volume', async () => {
    container = open();
    await container.ensure(spec, never());
    const engine = await testEngine(cluster);
    const [seen, volumes] = await Promise.all([engine.list(never()), engine.listVolumes(never())]);
    expect(seen.map(({ labels }) => labels['holdfast.dev/role'])).toEqual(['network']);
    expect(byPod(seen).size).toBe(0);
    expect(podVolumes(volumes).size).toBe(0);
    const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
    expect(planRecovery(store, seen, 'node')).toEqual([]);
    await store.close();
  });

  test('keeps its state when it is made anew', async () => {
    container = open();
    await container.ensure(spec, never());
    await sh('echo kept >/state/file');
    const before = await inspected();
    expect(await container.ensure({ ...spec, command: ['/test/init', 'again'] }, never())).toBe(true);
    expect((await inspected()).Id).not.toBe(before.Id);
    expect(await sh('cat /state/file')).toBe('kept');
  });

  test('is started by Docker when it ends', async () => {
    container = open();
    await container.ensure(spec, never());
    await sh('kill -TERM 1').catch(() => {});
    await expect.poll(async () => (await inspected()).RestartCount, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => sh('echo back').catch(String), { timeout: 20_000 }).toBe('back');
  });

  test('one that ends again and again is an error with its last words', async () => {
    container = open();
    const broken = { ...spec, files: [{ path: '/test/init', mode: 0o755, content: '#!/bin/sh\necho no such thing\nexit 7\n' }] };
    await container.ensure(broken, never());
    const message = (): Promise<string> => container.ensure(broken, never()).then(String, String);
    await expect
      .poll(message, { timeout: 20_000 })
      .toContain(`container ${name} ended with exit code 7 and is started again: no such thing`);
  });

  test.each(['volume', 'created', 'created without files'])(
    'what was left by a killed process is gone on with: %s',
    async (what) => {
      container = open();
      const Labels = { 'holdfast.dev/cluster': cluster, 'holdfast.dev/role': 'network' };
      await byHand('POST', '/volumes/create', { Name: networkVolumeName(cluster), Labels });
      if (what !== 'volume') await byHand('POST', `/containers/create?name=${name}`, networkContainerBody(cluster, spec));
      expect(await container.ensure(spec, never())).toBe(true);
      expect(await sh('cat /test/deep/er/täxt')).toBe('ü');
    },
  );

  test("somebody else's volume of its name is not taken", async () => {
    container = open();
    await byHand('POST', '/volumes/create', { Name: networkVolumeName(cluster) });
    await expect(container.ensure(spec, never())).rejects.toThrow('does not belong to cluster');
    await byHand('DELETE', `/volumes/${networkVolumeName(cluster)}`);
  });

  test('two controllers make one', async () => {
    container = open();
    const other = open();
    try {
      for (let round = 0; round < 3; round += 1) {
        await Promise.all([container.ensure(spec, never()), other.ensure(spec, never())]);
        expect(await sh('echo one')).toBe('one');
        expect((await other.run('echo two', never())).output).toBe('two\n');
        await Promise.all([container.remove(never()), other.remove(never())]);
      }
    } finally {
      other.close();
    }
  });

  test('an engine without root is refused for good, before anything is made', async () => {
    const asked: string[] = [];
    const rootless = createServer((request, response) => {
      asked.push(`${request.method} ${request.url?.replace(/^\/v[\d.]+/, '')}`);
      const answers: Record<string, object> = {
        '/version': { ApiVersion: '1.41' },
        '/info': { SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] },
      };
      const answer = answers[request.url?.replace(/^\/v[\d.]+/, '') ?? ''];
      response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(answer ?? { message: 'no such container' }));
    });
    await new Promise<void>((resolve) => {
      rootless.listen(0, '127.0.0.1', resolve);
    });
    const { port } = rootless.address() as AddressInfo;
    container = createNetworkContainer({ cluster, host: { type: 'tcp', hostname: '127.0.0.1', port } });
    const error: unknown = await container.ensure(spec, never()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ fault: 'Impossible' });
    expect(String(error)).toContain('rootless');
    expect(asked).toEqual(['GET /_ping', 'GET /version', `GET /containers/${name}/json`, 'GET /info']);
    rootless.closeAllConnections();
    rootless.close();
  });

  test('an image that is not there is an error with its name', async () => {
    container = open();
    await expect(container.ensure({ ...spec, image: 'no-such-image:1' }, never())).rejects.toThrow('no-such-image:1');
  });
});

describe('scripts', () => {
  test('are long, say much, and cannot harm the next one', async () => {
    container = open();
    await container.ensure(spec, never());
    expect(await sh(`wc -c <<'END'\n${'ä'.repeat(1_000_000)}\nEND`)).toBe('2000001');
    const much = await container.run(`yes | head -c ${MAX_SCRIPT_OUTPUT_BYTES + 1000}; exit 4`, never());
    expect([much.exitCode, much.output.length]).toEqual([4, MAX_SCRIPT_OUTPUT_BYTES]);
    expect(await sh('cat; read x; cd /tmp; exec 2>&1; echo a; set -e; false; echo never')).toBe('exit 1: a');
    expect(await sh('pwd; echo "${x-none}"')).toBe('/\nnone');
    expect(await sh('echo ( >&2')).toMatch(/^exit 2: .*syntax error/);
    expect(await sh('kill -9 $$; sleep 1').catch(String)).toContain('its shell has ended');
    expect(await sh('sleep 600 & echo started')).toBe('started');
    expect(await sh('')).toBe('');
    expect(await sh('echo x # the end')).toBe('x');
    // As it comes when the connection breaks in the middle.
    expect(await sh("printf '{ :\\ntouch /state/half\\n' >/tmp/half; (. /tmp/half) 2>/dev/null; ls /state")).toBe('');
  });

  test('a session that breaks is an error once', async () => {
    const proxy = await openEngineProxy(testDockerHost());
    container = createNetworkContainer({ cluster, host: proxy.host });
    try {
      await container.ensure(spec, never());
      expect(await sh('echo x')).toBe('x');
      const broken = container.run('sleep 1; echo late', never()).then(String, String);
      await container.run('true', AbortSignal.timeout(200)).catch(() => {});
      proxy.cut();
      expect(await broken).toContain('its shell has ended');
      expect(await sh('echo again')).toBe('again');
    } finally {
      await proxy.close();
    }
  });

  test('of two controllers run one after the other', async () => {
    container = open();
    const other = open();
    try {
      await container.ensure(spec, never());
      const script = 'read n </state/n; n=$((n + 1)); usleep 1000; echo $n >/state/n';
      await sh('echo 0 >/state/n');
      const both = [container, other].flatMap((each) => Array.from({ length: 20 }, () => each.run(script, never())));
      await Promise.all(both);
      expect(await sh('cat /state/n')).toBe('40');
    } finally {
      other.close();
    }
  });
});
