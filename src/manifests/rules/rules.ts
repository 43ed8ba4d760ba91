// What an API server checks beyond types, kind by kind. Knows neither files nor places: faults are told by path.
import type { Resource } from '../../model/resource.ts';
import type { Report } from '../report.ts';
import { checkAddressPools } from './address-pools.ts';
import { checkApplication } from './application.ts';
import { checkAutoscaler } from './autoscaler.ts';
import { checkPriorityClass, checkRuntimeClass } from './classes.ts';
import { checkClusterResource } from './cluster.ts';
import { checkCronJob } from './cron-job.ts';
import { checkDaemonSet } from './daemon-set.ts';
import { checkConfigMap } from './data.ts';
import { checkDisruptionBudget } from './disruption-budget.ts';
import { checkJob } from './job.ts';
import { checkLimitRange } from './limit-range.ts';
import { checkObjectMeta } from './metadata.ts';
import { checkPod } from './pod.ts';
import { checkResourceQuota } from './quota.ts';
import { checkStatefulSet } from './stateful-set.ts';
import { checkSyncOrder } from './sync-order.ts';
import { checkDeployment, checkReplicaSet, checkReplicationController } from './workload.ts';

/** All rules of an object that fits its schema and has its defaults. Secrets have theirs beside `stringData`, in data.ts. */
export function checkRules(resource: Resource, report: Report): void {
  checkObjectMeta(resource, report);
  checkSyncOrder(resource, report);
  switch (resource.kind) {
    case 'Pod':
      return checkPod(resource, report);
    case 'Deployment':
      return checkDeployment(resource, report);
    case 'ReplicaSet':
      return checkReplicaSet(resource, report);
    case 'ReplicationController':
      return checkReplicationController(resource, report);
    case 'StatefulSet':
      return checkStatefulSet(resource, report);
    case 'DaemonSet':
      return checkDaemonSet(resource, report);
    case 'Job':
      return checkJob(resource, report);
    case 'CronJob':
      return checkCronJob(resource, report);
    case 'HorizontalPodAutoscaler':
      return checkAutoscaler(resource, report);
    case 'PodDisruptionBudget':
      return checkDisruptionBudget(resource, report);
    case 'ResourceQuota':
      return checkResourceQuota(resource, report);
    case 'LimitRange':
      return checkLimitRange(resource, report);
    case 'PriorityClass':
      return checkPriorityClass(resource, report);
    case 'RuntimeClass':
      return checkRuntimeClass(resource, report);
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
      return checkClusterResource(resource, report);
    case 'ConfigMap':
      checkAddressPools(resource, report);
      return checkConfigMap(resource, report);
    case 'Application':
      return checkApplication(resource, report);
    case 'ApplicationRevision':
    case 'ControllerRevision':
    case 'DeletedObject':
    case 'DockerHost':
    case 'Event':
    case 'IPAddress':
    case 'Namespace':
    case 'Node':
    case 'Receipt':
    case 'ServiceCIDR':
    case 'Secret':
      return;
  }
}
