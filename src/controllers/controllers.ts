// The controllers of this room, for whoever runs them.
import type { Kind } from '../model/resource.ts';
import type { Controller } from '../runtime/controller.ts';
import { cronJobController } from './cronjob/controller.ts';
import { daemonSetController } from './daemonset/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { disruptionController } from './disruption/controller.ts';
import { endpointSliceController } from './endpointslice/controller.ts';
import { endpointSliceMirroring } from './endpointslicemirroring/controller.ts';
import { eventController } from './event/controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { ingressController } from './ingress/controller.ts';
import { jobController } from './job/controller.ts';
import { jobPodRelease } from './job/tracking.ts';
import { namespaceCleanup, namespaceController } from './namespace/controller.ts';
import { claimController, volumeController } from './persistentvolume/controller.ts';
import { ephemeralVolumeController } from './persistentvolume/ephemeral.ts';
import { replicaSetController } from './replicaset/controller.ts';
import { replicationController } from './replicationcontroller/controller.ts';
import { resourceQuotaController } from './resourcequota/controller.ts';
import { serviceController } from './service/controller.ts';
import { serviceAccountController } from './serviceaccount/controller.ts';
import { serviceAddressController } from './serviceaddress/controller.ts';
import { statefulSetController } from './statefulset/controller.ts';

/**
 * Calls back once for each controller, with the types of its kind and of what it observes intact; their order does not matter. For
 * instance `allControllers((controller) => runController(controller, options))`.
 */
export function allControllers<Result>(
  visit: <K extends Kind, Observed>(controller: Controller<K, Observed>) => Result,
): Result[] {
  return [
    visit(deploymentController),
    visit(replicaSetController),
    visit(replicationController),
    visit(ingressController),
    visit(jobController),
    visit(jobPodRelease),
    visit(cronJobController),
    visit(statefulSetController),
    visit(daemonSetController),
    visit(claimController),
    visit(volumeController),
    visit(ephemeralVolumeController),
    visit(garbageCollector),
    visit(namespaceController),
    visit(namespaceCleanup),
    visit(serviceAccountController),
    visit(serviceAddressController),
    visit(resourceQuotaController),
    visit(disruptionController),
    visit(endpointSliceController),
    visit(endpointSliceMirroring),
    visit(serviceController),
    visit(eventController),
  ];
}
