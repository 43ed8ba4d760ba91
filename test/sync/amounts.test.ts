import { describe, expect, test } from 'vitest';
import { withLiveAmounts } from '../../src/sync/amounts.ts';

const withRequests = (requests: object): object => ({ spec: { containers: [{ name: 'main', resources: { requests } }] } });

describe('equal amounts keep the way in which they are written', () => {
  test.each([
    ['1', '1000m', '1000m'],
    ['0.7', '700m', '700m'],
    ['1Gi', '1024Mi', '1024Mi'],
    ['1G', '1e9', '1e9'],
    ['1', '1001m', '1'],
    ['1Gi', '1G', '1Gi'],
    ['1099511627777', '1Ti', '1099511627777'],
  ])('%s over %s is %s', (next, live, expected) => {
    expect(withLiveAmounts(withRequests({ cpu: next }), withRequests({ cpu: live }))).toEqual(withRequests({ cpu: expected }));
  });

  test('what is new, or gone, is as it is written', () => {
    expect(withLiveAmounts(withRequests({ cpu: '1' }), withRequests({ memory: '1' }))).toEqual(withRequests({ cpu: '1' }));
    expect(withLiveAmounts(withRequests({ cpu: '1' }), {})).toEqual(withRequests({ cpu: '1' }));
  });

  test('containers are compared by name, other lists by place', () => {
    const pod = (...containers: [string, string][]): object => ({
      containers: containers.map(([name, cpu]) => ({ name, resources: { limits: { cpu } } })),
    });
    expect(withLiveAmounts(pod(['new', '1'], ['old', '2']), pod(['old', '2000m']))).toEqual(pod(['new', '1'], ['old', '2000m']));
  });

  test.each([
    ['data of a ConfigMap', { data: { sizeLimit: '1', limits: '1' } }, { data: { sizeLimit: '1000m', limits: '1000m' } }],
    ['labels', { metadata: { labels: { limits: '1' } } }, { metadata: { labels: { limits: '1000m' } } }],
    ['arguments', { args: ['1'] }, { args: ['1000m'] }],
  ])('%s are no amounts', (_what, next, live) => {
    expect(withLiveAmounts(next, live)).toBe(next);
  });

  test.each([
    ['the size of an emptyDir', (text: string) => ({ volumes: [{ name: 'v', emptyDir: { sizeLimit: text } }] })],
    ['the overhead of a pod', (text: string) => ({ spec: { overhead: { cpu: text } } })],
    ['a claim', (text: string) => ({ spec: { resources: { requests: { storage: text } } } })],
  ])('%s is one', (_what, object) => {
    expect(withLiveAmounts(object('1Gi'), object('1024Mi'))).toEqual(object('1024Mi'));
  });
});
