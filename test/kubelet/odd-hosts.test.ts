// Hosts that are not as one would like them: without control groups, renamed, full, with somebody else's hands in them.
import { beforeEach, describe, expect, test } from 'vitest';
import { aClaim, aPod } from '../support/builders.ts';
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

  test('a limit that has no effect is told', async () => {
    node.engine.cannotEnforce('memory');
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { resources: { limits: { memory: '64Mi' } } } }));
    await node.clock.advance(120_000);
    const message = 'Created container main; its memory limit has no effect, because this Docker Engine cannot limit memory';
    expect(node.events()).toContain(`Created: ${message}`);
  });
});

describe('a host that gets another name', () => {
  test('keeps its node, and its pods are looked after', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const first = node.living().id;
    node.engine.renameHost('elsewhere');
    await node.restart();
    expect(node.store.list('Node').map(({ metadata }) => metadata.name)).toEqual([NODE_NAME]);
    expect(node.living().id).toBe(first);
    node.engine.crash(first, 1);
    await node.clock.settle();
    expect(node.containerStatus()).toMatchObject({ ready: true, restartCount: 1 });
    await node.deletePod('web', 0);
    expect(node.engine.containers()).toEqual([]);
  });

  test('and loses its store, has its pods under the new name', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const first = node.living().id;
    node.engine.renameHost('elsewhere');
    await node.loseStore();
    expect(node.pod().spec.nodeName).toBe('elsewhere');
    expect(node.living().id).toBe(first);
    node.engine.crash(first, 1);
    await node.clock.settle();
    expect(node.containerStatus()).toMatchObject({ ready: true, restartCount: 1 });
  });
});

describe('two claims whose names run together', () => {
  const claims = [
    { namespace: 'shop', name: 'db-data' },
    { namespace: 'shop-db', name: 'data' },
  ] as const;
  const volumeOf = ({ namespace, name }: (typeof claims)[number]): string | undefined =>
    node.store.get('PersistentVolumeClaim', namespace, name)?.status?.volume;

  test('have a volume each, and keep it over a lost store', async () => {
    await node.start();
    for (const claim of claims) await node.create(aClaim(claim));
    const volumes = claims.map(volumeOf);
    expect(new Set(volumes).size).toBe(2);
    expect(volumes[0]).toBe('hf-test-shop-db-data');
    await node.loseStore();
    for (const claim of claims.toReversed()) await node.create(aClaim(claim));
    expect(claims.map(volumeOf)).toEqual(volumes);
  });

  test('have a volume each when they come at once', async () => {
    await node.start();
    await node.store.write(claims.map((claim) => ({ op: 'create', resource: aClaim(claim) })));
    await node.clock.settle();
    expect(new Set(claims.map(volumeOf)).size).toBe(2);
  });

  test('are mounted by the pods of their own namespace', async () => {
    await node.start();
    for (const claim of claims) {
      await node.create(aClaim(claim));
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: claim.name } }];
      const volumeMounts = [{ name: 'data', mountPath: '/data' }];
      await node.create(
        aPod({ name: `web-${claim.name}`, namespace: claim.namespace, nodeName: NODE_NAME, spec: { volumes }, container: { volumeMounts } }),
      );
    }
    const mounted = node.runs().map(({ id }) => node.engine.spec(id).mounts.map((mount) => mount.type === 'volume' && mount.volume));
    expect(mounted).toEqual(claims.map((claim) => [volumeOf(claim)]));
  });
});
