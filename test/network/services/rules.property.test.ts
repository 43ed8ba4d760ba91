// For any Services and endpoints: every address and port leads to an endpoint that takes connections, or is refused; a change makes what a whole
// programming would, and what goes leaves nothing.
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, ServiceSpec, StoredOf } from '../../../src/model/resource.ts';
import { type Fragment, type Fragments, NO_RULES } from '../../../src/network/fragment.ts';
import { frameText, replacingText } from '../../../src/network/frame.ts';
import { planChange } from '../../../src/network/plan-change.ts';
import { readRules, rulesText } from '../../../src/network/rules-text.ts';
import { serviceFrame } from '../../../src/network/services/service-frame.ts';
import { serviceRules } from '../../../src/network/services/service-rules.ts';
import { FRAME_NODE as NODE } from './frame-node.ts';
import { apply, canonical, judge, newTable, type Table, type Verdict } from './nft-model.ts';
import { aService, aSlice } from './service-objects.ts';

type Protocol = 'TCP' | 'UDP' | 'SCTP';

interface Case {
  readonly service: StoredOf<'Service'>;
  readonly slice: StoredOf<'EndpointSlice'>;
}

const CLIENTS = ['10.244.1.3', '10.244.1.99', '192.0.2.9', '192.0.2.1', '10.244.2.7'];
const OWN = ['192.0.2.1', '10.244.1.1', '127.0.0.1'];

const endpoints: fc.Arbitrary<Endpoint[]> = fc
  .uniqueArray(
    fc.record({
      number: fc.integer({ min: 2, max: 9 }),
      nodeName: fc.constantFrom('a', 'b', 'c'),
      ready: fc.boolean(),
      serving: fc.boolean(),
      terminating: fc.boolean(),
      hint: fc.constantFrom('', 'a', 'b'),
    }),
    { selector: ({ number }) => number, maxLength: 6 },
  )
  .map((all) =>
    all.map(({ number, nodeName, ready, serving, terminating, hint }) => ({
      addresses: [`10.244.1.${number}`],
      nodeName,
      conditions: { ready, serving: ready || serving, terminating },
      ...(hint === '' ? {} : { hints: { forNodes: [{ name: hint }] } }),
    })),
  );

/** Services of one number never claim what those of another do. */
function cases(number: number): fc.Arbitrary<Case> {
  return fc
    .record({
      endpoints,
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
      protocols: fc.uniqueArray(fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP'), { minLength: 1 }),
      external: fc.constantFrom('Cluster', 'Local'),
      internal: fc.constantFrom('Cluster', 'Local'),
      isSticky: fc.boolean(),
      hasExternal: fc.boolean(),
    })
    .map(({ endpoints: all, type, protocols, external, internal, isSticky, hasExternal }) => {
      const spec: Partial<ServiceSpec> = {
        type: type,
        clusterIP: `10.96.0.${20 + number}`,
        ports: protocols.map((protocol) => ({
          name: protocol.toLowerCase(),
          protocol,
          port: 80,
          ...(type === 'ClusterIP' ? {} : { nodePort: 30000 + number }),
        })),
        externalTrafficPolicy: external,
        internalTrafficPolicy: internal,
        ...(isSticky ? { sessionAffinity: 'ClientIP' } : {}),
        ...(hasExternal ? { externalIPs: [`203.0.113.${number}`] } : {}),
      };
      const status = { loadBalancer: { ingress: [{ ip: `198.51.100.${number}` }] } };
      const slicePorts = protocols.map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: 8080 }));
      return {
        service: aService(spec, { name: `s${number}`, ...(type === 'LoadBalancer' ? { status } : {}) }),
        slice: aSlice(all, slicePorts),
      };
    });
}

const states: fc.Arbitrary<readonly Case[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 4 })
  .chain((numbers) => fc.tuple(...numbers.map((number) => cases(number))));

function fragmentsOf(all: readonly Case[]): Fragments {
  return new Map(
    all.map(({ service, slice }): [string, Fragment] => [
      `service/shop/${service.metadata.name}`,
      {
        rules: serviceRules(service, [slice], NODE),
        records: new Set([`${service.metadata.name}. 5 IN A 10.96.0.1`, 'shared. 5 IN A 10.96.0.2']),
      },
    ]),
  );
}

const frame = [serviceFrame(NODE)];
const rulesFiles = (fragments: Fragments): string[] =>
  [...planChange(new Map(), fragments, NODE).files.written].filter(([path]) => path.startsWith('rules/')).map(([, text]) => text);
