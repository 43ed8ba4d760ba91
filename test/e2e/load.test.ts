// Twenty rollouts under load: with a readiness probe and a preStop hook, as users are told to set them, no request fails, while pods that
// are not in rotation are killed besides.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStoreForReading } from '../../src/place.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { byHand } from '../support/docker.ts';
import { LoadClient } from '../support/e2e-client.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const ROLLOUTS = 20;
const REPLICAS = 4;
const PORT = 8080;

let at: Scene;
beforeEach(async () => {
  at = await scene('load');
});
afterEach(async () => {
  await at.close();
});

const files = (version: number): Record<string, string> => ({
  'web.yaml': yaml(
    deployment('web', {
      replicas: REPLICAS,
      container: {
        command: ['sh', '-c', `echo ${version} > /var/www/index.html; exec httpd -f -p ${PORT} -h /var/www`],
        readinessProbe: { httpGet: { path: '/', port: PORT }, periodSeconds: 1, timeoutSeconds: 5 },
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

const lastGood = (): string | undefined => read()?.list('Application')[0]?.status?.lastGood?.id;

/** Kills a container of a pod that gets no requests: one that is still starting, or about to go. */
async function killOne(inRotation: readonly string[]): Promise<number> {
  const others = (await runningContainers(at.cluster, 'web')).filter(({ pod }) => !inRotation.includes(pod));
  const [victim] = others;
  if (victim === undefined) return 0;
  await byHand('POST', `/containers/${victim.id}/kill`).catch(() => undefined);
  return 1;
}

test(`not one request of a client fails over ${ROLLOUTS} rollouts`, { timeout: 400_000 }, async () => {
  const first = await at.repo.commit(files(0), 'Version 0');
  at.controller();
  await at.untilLive(first);
  const client = new LoadClient({ read, app: 'web', port: PORT });
  let killed = 0;
  for (let version = 1; version <= ROLLOUTS; version += 1) {
    const commit = await at.repo.commit(files(version), `Version ${version}`);
    let hasKilled = false;
    await until(
      `version ${version} is live`,
      async () => {
        // Only pods that the client has not seen ready: it follows the store a moment late.
        const isNew = client.pods.length > REPLICAS;
        if (!hasKilled && isNew) {
          const kills = await killOne(client.pods);
          hasKilled = kills > 0;
          killed += kills;
        }
        return lastGood();
      },
      (id) => id === commit,
      { timeoutMs: 60_000 },
    );
  }
  const { requests, failures } = await client.stop();
  process.stdout.write(
    `${requests} requests over ${ROLLOUTS} rollouts, ${failures.length} failed; ${killed} containers killed\n`,
  );
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(ROLLOUTS * 100);
  expect(killed).toBeGreaterThan(0);
});
