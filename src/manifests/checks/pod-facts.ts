// What checks of a set look at in pods.
import type { PodSpec } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import type { PodLook } from './pod-look.ts';

/** A port of the node that a container claims. */
export interface HostPort {
  readonly port: number;
  readonly protocol: string;
  /** Empty when it is claimed at every address. */
  readonly address: string;
  readonly path: Path;
}

/** The pods that an object makes, or is. */
export interface PodFacts {
  readonly spec: PodSpec;
  /** Of the specification. */
  readonly path: Path;
  readonly look: PodLook;
  /** How many there are to be; with a DaemonSet, any number. */
  readonly count: number;
  /** Whether they run until somebody ends them. */
  readonly isLasting: boolean;
  readonly hostPorts: readonly HostPort[];
  /** The names of the ports of their containers, with the protocols: `TCP http`. */
  readonly portNames: ReadonlySet<string>;
}
