// Differences of what a node holds, and the scripts that make them.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeScript, fullSyncScript, SCRIPT_FAULTS } from '../../src/network/change-script.ts';
import { type Fragment, type Fragments, NO_RULES, type Rules } from '../../src/network/fragment.ts';
import {
  contentsScript,
  filesToRead,
  heldFragments,
  holdsFrame,
  listingScript,
  readContents,
  readListing,
} from '../../src/network/held-state.ts';
import { isEmptyChange, planChange } from '../../src/network/plan-change.ts';
import { FRAME_NODE as NODE } from './services/frame-node.ts';

const aFragment = (rules: Partial<Rules>, records: readonly string[] = [], memory?: string): Fragment => ({
  rules: { ...NO_RULES, ...rules },
  records: new Set(records),
  ...(memory === undefined ? {} : { memory }),
});
const element = (map: string, key: string, value = ''): Rules['elements'] => new Map([[map, new Map([[key, value]])]]);
const state = (fragments: Record<string, Fragment>): Fragments => new Map(Object.entries(fragments));

describe('a change', () => {
  test('is one transaction in the order that the kernel takes', () => {
    const before = state({
      x: aFragment({
        chains: new Map([
          ['kept', ['accept']],
          ['changed', ['drop']],
          ['gone', ['drop']],
        ]),
        sets: new Map([
          ['own', 'type ipv4_addr;'],
          ['gone-set', 'type ipv4_addr : mark;'],
        ]),
        elements: new Map([
          [
            'services',
            new Map([
              ['k1', 'goto gone'],
              ['k2', 'drop'],
              ['k3', 'drop'],
            ]),
          ],
          ['gone-set', new Map([['1.2.3.4', '5']])],
        ]),
      }),
    });
    const after = state({
      x: aFragment({
        chains: new Map([
          ['kept', ['accept']],
          ['changed', ['accept', 'drop']],
          ['new', ['drop']],
        ]),
        sets: new Map([
          ['own', 'type ipv4_addr;'],
          ['new-set', 'type ipv4_addr;'],
        ]),
        elements: new Map([
          [
            'services',
            new Map([
              ['k2', 'goto new'],
              ['k3', 'drop'],
            ]),
          ],
          ['new-set', new Map([['1.2.3.4', '']])],
        ]),
      }),
    });
    const { rules, unusedChains } = planChange(before, after, NODE);
    expect(rules.split('\n')).toEqual([
      'add chain ip hf-test new',
      'flush chain ip hf-test gone',
      'flush chain ip hf-test changed',
      'delete element ip hf-test services { k1, k2 }',
      'delete map ip hf-test gone-set',
      'add set ip hf-test new-set { type ipv4_addr; }',
      'add rule ip hf-test changed accept',
      'add rule ip hf-test changed drop',
      'add rule ip hf-test new drop',
      'add element ip hf-test new-set { 1.2.3.4 }',
      'add element ip hf-test services { k2 : goto new }',
      '',
    ]);
    expect(unusedChains).toEqual(['gone']);
  });

  test('of nothing is empty, also when a fragment was made anew', () => {
    const make = (): Fragments =>
      state({ x: aFragment({ elements: element('services', 'k', 'drop') }, ['a. 5 IN A 1.2.3.4'], '{}') });
    expect(isEmptyChange(planChange(make(), make(), NODE))).toBe(true);
  });

  test('leaves an element and a record that another fragment has', () => {
    const fragment = aFragment({ elements: element('hairpin', 'k') }, ['a. 5 IN A 1.2.3.4']);
    const two = state({ x: fragment, y: { ...fragment } });
    const one = state({ y: { ...fragment } });
    const held = planChange(two, one, NODE);
    expect([held.rules, held.records]).toEqual(['', { added: [], removed: [] }]);
    expect(held.files.removed).toEqual(['rules/x.nft', 'records/x.zone']);
    const back = planChange(one, two, NODE);
    expect([back.rules, back.records]).toEqual(['', { added: [], removed: [] }]);
    expect(planChange(one, new Map(), NODE).records.removed).toEqual(['a. 5 IN A 1.2.3.4']);
  });

  test('gives a key that two want to the first by id, and to the other one when it goes', () => {
    const [a, b] = ['drop', 'goto b'].map((verdict) => aFragment({ elements: element('services', 'k', verdict) }));
    if (a === undefined || b === undefined) throw new Error('no fragments');
    const comes = planChange(state({ b }), state({ b, a }), NODE);
    expect(comes.rules).toBe('delete element ip hf-test services { k }\nadd element ip hf-test services { k : drop }\n');
    expect(comes.files).toEqual({
      written: new Map([['rules/a.nft', 'add element ip hf-test services { k : drop }\n']]),
      removed: ['rules/b.nft'],
    });
    const goes = planChange(state({ b, a }), state({ b }), NODE);
    expect(goes.rules).toBe('delete element ip hf-test services { k }\nadd element ip hf-test services { k : goto b }\n');
    expect(goes.files).toEqual({
      written: new Map([['rules/b.nft', 'add element ip hf-test services { k : goto b }\n']]),
      removed: ['rules/a.nft'],
    });
  });

  test('tells where flows may lead now, when that has changed', () => {
    const flows = (...leads: readonly string[]): Fragment =>
      aFragment({
        flows: new Map([
          ['udp 10.96.0.7 53', new Set(leads)],
          ['udp * 30053', new Set(['x 1'])],
        ]),
      });
    expect(planChange(state({ x: flows('a 1', 'b 1') }), state({ x: flows('b 1') }), NODE).flows).toEqual(
      new Map([['udp 10.96.0.7 53', new Set(['b 1'])]]),
    );
    expect(planChange(state({ x: flows('a 1') }), new Map(), NODE).flows).toEqual(
      new Map([
        ['udp 10.96.0.7 53', new Set()],
        ['udp * 30053', new Set()],
      ]),
    );
  });

  test('of a set that is declared otherwise makes the rules anew that use it', () => {
    const withTimeout = (seconds: number): Fragments =>
      state({
        x: aFragment({
          chains: new Map([['c', ['update @s { ip saddr }']]]),
          sets: new Map([['s', `type ipv4_addr; timeout ${seconds}s;`]]),
          elements: element('s', '1.2.3.4'),
        }),
      });
    expect(planChange(withTimeout(1), withTimeout(2), NODE).rules.split('\n')).toEqual([
      'flush chain ip hf-test c',
      'delete set ip hf-test s',
      'add set ip hf-test s { type ipv4_addr; timeout 2s; }',
      'add rule ip hf-test c update @s { ip saddr }',
      'add element ip hf-test s { 1.2.3.4 }',
      '',
    ]);
  });
});

