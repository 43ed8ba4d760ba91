// Which records Services and pods have: the tables of the specification, and what CoreDNS does where that leaves it open.
import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, EndpointSlice, Pod, Service } from '../../src/model/generated.ts';
import { forwardersConf, namedConf } from '../../src/network/names/named-conf.ts';
import { podRecords } from '../../src/network/names/pod-records.ts';
import { recordsScript } from '../../src/network/names/records-script.ts';
import { serviceRecords } from '../../src/network/names/service-records.ts';
import { reverseZones, zoneOf, zonesOf } from '../../src/network/names/zones.ts';
import { NODE } from './dns-machine.ts';

function service(spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec };
}

function slice(endpoints: Endpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  const ports = [{ name: 'http', port: 8080, protocol: 'TCP' as const }, { port: 9000 }];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-a', namespace: 'shop' },
    addressType: 'IPv4',
    endpoints,
    ports,
    ...more,
  };
}

const WEB = 'web.shop.svc.cluster.local.';
const one: Endpoint = { addresses: ['10.244.0.5'], conditions: { ready: true } };
const named: Endpoint = { addresses: ['10.244.0.6'], hostname: 'web-0', conditions: { ready: true } };
const notReady: Endpoint = { addresses: ['10.244.0.7'], conditions: { ready: false } };
const ports: NonNullable<Service['spec']['ports']> = [
  { name: 'http', port: 80 },
  { name: 'dns', port: 53, protocol: 'UDP' },
  { port: 9000 },
];

const ofOne = [
  `${WEB} 5 IN A 10.244.0.5`,
  `10-244-0-5.${WEB} 5 IN A 10.244.0.5`,
  `5.0.244.10.in-addr.arpa. 5 IN PTR 10-244-0-5.${WEB}`,
  `_http._tcp.${WEB} 5 IN SRV 0 100 8080 10-244-0-5.${WEB}`,
];
const ofNamed = [
  `${WEB} 5 IN A 10.244.0.6`,
  `web-0.${WEB} 5 IN A 10.244.0.6`,
  `6.0.244.10.in-addr.arpa. 5 IN PTR web-0.${WEB}`,
  `_http._tcp.${WEB} 5 IN SRV 0 100 8080 web-0.${WEB}`,
];
const ofCluster = [
  `${WEB} 5 IN A 10.96.0.7`,
  `7.0.96.10.in-addr.arpa. 5 IN PTR ${WEB}`,
  `_http._tcp.${WEB} 5 IN SRV 0 100 80 ${WEB}`,
  `_dns._udp.${WEB} 5 IN SRV 0 100 53 ${WEB}`,
];

