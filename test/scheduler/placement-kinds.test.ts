// The dry run for every kind of workload: it refuses nothing that would run, and names what would not.
import { describe, expect, test } from 'vitest';
import { daemonPodSpec } from '../../src/model/daemon-set.ts';
import type { Desired, ObjectMeta, PodSpec, PodTemplateSpec, ResourceOf, StoredOf } from '../../src/model/resource.ts';
import { checkPlacement, type Surroundings } from '../../src/scheduler/placement.ts';
import { aContainer, aDeployment, aNode, aPod, asDesired, aTemplate } from '../support/builders.ts';
import { NOW, requests, required, tainted, toApp, zoned } from './scene.ts';

type Pods = readonly StoredOf<'Pod'>[];
const metadata = { name: 'web', namespace: 'default' };
const templateOf = (cpu: string, spec: Partial<PodSpec> = {}): PodTemplateSpec => aTemplate({ container: requests(cpu), spec });
const selector = { matchLabels: { app: 'web' } };

const statefulSet = (
  cpu: string,
  replicas: number,
  spec: Partial<PodSpec> = {},
  more: object = {},
): Desired<ResourceOf<'StatefulSet'>> => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata,
  spec: { serviceName: 'web', replicas, selector, template: templateOf(cpu, spec), ...more },
});
const daemonSet = (cpu: string, spec: Partial<PodSpec> = {}): Desired<ResourceOf<'DaemonSet'>> => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata,
  spec: { selector, template: templateOf(cpu, spec) },
});
const controller = (cpu: string, replicas: number): Desired<ResourceOf<'ReplicationController'>> => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata,
  spec: { replicas, selector: { app: 'web' }, template: templateOf(cpu) },
});
const job = (cpu: string, parallelism: number, more: object = {}): Desired<ResourceOf<'Job'>> => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata,
  spec: { parallelism, template: templateOf(cpu, { restartPolicy: 'Never' }), ...more },
});
const cronJob = (cpu: string, more: object = {}): Desired<ResourceOf<'CronJob'>> => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { ...metadata, name: 'cron' },
  spec: { schedule: '* * * * *', jobTemplate: { spec: { template: templateOf(cpu, { restartPolicy: 'Never' }) } }, ...more },
});

/** A pod on a node that belongs to an object of the commit. */
function ownedPod(kind: string, name: string, nodeName: string, cpu: string, spec: Partial<PodSpec> = {}): StoredOf<'Pod'> {
  const ownerReferences = [{ apiVersion: 'v1', kind, name: 'web', uid: `uid-${kind}`, controller: true }];
  return aPod({ name, nodeName, phase: 'Running', container: requests(cpu), spec, ownerReferences });
}

const check = (wanted: readonly Desired[], pods: Pods = [], nodes = [aNode()], around: Surroundings = {}): string[] =>
  checkPlacement(wanted, nodes, pods, NOW, around).map(({ key, message }) => `${key}: ${message}`);

const INSUFFICIENT = '0/1 nodes are available: 1 Insufficient cpu.';
const both = [aNode(), aNode({ name: 'node-b' })];

