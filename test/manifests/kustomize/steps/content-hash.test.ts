// The hashes of generated objects: those that kustomize's documentation and its own cases show, and what counts in them.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentHash } from '../../../../src/manifests/kustomize/steps/content-hash.ts';

const configMap = (data: object): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
});
const secret = (data: object, type = 'Opaque'): Record<string, unknown> => ({ apiVersion: 'v1', kind: 'Secret', type, data });

describe('contentHash', () => {
  test.each([
    ['an empty ConfigMap', { kind: 'ConfigMap' }, '6ct58987ht'],
    ['one key', configMap({ one: '' }), '9g67k2htb6'],
    ['three keys in any order, numbers as they are', configMap({ two: 2, one: '', three: 3 }), '7757f9kkct'],
    ['binary data alone', { kind: 'ConfigMap', binaryData: { one: '' } }, '6mtk2m274t'],
    ['three keys of binary data', { kind: 'ConfigMap', binaryData: { two: 2, one: '', three: 3 } }, '9th7kc28dg'],
    ['both', { ...configMap({ one: '' }), binaryData: { two: '' } }, '698h7c7t9m'],
    ['literals', configMap({ fruit: 'Indian Gooseberry', year: '2020', crisis: 'true' }), '79t79mt227'],
    ['merged literals', configMap({ fruit: 'Indian Gooseberry', year: '2020', crisis: 'true', month: '12' }), 'bk46gm59c6'],
    ['env files', configMap({ VAR1: '100', VAR2: '200' }), 'hdghb5ddkg'],
    ['several lines', configMap({ 'initial.txt': 'greetings\neveryone\n', 'final.txt': 'different\nbehavior\n' }), 'tt4769fb52'],
    ['quotes', configMap({ TEST: "this is a 'test'" }), 'k9cc55dfm5'],
    ['one quote', configMap({ TEST: "'" }), 'm8t7bmb6g2'],
    ['a Secret without data', { kind: 'Secret', type: 'my-type' }, '5gmgkf8578'],
    ['a Secret with one key', secret({ one: '' }, 'my-type'), '74bd68bm66'],
    ['a Secret with three keys', secret({ two: 2, one: '', three: 3 }, 'my-type'), '4gf75c7476'],
    ['a Secret with stringData', { ...secret({ one: '' }, 'my-type'), stringData: { two: 2 } }, 'c4h4264gdb'],
    [
      'the documented Secret of a file',
      secret({ 'credentials.txt': 'dXNlcm5hbWU9YWRtaW4KcGFzc3dvcmQ9UyFCXCpkJHpEc2I9Cg==' }),
      'gf9bgh225c',
    ],
    ['the documented Secret of literals', secret({ password: 'UyFCXCpkJHpEc2I9', username: 'YWRtaW4=' }), 't8d2d65755'],
  ])('%s', (_title, value, hash) => {
    expect(contentHash(value)).toBe(hash);
  });

  test('keys are sorted by their bytes, not by their UTF-16 units', () => {
    const [high, low] = ['\u{10000}', '\uFFFF'];
    expect(contentHash(configMap({ [high]: '1', [low]: '2' }))).toBe(contentHash(configMap({ [low]: '2', [high]: '1' })));
  });

  test('any content gives ten characters that are no vowels, zeros or ones, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (data) => {
        const hash = contentHash(configMap(data));
        expect(hash).toMatch(/^[bcdf-hkm2456789t]{10}$/);
        const backwards = Object.fromEntries(Object.entries(data).toReversed());
        expect(contentHash(configMap(backwards))).toBe(hash);
      }),
    );
  });
});
