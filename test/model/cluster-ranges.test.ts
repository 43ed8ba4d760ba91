import { describe, expect, test } from 'vitest';
import { chooseRanges, chooseSlice, dynamicPartOf, gatewayOf, podAddresses } from '../../src/model/cluster-ranges.ts';
import { formatAddress } from '../../src/model/ipv4.ts';
import { dnsAddressOf } from '../../src/model/service-address.ts';

const choose = (input: Partial<Parameters<typeof chooseRanges>[0]> = {}): string => {
  const result = chooseRanges({ wishes: {}, recorded: {}, taken: [], ...input });
  return result.ok ? `${result.value.podRange} ${result.value.serviceRange}` : result.message;
};
const slice = (input: Partial<Parameters<typeof chooseSlice>[0]> = {}): string => {
  const result = chooseSlice({ podRange: '10.244.0.0/16', others: [], taken: [], ...input });
  return result.ok ? result.value : result.message;
};

describe('ranges of a cluster', () => {
  test.each([
    ['nothing in the way', {}, '10.244.0.0/16 10.96.0.0/16'],
    ['another cluster on the engine', { taken: ['10.244.0.0/24'] }, '10.245.0.0/16 10.96.0.0/16'],
    ['a larger range around both', { taken: ['10.0.0.0/8'] }, '172.24.0.0/16 172.20.0.0/16'],
    ['all private ranges', { taken: ['10.0.0.0/8', '172.16.0.0/12'] }, '100.80.0.0/16 100.96.0.0/16'],
    ['a range of Services that is taken', { taken: ['10.96.12.0/22'] }, '10.244.0.0/16 10.97.0.0/16'],
    ['routes to everywhere', { taken: ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1'] }, '10.244.0.0/16 10.96.0.0/16'],
    ['words that are no range', { taken: ['fd00::/8', 'default', ''] }, '10.244.0.0/16 10.96.0.0/16'],
    ['a wish', { wishes: { podRange: '10.60.0.0/14' } }, '10.60.0.0/14 10.96.0.0/16'],
    ['a wish in the way of the other default', { wishes: { serviceRange: '10.244.0.0/20' } }, '10.245.0.0/16 10.244.0.0/20'],
    [
      'what was chosen before, in use or not',
      { recorded: { podRange: '10.9.0.0/16', serviceRange: '10.8.0.0/16' }, taken: ['10.9.0.0/24'] },
      '10.9.0.0/16 10.8.0.0/16',
    ],
    [
      'the same as before as a wish',
      { recorded: { podRange: '10.9.0.0/16' }, wishes: { podRange: '10.9.0.0/16' } },
      '10.9.0.0/16 10.96.0.0/16',
    ],
  ])('%s', (_what, input, ranges) => expect(choose(input)).toBe(ranges));

  test.each([
    [
      { wishes: { podRange: '10.244.0.0/16' }, taken: ['10.244.7.0/24'] },
      '--pod-range 10.244.0.0/16: it overlaps 10.244.7.0/24, which is in use on this host',
    ],
    [
      { wishes: { podRange: '10.7.0.0/16', serviceRange: '10.7.1.0/24' } },
      '--pod-range 10.7.0.0/16: it overlaps 10.7.1.0/24, which is in use on this host',
    ],
    [
      { wishes: { serviceRange: '10.7.0.0/16' }, recorded: { serviceRange: '10.8.0.0/16' } },
      '--service-range 10.7.0.0/16: the cluster has 10.8.0.0/16 since it was made, and it cannot be changed while it exists',
    ],
    [{ wishes: { podRange: 'many' } }, '--pod-range many: write it as an IPv4 range, for example 10.244.0.0/16'],
    [{ wishes: { podRange: '10.244.0.0' } }, '--pod-range 10.244.0.0: write it as an IPv4 range, for example 10.244.0.0/16'],
    [{ wishes: { podRange: '10.244.1.0/16' } }, '--pod-range 10.244.1.0/16: the first address of such a range is 10.244.0.0/16'],
    [{ wishes: { podRange: '10.244.0.0/25' } }, '--pod-range 10.244.0.0/25: it is too small: the longest prefix is /24'],
    [{ wishes: { podRange: '0.0.0.0/4' } }, '--pod-range 0.0.0.0/4: it is too large: the shortest prefix is /8'],
    [
      { taken: ['10.0.0.0/8', '172.16.0.0/12', '100.64.0.0/10'] },
      'no range is free for the network: choose one with --pod-range',
    ],
  ])('refused in words: %j', (input, message) => expect(choose(input)).toBe(message));
});

describe('the slice of a node', () => {
  test.each([
    ['the first', {}, '10.244.0.0/24'],
    ['the first that no other has', { others: ['10.244.0.0/24', '10.244.2.0/24'] }, '10.244.1.0/24'],
    ['passes over what the host uses', { taken: ['10.244.0.0/23'] }, '10.244.2.0/24'],
    ['stays, whatever is in use', { recorded: '10.244.9.0/24', taken: ['10.244.9.0/24'] }, '10.244.9.0/24'],
    ['of a range of one', { podRange: '10.7.7.0/24' }, '10.7.7.0/24'],
  ])('%s', (_what, input, chosen) => expect(slice(input)).toBe(chosen));

  test.each([
    [
      { recorded: '10.244.9.0/24', others: ['10.244.9.0/24'] },
      'the pods of this node have 10.244.9.0/24, and another node of the cluster has 10.244.9.0/24',
    ],
    [{ podRange: '10.7.7.0/24', others: ['10.7.7.0/24'] }, 'no slice of 10.7.7.0/24 is free for another node: each has a /24'],
  ])('refused in words: %j', (input, message) => expect(slice(input)).toBe(message));
});

test('what is where in a range', () => {
  expect([gatewayOf('10.244.3.0/24'), dnsAddressOf('10.96.0.0/16'), dynamicPartOf('10.244.3.0/24')]).toEqual([
    '10.244.3.1',
    '10.96.0.10',
    '10.244.3.248/29',
  ]);
  const { first = 0, last = 0 } = podAddresses('10.244.3.0/24') ?? {};
  expect([formatAddress(first), formatAddress(last)]).toEqual(['10.244.3.2', '10.244.3.247']);
});
