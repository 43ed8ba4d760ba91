// What a check of Pod Security is asked, and what it answers.
import type { ObjectMeta, PodSpec } from '../../generated.ts';

/** A pod as the standards see it. */
export interface PodUnderTest {
  readonly metadata: Pick<ObjectMeta, 'annotations'>;
  readonly spec: PodSpec;
  /** The minor of the version that it is judged by. */
  readonly minor: number;
}

/** One control of a level. */
export interface SecurityCheck {
  readonly id: string;
  /** The minor of the first version that has it. */
  readonly since: number;
  /** The check of the level below whose place it takes. */
  readonly replaces?: string;
  readonly check: (pod: PodUnderTest) => Violation | undefined;
}

/** One violation: what is wrong in short, and who does it. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}
