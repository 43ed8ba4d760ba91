// `holdfast secrets`: what is printed, what is written, and what never is.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SecretFiles } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import { createSecretFiles } from '../../src/surroundings/secret-files.ts';
import { ann, bob, fixture, MARKER } from '../manifests/sops/test-keys.ts';
import { type FakeParts, fakeParts } from '../support/fake-parts.ts';

const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: ${MARKER}\n  user: shop\n`;

let folder: string;
let memory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  memory = join(folder, 'memory');
  mkdirSync(memory);
  writeFileSync(join(folder, 'keys.txt'), `${ann.identity}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const textAt = (name: string): string => readFileSync(at(name), 'utf8');
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

interface World {
  readonly editor?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  /** Called when Enter is waited for. */
  readonly question?: (text: string) => void;
  readonly files?: Partial<SecretFiles>;
}

function partsFor({ editor, env = {}, isTTY = false, question, files }: World): FakeParts {
  const all = {
    SOPS_AGE_KEY_FILE: at('keys.txt'),
    PATH: process.env['PATH'] ?? '',
    ...(editor === undefined ? {} : { EDITOR: editor }),
    ...env,
  };
  const surroundings = {
    env: all,
    interrupted: new AbortController().signal,
    memoryFolders: [at('not there'), memory],
    question: async (text: string) => question?.(text),
  };
  return fakeParts({ env: all, stdin: { isTTY }, secretFiles: { ...createSecretFiles(surroundings), ...files } });
}

async function secrets(argv: readonly string[], world: World = {}): Promise<readonly [number, string, string]> {
  const parts = partsFor(world);
  const code = await run(['secrets', ...argv], parts);
  return [code, parts.out(), parts.err()];
}

