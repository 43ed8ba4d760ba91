// What the lane of fragments sends, by what the container holds.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { FragmentLane } from '../../../src/network/agent/fragment-lane.ts';
import { type FragmentSource, UNKNOWN } from '../../../src/network/agent/fragment-source.ts';
import { type LanePass, ScriptFailed } from '../../../src/network/agent/lane.ts';
import { FRAME_FILE, SCRIPT_FAULTS } from '../../../src/network/change-script.ts';
import { type Fragment, NO_RULES, type TableBodies } from '../../../src/network/fragment.ts';
import { frameDeclarations } from '../../../src/network/frame.ts';
import { planChange } from '../../../src/network/plan-change.ts';
import type { StoreReader, WatchEvent } from '../../../src/store/store.ts';
import { aNode, aPod } from '../../support/builders.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';

const FRAME: readonly TableBodies[] = [{ ip: ['map services { type ipv4_addr : verdict; }'] }];
const OTHER_FRAME: readonly TableBodies[] = [{ ip: ['map services { type ipv4_addr : verdict; }', 'set s { type mark; }'] }];
const LOOK = 'look at what the network holds';
const READ = 'read what the network holds';
const ALL = 'program the network';
const CHANGE = 'change the network';
const NAMES = 'bring the names in line';

const leadingTo = (verdict: string): Fragment => ({
  rules: { ...NO_RULES, elements: new Map([['services', new Map([['10.96.0.7', verdict]])]]) },
  records: new Set(),
});
const at = (address: string, verdict = 'drop'): Fragment => ({
  rules: { ...NO_RULES, elements: new Map([['services', new Map([[address, verdict]])]]) },
  records: new Set(),
});

/** The pods' changes carry in their name the fragment that they concern. */
const changeOf = (id: string): WatchEvent => ({ type: 'modified', revision: 1, resource: aPod({ name: id }) });

let pods: ReturnType<typeof aPod>[];
let wanted: Map<string, Fragment | typeof UNKNOWN>;
let served: Map<string, string[]>;
let frame: readonly TableBodies[];
let left: string[];
let lane: FragmentLane;
/** By path: what the container's files hold. */
let files: Map<string, string>;
let asked: string[];
let sent: string[];
let fault: Error | undefined;

const store = { list: () => pods } as unknown as StoreReader;
const source: FragmentSource = {
  reset: () => [...wanted.keys()],
  take: ({ resource }) => [resource.metadata.name],
  plan: (id) => wanted.get(id),
  served: (id) => served.get(id) ?? [],
};

const hold = (fragments: Record<string, Fragment>, its: readonly TableBodies[] = FRAME): void => {
  const { written } = planChange(new Map(), new Map(Object.entries(fragments)), NODE).files;
  files = new Map([...written, [FRAME_FILE, frameDeclarations(NODE, its)]]);
};

const run: LanePass['run'] = async (what, script) => {
  asked.push(what);
  if (what === LOOK)
    return [...files].map(([path, text]) => `${createHash('sha256').update(text).digest('hex')}  ${path}\n`).join('');
  if (what === READ) {
    const paths = /for file in (.*); do/.exec(script)?.[1]?.split(' ') ?? [];
    return paths.map((path) => `@ ${Buffer.byteLength(files.get(path) ?? '')} ${path}\n${files.get(path)}`).join('');
  }
  sent.push(script);
  if (fault !== undefined) throw fault;
  return '';
};

const apply = (node = NODE): ReturnType<FragmentLane['apply']> => lane.apply({ store, node, run });

/** A controller that was started anew. */
const anew = (): void => {
  lane = new FragmentLane({ sources: [source], frame: () => frame, onLeft: (uids) => left.push(...uids) });
  lane.reset(store);
  asked = [];
  sent = [];
};

beforeEach(() => {
  pods = [];
  wanted = new Map([
    ['a', at('10.96.0.1')],
    ['b', at('10.96.0.2')],
  ]);
  served = new Map();
  frame = FRAME;
  left = [];
  files = new Map();
  fault = undefined;
  anew();
});

describe('a container that holds', () => {
  test('nothing gets everything', async () => {
    await apply();
    expect(asked).toEqual([LOOK, ALL]);
    expect(sent[0]).toContain('10.96.0.1 : drop');
    expect(sent[0]).toContain('10.96.0.2 : drop');
  });

  test('what it should is left alone', async () => {
    hold({ a: at('10.96.0.1'), b: at('10.96.0.2') });
    await apply();
    await apply();
    expect(asked).toEqual([LOOK]);
  });

  test('something else gets what differs', async () => {
    hold({ a: at('10.96.0.1'), b: at('10.96.0.2', 'accept'), gone: at('10.96.0.3') });
    await apply();
    expect(asked).toEqual([LOOK, READ, CHANGE]);
    expect(sent[0]).toContain('rules/gone.nft');
    expect(sent[0]).toContain('delete element ip hf-test services { 10.96.0.2, 10.96.0.3 }');
    expect(sent[0]).not.toContain('10.96.0.1');
  });

  test('an older frame gets the new one with what differs', async () => {
    hold({ a: at('10.96.0.1'), b: at('10.96.0.2') }, OTHER_FRAME);
    await apply();
    expect(asked).toEqual([LOOK, CHANGE]);
    expect(sent[0]).toContain(FRAME_FILE);
    expect(sent[0]).not.toContain('10.96.0.1');
  });

  test('what cannot be read gets everything', async () => {
    hold({ a: at('10.96.0.1', 'accept'), b: at('10.96.0.2') });
    files.set('rules/a.nft', 'half a');
    await apply();
    expect(asked).toEqual([LOOK, READ, ALL]);
  });
});

