// A Job is rebuilt from its pods when the store is lost, with its uid and all that it was.
import { expect, test } from 'vitest';
import { recoveredJob } from '../../src/kubelet/recover-job.ts';
import { JOB_MEMORY_ANNOTATION } from '../../src/model/job.ts';
import { controllerReference, RECOVERED_ANNOTATION } from '../../src/model/resource.ts';
import { aJob, plan } from '../controllers/job/jobs.ts';

test('with its spec, labels, annotations and start, marked, and without an owner', () => {
  const job = aJob({ completions: 3 }, { meta: { labels: { app: 'pi' }, annotations: { 'holdfast.dev/application': 'shop' } } });
  const [action] = plan(job, []).actions;
  const pod = action?.type === 'create' ? action.resource.metadata : {};
  expect(recoveredJob(controllerReference(job), 'default', pod)).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'pi',
      namespace: 'default',
      labels: { app: 'pi' },
      annotations: { 'holdfast.dev/application': 'shop', [RECOVERED_ANNOTATION]: 'true' },
    },
    spec: job.spec,
    status: { startTime: job.status?.startTime },
  });
});

test.each([undefined, 'no json', '{}', 'null'])('not from what cannot be read: %s', (text) => {
  const annotations = text === undefined ? {} : { [JOB_MEMORY_ANNOTATION]: text };
  expect(recoveredJob(controllerReference(aJob()), 'default', { annotations })).toBeUndefined();
});
