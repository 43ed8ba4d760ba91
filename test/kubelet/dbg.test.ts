import { test } from 'vitest';
import { aPod } from '/work/main/test/support/builders.ts';
import { NODE_NAME, SmallNode } from '/work/main/test/support/small-node.ts';
test('x', async () => {
  const node = new SmallNode();
  let left = 2;
  node.engine.faults = (name) => (name === 'start' && left-- > 0 ? 'late-success' : undefined);
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
  await node.clock.advance(30_000);
  console.log(JSON.stringify(node.status(), null, 1), node.events(), node.engine.calls.map(c=>c.name).join(' '), node.engine.containers().map(c=>[c.state,c.settings,c.error]));
});