describe('changes', () => {
  test('send what differs, without another look', async () => {
    await apply();
    wanted.set('b', at('10.96.0.2', 'accept'));
    expect(lane.take(changeOf('b'), store)).toBe(true);
    await apply();
    expect(asked).toEqual([LOOK, ALL, CHANGE]);
    expect(sent[1]).toContain('10.96.0.2 : accept');
    expect(sent[1]).not.toContain('10.96.0.1');
  });

  test('that make nothing look different send nothing', async () => {
    await apply();
    wanted.set('b', at('10.96.0.2'));
    lane.take(changeOf('b'), store);
    await apply();
    expect(asked).toEqual([LOOK, ALL]);
  });

  test('of the frame are sent with the rest', async () => {
    await apply();
    frame = OTHER_FRAME;
    wanted.delete('a');
    lane.take(changeOf('a'), store);
    await apply();
    expect(asked).toEqual([LOOK, ALL, CHANGE]);
    expect(sent[1]).toContain('set s { type mark; }');
    expect(sent[1]).toContain('rules/a.nft');
  });

  test('of the node have everything planned anew', async () => {
    await apply();
    wanted.set('a', at('10.96.0.1', 'accept'));
    expect(lane.take({ type: 'modified', revision: 2, resource: aNode() }, store)).toBe(true);
    await apply({ ...NODE, zone: 'east' });
    expect(sent[1]).toContain('10.96.0.1 : accept');
  });

  test('of a script that broke off are looked at again', async () => {
    hold({ a: at('10.96.0.1'), b: at('10.96.0.2') });
    await apply();
    wanted.set('a', at('10.96.0.1', 'accept'));
    lane.take(changeOf('a'), store);
    fault = new ScriptFailed('change the network', 1, '');
    await expect(apply()).rejects.toThrow('change the network');
    fault = undefined;
    // The mark that it left behind: nothing is listed.
    files = new Map();
    await apply();
    expect(asked).toEqual([LOOK, CHANGE, LOOK, ALL]);
  });

  test('after the container was made anew are found by a look', async () => {
    await apply();
    hold({ a: at('10.96.0.1'), b: at('10.96.0.2') });
    lane.forget();
    await apply();
    expect(asked).toEqual([LOOK, ALL, LOOK]);
  });
});

describe('what cannot be planned yet', () => {
  beforeEach(() => {
    wanted.set('a', UNKNOWN);
    lane.reset(store);
  });

  test('stays as the container holds it, while the rest goes on', async () => {
    hold({ a: leadingTo('accept'), b: at('10.96.0.2', 'accept') });
    await apply();
    expect(asked).toEqual([LOOK, READ, CHANGE]);
    expect(sent[0]).toContain('10.96.0.2 : drop');
    expect(sent[0]).not.toContain('10.96.0.7');
    wanted.set('a', leadingTo('drop'));
    lane.take(changeOf('a'), store);
    await apply();
    expect(asked).toEqual([LOOK, READ, CHANGE, CHANGE]);
    expect(sent[1]).toContain('10.96.0.7 : drop');
    expect(sent[1]).not.toContain('10.96.0.2');
  });

  test('goes when it is found that there should be none', async () => {
    hold({ a: leadingTo('accept'), b: at('10.96.0.2') });
    await apply();
    expect(asked).toEqual([LOOK, READ]);
    wanted.delete('a');
    lane.take(changeOf('a'), store);
    await apply();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toContain('delete element ip hf-test services { 10.96.0.7 }');
  });

  test('is waited for when the container cannot tell what it holds', async () => {
    expect(await apply()).toEqual({ checkAgainAfterMs: 1_000 });
    expect(asked).toEqual([LOOK]);
    wanted.set('a', leadingTo('drop'));
    lane.take(changeOf('a'), store);
    await apply();
    expect(asked).toEqual([LOOK, LOOK, ALL]);
  });

  test('stays as it was planned before', async () => {
    wanted.set('a', leadingTo('drop'));
    anew();
    await apply();
    wanted.set('a', UNKNOWN);
    lane.take(changeOf('a'), store);
    await apply();
    expect(asked).toEqual([LOOK, ALL]);
  });
});

