// The defaults of what keeps pods running (Kubernetes, pkg/apis/apps/v1/defaults.go and ReplicationController in core).
import type {
  DaemonSet,
  Deployment,
  ObjectMeta,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../../model/resource.ts';
import { defaultTemplate } from './pod.ts';
import { defaultClaimSpec } from './storage.ts';

const REVISIONS_TO_KEEP = 10;

/** A Deployment. */
export function defaultDeployment({ spec }: Deployment): void {
  spec.replicas ??= 1;
  spec.minReadySeconds ??= 0;
  spec.revisionHistoryLimit ??= REVISIONS_TO_KEEP;
  spec.progressDeadlineSeconds ??= 600;
  spec.strategy ??= {};
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  defaultTemplate(spec.template);
}

/** A ReplicaSet. */
export function defaultReplicaSet({ spec }: ReplicaSet): void {
  spec.replicas ??= 1;
  spec.minReadySeconds ??= 0;
  if (spec.template !== undefined) defaultTemplate(spec.template);
}

/** A ReplicationController: its selector and its own labels are those of the template. */
export function defaultReplicationController({ metadata, spec }: ReplicationController): void {
  spec.replicas ??= 1;
  spec.minReadySeconds ??= 0;
  if (spec.template === undefined) return;
  const labels = labelsOf(spec.template);
  if (labels !== undefined) spec.selector ??= { ...labels };
  labelLikeTemplate(metadata, spec.template);
  defaultTemplate(spec.template);
}

/** A StatefulSet, with the claims of its pods. */
export function defaultStatefulSet({ spec }: StatefulSet): void {
  spec.replicas ??= 1;
  spec.minReadySeconds ??= 0;
  spec.revisionHistoryLimit ??= REVISIONS_TO_KEEP;
  spec.podManagementPolicy ??= 'OrderedReady';
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain';
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1';
    claim.kind ??= 'PersistentVolumeClaim';
    defaultClaimSpec(claim.spec);
  }
  defaultTemplate(spec.template);
}

/** A DaemonSet. */
export function defaultDaemonSet({ spec }: DaemonSet): void {
  spec.minReadySeconds ??= 0;
  spec.revisionHistoryLimit ??= REVISIONS_TO_KEEP;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  defaultTemplate(spec.template);
}

/** Gives an object without labels those of its pods. */
export function labelLikeTemplate(metadata: ObjectMeta, template: PodTemplateSpec): void {
  const labels = labelsOf(template);
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

function labelsOf({ metadata }: PodTemplateSpec): Record<string, string> | undefined {
  const labels = metadata?.labels;
  return labels === undefined || Object.keys(labels).length === 0 ? undefined : labels;
}
