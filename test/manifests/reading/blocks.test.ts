// The quick reader says the same as the proper one, or nothing.
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBlocks } from '../../../src/manifests/reading/blocks.ts';
import { printManifest } from '../../../src/manifests/reading/print.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';

/** A tab in a comment changes nothing, and is not for the quick reader. */
function readProperly(text: string): { value: unknown; line: number }[] {
  return parseYaml(`#\t\n${text}`).map(({ value, faults, locate }) =>
    faults.length === 0 ? { value, line: locate([]).line - 1 } : { value: faults, line: 0 },
  );
}

/** What the quick reader made of it: nothing, the same as the proper one, or something else. */
function compare(text: string): 'left' | 'same' | object {
  const quick = readBlocks(text);
  if (quick === undefined) return 'left';
  const proper = readProperly(text);
  return isDeepStrictEqual(quick, proper) ? 'same' : { text, quick, proper };
}

const manifest = `# the web server
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, tier: "front"}
  annotations:
    "example.org/a": 'b'
spec:
  replicas: 2 # enough
  strategy: {}
  template:
    spec:
      containers:
      - name: web
        image: web:1.0
        args: ["--listen", ":80", plain, 5]
        env:
          - name: A

            value: "0644"
          -   name: B
              value: 0644
        command:
        - sh
        - -c
        - |
          exec a \\
            --b # c

          done
      volumes: []
---
---
- a
- - b
  - c: 1
-
  d: yes
`;

test.each<[string, string]>([
  ['a manifest', manifest],
  ['without a line break at the end', 'a: b'],
  ['a text without a line break at the end', 'a: |\n  b'],
  ['a text that ends in blank lines', 'a: |\n  b\n\n\n'],
  ['a text that strips them', 'a: |-\n  b\n\n\nc: d\n'],
  ['blank lines and comments between', '\n# a\na:\n\n  # b\n  b: 1\n # c\n  c: 2\n'],
  ['nothing', ''],
  ['only comments', '# a\n---\n# b\n'],
  ['a list at the level of its key', 'a:\n- b\n- c\nd: e\n'],
  ['empty values', 'a:\nb: ~\nc: null\nd:\n- \n-\n'],
  ['colons and hashes in words', 'a: http://x:80/#y\nb: a#b\nc: "# no comment"\nd: b: "x"'.replace('\nd: b: "x"', '')],
  ['numbers and words', 'a: 0x1F\nb: 1e3\nc: .5\nd: -1\ne: +1\nf: 12:30:45\ng: 2024-01-01\nh: on\ni: 1.2.3\n'],
  ['a key that every object has', '__proto__: a\nconstructor: b\n'],
])('%s', (_name, text) => {
  expect(compare(text)).toBe('same');
});

test.each<[string, string]>([
  ['anchors', 'a: &a b\n'],
  ['aliases', 'a: *a\n'],
  ['tags', 'a: !!str 5\n'],
  ['merges', 'a:\n  <<: b\n'],
  ['folded texts', 'a: >\n  b\n'],
  ['escapes', 'a: "\\n"\n'],
  ['quotes in quotes', "a: 'it''s'\n"],
  ['text over several lines', 'a: b\n  c\n'],
  ['quotes over several lines', 'a: "b\n  c"\n'],
  ['nested brackets', 'a: [[b]]\n'],
  ['brackets over several lines', 'a: [\n  b]\n'],
  ['keys that are no text', 'yes: 1\n'],
  ['keys that are given twice', 'a: 1\na: 2\n'],
  ['explicit keys', '? a\n: b\n'],
  ['directives', '%YAML 1.1\n---\na: b\n'],
  ['ends of documents', 'a: b\n...\n'],
  ['a document behind its mark', '--- a\n'],
  ['tabs', 'a:\tb\n'],
  ['CRLF', 'a: b\r\n'],
  ['a colon in a value', 'a: b: c\n'],
  ['a key that moved left', 'a:\n    b: 1\n  c: 2\n'],
  ['a key that moved right', 'a: 1\n  b: 2\n'],
  ['a missing colon', 'a: 1\nb\n'],
  ['infinity', 'a: .inf\n'],
  ['a placeholder in braces', 'a: {b: ${C}}\n'],
  ['deep nesting', Array.from({ length: 60 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
])('%s are left to the proper reader', (_name, text) => {
  expect(readBlocks(text)).toBeUndefined();
});

describe('whatever is read means the same to both', () => {
  const pieces = [
    '\n',
    '\n\n',
    ' ',
    '  ',
    ':',
    ': ',
    '- ',
    '-',
    '#',
    ' #',
    ' # x\n',
    ',',
    '"',
    "'",
    '"a"',
    "'b'",
    '[',
    ']',
    '{',
    '}',
    '[]',
    '{}',
    '[a, b]',
    '{a: b}',
    '|\n',
    '|-\n',
    '| \n',
    '>',
    '&a',
    '*a',
    '!',
    '?',
    '%',
    '@',
    '`',
    '~',
    '0644',
    'yes',
    '.',
    '..',
    '=',
    '<<',
    '---',
    '---\n',
    '...',
    'a',
    'b:',
    'a: b',
    'a:\n',
    '\n  ',
    '\n    ',
    '\n- ',
    '\n  - ',
    'é',
    '$(A)',
    '${B}',
    '\\',
    '(',
    '+1',
    '1e5',
    ': #',
    ':#',
    '::',
    '-a',
    '--',
  ];
  const edit = fc.tuple(fc.nat(manifest.length), fc.nat(12), fc.constantFrom(...pieces));

  test('a manifest that was changed anywhere', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const text = edits.reduce((before, [at, cut, piece]) => before.slice(0, at) + piece + before.slice(at + cut), manifest);
        const result = compare(text);
        expect(result).toBeOneOf(['left', 'same']);
        if (result === 'same') read += 1;
      }),
      { numRuns: 3000 },
    );
    // The test would mean nothing if it never were.
    expect(read).toBeGreaterThan(200);
  });

  test('short texts of any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        expect(compare(parts.join(''))).toBeOneOf(['left', 'same']);
      }),
      { numRuns: 5000 },
    );
  });

  test('any value that was printed', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9 .:#\n-]{0,20}$/), fc.constantFrom(...pieces));
    const value = fc.object({ maxDepth: 4, key: text, values: [text, fc.integer(), fc.boolean(), fc.constant(null)] });
    fc.assert(
      fc.property(value, (any) => {
        expect(compare(printManifest(any))).toBeOneOf(['left', 'same']);
      }),
      { numRuns: 2000 },
    );
  });
});
