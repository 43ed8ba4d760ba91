// The whole control plane, on virtual time, where its parts have to agree.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../src/control-plane.ts';
import { CONTAINER_LABEL } from '../src/kubelet/labels.ts';
import type { ApplicationStatus } from '../src/model/resource.ts';
import { openMemoryStore } from '../src/store/memory-store.ts';
import { silentLogger } from '../src/system/logger.ts';
import { FakeClock } from './support/fake-clock.ts';
import { FakeEngine } from './support/fake-engine.ts';
import { FakeSource } from './support/fake-source.ts';
import { seededIds } from './support/seeded-ids.ts';

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
      prober: { http: () => Promise.resolve({ ok: true }), tcp: () => Promise.resolve({ ok: true }) },
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

function deployment(image: string, container: object = {}, spec: object = {}): object {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image, ...container }] } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template, ...spec } };
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