describe('the records of a Service', () => {
  test.each<[string, Service['spec'], EndpointSlice[], string[]]>([
    ['with an address', { clusterIP: '10.96.0.7', ports }, [slice([one])], ofCluster],
    [
      'with an address and an endpoint that has a host name',
      { clusterIP: '10.96.0.7', ports },
      [slice([named])],
      [...ofCluster, ...ofNamed.slice(1, 3)],
    ],
    ['that waits for its address', { ports }, [slice([one, named])], []],
    ['without an address', { clusterIP: 'None', ports }, [slice([one, named, notReady])], [...ofOne, ...ofNamed]],
    ['without an address, of several slices with the same endpoint', { clusterIP: 'None' }, [slice([one]), slice([one])], ofOne],
    ['without an address and ready endpoints', { clusterIP: 'None', ports }, [slice([notReady])], []],
    ['whose endpoints say nothing of themselves', { clusterIP: 'None' }, [slice([{ addresses: ['10.244.0.5'] }])], ofOne],
    [
      'that publishes all',
      { clusterIP: 'None', publishNotReadyAddresses: true },
      [slice([notReady], { ports: [] })],
      [`${WEB} 5 IN A 10.244.0.7`, `10-244-0-7.${WEB} 5 IN A 10.244.0.7`, `7.0.244.10.in-addr.arpa. 5 IN PTR 10-244-0-7.${WEB}`],
    ],
    [
      'with endpoints of the other family',
      { clusterIP: 'None' },
      [slice([{ addresses: ['fd00::5'], hostname: 'six' }], { addressType: 'IPv6' })],
      [`${WEB} 5 IN AAAA fd00::5`, `six.${WEB} 5 IN AAAA fd00::5`, `_http._tcp.${WEB} 5 IN SRV 0 100 8080 six.${WEB}`],
    ],
    ['with names as endpoints', { clusterIP: 'None' }, [slice([{ addresses: ['db.example.com'] }], { addressType: 'FQDN' })], []],
    [
      'that is another name',
      { type: 'ExternalName', externalName: 'DB.example.com' },
      [slice([one])],
      [`${WEB} 5 IN CNAME db.example.com.`],
    ],
    [
      'that is another name with its dot',
      { type: 'ExternalName', externalName: 'db.example.com.' },
      [],
      [`${WEB} 5 IN CNAME db.example.com.`],
    ],
    ['that is an address by name', { type: 'ExternalName', externalName: '192.0.2.1' }, [], []],
    ['that is no name', { type: 'ExternalName', externalName: 'a b; send' }, [], []],
    [
      'that is another name and has an address left',
      { type: 'ExternalName', externalName: 'a.example', clusterIP: '' },
      [],
      [`${WEB} 5 IN CNAME a.example.`],
    ],
  ])('%s', (_, spec, slices, expected) => {
    expect([...serviceRecords(service(spec), slices)].toSorted()).toEqual(expected.toSorted());
  });

  test('no text of an object becomes anything but one line of a record', () => {
    const text = oneof(
      string(),
      constantFrom('a\nsend', 'x 5 IN A 1.2.3.4', '10.0.0.1', 'ok', '', '..', '$INCLUDE /etc/passwd', '"'),
    );
    const line = /^[a-z0-9_.-]+\. 5 IN (A [\d.]+|AAAA [\da-f:]+|PTR [\w.-]+\.|CNAME [\w.-]+\.|SRV 0 100 \d+ [\w.-]+\.)$/;
    assert(
      property(text, text, text, constantFrom('None', '10.96.0.9', ''), (hostname, address, name, clusterIP) => {
        const spec: Service['spec'] = { clusterIP, externalName: address, ports: [{ name, port: 1 }] };
        const slices = [
          slice(
            [
              { addresses: [address], hostname },
              { addresses: ['10.244.0.9'], hostname },
            ],
            { ports: [{ name, port: 1 }] },
          ),
        ];
        const all = [spec, { ...spec, type: 'ExternalName' as const }].flatMap((each) => [
          ...serviceRecords(service(each), slices),
        ]);
        expect(all.filter((record) => !line.test(record))).toEqual([]);
      }),
    );
  });
});

test('pods have names by their address until they have ended', () => {
  const pod = (podIP: string | undefined, phase: 'Running' | 'Pending' | 'Succeeded' | 'Failed', podIPs: string[] = []): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
    status: { phase, ...(podIP === undefined ? {} : { podIP }), podIPs: podIPs.map((ip) => ({ ip })) },
  });
  const pods = [pod('10.244.0.5', 'Running', ['10.244.0.5']), pod('10.244.0.6', 'Pending'), pod(undefined, 'Pending')];
  const ended = [pod('10.244.0.7', 'Succeeded'), pod('10.244.0.8', 'Failed')];
  expect([...pods, ...ended].flatMap((each) => [...podRecords(each).values()])).toEqual([
    '10-244-0-5.shop.pod.cluster.local. 5 IN A 10.244.0.5',
    '10-244-0-6.shop.pod.cluster.local. 5 IN A 10.244.0.6',
  ]);
});

