// The defaults of the Kubernetes API server for the fields that Holdfast has (API reference, and pkg/apis/*/defaults.go).
// Doing it twice changes nothing. Works in place on an object that nobody else has seen yet.
import type { Resource } from '../../model/resource.ts';
import { isNamespaced } from '../../model/resource.ts';
import { defaultApplication } from './application.ts';
import { defaultAutoscaler } from './autoscaling.ts';
import { defaultCronJob, defaultJob } from './batch.ts';
import { defaultClusterResource } from './cluster.ts';
import { defaultConfigMap, defaultSecret } from './data.ts';
import { defaultPod } from './pod.ts';
import { defaultLimitRange, defaultPriorityClass, defaultResourceQuota, defaultRuntimeClass, labelNamespace } from './policy.ts';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from './workload.ts';

/** Fills in what the manifest leaves open. */
export function setDefaults(resource: Resource): void {
  if (isNamespaced(resource.kind)) resource.metadata.namespace ??= 'default';
  switch (resource.kind) {
    case 'Pod':
      return defaultPod(resource);
    case 'Deployment':
      return defaultDeployment(resource);
    case 'ReplicaSet':
      return defaultReplicaSet(resource);
    case 'ReplicationController':
      return defaultReplicationController(resource);
    case 'StatefulSet':
      return defaultStatefulSet(resource);
    case 'DaemonSet':
      return defaultDaemonSet(resource);
    case 'Job':
      return defaultJob(resource);
    case 'CronJob':
      return defaultCronJob(resource);
    case 'HorizontalPodAutoscaler':
      return defaultAutoscaler(resource);
    case 'ResourceQuota':
      return defaultResourceQuota(resource);
    case 'LimitRange':
      return defaultLimitRange(resource);
    case 'PriorityClass':
      return defaultPriorityClass(resource);
    case 'RuntimeClass':
      return defaultRuntimeClass(resource);
    case 'Secret':
      return defaultSecret(resource);
    case 'ConfigMap':
      return defaultConfigMap(resource);
    case 'Service':
    case 'Endpoints':
    case 'EndpointSlice':
    case 'Ingress':
    case 'IngressClass':
    case 'NetworkPolicy':
    case 'Lease':
    case 'PersistentVolume':
    case 'PersistentVolumeClaim':
    case 'StorageClass':
    case 'VolumeAttributesClass':
    case 'CSIDriver':
    case 'ServiceAccount':
    case 'Role':
    case 'ClusterRole':
    case 'RoleBinding':
    case 'ClusterRoleBinding':
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
    case 'CustomResourceDefinition':
    case 'APIService':
      return defaultClusterResource(resource);
    case 'Namespace':
      return labelNamespace(resource.metadata);
    case 'Application':
      return defaultApplication(resource);
    case 'ApplicationRevision':
    case 'ControllerRevision':
    case 'DeletedObject':
    case 'DockerHost':
    case 'Event':
    case 'IPAddress':
    case 'Node':
    case 'Receipt':
    case 'ServiceCIDR':
    case 'PodDisruptionBudget':
      return;
  }
}
