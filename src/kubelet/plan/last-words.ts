// What a container that has ended leaves to be told in its status. Kubernetes, "Determine the Reason for Pod Failure": the file at
// terminationMessagePath, or the end of its output when that file is empty and it failed and terminationMessagePolicy asks for it. Pure.
import type { Container } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import {
  MAX_TERMINATION_LOG_BYTES,
  MAX_TERMINATION_LOG_LINES,
  MAX_TERMINATION_MESSAGE_BYTES,
  terminationPath,
} from '../spec/termination-log.ts';
import { type ContainerHistory, type PodView, rolesOf } from './pod-view.ts';
import { containerIdOf, exitCodeOf, hasEnded, isStartFailure } from './runs.ts';
import type { PodStep } from './steps.ts';
import { type LastWordsSource } from './steps.ts';

/** Of all containers of a pod together. */
const MAX_POD_BYTES = 12 * 1024;
/** Runs whose words can show in the status: the present one and the one before. */
const SHOWN_RUNS = 2;

/** Reads the last words of runs that have ended and of which neither this process nor the status knows them. */
export function planLastWords(view: PodView): readonly PodStep[] {
  const { environment, histories, pod } = view;
  const share = Math.min(MAX_TERMINATION_MESSAGE_BYTES, Math.floor(MAX_POD_BYTES / Math.max(1, rolesOf(pod.spec).length)));
  return histories.flatMap((history) =>
    history.runs
      .slice(0, SHOWN_RUNS)
      .filter((run) => hasEnded(run) && run.state !== 'removing' && !isStartFailure(run))
      .filter((run) => !environment.lastWords.has(run.id) && reportedWords(history, run) === undefined)
      .map((run): PodStep => ({ type: 'read-last-words', id: run.id, source: sourceOf(history.container, run, share) })),
  );
}

function sourceOf(container: Container, run: ContainerSeen, share: number): LastWordsSource {
  const wantsLog = container.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCodeOf(run) !== 0;
  return {
    path: terminationPath(container),
    maxBytes: share,
    ...(wantsLog ? { log: { maxBytes: Math.min(MAX_TERMINATION_LOG_BYTES, share), maxLines: MAX_TERMINATION_LOG_LINES } } : {}),
  };
}

/** What the status already says of the end of a run; undefined when it says nothing of it. */
export function reportedWords({ status }: ContainerHistory, run: ContainerSeen): string | undefined {
  const ends = [status?.state?.terminated, status?.lastState?.terminated];
  const end = ends.find((each) => each?.containerID === containerIdOf(run));
  return end === undefined ? undefined : (end.message ?? '');
}
