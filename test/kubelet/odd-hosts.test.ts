// Hosts that are not as one would like them: without control groups, renamed, full, with somebody else's hands in them.
import { beforeEach, describe, expect, test } from 'vitest';
import { aPod } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});

describe('an engine that cannot enforce', () => {
  test.each([[['cpuShares']], [['memory']], [['memory', 'cpuShares']]] as const)(
    '%s runs a pod once, and does not take it for edited by hand',
    async (resources) => {
      node.engine.cannotEnforce(...resources);
      await node.start();
      await node.create(aPod({ nodeName: NODE_NAME, container: { resources: { limits: { cpu: '100m', memory: '64Mi' } } } }));
      await node.clock.advance(120_000);
      expect(node.isReady()).toBe(true);
      expect(node.runs()).toHaveLength(1);
      expect(node.sandboxes()).toHaveLength(1);
    },
  );

  test('a limit that has no effect is told once', async () => {
    node.engine.cannotEnforce('memory');
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { resources: { limits: { memory: '64Mi' } } } }));
    await node.clock.advance(120_000);
    const message = 'The Docker Engine cannot limit memory: the memory limit of container main has no effect';
    expect(node.events().filter((event) => event.includes('limit'))).toEqual([`LimitNotEnforced: ${message}`]);
  });
});
