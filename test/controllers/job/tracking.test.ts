// Who lets go of the pods of Jobs that are gone, and when it looks at them.
import { expect, test } from 'vitest';
import { jobPodRelease } from '../../../src/controllers/job/tracking.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { aPod } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';
import { aJob } from './jobs.ts';

test('the pods of a Job are looked at when it is gone, not with each of its changes', async () => {
  const job = aJob();
  const { uid, name } = job.metadata;
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  await store.write([{ op: 'create', resource: { ...job, metadata: { name, namespace: 'default' } }, uid }]);
  for (const each of ['pi-a', 'pi-b']) await store.write([{ op: 'create', resource: aPod({ name: each, owner: job }) }]);
  expect(jobPodRelease.wakes(job, store)).toEqual([]);
  await store.write([{ op: 'remove', key: { kind: 'Job', namespace: 'default', name }, uid }]);
  const pods = ['pi-a', 'pi-b'].map((each) => ({ kind: 'Pod', namespace: 'default', name: each }));
  expect(jobPodRelease.wakes(job, store)).toEqual(pods);
  // Another one of that name is not theirs.
  await store.write([{ op: 'create', resource: { ...job, metadata: { name, namespace: 'default' } } }]);
  expect(jobPodRelease.wakes(job, store)).toEqual(pods);
});