test('a set that comes is filled by fragments with a higher id, in one transaction and in a boot', () => {
  const after = state({
    'pods/b': aFragment({ elements: element('s', '1.2.3.4') }),
    'a/policy': aFragment({ sets: new Map([['s', 'type ipv4_addr;']]), chains: new Map([['c', ['ip saddr @s accept']]]) }),
  });
  expect(planChange(new Map(), after, NODE).rules.split('\n')).toEqual([
    'add chain ip hf-test c',
    'add set ip hf-test s { type ipv4_addr; }',
    'add rule ip hf-test c ip saddr @s accept',
    'add element ip hf-test s { 1.2.3.4 }',
    '',
  ]);
  const all = fullSyncScript(after, [], NODE);
  expect(all.indexOf('add set ip hf-test s')).toBeLessThan(all.indexOf('add element ip hf-test s'));
  expect(planChange(after, new Map(), NODE).rules.split('\n')).toEqual([
    'flush chain ip hf-test c',
    'delete set ip hf-test s',
    '',
  ]);
});

describe('the script', () => {
  let directory: string;
  const frame = [{ ip: ['chain c {', '}'] }];
  const file = (path: string): string => readFileSync(join(directory, path), 'utf8');
  const options = (): { directory: string } => ({ directory });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-state-'));
    mkdirSync(join(directory, 'bin'));
    // Takes what the kernel would be given, unless there is a file that says no.
    writeFileSync(join(directory, 'bin/nft'), `#!/bin/sh\n[ ! -e ${directory}/bin/no ] && cat >${directory}/bin/given\n`);
    chmodSync(join(directory, 'bin/nft'), 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function run(script: string): Promise<{ code: number; output: string }> {
    return await new Promise((resolve) => {
      const env = { PATH: `${directory}/bin:${process.env['PATH']}` };
      const child = execFile('busybox', ['sh'], { env }, (error, stdout) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout }),
      );
      child.stdin?.end(script);
    });
  }

  const nasty = `{"a":"it's $HOME \`x\` \\\\n EOF"}`;
  const before = state({
    'service/shop/web': aFragment({ elements: element('services', 'k', 'drop') }, ['a. 5 IN A 1.2.3.4'], nasty),
  });
  const after = state({
    'service/shop/web': aFragment({ elements: element('services', 'l', 'drop') }, [], nasty),
    z: aFragment({}, [], '{}'),
  });

  test('programs the kernel and writes the files', async () => {
    expect((await run(fullSyncScript(before, frame, NODE, options()))).code).toBe(0);
    // What an older version left of a table that nobody needs goes, and none is made.
    expect(file('bin/given')).toContain(
      'add table bridge hf-test\ndelete table bridge hf-test\nadd table ip hf-test\ndelete table ip hf-test\ntable ip hf-test {\n',
    );
    expect(file('bin/given')).not.toContain('table bridge hf-test {');
    expect(file('bin/given')).toContain('add element ip hf-test services { k : drop }\n');
    expect(file('memory/service~shop~web.json')).toBe(`${nasty}\n`);
    expect((await run(changeScript(planChange(before, after, NODE), NODE, options()))).code).toBe(0);
    expect(file('bin/given')).toBe('delete element ip hf-test services { k }\nadd element ip hf-test services { l : drop }\n');
    expect(file('rules/service~shop~web.nft')).toBe('add element ip hf-test services { l : drop }\n');
    expect(readdirSync(join(directory, 'records'))).toEqual([]);
    expect(readdirSync(directory).toSorted()).toEqual(['bin', 'frame.nft', 'memory', 'records', 'rules']);
    expect((await run(fullSyncScript(before, frame, NODE, options()))).code).toBe(0);
    expect(readdirSync(join(directory, 'memory'))).toEqual(['service~shop~web.json']);
  });

  test('leaves the files when the kernel refuses it, and says that the state is not known', async () => {
    await run(fullSyncScript(before, frame, NODE, options()));
    writeFileSync(join(directory, 'bin/no'), '');
    expect((await run(changeScript(planChange(before, after, NODE), NODE, options()))).code).toBe(SCRIPT_FAULTS.rules);
    expect(file('rules/service~shop~web.nft')).toBe('add element ip hf-test services { k : drop }\n');
    expect(readListing((await run(listingScript(directory))).output)).toBeUndefined();
    rmSync(join(directory, 'bin/no'));
    await run(fullSyncScript(before, frame, NODE, options()));
    expect(readListing((await run(listingScript(directory))).output)?.size).toBe(4);
  });

  test('programs the kernel although files cannot be written, and tells', async () => {
    await run(fullSyncScript(before, frame, NODE, options()));
    rmSync(join(directory, 'rules'), { recursive: true });
    writeFileSync(join(directory, 'rules'), '');
    expect((await run(changeScript(planChange(before, after, NODE), NODE, options()))).code).toBe(SCRIPT_FAULTS.files);
    expect(file('bin/given')).toContain('{ l : drop }');
    expect(existsSync(join(directory, 'unfinished'))).toBe(true);
  });

  test('goes on after names that fail, and tells', async () => {
    const records = (): string => 'false';
    await run(fullSyncScript(before, frame, NODE, options()));
    const script = changeScript(planChange(before, after, NODE), NODE, { directory, records });
    expect((await run(script)).code).toBe(SCRIPT_FAULTS.names);
    expect(file('rules/service~shop~web.nft')).toContain('{ l : drop }');
    expect(existsSync(join(directory, 'unfinished'))).toBe(false);
  });

  test('of a controller that was started anew sends only what differs', async () => {
    const stays = aFragment({ elements: element('services', 'm', 'drop') }, ['b. 5 IN A 1.2.3.5']);
    const flows = new Map([['udp 10.96.0.7 53', new Set(['10.244.1.3 5353'])]]);
    const gone = aFragment({ chains: new Map([['c1', ['drop']]]), sets: new Map([['s1', 'type ipv4_addr;']]), flows }, [], nasty);
    await run(fullSyncScript(new Map([...before, ['stays', stays], ['gone', gone]]), frame, NODE, options()));
    const wanted = new Map([...after, ['stays', stays]]);
    const listing = readListing((await run(listingScript(directory))).output);
    if (listing === undefined) throw new Error('nothing is held');
    expect(holdsFrame(listing, frame, NODE)).toBe(true);
    const paths = filesToRead(listing, wanted, NODE);
    expect(paths.toSorted()).toEqual([
      'memory/gone.json',
      'records/service~shop~web.zone',
      'rules/gone.nft',
      'rules/service~shop~web.nft',
    ]);
    const contents = readContents((await run(contentsScript(paths, directory))).output);
    const held = heldFragments(listing, contents ?? new Map(), wanted, NODE);
    if (held === undefined) throw new Error('not read');
    expect(held.get('stays')).toBe(stays);
    expect(planChange(held, wanted, NODE)).toEqual(
      planChange(new Map([...before, ['stays', stays], ['gone', gone]]), wanted, NODE),
    );
  });
});
