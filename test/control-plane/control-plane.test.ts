// The whole control plane, on virtual time, where its parts have to agree.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../src/control-plane/control-plane.ts';
import { CONTAINER_LABEL } from '../../src/kubelet/labels.ts';
import type { ApplicationStatus } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { FakeSource } from '../support/fake-source.ts';
import { seededIds } from '../support/seeded-ids.ts';

const MINUTE_MS = 60_000;

class SmallPlane {
  readonly clock = new FakeClock();
  readonly engine = new FakeEngine({ clock: this.clock, name: 'node-a', images: ['web:1', 'web:2'] });
  readonly source = new FakeSource();
  readonly store = openMemoryStore({ clock: this.clock, ids: seededIds(1) });
  #plane: ControlPlane | undefined;

  async start(): Promise<void> {
    const { clock, engine, source, store } = this;
    this.#plane = await startControlPlane({
      cluster: 'test',
      application: { name: 'shop', repo: '/repo', path: '' },
      store,
      engine,
      prober: {
        grpc: () => Promise.resolve({ ok: true }),
        http: () => Promise.resolve({ ok: true }),
        tcp: () => Promise.resolve({ ok: true }),
      },
      source,
      clock,
      ids: seededIds(2),
      logger: silentLogger,
      once: false,
      intervalMs: 30_000,
      timeoutMs: 5 * MINUTE_MS,
    });
    await clock.settle();
  }

  async stop(): Promise<void> {
    await this.#plane?.stop();
    this.#plane = undefined;
  }

  /** Something changes that a waiting commit might wait for. */
  async touchNode(): Promise<void> {
    const [node] = this.store.list('Node');
    if (node === undefined) throw new Error('there is no node');
    const annotations = { touched: String(this.clock.now()) };
    await this.store.write([{ op: 'update', resource: { ...node, metadata: { ...node.metadata, annotations } } }]);
    await this.clock.settle();
  }

  /** Commits one Deployment, and looks at it. */
  async push(deployment: object): Promise<string> {
    const id = this.source.commit({ files: { 'web.yaml': JSON.stringify(deployment) } });
    await this.clock.advance(MINUTE_MS);
    return id;
  }

  get status(): ApplicationStatus {
    return this.store.get('Application', '', 'shop')?.status ?? {};
  }

  /** Ids of the containers that run. */
  running(): readonly string[] {
    return this.engine
      .containers()
      .filter(({ state, labels }) => state === 'running' && labels[CONTAINER_LABEL] !== undefined)
      .map(({ id }) => id);
  }
}

function deployment(image: string, container: object = {}, spec: object = {}, pod: object = {}): object {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image, ...container }], ...pod } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

let plane: SmallPlane;
beforeEach(() => {
  plane = new SmallPlane();
});
afterEach(async () => {
  await plane.stop();
});

describe('a controller that was away while a commit became healthy', () => {
  test.each([7, 30])('for %i minutes finds it live, and takes nothing back', async (minutes) => {
    await plane.start();
    await plane.push(deployment('web:1'));
    let exitCode = 1;
    plane.engine.behave('web:2', { execResult: () => ({ exitCode, output: '' }) });
    const readinessProbe = { exec: { command: ['ready'] }, periodSeconds: 10 };
    const id = await plane.push(deployment('web:2', { readinessProbe }));
    expect(plane.status.attempt?.phase).toBe('verifying');
    await plane.stop();
    exitCode = 0;
    const before = plane.engine.containers().find(({ image }) => image === 'web:2')?.id;
    await plane.clock.advance(minutes * MINUTE_MS);
    await plane.start();
    await plane.clock.advance(2 * MINUTE_MS);
    expect(plane.status).toMatchObject({ lastGood: { id } });
    expect(plane.running()).toEqual([before]);
  });
});

describe('an image that was removed since it was last used', () => {
  const recreate = { strategy: { type: 'Recreate' } };

  test('is found missing before anything that runs is touched', async () => {
    await plane.start();
    await plane.push(deployment('web:1', {}, recreate));
    await plane.push(deployment('web:2', {}, recreate));
    const before = plane.running();
    expect(before).toHaveLength(1);
    plane.engine.removeImageByHand('web:1');
    plane.engine.behave('web:1', { pull: 'missing' });
    const id = await plane.push(deployment('web:1', { env: [{ name: 'AGAIN', value: 'yes' }] }, recreate));
    expect(plane.status.held).toMatchObject({ commit: { id }, outcome: 'preflight-failed' });
    expect(plane.running()).toEqual(before);
  });

  test('is pulled again before anything that runs is touched', async () => {
    await plane.start();
    await plane.push(deployment('web:1', {}, recreate));
    await plane.push(deployment('web:2', {}, recreate));
    plane.engine.removeImageByHand('web:1');
    const id = await plane.push(deployment('web:1', {}, recreate));
    expect(plane.status).toMatchObject({ lastGood: { id } });
    expect(plane.engine.images()).toContain('web:1');
  });

  test('is not pulled again because a commit waits, whatever its policy', async () => {
    await plane.start();
    const pulls = (): number => plane.engine.calls.filter(({ name }) => name === 'pull').length;
    // What could become possible is waited for: the node may get the label.
    const on = (image: string): object => deployment(image, { imagePullPolicy: 'Always' }, {}, { nodeSelector: { disk: 'ssd' } });
    await plane.push(on('web:1'));
    await plane.push(on('web:2'));
    expect(plane.status.attempt?.waitingFor?.join()).toContain("didn't match Pod's node affinity/selector");
    const before = pulls();
    for (let change = 0; change < 5; change++) {
      await plane.touchNode();
      await plane.clock.advance(40_000);
    }
    expect(pulls()).toBe(before);
  });
});

describe('an amount that is written otherwise', () => {
  const before = { resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 1.5 } } };
  const after = { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1500m' } } };
  const podOf = (container: object): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'main', image: 'web:1', ...container }] },
  });

  test.each([
    ['a Deployment', deployment('web:1', before), deployment('web:1', after)],
    ['a Pod', podOf(before), podOf(after)],
  ])('restarts nothing: %s', async (_what, first, second) => {
    await plane.start();
    await plane.push(first);
    const running = plane.running();
    expect(running).toHaveLength(1);
    const id = await plane.push(second);
    expect(plane.status).toMatchObject({ lastGood: { id } });
    expect(plane.running()).toEqual(running);
  });

  test('restarts nothing together with another change either', async () => {
    await plane.start();
    await plane.push(deployment('web:1', before));
    const [first] = plane.running();
    const id = await plane.push(deployment('web:1', after, { replicas: 2 }));
    expect(plane.status).toMatchObject({ lastGood: { id } });
    expect(plane.running()).toHaveLength(2);
    expect(plane.running()).toContain(first);
  });
});
