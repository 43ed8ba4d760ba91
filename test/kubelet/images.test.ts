import { describe, expect, test } from 'vitest';
import { EngineError, type PullRequest } from '../../src/kubelet/engine/container-engine.ts';
import { ImageManager, type ImageRequest } from '../../src/kubelet/images/images.ts';
import type { RegistryCredentials } from '../../src/model/registry.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';

const IMAGE = 'r.example/app:1';
const of = (username: string): RegistryCredentials => ({ serverAddress: 'r.example', username, password: 'x' });

/** An engine whose registry lets only some users in, and whose pulls last until they are let through. */
class PrivateRegistry extends FakeEngine {
  readonly asked: string[] = [];
  readonly allowed = new Set<string>();
  readonly pending: (() => void)[] = [];
  isSlow = false;

  override async pull(request: PullRequest, signal: AbortSignal): Promise<void> {
    const user = request.credentials?.username ?? 'nobody';
    this.asked.push(`${request.reference} ${user}`);
    if (this.isSlow) await new Promise<void>((resolve) => this.pending.push(resolve));
    if (!this.allowed.has(user)) throw new EngineError('ImageUnavailable', `${user} may not`);
    request.onProgress?.({ completedBytes: 50, totalBytes: 100 });
    await super.pull(request, signal);
  }
}

function setUp(nodeKeyring: readonly RegistryCredentials[] = []) {
  const clock = new FakeClock();
  const engine = new PrivateRegistry({ clock, images: ['here:1'] });
  const images = new ImageManager({ engine, clock, logger: silentLogger, nodeKeyring });
  const ask = async (request: Partial<ImageRequest> = {}) => {
    const whole: ImageRequest = { image: IMAGE, policy: 'IfNotPresent', wish: 'a', ...request };
    // It is looked for first, and then pulled.
    images.prepare(whole);
    await clock.settle();
    images.prepare(whole);
    await clock.settle();
    return images.prepare(whole);
  };
  return { clock, engine, images, ask };
}

test('an image that is there is told with what it is', async () => {
  const { ask } = setUp();
  expect(await ask({ image: 'here:1' })).toMatchObject({ state: 'present', image: { tags: ['here:1'] } });
});

describe('credentials', () => {
  test("are tried one after the other, the pod's own before the node's", async () => {
    const { engine, ask } = setUp([of('node')]);
    engine.allowed.add('node');
    expect(await ask({ credentials: [of('ann'), of('bob')] })).toMatchObject({ state: 'present' });
    expect(engine.asked).toEqual([`${IMAGE} ann`, `${IMAGE} bob`, `${IMAGE} node`]);
  });

  test('are not tried further when the registry does not answer at all', async () => {
    const { engine, ask } = setUp();
    engine.allowed.add('ann');
    engine.behave(IMAGE, { pull: 'unreachable' });
    expect(await ask({ credentials: [of('ann'), of('bob')] })).toMatchObject({ state: 'failed', isFinal: false });
    expect(engine.asked).toEqual([`${IMAGE} ann`]);
  });

  test('without any the registry is asked without a name', async () => {
    const { engine, ask } = setUp();
    expect(await ask()).toMatchObject({ state: 'failed', isFinal: true, message: expect.stringContaining('nobody may not') });
    expect(engine.asked).toEqual([`${IMAGE} nobody`]);
  });

  test('a pod with good ones does not wait for the failures of one with bad ones, and neither is tried without a pause', async () => {
    const { engine, ask, clock } = setUp();
    expect(await ask({ credentials: [of('bad')] })).toMatchObject({ state: 'failed', failures: 1 });
    expect(await ask({ credentials: [of('worse')] })).toMatchObject({ state: 'failed', failures: 1 });
    expect(await ask({ credentials: [of('bad')] })).toMatchObject({ state: 'failed', failures: 1 });
    expect(engine.asked).toHaveLength(2);
    engine.allowed.add('good');
    expect(await ask({ credentials: [of('good')] })).toMatchObject({ state: 'present' });
    await clock.settle();
    expect(await ask({ credentials: [of('bad')] })).toMatchObject({ state: 'present' });
    expect(engine.asked).toHaveLength(3);
  });
});

test('at most three pulls at a time, and the progress of each is told', async () => {
  const { engine, images, clock } = setUp();
  engine.isSlow = true;
  engine.allowed.add('nobody');
  const request = (name: string): ImageRequest => ({ image: name, policy: 'Always', wish: 'a' });
  for (const name of ['a', 'b', 'c', 'd']) images.prepare(request(name));
  await clock.settle();
  expect(engine.asked).toEqual(['a nobody', 'b nobody', 'c nobody']);
  expect(images.prepare(request('d'))).toEqual({ state: 'pulling', isDownloading: true });
  const told: unknown[] = [];
  images.onChange(() => told.push(images.prepare(request('a'))));
  const pulled: string[] = [];
  images.onPulled((reference) => pulled.push(reference));
  engine.pending[0]?.();
  await clock.settle();
  expect(told).toContainEqual({ state: 'pulling', isDownloading: true, progress: { completedBytes: 50, totalBytes: 100 } });
  expect(images.prepare(request('a'))).toMatchObject({ state: 'present' });
  expect(pulled).toEqual(['a']);
  expect(engine.asked).toHaveLength(4);
});
