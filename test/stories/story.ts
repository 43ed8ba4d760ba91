// A failure story: what a user would call it, what goes wrong, and what must be true of it in the end.
import type { Stage } from './stage.ts';

export interface Story {
  /** As users name it. */
  readonly name: string;
  /** What happens, in a sentence. */
  readonly when: string;
  /** Makes it happen, from a shop on that is live and at rest; ends when the story has, or leaves that to the runner, which waits for rest. */
  readonly play: (stage: Stage) => Promise<void>;
  /** Begins with nothing: no commit, no process. */
  readonly isFromNothing?: boolean;
  /** What of `web` runs in the end, and how it got there. */
  readonly runs: string;
  /** What people are told: parts of the lines of `holdfast why`, each of which must be said at some time. Empty when there is nothing to tell. */
  readonly told: readonly string[];
  /** What the invariants of the simulation say of the mishap itself. */
  readonly breaks?: RegExp;
}

export interface Chapter {
  readonly title: string;
  readonly stories: readonly Story[];
}