describe('keygen', () => {
  test('prints a key as age-keygen does', async () => {
    const [code, out, err] = await secrets(['keygen']);
    expect(code).toBe(0);
    const [, recipient] = /^# created: \S+Z\n# public key: (age1[a-z0-9]{58})\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n$/.exec(out) ?? [];
    expect(err).toBe(`recipient: ${recipient}\n`);
  });

  test('writes a file that only its owner can read, and no file twice', async () => {
    const file = at('new/keys.txt');
    const [code, out] = await secrets(['keygen', '--output', file]);
    expect([code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
    expect(out).toMatch(/keys\.txt: a new key; keep it out of Git, and keep a copy in a safe place\nrecipient: age1/);
    expect(out).not.toContain('AGE-SECRET-KEY');
    const before = readFileSync(file, 'utf8');
    expect(await secrets(['keygen', '--output', file])).toEqual([
      1,
      '',
      `holdfast: ${file} is there already; it is not overwritten\n`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('encrypt and decrypt', () => {
  test('to standard output, and back', async () => {
    const file = write('db.yaml', secret);
    const [code, out, err] = await secrets(['encrypt', '--age', ann.recipient, file]);
    expect([code, err, textAt('db.yaml')]).toEqual([0, '', secret]);
    expect(out).toMatch(/^apiVersion: v1\nkind: Secret\nmetadata: \{name: db\}\nstringData:\n {2}password: ENC\[/);
    expect(out).not.toContain(MARKER);
    expect(await secrets(['decrypt', write('sealed.yaml', out)])).toEqual([0, secret, '']);
  });

  test('in place, by the rules of .sops.yaml, with the mode and the link that there were', async () => {
    write(
      '.sops.yaml',
      `creation_rules:\n  - path_regex: ^apps/.*\\.yaml$\n    age: ${ann.recipient},${bob.recipient}\n    encrypted_regex: ^password$\n`,
    );
    mkdirSync(at('apps'));
    const file = write('apps/db.yaml', secret);
    chmodSync(file, 0o640);
    symlinkSync(file, at('link.yaml'));
    expect(await secrets(['encrypt', '--in-place', file])).toEqual([0, '', `${file}: encrypted for 2 recipients\n`]);
    expect(textAt('apps/db.yaml')).toMatch(/user: shop\nsops:[\s\S]*encrypted_regex: \^password\$/);
    expect([statSync(file).mode & 0o777, readdirSync(at('apps'))]).toEqual([0o640, ['db.yaml']]);
    expect(await secrets(['rotate', at('link.yaml')])).toEqual([0, '', `${at('link.yaml')}: encrypted with a new data key\n`]);
    expect(readdirSync(at('apps'))).toEqual(['db.yaml']);
    expect((await secrets(['decrypt', file], { env: { SOPS_AGE_KEY_FILE: '', SOPS_AGE_KEY: bob.identity } }))[1]).toBe(secret);
  });

  test('to a file that is not there yet', async () => {
    const file = write('plain.env', `A=${MARKER}\n`);
    const output = at('sealed.env');
    const argv = ['encrypt', file, '--output', output];
    const env = { SOPS_AGE_RECIPIENTS: `${ann.recipient}, ${bob.recipient}` };
    expect(await secrets(argv, { env })).toEqual([0, '', `${output}: encrypted for 2 recipients\n`]);
    expect(await secrets(argv, { env })).toEqual([1, '', `holdfast: ${output} is there already; it is not overwritten\n`]);
    expect(await secrets(['decrypt', output])).toEqual([0, `A=${MARKER}\n`, '']);
  });

  test('all files or none', async () => {
    const good = write('a.yaml', secret);
    const bad = write('b.yaml', 'a: [');
    const [code, out, err] = await secrets(['encrypt', '-i', '--age', ann.recipient, good, bad]);
    expect([code, out, textAt('a.yaml')]).toEqual([1, '', secret]);
    expect(err).toMatch(/^holdfast: .*b\.yaml: line 1, column \d+: .*\nholdfast: nothing was written\n$/);
  });

  test.each<readonly [string, string[], string]>([
    [
      'nobody is named',
      ['encrypt', 'FILE'],
      'for whom? Give --age age1…, or write a .sops.yaml with creation_rules; "holdfast secrets keygen" makes a key and its recipient',
    ],
    [
      'several files, one output',
      ['encrypt', '--age', 'x', 'FILE', 'FILE'],
      'several files can only be encrypted in place: give --in-place, or one file at a time',
    ],
    ['no such file', ['encrypt', '--age', 'x', '/nowhere/a.yaml'], 'there is no file /nowhere/a.yaml'],
    ['an empty rule', ['encrypt', '--age', 'x', '--encrypted-regex', '', 'FILE'], '--encrypted-regex must not be empty'],
    ['not encrypted', ['decrypt', 'FILE'], 'FILE: the file is not encrypted with SOPS'],
    ['no key file', ['decrypt', '--age-key-file', '/nowhere/keys', 'FILE'], 'there is no key file /nowhere/keys'],
    [
      'no recipient',
      ['encrypt', '--age', 'x', 'FILE'],
      'FILE: x is not an age recipient; one begins with age1 and is printed by "holdfast secrets keygen"',
    ],
    [
      'a secret key as recipient',
      ['encrypt', '--age', ann.identity, 'FILE'],
      'FILE: a secret key was given where its recipient (age1…) belongs',
    ],
    [
      'two rules',
      ['encrypt', '--encrypted-regex', 'a', '--encrypted-suffix', 'b', 'FILE'],
      "option '--encrypted-regex <pattern>' cannot be used with option '--encrypted-suffix <text>'",
    ],
  ])('refused: %s', async (_what, argv, message) => {
    const file = write('a.yaml', secret);
    const told = await secrets(argv.map((word) => (word === 'FILE' ? file : word)));
    expect(told).toEqual([1, '', `holdfast: ${message.replaceAll('FILE', file)}\n`]);
    expect(textAt('a.yaml')).toBe(secret);
  });

  test('a rule that does not fit the path, and one that others must use', async () => {
    write('.sops.yaml', `creation_rules:\n  - path_regex: ^apps/\n    age: ${ann.recipient}\n`);
    const file = write('a.yaml', secret);
    const fault = `holdfast: ${at('.sops.yaml')}: no path_regex of its creation rules fits a.yaml\n`;
    expect(await secrets(['encrypt', file])).toEqual([1, '', fault]);
    expect((await secrets(['encrypt', '--age', ann.recipient, file]))[0]).toBe(0);
  });

  test('bytes come out as they went in, and a terminal is warned', async () => {
    const file = write('x.bin', fixture('binary'));
    const chunks: (string | Uint8Array)[] = [];
    const parts = partsFor({});
    const terminal = {
      ...parts,
      stdout: { write: (chunk: string | Uint8Array) => void chunks.push(chunk), isTTY: true, columns: 80 },
    };
    expect(await run(['secrets', 'decrypt', file], terminal)).toBe(0);
    expect(chunks).toEqual([Buffer.concat([Buffer.from(MARKER), Buffer.from([0, 255])])]);
    expect(parts.err()).toBe('holdfast: the secrets above stay in the history of this terminal until you clear it\n');
  });
});

describe('rotate', () => {
  test('adds and removes recipients of all files', async () => {
    const one = write('one.yaml', fixture('secret.yaml'));
    const two = write('two.env', fixture('plain.env'));
    const [code, out, err] = await secrets(['rotate', '--add-age', bob.recipient, '--remove-age', ann.recipient, one, two]);
    expect([code, out]).toEqual([0, '']);
    expect(err).toBe(
      `${one}: encrypted with a new data key\n${two}: encrypted with a new data key\nWhoever was removed can still read earlier commits: change the secrets themselves as well.\n`,
    );
    expect((await secrets(['decrypt', two]))[2]).toContain(
      `two.env: sops: needs the age key of ${bob.recipient}, and none of the`,
    );
    const env = { SOPS_AGE_KEY_FILE: '', SOPS_AGE_KEY: bob.identity };
    expect((await secrets(['decrypt', two], { env }))[1]).toBe(`# ${MARKER}\nA=${MARKER}\nB=one\\ntwo\n`);
  });

  test('all files or none', async () => {
    const one = write('one.yaml', fixture('secret.yaml'));
    const two = write('two.yaml', secret);
    expect(await secrets(['rotate', one, two])).toEqual([
      1,
      '',
      `holdfast: ${two}: the file is not encrypted with SOPS\nholdfast: nothing was written\n`,
    ]);
    expect(readFileSync(one)).toEqual(fixture('secret.yaml'));
  });
});

describe('edit', () => {
  /** A program that does what a person would do in an editor. */
  const editor = (script: string): string => {
    const file = at('editor.sh');
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  };
  const changedLines = (before: Uint8Array, after: string): string[] => {
    const known = new Set(Buffer.from(before).toString('utf8').split('\n'));
    return after
      .split('\n')
      .filter((line) => !known.has(line))
      .map((line) => line.replace(/ENC\[.*/, 'ENC').trim());
  };

  test('only what was changed differs, and no plain text is left', async () => {
    const file = write('db.yaml', fixture('secret.yaml'));
    const program = editor(
      `stat -c '%a' "$1" > ${at('mode')}; cp "$1" ${at('seen')}; ls -d ${memory}/*/db.yaml > ${at('where')}; sed -i 's/user: shop/user: ann/' "$1"`,
    );
    expect(await secrets(['edit', file], { editor: program })).toEqual([0, '', `${file}: encrypted what was changed\n`]);
    expect(changedLines(fixture('secret.yaml'), textAt('db.yaml'))).toEqual([
      'user: ENC',
      expect.stringMatching(/^lastmodified: /),
      'mac: ENC',
    ]);
    expect([textAt('mode'), textAt('where').includes(memory)]).toEqual(['600\n', true]);
    expect(textAt('seen')).toContain(`password: ${MARKER}`);
    expect(readdirSync(memory)).toEqual([]);
    expect((await secrets(['decrypt', file]))[1]).toContain('user: ann');
  });

  test('nothing is written when nothing changed', async () => {
    const file = write('db.yaml', fixture('secret.yaml'));
    expect(await secrets(['edit', file], { editor: 'true' })).toEqual([0, '', `${file}: nothing was changed\n`]);
    expect(readFileSync(file)).toEqual(fixture('secret.yaml'));
  });

  test('what is no YAML is offered again, with what was typed', async () => {
    const file = write('db.yaml', fixture('secret.yaml'));
    const program = editor(
      `if [ -e ${at('twice')} ]; then sed -i 's/^broken: \\[/fine: yes/' "$1"; else touch ${at('twice')}; echo 'broken: [' >> "$1"; fi`,
    );
    const asked: string[] = [];
    const [code, , err] = await secrets(['edit', file], { editor: program, isTTY: true, question: (text) => asked.push(text) });
    expect([code, asked]).toEqual([0, ['Press Enter to edit it again, or Ctrl-C to give up: ']]);
    expect(err).toMatch(/^holdfast: .*db\.yaml: line \d+, column \d+: .*\n.*db\.yaml: encrypted what was changed\n$/);
    expect((await secrets(['decrypt', file]))[1]).toMatch(/\nfine: yes\n$/);
  });

  test('without a terminal there is no second time', async () => {
    const file = write('db.yaml', fixture('secret.yaml'));
    const [code, , err] = await secrets(['edit', file], { editor: editor('echo "broken: [" >> "$1"') });
    expect([code, err.split('\n').at(-2)]).toEqual([1, `holdfast: ${file}: nothing was written`]);
    expect([readFileSync(file), readdirSync(memory)]).toEqual([fixture('secret.yaml'), []]);
  });

  test.each<readonly [string, string, string]>([
    ['the editor fails', 'exit 3', 'ended with code 3; nothing was changed'],
    ['it removes the file', 'rm "$1"', 'the editor left no file behind; nothing was changed'],
    [
      'the file changes meanwhile',
      'echo >> FILE; echo "x: 1" >> "$1"',
      'was changed by somebody else meanwhile; nothing was written, edit it again',
    ],
  ])('%s', async (_what, script, message) => {
    const file = write('db.yaml', fixture('secret.yaml'));
    const [code, out, err] = await secrets(['edit', file], { editor: editor(script.replace('FILE', file)) });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(message);
    expect(err).not.toContain(MARKER);
    expect(readdirSync(memory)).toEqual([]);
  });

  test('Ctrl-C stops the editor and removes the copy', async () => {
    const file = write('db.yaml', fixture('secret.yaml'));
    const interrupts = new AbortController();
    const started = at('started');
    const program = editor(`touch ${started}; exec sleep 600`);
    const surroundings = {
      env: { SOPS_AGE_KEY_FILE: at('keys.txt'), EDITOR: program, PATH: process.env['PATH'] ?? '' },
      interrupted: interrupts.signal,
      memoryFolders: [memory],
    };
    const parts = fakeParts({
      env: surroundings.env,
      interrupted: interrupts.signal,
      secretFiles: createSecretFiles(surroundings),
    });
    const ending = run(['secrets', 'edit', file], parts);
    await expect.poll(() => existsSync(started)).toBe(true);
    expect(readdirSync(memory).length).toBe(1);
    interrupts.abort(new Error('interrupted'));
    expect([await ending, readdirSync(memory), readFileSync(file)]).toEqual([130, [], fixture('secret.yaml')]);
  });
});
