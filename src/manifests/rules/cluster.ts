// The rules of what stands around workloads: network, storage, access, and what is added to the Kubernetes API.
import type { ResourceOf } from '../../model/resource.ts';
import type { Report } from '../report.ts';
import { checkClusterRole, checkRole, checkRoleBinding, checkServiceAccount } from './access.ts';
import { checkClaim } from './claim.ts';
import { checkApiService, checkCustomResourceDefinition } from './custom-resource.ts';
import { checkEndpointSlice, checkEndpoints } from './endpoints.ts';
import { checkIngress, checkIngressClass } from './ingress.ts';
import { checkLease } from './lease.ts';
import { checkNetworkPolicy } from './network-policy.ts';
import { checkPersistentVolume } from './persistent-volume.ts';
import { checkService } from './service.ts';
import { checkAttributesClass, checkCsiDriver, checkStorageClass } from './storage-class.ts';
import { checkWebhooks } from './webhook.ts';

/** An object of one of these kinds. */
export type ClusterResource = ResourceOf<
  | 'Service'
  | 'Endpoints'
  | 'EndpointSlice'
  | 'Ingress'
  | 'IngressClass'
  | 'NetworkPolicy'
  | 'Lease'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'VolumeAttributesClass'
  | 'CSIDriver'
  | 'ServiceAccount'
  | 'Role'
  | 'ClusterRole'
  | 'RoleBinding'
  | 'ClusterRoleBinding'
  | 'ValidatingWebhookConfiguration'
  | 'MutatingWebhookConfiguration'
  | 'CustomResourceDefinition'
  | 'APIService'
>;

/** The rules of an object that has its defaults, beside those of its metadata. */
export function checkClusterResource(resource: ClusterResource, report: Report): void {
  switch (resource.kind) {
    case 'Service':
      return checkService(resource, report);
    case 'Endpoints':
      return checkEndpoints(resource, report);
    case 'EndpointSlice':
      return checkEndpointSlice(resource, report);
    case 'Ingress':
      return checkIngress(resource, report);
    case 'IngressClass':
      return checkIngressClass(resource, report);
    case 'NetworkPolicy':
      return checkNetworkPolicy(resource, report);
    case 'Lease':
      return checkLease(resource, report);
    case 'PersistentVolume':
      return checkPersistentVolume(resource, report);
    case 'PersistentVolumeClaim':
      return checkClaim(resource, report);
    case 'StorageClass':
      return checkStorageClass(resource, report);
    case 'VolumeAttributesClass':
      return checkAttributesClass(resource, report);
    case 'CSIDriver':
      return checkCsiDriver(resource, report);
    case 'ServiceAccount':
      return checkServiceAccount(resource, report);
    case 'Role':
      return checkRole(resource, report);
    case 'ClusterRole':
      return checkClusterRole(resource, report);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return checkRoleBinding(resource, report);
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return checkWebhooks(resource, report);
    case 'CustomResourceDefinition':
      return checkCustomResourceDefinition(resource, report);
    case 'APIService':
      return checkApiService(resource, report);
  }
}
