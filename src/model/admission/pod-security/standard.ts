// The Pod Security Standards (Kubernetes, "Pod Security Standards"): which checks belong to which level and version. The words are those of
// Kubernetes' own admission, so that what is known about them helps here too.
import type { PodSpec } from '../../generated.ts';
import { baselineChecks } from './baseline.ts';
import { type PodUnderTest, type Violation } from './check.ts';
import { restrictedChecks } from './restricted.ts';

/** The levels, from the one that allows everything to the one that allows least. */
export const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof LEVELS)[number];

/** The newest version of the standards that is known here: the minor of Kubernetes 1.x. */
export const LATEST_MINOR = 35;

/** A level as of a version; `latest` and versions that are newer than known mean the newest one. */
export interface Policy {
  readonly level: Level;
  /** As it was written: `latest` or `v1.24`. */
  readonly version: string;
}

/** Whether a text names a version: `latest`, or `v1.` and a minor. */
export function isVersion(text: string): boolean {
  return text === 'latest' || /^v1\.(0|[1-9]\d*)$/.test(text);
}

/** The violations of a policy by a pod; none for `privileged`. */
export function violationsOf(policy: Policy, metadata: PodUnderTest['metadata'], spec: PodSpec): readonly Violation[] {
  if (policy.level === 'privileged') return [];
  const written = /^v1\.(\d+)$/.exec(policy.version)?.[1];
  const minor = written === undefined ? LATEST_MINOR : Math.min(LATEST_MINOR, Number(written));
  const restricted = policy.level === 'restricted' ? restrictedChecks.filter(({ since }) => since <= minor) : [];
  const replaced = new Set(restricted.map(({ replaces }) => replaces));
  const baseline = baselineChecks.filter(({ id, since }) => since <= minor && !replaced.has(id));
  return [...baseline, ...restricted].flatMap(({ check }) => check({ metadata, spec, minor }) ?? []);
}

/** The violations in one sentence: `violates PodSecurity "restricted:latest": hostPort (container "app" uses hostPort 80)`. */
export function violationText(policy: Policy, violations: readonly Violation[]): string {
  const all = violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`));
  return `violates PodSecurity "${policy.level}:${policy.version}": ${all.join(', ')}`;
}
