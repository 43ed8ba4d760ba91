import { expect, test } from 'vitest';
import { objectId, parseCommit, parseTag, parseTree } from '../../src/git/objects.ts';

const ID = 'c'.repeat(40);
const TREE = 'a'.repeat(40);
const SIGNATURE = [
  'gpgsig -----BEGIN SSH SIGNATURE-----',
  ' U1NIU0lH',
  ' tree of lies',
  ' ',
  ' author nobody',
  ' -----END SSH SIGNATURE-----',
];

const commitOf = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\n'));

test('objectId is what git hash-object prints', () => {
  expect(objectId('blob', Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});

test('a signed commit', () => {
  const bytes = commitOf(
    `tree ${TREE}`,
    `parent ${ID}`,
    'author A <a@x> 1 +0100',
    'committer B <b@x> 1700000000 -0700',
    ...SIGNATURE,
    '',
    'Subject',
    '',
    'Body',
  );
  expect(parseCommit(ID, bytes)).toEqual({
    treeId: TREE,
    commit: { id: ID, subject: 'Subject', author: 'A <a@x>', time: '2023-11-14T22:13:20Z', message: 'Subject\n\nBody' },
  });
});

test.each([
  ['no message', [''], ''],
  ['blank lines before', ['', '', '  Late', ''], 'Late'],
  ['two lines', ['', 'One', 'two', '', 'rest'], 'One two'],
  ['carriage returns', ['', 'One\r', 'two\r', '\r', 'rest'], 'One two'],
])('the subject with %s', (_, lines, subject) => {
  const { commit } = parseCommit(ID, commitOf(`tree ${TREE}`, 'author A <a@x> 1 +0000', 'committer A <a@x> 1 +0000', ...lines));
  expect(commit.subject).toBe(subject);
});

test('a commit in another encoding', () => {
  const head = Buffer.from(
    `tree ${TREE}\nauthor Zo\u00eb <z@x> 1 +0000\ncommitter Zo\u00eb <z@x> 1 +0000\nencoding ISO-8859-1\n\nGr\u00fc\u00dfe\n`,
    'latin1',
  );
  expect(parseCommit(ID, head).commit).toMatchObject({ author: 'Zoë <z@x>', subject: 'Grüße' });
});

test.each([
  ['no tree', ['author A <a@x> 1 +0000', '', 'x']],
  ['no author', [`tree ${TREE}`, '', 'x']],
  ['no time', [`tree ${TREE}`, 'author A <a@x>', 'committer A <a@x>', '', 'x']],
  ['nothing', ['']],
])('a commit with %s is damaged', (_, lines) => {
  expect(() => parseCommit(ID, commitOf(...lines))).toThrow(expect.objectContaining({ fault: 'Corrupt' }));
});

test('a tree', () => {
  const id = Buffer.alloc(20, 0xab);
  const entry = (mode: string, name: string): Buffer => Buffer.concat([Buffer.from(`${mode} ${name}\0`), id]);
  const tree = Buffer.concat([
    entry('100644', 'a b'),
    entry('100755', 'run'),
    entry('40000', 'ünder'),
    entry('120000', 'link'),
    entry('160000', 'module'),
  ]);
  expect(parseTree(ID, tree).map(({ name, type }) => [name, type])).toEqual([
    ['a b', 'file'],
    ['run', 'file'],
    ['ünder', 'folder'],
    ['link', 'symlink'],
    ['module', 'submodule'],
  ]);
  expect(parseTree(ID, Buffer.alloc(0))).toEqual([]);
  expect(() => parseTree(ID, tree.subarray(0, -1))).toThrow(expect.objectContaining({ fault: 'Corrupt' }));
});

test('a tag', () => {
  expect(parseTag(ID, Buffer.from(`object ${TREE}\ntype commit\ntag v1\n\nmessage`))).toBe(TREE);
  expect(() => parseTag(ID, Buffer.from('type commit'))).toThrow(expect.objectContaining({ fault: 'Corrupt' }));
});
