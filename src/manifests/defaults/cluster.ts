// The defaults of what stands around workloads: network, storage, access, and what is added to the Kubernetes API.
import type { ClusterResource } from '../rules/cluster.ts';
import {
  defaultApiService,
  defaultCustomResourceDefinition,
  defaultMutatingWebhooks,
  defaultRoleBinding,
  defaultValidatingWebhooks,
} from './access.ts';
import { defaultEndpointSlice, defaultEndpoints, defaultIngressClass, defaultNetworkPolicy, defaultService } from './network.ts';
import { defaultClaimSpec, defaultCsiDriver, defaultPersistentVolume, defaultStorageClass } from './storage.ts';

/** Fills in what the manifest leaves open. */
export function defaultClusterResource(resource: ClusterResource): void {
  switch (resource.kind) {
    case 'Service':
      return defaultService(resource);
    case 'Endpoints':
      return defaultEndpoints(resource);
    case 'EndpointSlice':
      return defaultEndpointSlice(resource);
    case 'IngressClass':
      return defaultIngressClass(resource);
    case 'NetworkPolicy':
      return defaultNetworkPolicy(resource);
    case 'PersistentVolume':
      return defaultPersistentVolume(resource);
    case 'PersistentVolumeClaim':
      return defaultClaimSpec(resource.spec);
    case 'StorageClass':
      return defaultStorageClass(resource);
    case 'CSIDriver':
      return defaultCsiDriver(resource);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return defaultRoleBinding(resource);
    case 'ValidatingWebhookConfiguration':
      return defaultValidatingWebhooks(resource);
    case 'MutatingWebhookConfiguration':
      return defaultMutatingWebhooks(resource);
    case 'CustomResourceDefinition':
      return defaultCustomResourceDefinition(resource);
    case 'APIService':
      return defaultApiService(resource);
    case 'ClusterRole':
    case 'Ingress':
    case 'Lease':
    case 'Role':
    case 'ServiceAccount':
    case 'VolumeAttributesClass':
      return;
  }
}