describe('a StatefulSet', () => {
  test.each<[string, Desired, Pods, string[]]>([
    ['has all its places', statefulSet('2', 2), [], []],
    ['has not', statefulSet('3', 2), [], [`StatefulSet/default/web: 1 of its 2 pods have no place: ${INSUFFICIENT}`]],
    ['keeps its places', statefulSet('4', 1), [ownedPod('StatefulSet', 'web-0', 'node-a', '4')], []],
    ['changes in place', statefulSet('3900m', 1), [ownedPod('StatefulSet', 'web-0', 'node-a', '4')], []],
    [
      'grows in place beyond the node',
      statefulSet('5', 1),
      [ownedPod('StatefulSet', 'web-0', 'node-a', '4')],
      [`StatefulSet/default/web: Its pod has no place: ${INSUFFICIENT}`],
    ],
    [
      'leaves the pods below the partition',
      statefulSet('5', 1, {}, { updateStrategy: { rollingUpdate: { partition: 1 } } }),
      [ownedPod('StatefulSet', 'web-0', 'node-a', '4')],
      [],
    ],
    [
      'leaves all pods with OnDelete',
      statefulSet('5', 1, {}, { updateStrategy: { type: 'OnDelete' } }),
      [ownedPod('StatefulSet', 'web-0', 'node-a', '4')],
      [],
    ],
    ['scales down', statefulSet('4', 0), [ownedPod('StatefulSet', 'web-0', 'node-a', '4')], []],
  ])('%s', (_title, set, pods, expected) => {
    expect(check([set], pods)).toEqual(expected);
  });

  test('goes where the volumes of its ordinals are', () => {
    const template = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } },
    };
    const set = statefulSet('3', 1, {}, { volumeClaimTemplates: [template] });
    const meta = (
      name: string,
    ): ObjectMeta & { name: string; uid: string; resourceVersion: string; generation: number; creationTimestamp: string } => ({
      name,
      uid: name,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    const around: Surroundings = {
      claims: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { ...meta('data-web-0'), namespace: 'default' },
          spec: { ...template.spec, volumeName: 'pv' },
          status: { phase: 'Bound' },
        },
      ],
      volumes: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolume',
          metadata: meta('pv'),
          spec: {
            capacity: { storage: '1Gi' },
            accessModes: ['ReadWriteOnce'],
            claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data-web-0', uid: 'data-web-0' },
            hostPath: { path: '/data' },
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-a'] }] },
                ],
              },
            },
          },
        },
      ],
    };
    const busy = ownedPod('Deployment', 'x', 'node-a', '2');
    const nodes = [zoned('node-a', 'n'), zoned('node-b', 'n')];
    expect(check([set], [], nodes, around)).toEqual([]);
    expect(check([set], [busy], nodes, around)).toEqual([
      'StatefulSet/default/web: Its pod has no place: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had volume node affinity conflict.',
    ]);
    // Its claim does not exist yet: the first pod decides where the volume is made.
    expect(check([set], [busy], nodes)).toEqual([]);
  });
});

describe('a DaemonSet', () => {
  const template = templateOf('3');
  const there = (name: string, nodeName: string): StoredOf<'Pod'> =>
    ownedPod('DaemonSet', name, nodeName, '3', daemonPodSpec(template.spec, nodeName));
  const full = ownedPod('Deployment', 'x', 'node-b', '2');
  test.each<[string, Desired, Pods, StoredOf<'Node'>[], string[]]>([
    ['has a place on every node', daemonSet('3'), [], both, []],
    [
      'has none on one',
      daemonSet('3'),
      [full],
      both,
      [
        `DaemonSet/default/web: 1 of its 2 pods have no place: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector.`,
      ],
    ],
    ['keeps its places', daemonSet('3'), [there('a', 'node-a'), there('b', 'node-b')], both, []],
    ['is for no node', daemonSet('3', { nodeSelector: { disk: 'ssd' } }), [], both, []],
    ['is for nodes that it tolerates', daemonSet('5'), [], [tainted('node-a', { key: 'k', effect: 'NoSchedule' })], []],
    [
      'is for a node that is cordoned',
      daemonSet('5'),
      [],
      [aNode({ unschedulable: true })],
      [`DaemonSet/default/web: Its pod has no place: ${INSUFFICIENT}`],
    ],
    ['has no nodes at all', daemonSet('3'), [], [], []],
  ])('%s', (_title, set, pods, nodes, expected) => {
    expect(check([set], pods, nodes)).toEqual(expected);
  });
});

