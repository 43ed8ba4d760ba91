// The name server of a node as pods meet it: a real one, started and kept by the scripts of the network container, without a controller.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../src/model/generated.ts';
import type { Records } from '../../src/network/fragment.ts';
import { podRecords } from '../../src/network/names/pod-records.ts';
import { recordsCheckScript, recordsScript, recordsSyncScript } from '../../src/network/names/records-script.ts';
import { serviceRecords } from '../../src/network/names/service-records.ts';
import { DnsMachine, NODE } from './dns-machine.ts';

const service = (name: string, spec: Service['spec']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec,
});
const slice = (endpoints: readonly (readonly [address: string, hostname?: string])[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 's' },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080 }],
  endpoints: endpoints.map(([address, hostname]) => ({ addresses: [address], ...(hostname === undefined ? {} : { hostname }) })),
});
const headless = service('db', { clusterIP: 'None' });
const WEB = 'web.shop.svc.cluster.local';
const DB = 'db.shop.svc.cluster.local';

let machine: DnsMachine;
/** What each fragment's file holds. */
const held = new Map<string, Records>();

/** Changes one fragment as the controller does: its file, then the server. */
async function change(
  id: string,
  records: Records,
  before = held.get(id) ?? new Set<string>(),
): Promise<{ exitCode: number; output: string }> {
  held.set(id, records);
  const file = join('/state/records', `${id.replaceAll('/', '~')}.zone`);
  if (records.size === 0) await rm(join(machine.root, file), { force: true });
  else await machine.write(file, [...records, ''].join('\n'));
  const added = new Set([...records].filter((record) => !before.has(record)));
  return await machine.script(recordsScript(NODE, added, new Set([...before].filter((record) => !records.has(record)))));
}

async function changeOrFail(id: string, records: Records): Promise<void> {
  expect(await change(id, records)).toEqual({ exitCode: 0, output: '' });
}

/** The same with a server that does not take it, or not now: it gets all records aside, while rules go on to be changed. */
async function changeInTime(id: string, records: Records): Promise<void> {
  const begunMs = Date.now();
  const { exitCode } = await change(id, records);
  if (exitCode === 0) return;
  expect(exitCode).toBe(1);
  expect(Date.now() - begunMs).toBeLessThan(5_000);
  await machine.until('all records', async () => (await machine.script(recordsCheckScript())).exitCode === 0);
}

afterEach(() => {
  machine.endClients();
});

const kill = async (signal: string): Promise<void> => {
  expect(await machine.script(`kill -${signal} $(cat $run/dns.pid)`)).toEqual({ exitCode: 0, output: '' });
};

beforeAll(async () => {
  machine = await DnsMachine.make();
  await machine.boot();
  await changeOrFail(
    'service/shop/web',
    serviceRecords(service('web', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }] }), []),
  );
  await changeOrFail('service/shop/db', serviceRecords(headless, [slice([['10.244.0.5', 'db-0'], ['10.244.0.6']])]));
  await changeOrFail(
    'service/shop/out',
    serviceRecords(service('out', { type: 'ExternalName', externalName: 'www.example.com' }), []),
  );
  const pod = {
    metadata: { name: 'p', namespace: 'shop' },
    spec: { containers: [{ name: 'c' }] },
    status: { podIP: '10.244.0.9' },
  };
  await changeOrFail(
    'pods/shop/10.244.0.0',
    new Set(podRecords({ apiVersion: 'v1', kind: 'Pod', ...pod } as Parameters<typeof podRecords>[0]).values()),
  );
});
afterAll(async () => {
  await machine.remove();
});

