// Puts the parts of a control plane together and starts and stops them in order. Knows every room, decides nothing; adapters come in as
// arguments, so that the simulation runs exactly this on virtual time.
import { allControllers } from './controllers/controllers.ts';
import type { ContainerEngine } from './kubelet/container-engine.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import type { Prober } from './kubelet/prober.ts';
import { createManifestLoader, loadSnapshot } from './manifests/loader.ts';
import { runController } from './runtime/run-controller.ts';
import { checkPlacement } from './scheduler/placement.ts';
import type { Store } from './store/store.ts';
import type { CommitSource } from './sync/commit-source.ts';
import type { Outcome } from './sync/outcome.ts';
import { Syncer } from './sync/syncer.ts';
import type { Clock } from './system/clock.ts';
import type { Ids } from './system/ids.ts';
import type { Logger } from './system/logger.ts';

export interface ControlPlaneParts {
  readonly cluster: string;
  readonly application: { readonly name: string; readonly repo: string; readonly path: string };
  readonly store: Store;
  readonly engine: ContainerEngine;
  readonly prober: Prober;
  readonly source: CommitSource;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly once: boolean;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export interface ControlPlane {
  readonly outcome: Promise<Outcome>;
  /** Resolves when nothing runs and nothing is due. */
  idle(): Promise<void>;
  /** Stops working; containers go on. */
  stop(): Promise<void>;
}