describe('Jobs, CronJobs, ReplicationControllers, pods', () => {
  const full = ownedPod('Deployment', 'x', 'node-a', '4');
  const finished: Surroundings = {
    jobs: [
      {
        ...job('5', 1),
        metadata: { ...metadata, uid: 'j', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
        status: { conditions: [{ type: 'Complete', status: 'True' }] },
      },
    ],
  };
  const done = { ...ownedPod('Job', 'd', 'node-a', '1'), status: { phase: 'Succeeded' as const } };
  test.each<[string, Desired[], Pods, Surroundings, string[]]>([
    ['a Job of which one pod has a place', [job('3', 5)], [], {}, []],
    ['a Job of which none has', [job('3', 5)], [full], {}, [`Job/default/web: 5 of its 5 pods have no place: ${INSUFFICIENT}`]],
    ['a Job of which one pod runs', [job('4', 5)], [ownedPod('Job', 'j', 'node-a', '4')], {}, []],
    ['a Job that is suspended', [job('5', 1, { suspend: true })], [], {}, []],
    ['a Job that has ended', [job('5', 1)], [], finished, []],
    ['a Job whose completions are all there', [job('5', 3, { completions: 1 })], [done], {}, []],
    ['a CronJob whose pod has a place', [cronJob('4')], [], {}, []],
    ['CronJobs do not run for ever', [cronJob('4'), statefulSet('4', 1)], [], {}, []],
    ['a CronJob whose pod is too big', [cronJob('5')], [], {}, [`CronJob/default/cron: Its pod has no place: ${INSUFFICIENT}`]],
    ['a CronJob that is suspended', [cronJob('5', { suspend: true })], [], {}, []],
    [
      'a ReplicationController',
      [controller('3', 2)],
      [],
      {},
      [`ReplicationController/default/web: 1 of its 2 pods have no place: ${INSUFFICIENT}`],
    ],
    [
      'a pod that is not to be placed yet',
      [asDesired(aPod({ container: requests('5'), spec: { schedulingGates: [{ name: 'later' }] } }))],
      [],
      {},
      [],
    ],
  ])('%s', (_title, wanted, pods, around, expected) => {
    expect(check(wanted, pods, [aNode()], around)).toEqual(expected);
  });

  test('a rolling update beside its old pods, which have to be apart', () => {
    const template = aTemplate({
      spec: required('podAntiAffinity', toApp('web', 'kubernetes.io/hostname')),
      container: { image: 'v2' },
    });
    const wanted = asDesired(aDeployment({ replicas: 1, spec: { template } }));
    expect(check([wanted], [], [zoned('node-a', 'n')])).toEqual([]);
    expect(check([asDesired(aDeployment({ replicas: 2, spec: { template } }))], [], [zoned('node-a', 'n')])).toEqual([
      "Deployment/default/web: 1 of its 2 pods have no place: 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
    ]);
  });
});

describe('priorities', () => {
  const classes: Surroundings = {
    priorityClasses: [
      {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        value: 100,
        metadata: { name: 'high', uid: 'h', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
      },
    ],
  };
  const low = statefulSet('4', 1);
  const high = { ...statefulSet('4', 1, { priorityClassName: 'high' }), metadata: { ...metadata, name: 'vip' } };
  const refusedLow = [`StatefulSet/default/web: Its pod has no place: ${INSUFFICIENT}`];

  test('the more important is seated first, whichever is written first', () => {
    expect(check([low, high], [], [aNode()], classes)).toEqual(refusedLow);
    expect(check([high, low], [], [aNode()], classes)).toEqual(refusedLow);
  });

  test('it makes a less important one of the same commit go, which is named', () => {
    expect(check([low, high], [ownedPod('StatefulSet', 'web-0', 'node-a', '4')], [aNode()], classes)).toEqual(refusedLow);
  });

  test('and one of another application, but not the other way round', () => {
    const other = ownedPod('Deployment', 'x', 'node-a', '4', { priority: 50 });
    expect(check([high], [other], [aNode()], classes)).toEqual([]);
    expect(check([low], [other], [aNode()], classes)).toEqual(refusedLow);
  });

  test('a class that comes with the commit counts, and so do the built-in ones', () => {
    const other = ownedPod('Deployment', 'x', 'node-a', '4', { priority: 50 });
    const [own] = classes.priorityClasses ?? [];
    expect(check(own === undefined ? [high] : [asDesired(own), high], [other])).toEqual([]);
    expect(check([statefulSet('4', 1, { priorityClassName: 'system-node-critical' })], [other])).toEqual([]);
  });
});

test('what admission will give counts on paper: default requests, and the policy of a class', () => {
  const stored = { uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' };
  const limits: StoredOf<'LimitRange'> = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'defaults', namespace: 'default', ...stored },
    spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '3' } }] },
  };
  const plain = { ...statefulSet('1', 2), spec: { ...statefulSet('1', 2).spec, template: aTemplate() } };
  expect(check([plain])).toEqual([]);
  const refused = [`StatefulSet/default/web: 1 of its 2 pods have no place: ${INSUFFICIENT}`];
  expect(check([plain], [], [aNode()], { limitRanges: [limits] })).toEqual(refused);
  expect(check([plain, asDesired(limits)])).toEqual(refused);
  const polite: StoredOf<'PriorityClass'> = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'polite', ...stored },
    value: 100,
    preemptionPolicy: 'Never',
  };
  const wanting = statefulSet('4', 1, { priorityClassName: 'polite' });
  const there = ownedPod('Deployment', 'x', 'node-a', '4');
  expect(check([asDesired(polite), wanting], [there])).toEqual([
    `StatefulSet/default/web: Its pod has no place: ${INSUFFICIENT}`,
  ]);
});

test('init containers and sidecars count on paper too', () => {
  const initContainers = [{ ...aContainer({ name: 'proxy', ...requests('2') }), restartPolicy: 'Always' as const }];
  expect(check([statefulSet('3', 1, { initContainers })])).toEqual([
    `StatefulSet/default/web: Its pod has no place: ${INSUFFICIENT}`,
  ]);
});