const questions: [string, string, string][] = [
  [WEB, 'A', '10.96.0.7'],
  ['WEB.Shop.SVC.cluster.LOCAL', 'A', '10.96.0.7'],
  [WEB, 'AAAA', 'NOERROR'],
  [`_http._tcp.${WEB}`, 'SRV', `0 100 80 ${WEB}.`],
  ['7.0.96.10.in-addr.arpa', 'PTR', `${WEB}.`],
  [DB, 'A', '10.244.0.5, 10.244.0.6'],
  [`db-0.${DB}`, 'A', '10.244.0.5'],
  [`10-244-0-6.${DB}`, 'A', '10.244.0.6'],
  [`_http._tcp.${DB}`, 'SRV', `0 100 8080 10-244-0-6.${DB}., 0 100 8080 db-0.${DB}.`],
  ['5.0.244.10.in-addr.arpa', 'PTR', `db-0.${DB}.`],
  ['10-244-0-9.shop.pod.cluster.local', 'A', '10.244.0.9'],
  ['10-244-0-8.shop.pod.cluster.local', 'A', 'NXDOMAIN'],
  ['dns-version.cluster.local', 'TXT', '"1.1.0"'],
  ['www.example.com.shop.svc.cluster.local', 'A', 'NXDOMAIN'],
  ['kubernetes.default.svc.cluster.local', 'A', 'NXDOMAIN'],
];

describe('the cluster', () => {
  test.each(questions)('%s %s', async (name, type, answer) => {
    expect(await machine.ask(name, type)).toBe(answer);
    expect(await machine.ask(name, type, '+tcp')).toBe(answer);
  });

  test('the negative answer comes with its own five seconds', async () => {
    const output = await machine.inside('dig', '@10.96.0.10', 'nobody.shop.svc.cluster.local');
    expect(output).toMatch(/^cluster\.local\.\s+5\s+IN\s+SOA\s+ns\.dns\.cluster\.local\. .* 5$/m);
    expect(output).toContain(' aa ');
  });

  test('nobody hears which server it is', async () => {
    expect(await machine.ask('version.bind', 'TXT', '-c', 'CH')).not.toMatch(/\d/);
  });

  test('nobody changes anything without the key', async () => {
    const attempt = `printf 'server 10.96.0.10\\nzone cluster.local\\nupdate add evil.cluster.local 5 A 192.0.2.66\\nsend\\n' | nsupdate`;
    expect((await machine.script(attempt)).output).toContain('REFUSED');
    expect(await machine.ask('cluster.local', 'AXFR')).not.toContain(WEB);
  });
});

describe('a change', () => {
  test('of a headless Service: at no moment is there no answer, and the new one is there when the script ends', async () => {
    const client = await machine.client('ask', { server: NODE.dnsAddress, name: DB });
    for (let n = 0; n < 50; n++) {
      const address = `10.244.1.${n + 1}`;
      await changeOrFail('service/shop/db', serviceRecords(headless, [slice([[address, 'db-0']])]));
      expect(await machine.ask(DB)).toBe(address);
    }
    const seen = await client.end();
    expect(seen.answered).toBeGreaterThan(200);
    expect(seen).toMatchObject({ codes: { 0: seen.answered }, empty: 0, lost: 0 });
  }, 120_000);

  test('from a name to an address and back', async () => {
    await changeOrFail('service/shop/turn', serviceRecords(service('turn', { type: 'ExternalName', externalName: WEB }), []));
    expect(await machine.ask('turn.shop.svc.cluster.local')).toBe(`10.96.0.7, ${WEB}.`);
    await changeOrFail('service/shop/turn', serviceRecords(service('turn', { clusterIP: '10.96.0.8' }), []));
    expect(await machine.ask('turn.shop.svc.cluster.local')).toBe('10.96.0.8');
    await changeOrFail('service/shop/turn', new Set());
    expect(await machine.ask('turn.shop.svc.cluster.local')).toBe('NXDOMAIN');
  });

  test('goes through one program that is kept, and through the next one when that has died', async () => {
    const asker = async (): Promise<string> => (await machine.script('cat /dev/shm/holdfast-names/asker')).output.trim();
    const to = (n: number): Promise<void> =>
      changeOrFail('service/shop/kept', serviceRecords(service('kept', { clusterIP: `10.96.1.${n}` }), []));
    await to(1);
    const first = await asker();
    await to(2);
    expect(await asker()).toBe(first);
    await machine.script(`kill -9 ${first}`);
    await to(3);
    expect(await machine.ask('kept.shop.svc.cluster.local')).toBe('10.96.1.3');
    expect(await asker()).not.toBe(first);
    await changeOrFail('service/shop/kept', new Set());
  });

  test('of a thousand endpoints at once', async () => {
    const all = (third: number): [string][] =>
      Array.from({ length: 1000 }, (_, n) => [`10.244.${third + Math.floor(n / 250)}.${n % 250}`]);
    await changeInTime('service/shop/big', serviceRecords(service('big', { clusterIP: 'None' }), [slice(all(10))]));
    await changeInTime('service/shop/big', serviceRecords(service('big', { clusterIP: 'None' }), [slice(all(20))]));
    const answer = (await machine.ask('big.shop.svc.cluster.local')).split(', ');
    expect(answer.toSorted()).toEqual(all(20).flat().toSorted());
    await changeInTime('service/shop/big', new Set());
  });
});

