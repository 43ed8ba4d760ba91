// What a Job's own policies say of pods that failed and of indexes that succeeded (Kubernetes, "Pod failure policy", "Success policy").
import type { Job, Pod, PodFailureRule } from '../../model/resource.ts';
import { countCommon, countIndexes, type Indexes, parseIndexes } from './indexes.ts';

/** What a failure means. */
export interface FailureVerdict {
  readonly action: PodFailureRule['action'] | undefined;
  /** Whether it counts towards the limits. */
  readonly isCounted: boolean;
  /** Why the Job has failed by it. */
  readonly message?: string;
}

const unruled: FailureVerdict = { action: undefined, isCounted: true };

/** Judges a pod that failed by the first rule that applies; without one it counts. */
export function judgeFailure(job: Pick<Job, 'spec'>, pod: Pod): FailureVerdict {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const cause = causeOf(rule, pod);
    if (cause === undefined) continue;
    const { action } = rule;
    if (action !== 'FailJob') return { action, isCounted: action !== 'Ignore' };
    return { action, isCounted: true, message: `${cause} matching ${action} rule at index ${index}` };
  }
  return unruled;
}

function causeOf({ onExitCodes, onPodConditions }: PodFailureRule, { metadata, status }: Pod): string | undefined {
  const name = `${metadata.namespace ?? 'default'}/${metadata.name ?? ''}`;
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes;
    const ended = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
      ({ name: own, state }) => {
        const code = state?.terminated?.exitCode ?? 0;
        if (code === 0 || (containerName !== undefined && containerName !== own)) return false;
        return values.includes(code) === (operator === 'In');
      },
    );
    if (ended === undefined) return undefined;
    return `Container ${ended.name} for pod ${name} failed with exit code ${ended.state?.terminated?.exitCode}`;
  }
  const condition = (status?.conditions ?? []).find((held) =>
    onPodConditions?.some((pattern) => pattern.type === held.type && (pattern.status ?? 'True') === held.status),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}

/** Why an indexed Job has succeeded before all its indexes have; undefined when it has not. */
export function earlySuccess({ spec }: Pick<Job, 'spec'>, succeeded: Indexes): string | undefined {
  if (succeeded.length === 0) return undefined;
  const rules = spec.successPolicy?.rules ?? [];
  const met = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    const wanted = parseIndexes(succeededIndexes, spec.completions ?? 0);
    const common = countCommon(wanted, succeeded);
    return wanted.length > 0 && (common === countIndexes(wanted) || (succeededCount !== undefined && common >= succeededCount));
  });
  return met === -1 ? undefined : `Matched rules at index ${met}`;
}
