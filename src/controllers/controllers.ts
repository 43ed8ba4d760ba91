// The controllers of this room, for whoever runs them.
import type { Kind } from '../model/resource.ts';
import type { Controller } from '../runtime/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { podCollector, replicaSetCollector } from './garbage-collector/controller.ts';
import {
  configMapCleanup,
  deploymentCleanup,
  namespaceController,
  podCleanup,
  replicaSetCleanup,
  secretCleanup,
} from './namespace/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';

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
    visit(replicaSetCollector),
    visit(podCollector),
    visit(namespaceController),
    visit(deploymentCleanup),
    visit(replicaSetCleanup),
    visit(podCleanup),
    visit(configMapCleanup),
    visit(secretCleanup),
  ];
}