const whole = (fragments: Fragments): Table => apply(newTable(), replacingText(NODE, frame, rulesFiles(fragments)));

/** What holds of a Service for a client, said without looking at rules: targets, or what happens in place of one. */
function expected({ slice }: Case, policy: 'Cluster' | 'Local'): Verdict['kind'] | ReadonlySet<string> {
  const all = slice.endpoints ?? [];
  const best = (some: readonly Endpoint[]): readonly Endpoint[] => {
    const ready = some.filter(({ conditions }) => conditions?.ready === true);
    return ready.length > 0
      ? ready
      : some.filter(({ conditions }) => conditions?.serving === true && conditions.terminating === true);
  };
  const chosen = policy === 'Local' ? best(all.filter(({ nodeName }) => nodeName === 'a')) : best(all);
  const isHinted = chosen.every(({ conditions, hints }) => conditions?.ready === true && hints !== undefined);
  const mine = chosen.filter(({ hints }) => hints?.forNodes?.some(({ name }) => name === 'a') === true);
  const preferred = policy === 'Cluster' && isHinted && mine.length > 0 ? mine : chosen;
  if (best(all).length === 0) return 'refused';
  return preferred.length === 0 ? 'dropped' : new Set(preferred.map(({ addresses }) => addresses[0] ?? ''));
}

function seen(
  table: Table,
  source: string,
  destination: string,
  protocol: string,
  port: number,
): Verdict['kind'] | ReadonlySet<string> {
  const hook = OWN.includes(source) ? 'output' : 'prerouting';
  const verdicts = [undefined, ...Array.from({ length: 12 }).keys()].map((draw) => {
    // A client that comes for the first time each time.
    const fresh = apply(table, '');
    return judge(fresh, { hook, source, destination, protocol, port, own: OWN, draw });
  });
  const [first] = verdicts;
  if (first === undefined || first.kind !== 'to') return first?.kind ?? 'passed';
  return new Set(verdicts.map((verdict) => (verdict.kind === 'to' && verdict.port === 8080 ? verdict.address : verdict.kind)));
}

const isMasked = (verdict: Verdict): boolean => verdict.kind === 'to' && verdict.isMasked;