describe('the world outside', () => {
  test('is asked from the resolvers of the host, once, and an alias leads there', async () => {
    const upstream = await machine.client('upstream', { address: '127.0.0.9' });
    expect(await machine.ask('www.example.com')).toBe('192.0.2.1');
    expect(await machine.ask('www.example.com')).toBe('192.0.2.1');
    expect(await machine.ask('out.shop.svc.cluster.local')).toBe('192.0.2.1, www.example.com.');
    expect(await machine.ask('nobody.example.org')).toBe('NXDOMAIN');
    const ttl = /www\.example\.com\.\s+(\d+)\s/.exec(await machine.inside('dig', '@10.96.0.10', 'www.example.com'))?.[1];
    expect(Number(ttl)).toBeLessThanOrEqual(30);
    expect((await upstream.end()).asked).toBe(2);
  });

  test('is silent, and the cluster answers as before, however many ask', async () => {
    const upstream = await machine.client('upstream', { address: '127.0.0.9', isSilent: true });
    const storm = await machine.client('ask', { server: NODE.dnsAddress, name: 'example.net', isRandom: true, inFlight: 400 });
    const client = await machine.client('ask', { server: NODE.dnsAddress, name: WEB, ms: 1500 });
    const seen = await client.ended();
    expect(seen).toMatchObject({ codes: { 0: seen.answered }, empty: 0 });
    expect(seen.answered).toBeGreaterThan(20);
    await storm.end();
    await upstream.end();
  });

  test('follows the resolvers of the host', async () => {
    const upstream = await machine.client('upstream', { address: '127.0.0.8' });
    await machine.write(
      '/etc/resolv.conf',
      'nameserver 10.96.0.10\nnameserver 300.1.1.1\nnameserver fe80::1%eth0\nnameserver 1::2::3\nnameserver nonsense;\nnameserver 127.0.0.8\n',
    );
    await machine.until('the other resolver', async () => (await machine.ask('other.example.com')) === '192.0.2.1');
    await machine.write('/etc/resolv.conf', '# nothing\n');
    await machine.until('a refusal', async () => (await machine.ask('third.example.com')) === 'REFUSED');
    expect(await machine.ask(WEB)).toBe('10.96.0.7');
    expect(machine.log).toContain('dns: the host has no resolver in /etc/resolv.conf: names outside of the cluster are refused');
    await upstream.end();
    await machine.write('/etc/resolv.conf', 'nameserver 127.0.0.9\n');
  });
});

describe('a storm', () => {
  test('of names that there are not, and of packets that are none, leaves it answering', async () => {
    const before = (await machine.script('cat $run/dns.pid')).output;
    const storm = await machine.client('ask', { server: NODE.dnsAddress, name: 'cluster.local', isRandom: true, inFlight: 256 });
    const garbage = await machine.client('garbage', { server: NODE.dnsAddress });
    await changeOrFail('service/shop/late', serviceRecords(service('late', { clusterIP: '10.96.0.44' }), []));
    await machine.until(
      'an answer in the storm',
      async () => (await machine.ask('late.shop.svc.cluster.local')) === '10.96.0.44',
    );
    expect(await machine.ask(WEB, 'A', '+tcp')).toBe('10.96.0.7');
    const seen = await storm.end();
    await garbage.end();
    expect(Object.keys(seen.codes)).toEqual(['3']);
    expect(await machine.ask(WEB)).toBe('10.96.0.7');
    expect((await machine.script('cat $run/dns.pid')).output).toBe(before);
  });
});

