// Plans as text, and the places of pods.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ingressPlan } from '../../../src/network/ingress/plan.ts';
import { ingressEndpointScript } from '../../../src/network/ingress/scripts.ts';
import { assignSlots, type Slot, type Target, targetsOf } from '../../../src/network/ingress/slots.ts';
import { readState } from '../../../src/network/ingress/state.ts';
import { anIngress, aService, aSlice, backend, inputOf, rule } from './objects.ts';

const ingress = anIngress({
  rules: [
    rule('a.example', ['/', 'Prefix', 'web'], ['/exact', 'Exact', 'web', 'http']),
    rule('*.b.example', ['/v[0-9]+', 'ImplementationSpecific', 'web']),
  ],
  defaultBackend: backend('web'),
});
const scene = (addresses: readonly string[]): Parameters<typeof inputOf>[0] => ({
  ingresses: [ingress],
  services: [aService('web')],
  slices: [aSlice('web', addresses)],
});

test('routes, maps and servers', () => {
  const plan = ingressPlan(inputOf(scene(['10.244.0.5', '10.244.0.6 terminating', '10.244.0.7 unready'])));
  expect(Object.fromEntries(plan.files)).toMatchObject({
    'maps/hosts.map': '*.b.example /\na.example /\n',
    'maps/exact.map': 'a.example/exact shop:web:web:http\n',
    'maps/prefix.map': '*.b.example/v[0-9]+/ shop:web:web:80\na.example/ shop:web:web:80\n',
    'maps/regex.map': '',
    'maps/defaults.map': 'a.example shop:web:web:80\n*.b.example shop:web:web:80\n',
    'certificates.list': 'certificates/default.pem\n',
  });
  expect(plan.backends.get('shop:web:web:80')?.text).toBe(`backend shop:web:web:80
  server s1 10.244.0.5:8080
  server s2 10.244.0.6:8080 weight 0
  server s3 0.0.0.0:80 disabled
  server s4 0.0.0.0:80 disabled
`);
});

/** The rules that find the backend: of the first door, in the order in which they are followed. */
function rulesOf(...ingresses: ReturnType<typeof anIngress>[]): readonly string[] {
  const text = ingressPlan(inputOf({ ingresses })).files.get('haproxy.cfg') ?? '';
  const door = text.slice(text.indexOf('frontend http\n'), text.indexOf('frontend https\n'));
  return door.split('\n').flatMap((line) => (/txn\.route|allow|wildcard/.test(line) ? [line.trim()] : []));
}

test('a host whose requests all go to one Service takes one look at a map', () => {
  const plain = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'])] });
  expect(ingressPlan(inputOf({ ingresses: [plain] })).files.get('maps/hosts.map')).toBe('a.example shop:web:web:80\n');
  expect(rulesOf(plain)).toEqual([
    'acl routed var(txn.route) -m len 2:',
    "http-request set-var(txn.route) 'var(txn.host),map_str(maps/hosts.map,.)' unless odd",
    'http-request allow if routed',
    "http-request set-var(txn.route) 'var(txn.host),map_str(maps/hosts.map,.)'",
    'use_backend %[var(txn.route)]',
  ]);
});

test('paths, expressions, wildcards and rules for all hosts take what they need', () => {
  const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
  expect(
    rulesOf(
      anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'], ['/a', 'Prefix', 'web'], ['/b', 'Exact', 'web'])] }),
      anIngress({ rules: [rule('*.a.example', ['/v[0-9]', 'ImplementationSpecific', 'web'])] }, { name: 'more', annotations }),
      anIngress({ rules: [rule('', ['/c', 'Exact', 'web'])], defaultBackend: backend('web') }, { name: 'all' }),
    ),
  ).toEqual([
    'acl routed var(txn.route) -m len 2:',
    "http-request set-var(txn.route) 'var(txn.host),map_str(maps/hosts.map,.)' unless odd",
    "http-request set-var(txn.route) 'base,map_str(maps/exact.map)' if { var(txn.route) -m str / ~ }",
    "http-request set-var(txn.route) 'base,concat(/),map_beg(maps/prefix.map)' if { var(txn.route) -m str / }",
    'http-request allow if routed',
    "http-request set-var(txn.route) 'var(txn.host),regsub(^[^./]+[.],*.),map_str(maps/hosts.map,.)' if { var(txn.route) -m str . } { var(txn.host) -m reg ^[a-z0-9.-]+$ }",
    "http-request set-var(txn.route) 'base,regsub(^[^./]+[.],*.),map_reg(maps/regex.map)' if { var(txn.route) -m str ~ }",
    'http-request allow if routed',
    "http-request set-var(txn.route) 'var(txn.host),map_str(maps/hosts.map,.)'",
    "http-request set-var(txn.route) 'var(txn.host),concat(,txn.path),map_str(maps/exact.map)' if { var(txn.route) -m str / ~ }",
    "http-request set-var(txn.route) 'var(txn.host),concat(,txn.path),concat(/),map_beg(maps/prefix.map)' if { var(txn.route) -m str / }",
    "http-request set-var(txn.wildcard) 'var(txn.host),regsub(^[^./]+[.],*.)' unless routed",
    "http-request set-var(txn.route) 'var(txn.wildcard),map_str(maps/hosts.map,.)' unless routed",
    "http-request set-var(txn.route) 'var(txn.wildcard),concat(,txn.path),map_reg(maps/regex.map)' if { var(txn.route) -m str ~ }",
    "http-request set-var(txn.route) 'var(txn.path),map_str(maps/exact.map)' unless routed",
    'use_backend %[var(txn.route)]',
  ]);
});

