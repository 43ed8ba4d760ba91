// Fields that Kubernetes does not let anybody change once an object exists. Pure.
import { isDeepStrictEqual } from 'node:util';
import { allowsReplacement, REPLACE_ANNOTATION } from '../model/job.ts';
import { parseQuantity } from '../model/quantity.ts';
import type {
  ConfigMap,
  Desired,
  Job,
  PersistentVolume,
  PersistentVolumeClaim,
  Quantity,
  Secret,
  ServiceSpec,
  StatefulSet,
  StorageClass,
  Stored,
} from '../model/resource.ts';
import { HEADLESS, isExternalName } from '../model/service.ts';
import { withLiveAmounts } from './amounts.ts';
import { isRecovered } from './applied.ts';
import { changedJobFields } from './job-changes.ts';

interface Refusal {
  readonly field: string;
  readonly message: string;
}

/** The classes of storage as they will be: whether their claims can grow. */
type Classes = readonly Pick<StorageClass, 'metadata' | 'allowVolumeExpansion'>[];

/**
 * Changes that the kind forbids: data of a ConfigMap or Secret with `immutable: true`, the type of a Secret, the spec of a claim other
 * than asking for more storage, the address of a Service, and what makes the pods of a StatefulSet who they are. An object that was rebuilt from Docker is known in part only and refuses nothing.
 */
export function immutableFields(next: Desired | Stored, live: Stored, classes: Classes = []): readonly Refusal[] {
  // What is rebuilt of a Job is the whole of it.
  if (next.kind === 'Job' && live.kind === 'Job') return jobSpec(next, live);
  if (isRecovered(live)) return [];
  if (next.kind === 'ConfigMap' && live.kind === 'ConfigMap') return immutableData(next, live);
  if (next.kind === 'Secret' && live.kind === 'Secret') {
    const typed =
      (next.type ?? 'Opaque') === (live.type ?? 'Opaque')
        ? []
        : [{ field: 'type', message: 'the type of a Secret cannot be changed; give it another name' }];
    return [...typed, ...immutableData(next, live)];
  }
  if (next.kind === 'PersistentVolumeClaim' && live.kind === 'PersistentVolumeClaim') return claimSpec(next, live, classes);
  if (next.kind === 'PersistentVolume' && live.kind === 'PersistentVolume') return volumeSpec(next, live);
  if (next.kind === 'StorageClass' && live.kind === 'StorageClass') return storageClass(next, live);
  if (next.kind === 'PriorityClass' && live.kind === 'PriorityClass')
    return (['value', 'preemptionPolicy'] as const)
      .filter((field) => next[field] !== live[field])
      .map((field) => ({ field, message: 'cannot be changed once the class exists; make a new class under another name' }));
  if (next.kind === 'RuntimeClass' && live.kind === 'RuntimeClass' && next.handler !== live.handler)
    return [{ field: 'handler', message: 'cannot be changed once the class exists; make a new class under another name' }];
  if (next.kind === 'StatefulSet' && live.kind === 'StatefulSet') return statefulSetSpec(next, live);
  if (hasFixedSelector(next) && hasFixedSelector(live)) return workloadSelector(next, live);
  if (next.kind === 'Service' && live.kind === 'Service') return serviceAddress(next.spec, live.spec);
  if (next.kind === 'EndpointSlice' && live.kind === 'EndpointSlice' && next.addressType !== live.addressType)
    return [{ field: 'addressType', message: 'field is immutable; give the changed EndpointSlice another name' }];
  return [];
}

/** A Job is what it does: a changed one is another one, and whether that may be run must be said. */
function jobSpec(next: Job & { metadata: { name: string } }, live: Stored<Job>): readonly Refusal[] {
  if (allowsReplacement(next.metadata)) return [];
  const message = `cannot be changed once the Job exists; give the changed Job another name, or annotate it with ${REPLACE_ANNOTATION}: "true" to have it deleted and run anew`;
  return changedJobFields(withLiveAmounts(next, live) as Job, live).map((field) => ({ field, message }));
}

/** An address is for as long as the Service has one; only a type without address gives it back (Kubernetes, ValidateServiceUpdate). */
function serviceAddress(next: ServiceSpec, live: ServiceSpec): readonly Refusal[] {
  const [wanted = '', has = ''] = [next.clusterIP, live.clusterIP];
  const isFree = isExternalName(next) || isExternalName(live) || has === '' || wanted === has;
  // What the manifest leaves open was chosen, and stays; that there is no address is no choice.
  if (isFree || (wanted === '' && has !== HEADLESS)) return [];
  const message = `field is immutable: the Service has ${has === HEADLESS ? 'no address (None)' : has}; give the changed one another name, or take it out in one commit and put it back in the next`;
  return [{ field: 'spec.clusterIP', message }];
}

type FixedSelector = Extract<Desired | Stored, { kind: 'Deployment' | 'ReplicaSet' | 'DaemonSet' }>;

function hasFixedSelector(resource: Desired | Stored): resource is FixedSelector {
  return resource.kind === 'Deployment' || resource.kind === 'ReplicaSet' || resource.kind === 'DaemonSet';
}

