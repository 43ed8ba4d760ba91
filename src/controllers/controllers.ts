// The controllers of this room, for whoever runs them.
import { deploymentController } from './deployment/controller.ts';
import { podCollector, replicaSetCollector } from './garbage-collector/controller.ts';
import {
  configMapCleanup, deploymentCleanup, namespaceController, podCleanup, replicaSetCleanup, secretCleanup,
} from './namespace/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';

/** Every controller; their order does not matter. */
export const allControllers = [
  deploymentController,
  replicaSetController,
  replicaSetCollector,
  podCollector,
  namespaceController,
  deploymentCleanup,
  replicaSetCleanup,
  podCleanup,
  configMapCleanup,
  secretCleanup,
] as const;