describe('for any Services', () => {
  test('every address and port leads to an endpoint that takes connections, or is refused', () => {
    fc.assert(
      fc.property(states, fc.constantFrom(...CLIENTS), (all, source) => {
        const table = whole(fragmentsOf(all));
        for (const each of all) {
          const { spec, status } = each.service;
          const isInside = source === '192.0.2.1' || source.startsWith('10.244.1.');
          const outside = spec.externalTrafficPolicy === 'Local' && !isInside ? 'Local' : 'Cluster';
          for (const { protocol = 'TCP', nodePort } of spec.ports ?? []) {
            const from = (destination: string, port: number): unknown =>
              seen(table, source, destination, protocol.toLowerCase(), port);
            expect(from(spec.clusterIP ?? '', 80)).toEqual(expected(each, spec.internalTrafficPolicy ?? 'Cluster'));
            expect(from(spec.clusterIP ?? '', 81)).toBe('refused');
            for (const address of [
              ...(spec.externalIPs ?? []),
              ...(status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip),
            ])
              expect(from(address, 80)).toEqual(expected(each, outside));
            if (nodePort === undefined) continue;
            expect(from('192.0.2.1', nodePort)).toEqual(expected(each, outside));
            expect(from('127.0.0.1', nodePort)).toBe('passed');
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the address of the client is replaced where an answer would not come back, and nowhere else', () => {
    fc.assert(
      fc.property(cases(1), fc.constantFrom(...CLIENTS), (one, source) => {
        const table = whole(fragmentsOf([one]));
        const { spec } = one.service;
        const hook = source === '192.0.2.1' ? 'output' : 'prerouting';
        const protocol = (spec.ports?.[0]?.protocol ?? 'TCP').toLowerCase();
        const base = { hook, source, protocol, own: OWN, draw: 0 } as const;
        const inside = judge(table, { ...base, destination: spec.clusterIP ?? '', port: 80 });
        const nodes = new Map((one.slice.endpoints ?? []).map(({ addresses, nodeName }) => [addresses[0], nodeName]));
        expect(isMasked(inside)).toBe(
          inside.kind === 'to' && (!source.startsWith('10.244.') || (inside.address === source && nodes.get(source) === 'a')),
        );
        const nodePort = spec.ports?.[0]?.nodePort;
        if (nodePort === undefined) return;
        const outside = judge(table, { ...base, destination: '192.0.2.1', port: nodePort });
        const keeps = spec.externalTrafficPolicy === 'Local' && source !== '192.0.2.1';
        expect(isMasked(outside)).toBe(
          outside.kind === 'to' && (!keeps || (outside.address === source && nodes.get(source) === 'a')),
        );
      }),
    );
  });

  test('a sticky client is sent where it was before', () => {
    fc.assert(
      fc.property(cases(1), fc.nat(), fc.nat(), (one, first, second) => {
        const { service, slice } = one;
        const sticky = { service: { ...service, spec: { ...service.spec, sessionAffinity: 'ClientIP' as const } }, slice };
        const table = whole(fragmentsOf([sticky]));
        const protocol = (service.spec.ports?.[0]?.protocol ?? 'TCP').toLowerCase();
        const ask = (draw: number): Verdict =>
          judge(table, {
            hook: 'prerouting',
            source: '10.244.2.7',
            destination: service.spec.clusterIP ?? '',
            port: 80,
            protocol,
            own: OWN,
            draw,
          });
        expect(ask(first)).toEqual(ask(second));
      }),
    );
  });

  test('a change makes what programming the whole would, and what goes leaves nothing', () => {
    fc.assert(
      fc.property(fc.array(states, { minLength: 1, maxLength: 4 }), (all) => {
        let held: Fragments = new Map();
        let table = whole(held);
        for (const next of [...all.map(fragmentsOf), new Map()]) {
          const { rules, unusedChains } = planChange(held, next, NODE);
          table = apply(table, rules);
          table = apply(table, unusedChains.map((chain) => `delete chain ip hf-test ${chain}\n`).join(''));
          expect(canonical(table)).toEqual(canonical(whole(next)));
          held = next;
        }
      }),
      { numRuns: 100 },
    );
  });

  test('the same holds for fragments that claim the same, with the same value or another', () => {
    const entries = fc.dictionary(fc.constantFrom('k1', 'k2', 'k3'), fc.constantFrom('drop', 'accept', 'goto refuse'));
    const claims = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.record({ services: entries, pairs: fc.subarray(['p1', 'p2']) }),
    );
    const fragmentsFor = (all: Record<string, { services: Record<string, string>; pairs: string[] }>): Fragments =>
      new Map(
        Object.entries(all).map(([id, { services, pairs }]): [string, Fragment] => {
          const elements = new Map([
            ['services', new Map(Object.entries(services))],
            ['hairpin', new Map(pairs.map((pair) => [pair, '']))],
          ]);
          return [id, { rules: { ...NO_RULES, elements }, records: new Set(pairs) }];
        }),
      );
    fc.assert(
      fc.property(fc.array(claims, { minLength: 1, maxLength: 5 }), (all) => {
        let held: Fragments = new Map();
        let table = whole(held);
        const files = new Map<string, string>();
        const records = new Set<string>();
        for (const next of all.map(fragmentsFor)) {
          // Those that are the same stay the same object.
          for (const [id, fragment] of held)
            if (isDeepStrictEqual(next.get(id), fragment)) (next as Map<string, Fragment>).set(id, fragment);
          const change = planChange(held, next, NODE);
          table = apply(table, change.rules);
          for (const [path, text] of change.files.written) files.set(path, text);
          for (const path of change.files.removed) expect(files.delete(path)).toBe(true);
          for (const line of change.records.added) records.add(line);
          for (const line of change.records.removed) records.delete(line);
          expect(canonical(table)).toEqual(canonical(whole(next)));
          expect(files).toEqual(planChange(new Map(), next, NODE).files.written);
          expect(records).toEqual(new Set([...next.values()].flatMap((fragment) => [...fragment.records])));
          held = next;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('the frame can be replaced at any time', () => {
    fc.assert(
      fc.property(states, (all) => {
        const table = whole(fragmentsOf(all));
        expect(canonical(apply(table, frameText(NODE, frame)))).toEqual(canonical(table));
      }),
      { numRuns: 30 },
    );
  });

  test('files are read as they were written', () => {
    fc.assert(
      fc.property(states, (all) => {
        for (const { rules } of fragmentsOf(all).values()) {
          const text = rulesText('hf-test', rules);
          const read = readRules(text);
          expect(read === undefined ? '' : rulesText('hf-test', read)).toBe(text);
        }
      }),
    );
  });
});
