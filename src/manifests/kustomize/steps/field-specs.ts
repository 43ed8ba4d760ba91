// Where images, replica counts and variables stand when no configuration names more (kustomize's built-in transformer configuration), and
// how the fields of several specs are visited in one object.
import { type FieldMaking, type FieldVisitor, isMeantFor, splitFieldPath, visitFields } from '../field-path.ts';
import type { FieldSpec, PlainMap } from '../resource.ts';
import { currentId } from './identity.ts';

const spec = (path: string, kind = '', create = false): FieldSpec => ({ group: '', version: '', kind, path, create });

/** Images, besides those of every list of containers. */
export const imageFields: readonly FieldSpec[] = ['spec', 'spec/template/spec'].flatMap((pod) =>
  ['containers[]/image', 'initContainers[]/image', 'volumes[]/image/reference'].map((path) => spec(`${pod}/${path}`, '', true)),
);

/** The number of pods. */
export const replicaFields: readonly FieldSpec[] = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map(
  (kind) => spec('spec/replicas', kind, true),
);

const inContainers = ['args', 'command', 'env/value', 'volumeMounts/mountPath'];
const templates: readonly (readonly [kind: string, pod: string])[] = [
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
  ['DaemonSet', 'spec/template/spec'],
  ['Deployment', 'spec/template/spec'],
  ['Job', 'spec/template/spec'],
  ['Pod', 'spec'],
  ['ReplicaSet', 'spec/template/spec'],
  ['StatefulSet', 'spec/template/spec'],
];

/** Where `$(NAME)` of `vars` is replaced. */
export const varReferenceFields: readonly FieldSpec[] = [
  ...templates.flatMap(([kind, pod]) => [
    ...['containers', 'initContainers'].flatMap((list) => inContainers.map((field) => spec(`${pod}/${list}/${field}`, kind))),
    // Kustomize looks for the volumes of these two kinds elsewhere, where there are none.
    ...(kind === 'CronJob' || kind === 'StatefulSet' ? [] : [spec(`${pod}/volumes/nfs/server`, kind)]),
  ]),
  spec('spec/jobTemplate/spec/template/volumes/nfs/server', 'CronJob'),
  spec('spec/volumeClaimTemplates/spec/nfs/server', 'StatefulSet'),
  spec('spec/template/metadata/annotations', 'Deployment'),
  ...['spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'].map((path) => spec(path, 'Ingress')),
  ...['spec/ports/port', 'spec/ports/targetPort'].map((path) => spec(path, 'Service')),
  spec('spec/nfs/server', 'PersistentVolume'),
  spec('metadata/labels'),
  spec('metadata/annotations'),
];

/** Visits the fields of an object that the specs lead to. */
export function visitSpecs(
  value: PlainMap,
  specs: readonly FieldSpec[],
  visit: FieldVisitor,
  making?: Omit<FieldMaking, 'create'>,
): void {
  const id = currentId(value);
  for (const one of specs)
    if (isMeantFor(one, id))
      visitFields(value, splitFieldPath(one.path), making === undefined ? undefined : { ...making, create: one.create }, visit);
}
