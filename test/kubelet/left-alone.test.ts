// Pods of an application that a person has suspended: nothing is done to their containers.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { APPLICATION_ANNOTATION, type ApplicationStatus } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { aPod } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

const HOUR_MS = 3_600_000;

let node: SmallNode;
beforeEach(async () => {
  node = new SmallNode();
  const spec = { repo: 'r', revision: 'branch main', path: '', timeoutSeconds: 300 };
  await node.store.write([
    { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop' }, spec } },
  ]);
});
afterEach(async () => {
  await node.kubelet.stop();
});

async function say(status: ApplicationStatus): Promise<void> {
  const { uid = '' } = node.store.get('Application', '', 'shop')?.metadata ?? {};
  await node.store.write([{ op: 'updateStatus', key: { kind: 'Application', namespace: '', name: 'shop' }, uid, status }]);
  await node.clock.settle();
}

const suspension = (untilMs: number): ApplicationStatus => ({
  suspension: {
    by: 'command',
    who: 'ada',
    reason: 'x',
    since: toRfc3339(node.clock.now()),
    until: toRfc3339(node.clock.now() + untilMs),
  },
});
const annotations = { [APPLICATION_ANNOTATION]: 'shop' };

async function running(name: string, more: Record<string, string>): Promise<void> {
  await node.create(aPod({ nodeName: NODE_NAME, name, annotations: more, container: { name } }));
}

test('what was stopped by hand stays so until the suspension is over, and others are not held', async () => {
  await node.start();
  await running('web', annotations);
  await running('other', {});
  const [web, other] = [node.living('web').id, node.living('other').id];
  await say(suspension(HOUR_MS));
  node.engine.crash(web, 143);
  node.engine.crash(other, 143);
  await node.clock.advance(HOUR_MS - 2_000);
  expect(node.engine.containers().filter(({ id }) => id === web)).toMatchObject([{ state: 'exited' }]);
  expect(node.living('other').id).not.toBe(other);
  expect(node.store.get('Pod', 'default', 'web')?.status?.containerStatuses?.[0]).toMatchObject({ ready: false });
  await node.clock.advance(5_000);
  expect(node.living('web').id).not.toBe(web);
});

test('it ends with the word of a person, and a kubelet that starts anew keeps to it', async () => {
  await node.start();
  await running('web', annotations);
  const web = node.living('web').id;
  await say(suspension(HOUR_MS));
  node.engine.crash(web, 143);
  await node.restart();
  await node.clock.advance(60_000);
  expect(node.engine.containers().filter(({ id }) => id === web)).toMatchObject([{ state: 'exited' }]);
  await say({});
  await node.clock.advance(1_000);
  expect(node.living('web').id).not.toBe(web);
});
