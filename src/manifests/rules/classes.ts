// Rules for PriorityClasses and RuntimeClasses (Kubernetes, pkg/apis/scheduling/validation and pkg/apis/node/validation).
import type { PriorityClass, RuntimeClass } from '../../model/resource.ts';
import { forbidden, type Report } from '../report.ts';
import { holds } from './fault.ts';
import { checkLabels } from './metadata.ts';
import { checkQuantity } from './quantity.ts';
import { checkLimitedResource } from './resource-name.ts';
import { checkTolerations } from './scheduling.ts';
import { checkDnsLabel } from './syntax.ts';

const MAX_PRIORITY = 1_000_000_000;
/** The classes that every cluster has. */
const systemClasses: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** A PriorityClass after its defaults are set. */
export function checkPriorityClass({ metadata: { name = '' }, value, globalDefault }: PriorityClass, report: Report): void {
  if (name.startsWith('system-')) {
    const own = systemClasses.get(name);
    const fault =
      own === undefined
        ? `${name} is not a known system priority class`
        : value !== own
          ? `value of ${name} PriorityClass must be ${own}`
          : globalDefault === true
            ? `globalDefault of ${name} PriorityClass must be false`
            : undefined;
    if (fault !== undefined)
      report(
        ['metadata', 'name'],
        'Invalid',
        forbidden(`priority class names with 'system-' prefix are reserved for system use only. error: ${fault}`),
      );
  } else if (value > MAX_PRIORITY)
    report(['value'], 'Invalid', forbidden(`maximum allowed value of a user defined priority is ${MAX_PRIORITY}`));
}

/** A RuntimeClass after its defaults are set. */
export function checkRuntimeClass({ handler, overhead, scheduling }: RuntimeClass, report: Report): void {
  holds(checkDnsLabel(handler), handler, ['handler'], report);
  for (const [name, amount] of Object.entries(overhead?.podFixed ?? {})) {
    const path = ['overhead', 'podFixed', name];
    if (holds(checkLimitedResource(name, 'Container'), name, path, report)) checkQuantity(amount, path, report);
  }
  checkLabels(scheduling?.nodeSelector, ['scheduling', 'nodeSelector'], report);
  checkTolerations(scheduling?.tolerations, ['scheduling', 'tolerations'], report);
}
