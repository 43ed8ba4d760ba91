// Rules for CronJobs (Kubernetes, pkg/apis/batch/validation).
import type { CronJob, JobTemplateSpec } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report, unsupported } from '../report.ts';
import { checkCount } from './amount.ts';
import { checkSchedule } from './cron.ts';
import { holds, holdsIfGiven } from './fault.ts';
import { checkJobSpec } from './job.ts';
import { checkLabelsAndAnnotations } from './metadata.ts';
import { checkDnsSubdomain, type Fault } from './syntax.ts';

/** The name of a Job is that of its CronJob and eleven characters for the time. */
const MAX_NAME_LENGTH = 52;
const counts = ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const;

/** A CronJob after its defaults are set. */
export function checkCronJob({ metadata: { name = '' }, spec }: CronJob, report: Report): void {
  if (checkDnsSubdomain(name) === undefined && name.length > MAX_NAME_LENGTH)
    report(['metadata', 'name'], 'Invalid', invalid(name, `must be no more than ${MAX_NAME_LENGTH} characters`));
  holds(checkSchedule(spec.schedule), spec.schedule, ['spec', 'schedule'], report);
  holdsIfGiven(spec.timeZone, checkTimeZone, ['spec', 'timeZone'], report);
  for (const field of counts) checkCount(spec[field], ['spec', field], report);
  checkJobTemplate(spec.jobTemplate, ['spec', 'jobTemplate'], report);
}

/** The Jobs get their selectors when they are made. */
function checkJobTemplate({ metadata, spec }: JobTemplateSpec, path: Path, report: Report): void {
  checkLabelsAndAnnotations(metadata ?? {}, [...path, 'metadata'], report);
  if (spec.selector !== undefined)
    report([...path, 'spec', 'selector'], 'Invalid', invalid(spec.selector, '`selector` will be auto-generated'));
  if (spec.manualSelector === true) report([...path, 'spec', 'manualSelector'], 'Invalid', unsupported(true, ['nil', 'false']));
  checkJobSpec(spec, [...path, 'spec'], report);
}

/** A time zone of the IANA database, by its exact name. */
export function checkTimeZone(zone: string): Fault {
  if (zone === '') return 'timeZone must be nil or non-empty string';
  if (zone.toLowerCase() === 'local')
    return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  const unknown = `unknown time zone ${zone}`;
  if (!/^[A-Za-z][A-Za-z0-9._+-]*(?:\/[A-Za-z0-9._+][A-Za-z0-9._+-]*)*$/.test(zone)) return unknown;
  let canonical: string;
  try {
    canonical = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return unknown;
  }
  // Names are those of files on the hosts of a cluster, where upper and lower case differ.
  return canonical.toLowerCase() === zone.toLowerCase() && canonical !== zone
    ? `${unknown}. Did you mean "${canonical}"?`
    : undefined;
}
