// Twenty rollouts under load: with a readiness probe and a preStop hook, as users are told to set them, no request fails, while pods that
// are not in rotation are killed besides.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStoreForReading } from '../../src/installation/data-folder.ts';
import { isConditionTrue } from '../../src/model/conditions.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { byHand } from '../support/docker.ts';
import { LoadClient } from '../support/e2e-client.ts';
import { clusterContainers, doubledSlots, type SeenContainer } from '../support/e2e-engine.ts';
import { deployment, STAY, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const ROLLOUTS = 20;
const REPLICAS = 4;
const PORT = 8080;
/** In every so many rollouts the pods take this long to become ready, so that one can be killed for sure before it is. */
const SLOW_EVERY = 5;
const SLOW_START_SECONDS = 3;
/** A container that has run for less than this is not ready for a while yet. */
const YOUNG_MS = 1_000;

let at: Scene;
beforeEach(async () => {
  at = await scene('load', { env: { HOLDFAST_NETWORK: 'auto' } });
});
afterEach(async () => {
  await at.close();
});

const isSlow = (version: number): boolean => version > 0 && version % SLOW_EVERY === 0;

const files = (version: number): Record<string, string> => ({
  'web.yaml': yaml(
    deployment('web', {
      replicas: REPLICAS,
      container: {
        command: ['sh', '-c', `echo ${version} > /var/www/index.html; httpd -p ${PORT} -h /var/www; ${STAY}`],
        readinessProbe: {
          httpGet: { path: '/', port: PORT },
          initialDelaySeconds: isSlow(version) ? SLOW_START_SECONDS : 0,
          periodSeconds: 1,
          timeoutSeconds: 5,
        },
        lifecycle: { preStop: { sleep: { seconds: 2 } } },
      },
      pod: { terminationGracePeriodSeconds: 15 },
      spec: { strategy: { rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } } },
    }),
  ),
});

/** The store as it is now, read behind the controller's back. */
function read(): StoreReader | undefined {
  return openStoreForReading(at.dataDir, new FakeClock(), seededIds(1));
}

/** Whether all pods are of this commit and ready; those before them may still be leaving. */
function hasRolledOut(store: StoreReader | undefined, commit: string): boolean {
  const { attempt, lastGood } = store?.list('Application')[0]?.status ?? {};
  return lastGood?.id === commit || (attempt?.commit.id === commit && attempt.phase === 'pruning');
}

/** What is killed of a pod that gets no requests. */
type Victim = 'container of a leaving pod' | 'container of a starting pod' | 'sandbox of a starting pod';

/** What is to be killed in the rollout of this version. */
function victimOf(version: number): Victim {
  if (!isSlow(version)) return 'container of a leaving pod';
  return version % (2 * SLOW_EVERY) === 0 ? 'sandbox of a starting pod' : 'container of a starting pod';
}

/** The container to kill, if there is one now. */
function find(
  victim: Victim,
  containers: readonly SeenContainer[],
  store: StoreReader,
  client: LoadClient,
): SeenContainer | undefined {
  const isLeaving = victim === 'container of a leaving pod';
  const role = victim === 'sandbox of a starting pod' ? 'sandbox' : 'container';
  // The client may not know yet of a pod that has just become ready, such as the last one of the version before.
  const isStarting = ({ status }: StoredOf<'Pod'>): boolean => !isConditionTrue(status?.conditions, 'Ready');
  const idle = new Set(
    store
      .list('Pod')
      .filter((pod) => (pod.metadata.deletionTimestamp === undefined ? !isLeaving && isStarting(pod) : isLeaving))
      .map(({ metadata }) => metadata.name)
      .filter((name) => !client.uses(name)),
  );
  const isYoung = ({ startedAt }: SeenContainer): boolean => Date.now() - Date.parse(startedAt) < YOUNG_MS;
  return containers.find(
    (each) => each.role === role && each.state === 'running' && idle.has(each.pod) && (isLeaving || isYoung(each)),
  );
}

test(`not one request of a client fails over ${ROLLOUTS} rollouts`, { timeout: 400_000 }, async ({ onTestFinished }) => {
  let commit = await at.repo.commit(files(0), 'Version 0');
  const controller = at.controller();
  await at.untilLive(commit, 60_000);
  const client = new LoadClient({ read, app: 'web', port: PORT });
  onTestFinished(async () => void (await client.stop()));
  const killed = new Map<Victim, number>();
  const took: number[] = [];
  for (let version = 1; version <= ROLLOUTS; version += 1) {
    const begunMs = Date.now();
    commit = await at.repo.commit(files(version), `Version ${version}`);
    const victim = victimOf(version);
    let isKilled = false;
    await until(
      `version ${version} has rolled out`,
      async () => {
        const store = read();
        if (!isKilled && store !== undefined) {
          const found = find(victim, await clusterContainers(at.cluster), store, client);
          if (found !== undefined) {
            await byHand('POST', `/containers/${found.id}/kill`);
            isKilled = true;
            killed.set(victim, (killed.get(victim) ?? 0) + 1);
          }
        }
        return hasRolledOut(store, commit);
      },
      Boolean,
      { timeoutMs: 60_000, explain: () => controller.stderr },
    );
    took.push(Date.now() - begunMs);
  }
  await at.untilLive(commit, 60_000);
  const { requests, failures, answers } = await client.stop();
  const kills = [...killed].map(([what, count]) => `${count} × ${what}`).join(', ');
  process.stdout.write(
    `${requests} requests over ${ROLLOUTS} rollouts, ${failures.length} failed; killed: ${kills}; ` +
      `a rollout took ${took.toSorted((a, b) => a - b)[ROLLOUTS / 2]} ms, the longest ${Math.max(...took)} ms\n`,
  );
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(ROLLOUTS * 100);
  expect([...answers].toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: ROLLOUTS + 1 }, (_, version) => `${version}`),
  );
  for (const victim of Array.from({ length: ROLLOUTS }, (_, index) => victimOf(index + 1)))
    expect(killed.get(victim)).toBeGreaterThan(1);
  const left = (await clusterContainers(at.cluster)).filter(({ state, pod }) => state === 'running' && pod !== '');
  expect(left).toHaveLength(2 * REPLICAS);
  expect(doubledSlots(left)).toEqual([]);
});