test('pods change nothing that takes a reload, and a change is as small as it is', () => {
  const before = ingressPlan(inputOf(scene(['10.244.0.5', '10.244.0.6'])));
  const held = readState([`revision ${before.revision}.0`, ...[...before.backends.values()].map(({ text }) => text)].join('\n'));
  expect(held?.backends).toEqual(new Map([...before.backends].map(([name, { slots }]) => [name, slots])));
  const after = ingressPlan(inputOf(scene(['10.244.0.5', '10.244.0.9']), { held: held?.backends }));
  expect(after.revision).toBe(before.revision);
  const script = held === undefined ? '' : (ingressEndpointScript(held, after) ?? '');
  expect(/^echo "(set server shop:web:web:80.*)" \| ask admin/m.exec(script)?.[1]?.split('; ')).toEqual(
    [
      'set server shop:web:web:80/s2 state maint',
      'set server shop:web:web:http/s2 state maint',
      ...['80', 'http'].flatMap((port) => [
        `set server shop:web:web:${port}/s3 state maint`,
        `set server shop:web:web:${port}/s3 addr 10.244.0.9 port 8080`,
        `set server shop:web:web:${port}/s3 weight 1`,
        `set server shop:web:web:${port}/s3 state ready`,
      ]),
    ].toSorted((one, other) => Number(one.includes(':http/')) - Number(other.includes(':http/'))),
  );
});

test('who serves when nobody is ready', () => {
  expect(targetsOf([aSlice('web', ['10.0.0.1 terminating', '10.0.0.2 unready'])], 'http')).toEqual([
    { address: '10.0.0.1', port: 8080, isDraining: false },
  ]);
  expect(targetsOf([aSlice('web', ['10.0.0.1'])], 'other')).toEqual([]);
});

test('every pod has one place and keeps it; no place is lost while it is needed', () => {
  const target = fc.record({
    address: fc.integer({ min: 1, max: 30 }).map((last) => `10.0.0.${last}`),
    port: fc.constantFrom(80, 81),
    isDraining: fc.boolean(),
  });
  const targets = fc.uniqueArray(target, { selector: ({ address, port }) => `${address}:${port}`, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(targets, { minLength: 1, maxLength: 6 }), (rounds: readonly (readonly Target[])[]) => {
      let slots: readonly Slot[] = [];
      for (const round of rounds) {
        const next = assignSlots(slots, round);
        const used = next.filter(({ state }) => state !== 'maint');
        const told = used.map(({ address, port, state }) => ({ address, port, isDraining: state === 'drain' }));
        expect(told).toHaveLength(round.length);
        expect(told).toEqual(expect.arrayContaining([...round]));
        expect(Math.log2(next.length) % 1).toBe(0);
        expect(next.length).toBeGreaterThanOrEqual(slots.length);
        const kept = slots.map(({ address, port, state }, index) => {
          const isKept = state !== 'maint' && round.some((its) => its.address === address && its.port === port);
          return isKept ? [address, port] : [next[index]?.address, next[index]?.port];
        });
        expect(next.slice(0, slots.length).map(({ address, port }) => [address, port])).toEqual(kept);
        slots = next;
      }
    }),
  );
});