describe('what nothing asks for and somebody wants kept', () => {
  let isKept: boolean;
  beforeEach(() => {
    isKept = true;
    const keeps = (id: string): boolean => isKept && id === 'other';
    lane = new FragmentLane({ sources: [source], frame: () => frame, keeps });
    lane.reset(store);
    hold({ a: at('10.96.0.1', 'accept'), other: leadingTo('accept'), gone: at('10.96.0.9') });
  });

  test('stays as it was found, and goes when nobody wants it any more', async () => {
    await apply();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toContain('10.96.0.1 : drop');
    expect(sent[0]).toContain('rules/gone.nft');
    expect(sent[0]).not.toContain('10.96.0.7');
    isKept = false;
    await apply();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toContain('delete element ip hf-test services { 10.96.0.7 }');
  });

  test('stays when a script broke off, and in a container that was made anew', async () => {
    await apply();
    files = new Map();
    lane.forget();
    await apply();
    expect(asked.at(-1)).toBe(ALL);
    expect(sent[1]).toContain('10.96.0.7 : accept');
    expect(sent[1]).not.toContain('10.96.0.9');
  });

  test('is as it should be once something asks for it', async () => {
    await apply();
    wanted.set('other', leadingTo('drop'));
    lane.take(changeOf('other'), store);
    await apply();
    expect(sent[1]).toContain('10.96.0.7 : drop');
    wanted.delete('other');
    lane.take(changeOf('other'), store);
    await apply();
    expect(sent[2]).toContain('delete element ip hf-test services { 10.96.0.7 }');
  });
});

describe('a script that did not end well', () => {
  const change = (): void => {
    served.set('a', ['two']);
    wanted.set('a', at('10.96.0.1', 'accept'));
    lane.take(changeOf('a'), store);
  };
  beforeEach(async () => {
    served.set('a', ['one', 'two']);
    await apply();
    asked = [];
  });

  test('for the names alone leaves nothing to be sent again, and is asked about until they are in line', async () => {
    change();
    fault = new ScriptFailed(CHANGE, SCRIPT_FAULTS.names, 'the name server did not take the records');
    await expect(apply()).rejects.toThrow('did not take the records');
    expect([asked, left, lane.isServed('one')]).toEqual([[CHANGE, NAMES], ['one'], false]);
    await expect(apply()).rejects.toThrow('did not take the records');
    fault = undefined;
    await apply();
    await apply();
    expect(asked).toEqual([CHANGE, NAMES, NAMES, NAMES]);
  });

  test('for the names does not hold up the next change of rules', async () => {
    change();
    fault = new ScriptFailed(CHANGE, SCRIPT_FAULTS.names, '');
    await expect(apply()).rejects.toThrow(ScriptFailed);
    served.set('a', []);
    wanted.set('a', at('10.96.0.1', 'continue'));
    lane.take(changeOf('a'), store);
    await expect(apply()).rejects.toThrow(ScriptFailed);
    expect(sent.at(-2)).toContain('10.96.0.1 : continue');
    expect([lane.isServed('two'), left]).toEqual([false, ['one', 'two']]);
  });

  test.each([SCRIPT_FAULTS.files, SCRIPT_FAULTS.flows])(
    'with exit code %s leads nobody to what was left, and sends everything again',
    async (code) => {
      change();
      fault = new ScriptFailed(CHANGE, code, '');
      await expect(apply()).rejects.toThrow(CHANGE);
      expect([lane.isServed('one'), lane.isServed('two'), left]).toEqual([false, true, ['one']]);
      fault = undefined;
      files = new Map();
      await apply();
      expect(asked.slice(0, 3)).toEqual([CHANGE, LOOK, ALL]);
    },
  );
});

describe('pods', () => {
  test('count as served until the container is known to lead elsewhere', async () => {
    served.set('a', ['one', 'two']);
    expect(lane.isServed('other')).toBe(true);
    await apply();
    expect(['one', 'two', 'other'].map((uid) => lane.isServed(uid))).toEqual([true, true, false]);
    served.set('a', ['two']);
    wanted.set('a', at('10.96.0.1', 'accept'));
    lane.take(changeOf('a'), store);
    fault = new ScriptFailed('change the network', 1, '');
    await expect(apply()).rejects.toThrow('change the network');
    expect(lane.isServed('one')).toBe(true);
    expect(left).toEqual([]);
    fault = undefined;
    await apply();
    expect(lane.isServed('one')).toBe(false);
    expect(left).toEqual(['one']);
  });

  test('are told of when it is known for the first time', async () => {
    pods = [aPod({ name: 'x', uid: 'one' })];
    await apply();
    expect(left).toEqual(['one']);
  });

  test('count as served as long as something cannot be planned', async () => {
    wanted.set('a', UNKNOWN);
    lane.reset(store);
    hold({ a: leadingTo('accept'), b: at('10.96.0.2') });
    await apply();
    expect(lane.isServed('one')).toBe(true);
  });
});