/** All pods would end before those of another selector came: that may be meant, but has to be said (Kubernetes, ValidateDeploymentUpdate). */
function workloadSelector(next: FixedSelector, live: FixedSelector): readonly Refusal[] {
  if (allowsReplacement(next.metadata) || isDeepStrictEqual(next.spec.selector, live.spec.selector)) return [];
  const message = `field is immutable; give the changed ${next.kind} another name, or annotate it with ${REPLACE_ANNOTATION}: "true" to have it deleted, with its pods, and made anew`;
  return [{ field: 'spec.selector', message }];
}

/** What a StatefulSet may change is what its pods can follow one by one; the rest says who they are. */
function statefulSetSpec(next: StatefulSet, live: StatefulSet): readonly Refusal[] {
  const message =
    'cannot be changed once the StatefulSet exists; give the changed one another name, or take it out in one commit and put it back in the next: its claims keep their data';
  const fields = ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'] as const;
  const told = ({ spec }: StatefulSet, field: (typeof fields)[number]): unknown =>
    field === 'volumeClaimTemplates' ? (spec.volumeClaimTemplates ?? []).map(claimTemplate) : (spec[field] ?? '');
  return fields
    .filter((field) => !isDeepStrictEqual(told(next, field), told(live, field)))
    .map((field) => ({ field: `spec.${field}`, message }));
}

type ClaimTemplate = NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number];

/** A template by what it asks for: amounts as bytes, however they are written. */
function claimTemplate({ metadata, spec }: ClaimTemplate): unknown {
  const { resources, ...rest } = spec;
  const { name, labels = {}, annotations = {} } = metadata ?? {};
  return {
    name,
    labels,
    annotations,
    ...rest,
    storage: bytes(resources.requests?.storage),
    limit: bytes(resources.limits?.storage),
  };
}

function immutableData(next: ConfigMap | Secret, live: ConfigMap | Secret): readonly Refusal[] {
  if (live.immutable !== true) return [];
  const message = `the ${live.kind} is immutable; give the changed one another name and refer to that`;
  const fields = ['data', 'binaryData', 'stringData'] as const;
  const changed: string[] = fields.filter((field) => !isDeepStrictEqual(valueOf(next, field), valueOf(live, field)));
  if (next.immutable !== true) changed.push('immutable');
  return changed.map((field) => ({ field, message }));
}

function valueOf(resource: object, field: string): unknown {
  return (field in resource ? Reflect.get(resource, field) : undefined) ?? {};
}

/** Asking for more is all that a claim can do, and filling in what it left open. */
function claimSpec(next: PersistentVolumeClaim, live: PersistentVolumeClaim, classes: Classes): readonly Refusal[] {
  const { resources: wanted, ...rest } = next.spec;
  const { resources: has, ...liveRest } = live.spec;
  const message = 'cannot be changed once the claim exists; make a new claim under another name';
  const fields = ['accessModes', 'volumeMode', 'selector'] as const;
  const changed: string[] = fields.filter((field) => !isDeepStrictEqual(rest[field], liveRest[field]));
  for (const field of ['storageClassName', 'volumeName'] as const) {
    // What the manifest leaves open, the system filled in; a class may be given to a claim that has none, also when it has its volume
    // (Kubernetes, "Retroactive default StorageClass assignment").
    const isOpen = rest[field] === undefined || liveRest[field] === undefined;
    if (!isOpen && rest[field] !== liveRest[field]) changed.push(field);
  }
  const refusals: Refusal[] = changed.map((field) => ({ field: `spec.${field}`, message }));
  const [before, after] = [bytes(has.requests?.storage), bytes(wanted.requests?.storage)];
  const field = 'spec.resources.requests.storage';
  if (after < before) refusals.push({ field, message: 'a claim cannot shrink' });
  const declared = after > before ? classes.find(({ metadata }) => metadata.name === liveRest.storageClassName) : undefined;
  if (declared !== undefined && declared.allowVolumeExpansion !== true)
    refusals.push({
      field,
      message: `StorageClass "${declared.metadata.name}" does not let its claims grow; give it allowVolumeExpansion: true`,
    });
  return refusals;
}

/** Where a volume is cannot change under those who use it. */
function volumeSpec({ spec: next }: PersistentVolume, { spec: live }: PersistentVolume): readonly Refusal[] {
  const message = 'cannot be changed once the PersistentVolume exists; declare a new one under another name';
  const fields = ['hostPath', 'local', 'nfs', 'volumeMode'] as const;
  const changed: string[] = fields.filter((field) => !isDeepStrictEqual(next[field], live[field]));
  if (live.nodeAffinity !== undefined && !isDeepStrictEqual(next.nodeAffinity, live.nodeAffinity)) changed.push('nodeAffinity');
  return changed.map((field) => ({ field: `spec.${field}`, message }));
}

/** How volumes of a class are made is written into those that are there (Kubernetes, ValidateStorageClassUpdate). */
function storageClass(next: StorageClass, live: StorageClass): readonly Refusal[] {
  const message = 'cannot be changed once the StorageClass exists; declare a new one under another name';
  const fields = ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] as const;
  return fields.filter((field) => !isDeepStrictEqual(next[field], live[field])).map((field) => ({ field, message }));
}

function bytes(quantity: Quantity | undefined): number {
  return quantity === undefined ? 0 : (parseQuantity(quantity) ?? 0);
}
