// Which node an engine is, and that no two are one.
import { beforeEach, expect, test } from 'vitest';
import { aNode } from '../../support/builders.ts';
import { put } from '../../support/fake-parts.ts';
import { NODE_NAME, SmallNode } from '../../support/small-node.ts';

let here: SmallNode;
let taken: Set<string>;

/** A kubelet of a process in which these names are taken. */
const start = (nodeName?: string): Promise<void> => {
  const claimName = (name: string): boolean => !taken.has(name);
  here.options = { claimName, ...(nodeName === undefined ? {} : { nodeName }) };
  return here.newKubelet().start();
};

beforeEach(() => {
  here = new SmallNode();
  taken = new Set();
});

test('the name of an engine that was a node before is that of the node', async () => {
  const { id } = await here.engine.info(new AbortController().signal);
  await put(here.store, { ...aNode({ name: 'old' }), status: { nodeInfo: { engineID: id } } });
  await start();
  expect(here.store.list('Node').map(({ metadata }) => metadata.name)).toEqual(['old']);
});

test('an engine with the id of another one that is a node already is refused, with what to do', async () => {
  const { id } = await here.engine.info(new AbortController().signal);
  await put(here.store, { ...aNode({ name: 'one' }), status: { nodeInfo: { engineID: id } } });
  taken.add('one');
  await expect(start()).rejects.toThrow(
    new RegExp(`has the same id as that of node "one", ${id}, as machines have that were cloned: .*delete its file engine-id`),
  );
  expect(here.store.list('Pod')).toEqual([]);
});

test('so is one whose name is taken', async () => {
  taken.add(NODE_NAME);
  await expect(start()).rejects.toThrow(`another Docker Engine is node "${NODE_NAME}" already: give this one another name`);
  expect(here.store.list('Node')).toEqual([]);
  await start('another');
  expect(here.store.list('Node').map(({ metadata }) => metadata.name)).toEqual(['another']);
});
