// Rules for the restart policy of a single container (Kubernetes, validateContainerRestartPolicy).
import type { Container, ContainerRestartRule } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { type Report, required, tooMany } from '../report.ts';
import { eachOf } from './fault.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** A container may have a policy of its own, and rules by exit code before it. */
export function checkRestartPolicy({ restartPolicy, restartPolicyRules }: Container, path: Path, report: Report): void {
  if (restartPolicyRules === undefined) return;
  if (restartPolicy === undefined)
    report([...path, 'restartPolicy'], 'Invalid', required('must specify restartPolicy when restart rules are used'));
  const here = [...path, 'restartPolicyRules'];
  if (restartPolicyRules.length > MAX_RULES) report(here, 'Invalid', tooMany(restartPolicyRules.length, MAX_RULES));
  for (const [rule, place] of eachOf(restartPolicyRules, here)) checkRule(rule, place, report);
}

function checkRule({ exitCodes }: ContainerRestartRule, path: Path, report: Report): void {
  const here = [...path, 'exitCodes'];
  if (exitCodes === undefined) return report(here, 'Invalid', required('must be specified'));
  const count = exitCodes.values?.length ?? 0;
  if (count > MAX_EXIT_CODES) report([...here, 'values'], 'Invalid', tooMany(count, MAX_EXIT_CODES));
}