describe('zones', () => {
  test.each([
    ['10.96.0.0/16', ['96.10.in-addr.arpa']],
    ['10.0.0.0/8', ['10.in-addr.arpa']],
    ['10.96.0.0/15', ['96.10.in-addr.arpa', '97.10.in-addr.arpa']],
    ['172.30.8.0/23', ['8.30.172.in-addr.arpa', '9.30.172.in-addr.arpa']],
    ['192.168.7.0/24', ['7.168.192.in-addr.arpa']],
    ['192.168.7.64/26', ['7.168.192.in-addr.arpa']],
    ['nonsense', []],
  ])('the reverse of %s', (range, zones) => {
    expect(reverseZones(range)).toEqual(zones);
  });

  test('a name lies in its zone or in none', () => {
    const zones = new Set(zonesOf(NODE));
    expect([...zones]).toEqual(['cluster.local', '96.10.in-addr.arpa', '244.10.in-addr.arpa']);
    const names = ['cluster.local.', WEB, '7.0.96.10.in-addr.arpa.', '1.7.168.192.in-addr.arpa.', 'notcluster.local.', '.'];
    expect(names.map((name) => zoneOf(zones, name))).toEqual([
      'cluster.local',
      'cluster.local',
      '96.10.in-addr.arpa',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a change', () => {
  const script = (added: string[], removed: string[]): string => recordsScript(NODE, new Set(added), new Set(removed));
  /** What each message changes. */
  const messages = (text: string): string[][] =>
    text
      .split("'")
      .filter((part) => part.startsWith('server '))
      .map((message) => message.split('\n').slice(2, -1));

  test('is one message for each zone, with all of a name in one: what goes, then what comes', () => {
    const text = script(
      [`${WEB} 5 IN CNAME a.example.`, '9.0.96.10.in-addr.arpa. 5 IN PTR x.'],
      [`${WEB} 5 IN A 10.96.0.7`, '1.7.168.192.in-addr.arpa. 5 IN PTR x.'],
    );
    expect(text).toBe(`. /holdfast/names
names_update 'server 10.96.0.10
zone cluster.local
update delete ${WEB} 5 IN A 10.96.0.7
update add ${WEB} 5 IN CNAME a.example.
send' \\
'server 10.96.0.10
zone 96.10.in-addr.arpa
update add 9.0.96.10.in-addr.arpa. 5 IN PTR x.
send'
`);
  });

  test('of nothing is nothing', () => {
    expect(script([], [])).toBe('');
    expect(script([], ['1.7.168.192.in-addr.arpa. 5 IN PTR x.'])).toBe('');
  });

  test('that is big comes in parts, none of which leaves a name without what it has before and after', () => {
    const addresses = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, n) => `${WEB} 5 IN A 10.244.${Math.floor((from + n) / 200)}.${(from + n) % 200}`);
    const before = new Set(addresses(0, 700));
    const after = new Set(addresses(500, 700));
    const others = Array.from({ length: 900 }, (_, n) => `s${n}.shop.svc.cluster.local. 5 IN A 10.96.1.1`);
    const gone = [...before].filter((record) => !after.has(record));
    const parts = messages(script([...[...after].filter((record) => !before.has(record)), ...others], gone));
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(400);
    const state = new Set(before);
    for (const part of parts) {
      for (const line of part) {
        if (line.startsWith('update delete ')) state.delete(line.slice(14));
        if (line.startsWith('update add ')) state.add(line.slice(11));
      }
      expect([...state].filter((record) => record.startsWith(WEB)).length).toBeGreaterThanOrEqual(700);
    }
    expect(state).toEqual(new Set([...after, ...others]));
  });

  test('with long names comes in messages that a pipe holds', () => {
    const long = (n: number): string =>
      `_${'p'.repeat(60)}._tcp.${'s'.repeat(62)}${n % 10}.${'n'.repeat(60)}${n}.svc.cluster.local.`;
    const records = Array.from({ length: 400 }, (_, n) => `${long(n)} 5 IN SRV 0 100 8080 ${long(n)}`);
    const text = script(records, []);
    const sizes = text.split("'").map((part) => part.length);
    expect(Math.max(...sizes)).toBeLessThan(50 * 1024);
    expect(messages(text).flat()).toEqual(records.map((record) => `update add ${record}`));
  });
});

test('the server answers at the DNS address alone, to pods and this host', () => {
  const conf = namedConf(NODE, '/work');
  expect(conf).toContain('listen-on { 10.96.0.10; }; listen-on-v6 { none; };');
  expect(conf).toContain('acl clients { localhost; 10.244.0.0/16; 10.96.0.0/16; };');
  expect(conf).toContain(
    'zone "244.10.in-addr.arpa" { type primary; file "244.10.in-addr.arpa.zone"; max-records-per-type 0; update-policy { grant "holdfast" zonesub any; }; };',
  );
  expect(forwardersConf(['192.0.2.1', '2001:db8::1'])).toBe(
    'recursion yes; forward only; forwarders { 192.0.2.1; 2001:db8::1; };\n',
  );
  expect(forwardersConf([])).toBe('recursion no;\n');
});
