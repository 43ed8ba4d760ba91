// What a pod refers to.
import { expect, test } from 'vitest';
import { podReferences } from '../../../src/manifests/checks/pod-references.ts';
import { formatPath } from '../../../src/manifests/place.ts';
import type { PodSpec } from '../../../src/model/resource.ts';

function references(spec: Partial<PodSpec>): string[] {
  return podReferences({ containers: [{ name: 'x', image: 'x' }], ...spec }, ['spec'], 'default').map(
    ({ kind, namespace, name, key, path, keyPath }) =>
      `${kind} ${namespace}/${name}${key === undefined ? '' : `:${key}`} at ${formatPath(keyPath ?? path)}`,
  );
}

test.each<[string, Partial<PodSpec>, string[]]>([
  ['an account', { serviceAccountName: 'robot' }, ['ServiceAccount default/robot at spec.serviceAccountName']],
  ['the account that is always there', { serviceAccountName: 'default' }, []],
  ['credentials', { imagePullSecrets: [{ name: 'a' }, {}] }, ['Secret default/a at spec.imagePullSecrets[0].name']],
  [
    'containers of every kind',
    {
      initContainers: [{ name: 'i', image: 'i', envFrom: [{ configMapRef: { name: 'a' } }] }],
      containers: [{ name: 'c', image: 'c', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'b', key: 'k' } } }] }],
      ephemeralContainers: [{ name: 'e', image: 'e', envFrom: [{ secretRef: { name: 'c' } }] }],
    },
    [
      'ConfigMap default/a at spec.initContainers[0].envFrom[0].configMapRef.name',
      'Secret default/b:k at spec.containers[0].env[0].valueFrom.secretKeyRef.key',
      'Secret default/c at spec.ephemeralContainers[0].envFrom[0].secretRef.name',
    ],
  ],
  [
    'projected volumes, with what may be missing left out',
    {
      volumes: [
        {
          name: 'v',
          projected: {
            sources: [
              { secret: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
              { configMap: { name: 'b' } },
              { configMap: { name: 'c', optional: true } },
            ],
          },
        },
      ],
    },
    [
      'Secret default/a at spec.volumes[0].projected.sources[0].secret.name',
      'Secret default/a:k at spec.volumes[0].projected.sources[0].secret.items[0].key',
      'ConfigMap default/b at spec.volumes[0].projected.sources[1].configMap.name',
    ],
  ],
  [
    'volumes of drivers',
    {
      volumes: [
        { name: 'a', csi: { driver: 'd', nodePublishSecretRef: { name: 's' } } },
        { name: 'b', rbd: { monitors: ['m'], image: 'i', secretRef: { name: 't' } } },
        { name: 'c', azureFile: { secretName: 'u', shareName: 'x' } },
      ],
    },
    [
      'Secret default/s at spec.volumes[0].csi.nodePublishSecretRef.name',
      'Secret default/t at spec.volumes[1].rbd.secretRef.name',
      'Secret default/u at spec.volumes[2].azureFile.secretName',
    ],
  ],
])('%s', (_name, spec, expected) => {
  expect(references(spec)).toEqual(expected);
});
