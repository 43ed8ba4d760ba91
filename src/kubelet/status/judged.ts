// One container as the status is made from it. Plain data.
import type { ContainerHistory } from '../plan/pod-view.ts';
import type { RunDecision } from '../plan/restart.ts';

/** Why a container is not running yet. */
export interface Waiting {
  readonly reason: string;
  /** Empty when there is nothing to say. */
  readonly message: string;
}

/** One container with what is decided about it. */
export interface JudgedContainer extends ContainerHistory {
  readonly decision: RunDecision;
  /** What keeps the decision from being carried out. */
  readonly waiting?: Waiting;
}