test('what the server has and no file says goes when everything is sent, with an answer at every moment', async () => {
  const stale = 'stale.shop.svc.cluster.local. 5 IN A 10.96.0.77';
  expect((await machine.script(recordsScript(NODE, new Set([stale]), new Set()))).exitCode).toBe(0);
  expect(await machine.ask('stale.shop.svc.cluster.local')).toBe('10.96.0.77');
  const client = await machine.client('ask', { server: NODE.dnsAddress, name: WEB });
  expect(await machine.script(recordsSyncScript())).toEqual({ exitCode: 0, output: '' });
  const seen = await client.end();
  expect(seen).toMatchObject({ codes: { 0: seen.answered }, empty: 0, lost: 0 });
  expect(await machine.ask('stale.shop.svc.cluster.local')).toBe('NXDOMAIN');
});

describe('without a controller', () => {
  const everything = async (): Promise<Record<string, string>> => {
    const records = [...held.values()].flatMap((each) => [...each]).map((record) => record.split(' '));
    const heard: Record<string, string> = {};
    for (const [name = '', , , type = ''] of records) heard[`${name} ${type}`] ??= await machine.ask(name, type);
    return heard;
  };

  test('a server that dies is there again with the same answers as the changes have made, those of its last moment with them', async () => {
    const before = await everything();
    await kill('KILL');
    const last = serviceRecords(service('last', { clusterIP: '10.96.0.55' }), []);
    // One that finds no server for two seconds says so, and is sent again.
    await machine.until('the change', async () => (await change('service/shop/last', last, new Set())).exitCode === 0);
    expect(await machine.ask('last.shop.svc.cluster.local')).toBe('10.96.0.55');
    expect(await everything()).toEqual({
      ...before,
      'last.shop.svc.cluster.local. A': '10.96.0.55',
      '55.0.96.10.in-addr.arpa. PTR': 'last.shop.svc.cluster.local.',
    });
  });

  test('a machine that was cut off from power answers the same when it is back, half-written lines or not', async () => {
    const before = await everything();
    await machine.stop();
    await machine.write(
      '/state/records/service~shop~half.zone',
      'half.shop.svc.cluster.local. 5 IN A 10.96.0.\nhalf.shop.svc.clus',
    );
    await machine.boot();
    expect(await everything()).toEqual(before);
    expect(machine.log).toContain('names: left out of the zones: half.shop.svc.clus');
    await rm(join(machine.root, 'state/records/service~shop~half.zone'));
  });

  test('records that were written and never sent are taken up, with an answer at every moment', async () => {
    const client = await machine.client('ask', { server: NODE.dnsAddress, name: WEB });
    await machine.write('/state/records/service~shop~lost.zone', 'lost.shop.svc.cluster.local. 5 IN A 10.96.0.66\n');
    await machine.until('the records', async () => (await machine.ask('lost.shop.svc.cluster.local')) === '10.96.0.66');
    const seen = await client.end();
    expect(seen).toMatchObject({ codes: { 0: seen.answered }, empty: 0, lost: 0 });
    await changeInTime('service/shop/after', serviceRecords(service('after', { clusterIP: '10.96.0.67' }), []));
    expect(await machine.ask('after.shop.svc.cluster.local')).toBe('10.96.0.67');
  });

  test('a server that hangs is ended and started anew', async () => {
    await kill('STOP');
    await machine.until('an answer', async () => (await machine.ask(WEB)) === '10.96.0.7');
    expect(machine.log).toContain('it does not answer');
  });

  test('the address that somebody took away comes back', async () => {
    await machine.inside('ip', 'address', 'del', `${NODE.dnsAddress}/32`, 'dev', 'lo');
    await machine.until('an answer', async () => (await machine.ask(WEB)) === '10.96.0.7');
    expect(await machine.inside('ip', '-o', 'address', 'show', 'dev', 'lo')).toContain(`${NODE.dnsAddress}/32`);
  });
});
