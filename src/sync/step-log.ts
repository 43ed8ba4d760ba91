// What the log of Holdfast has of a step: each action, and the steps that are a turn in the life of a commit.
import { keyString } from '../model/resource.ts';
import type { Logger } from '../system/logger.ts';
import type { Step } from './decide.ts';
import type { View } from './observe.ts';
import type { Performance } from './perform.ts';
import { COMPONENT } from './writes.ts';

/** Steps that say nothing new of the commit. */
const silent: ReadonlySet<Step['do']> = new Set([
  'wait',
  'prepare',
  'converge',
  'prune',
  'enter',
  'run-hooks',
  'next-wave',
  'forget',
]);

/** Logs a step that was performed. */
export function logStep(logger: Logger, application: string, step: Step, view: View, performance: Performance): void {
  for (const { key, action, reason, message } of performance.changes)
    logger.info({ component: COMPONENT, application, key: keyString(key), action, reason, message }, 'action');
  if (silent.has(step.do)) return;
  const told = 'cause' in step ? step.cause : 'message' in step ? step.message : '';
  const commit = step.do === 'apply' ? view.candidate?.loaded.commit.id : (view.status.attempt?.commit.id ?? view.observed.head);
  logger.info({ component: COMPONENT, application, commit, step: step.do, message: told }, 'step');
}
