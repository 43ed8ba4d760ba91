// The names of pods: which fragments a change concerns, what they hold, and what becomes of a container with the older layout.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { StoredOf } from '../../../src/model/resource.ts';
import { FragmentLane } from '../../../src/network/agent/fragment-lane.ts';
import type { LanePass } from '../../../src/network/agent/lane.ts';
import { PodFragments } from '../../../src/network/agent/pod-fragments.ts';
import { FRAME_FILE } from '../../../src/network/change-script.ts';
import { type Fragment, NO_RULES, type TableBodies } from '../../../src/network/fragment.ts';
import { frameDeclarations } from '../../../src/network/frame.ts';
import { planChange } from '../../../src/network/plan-change.ts';
import type { StoreReader, WatchEvent } from '../../../src/store/store.ts';
import { aPod } from '../../support/builders.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';

type Pod = StoredOf<'Pod'>;

const at = (name: string, podIP: string | undefined, more: Pod['status'] = {}): Pod =>
  aPod({ name, namespace: 'shop', status: { phase: 'Running', ...(podIP === undefined ? {} : { podIP }), ...more } });
const event = (resource: Pod, type: WatchEvent['type'] = 'modified'): WatchEvent => ({ type, resource, revision: 1 });
const holding = (...pods: readonly Pod[]): StoreReader => ({ list: () => pods }) as unknown as StoreReader;
const recordOf = (address: string): string => `${address.replaceAll('.', '-')}.shop.pod.cluster.local. 5 IN A ${address}`;
const fragmentOf = (...addresses: readonly string[]): Fragment => ({
  rules: NO_RULES,
  records: new Set(addresses.map(recordOf)),
});

test('neighbouring addresses share a fragment', () => {
  const source = new PodFragments();
  const pods = ['10.244.0.17', '10.244.0.31', '10.244.0.32', '10.244.1.17'].map((address, index) => at(`p${index}`, address));
  const ids = source.reset(holding(...pods));
  expect(ids).toEqual(['pods/shop/10.244.0.16', 'pods/shop/10.244.0.32', 'pods/shop/10.244.1.16']);
  expect(ids.map((id) => source.plan(id))).toEqual([
    fragmentOf('10.244.0.17', '10.244.0.31'),
    fragmentOf('10.244.0.32'),
    fragmentOf('10.244.1.17'),
  ]);
  expect([source.plan('pods/shop'), source.plan('service/shop/web')]).toEqual([undefined, undefined]);
});

test('what comes, moves and goes concerns the fragments of its addresses; nothing else that becomes of a pod does', () => {
  const source = new PodFragments();
  expect(source.take(event(at('p', undefined), 'added'))).toEqual([]);
  expect(source.take(event(at('p', '10.244.0.5')))).toEqual(['pods/shop/10.244.0.0']);
  expect(source.take(event(at('p', '10.244.0.5', { conditions: [{ type: 'Ready', status: 'True' }] })))).toEqual([]);
  expect(source.take(event(at('p', '10.244.0.6')))).toEqual(['pods/shop/10.244.0.0']);
  expect(source.plan('pods/shop/10.244.0.0')).toEqual(fragmentOf('10.244.0.6'));
  expect(source.take(event(at('p', '10.244.0.20')))).toEqual(['pods/shop/10.244.0.0', 'pods/shop/10.244.0.16']);
  expect(source.plan('pods/shop/10.244.0.0')).toBeUndefined();
  expect(source.take(event(at('p', '10.244.0.20', { phase: 'Failed' })))).toEqual(['pods/shop/10.244.0.16']);
  expect(source.take(event(at('p', '10.244.0.20', { phase: 'Failed' }), 'removed'))).toEqual([]);
  expect(source.plan('pods/shop/10.244.0.16')).toBeUndefined();
});

test('pods with one address have one record, as long as one of them is there', () => {
  const source = new PodFragments();
  source.take(event(at('a', '192.0.2.1'), 'added'));
  expect(source.take(event(at('b', '192.0.2.1'), 'added'))).toEqual(['pods/shop/192.0.2.0']);
  expect(source.plan('pods/shop/192.0.2.0')).toEqual(fragmentOf('192.0.2.1'));
  source.take(event(at('a', '192.0.2.1'), 'removed'));
  expect(source.plan('pods/shop/192.0.2.0')).toEqual(fragmentOf('192.0.2.1'));
});

test('an address of another family stands alone', () => {
  const source = new PodFragments();
  const [id = ''] = source.take(event(at('a', 'FD00::A'), 'added'));
  expect(id).toBe('pods/shop/fd00--a');
  expect([...(source.plan(id)?.records ?? [])]).toEqual(['fd00--a.shop.pod.cluster.local. 5 IN AAAA fd00::a']);
});

test('the same pods in another order make the same file', () => {
  const pods = ['10.244.0.9', '10.244.0.10', '10.244.0.2'].map((address, index) => at(`p${index}`, address));
  const textOf = (each: readonly Pod[]): readonly string[] => {
    const source = new PodFragments();
    source.reset(holding(...each));
    return [...(source.plan('pods/shop/10.244.0.0')?.records ?? [])];
  };
  expect(textOf(pods)).toEqual(textOf(pods.toReversed()));
});

test('a container with one file for each namespace is brought in line without a change of names', async () => {
  const frame: readonly TableBodies[] = [{ ip: ['map services { type ipv4_addr : verdict; }'] }];
  const addresses = ['10.244.0.5', '10.244.0.20'];
  const older = new Map([['pods/shop', fragmentOf(...addresses)]]);
  const files = new Map([...planChange(new Map(), older, NODE).files.written, [FRAME_FILE, frameDeclarations(NODE, frame)]]);
  const sent: string[] = [];
  const run: LanePass['run'] = async (what, script) => {
    if (what.startsWith('look'))
      return [...files].map(([path, text]) => `${createHash('sha256').update(text).digest('hex')}  ${path}\n`).join('');
    if (what.startsWith('read'))
      return [...files].flatMap(([path, text]) => (script.includes(path) ? [`@ ${text.length} ${path}\n${text}`] : [])).join('');
    sent.push(script);
    return '';
  };
  const store = holding(...addresses.map((address, index) => at(`p${index}`, address)));
  const lane = new FragmentLane({ sources: [new PodFragments()], frame: () => frame });
  lane.reset(store);
  await lane.apply({ store, node: NODE, run });
  expect(sent).toHaveLength(1);
  const [script = ''] = sent;
  expect(script).not.toContain('names_update');
  // The new ones are there before the old one goes.
  const written = addresses.map((address) => script.indexOf(recordOf(address)));
  const [moved, gone] = [script.indexOf('mv -f next/records/* records/'), script.indexOf('rm -f records/pods~shop.zone')];
  expect(written.every((position) => position > 0 && position < moved)).toBe(true);
  expect(moved).toBeLessThan(gone);
  await lane.apply({ store, node: NODE, run });
  expect(sent).toHaveLength(1);
});
