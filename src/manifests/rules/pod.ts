// Rules for pods, alone or in a template: this file puts together what the others know of one part each
// (Kubernetes, ValidatePodSpec in pkg/apis/core/validation).
import type { Pod, PodSpec, PodTemplateSpec } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, unsupported } from '../report.ts';
import { checkContainers } from './container.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkLabelsAndAnnotations } from './metadata.ts';
import { checkPodNetwork } from './pod-network.ts';
import { scopeOf } from './pod-scope.ts';
import { checkOverhead, checkPodResources } from './resources.ts';
import { checkScheduling } from './scheduling.ts';
import { checkPodSecurity } from './security.ts';
import { checkDnsSubdomain, checkRange } from './syntax.ts';
import { checkVolumes } from './volume.ts';
import { checkOperatingSystem } from './windows.ts';

const MAX_INT32 = 2147483647;

/** A Pod after its defaults are set. */
export function checkPod({ metadata, spec }: Pod, report: Report): void {
  checkPodSpec(spec, ['spec'], report);
  // The claim of an ephemeral volume is named after the pod and the volume.
  for (const [{ name, ephemeral }, here] of eachOf(spec.volumes, ['spec', 'volumes'])) {
    const claim = `${metadata.name ?? ''}-${name}`;
    const fault = ephemeral === undefined || metadata.name === undefined ? undefined : checkDnsSubdomain(claim);
    if (fault !== undefined) report([...here, 'name'], 'Invalid', invalid(name, `PVC name "${claim}": ${fault}`));
  }
}

/**
 * The pod template of a workload, at `path`, after its defaults are set: labels, annotations, the restart policies that the workload
 * allows, and everything in the specification. Whether a selector matches the labels is for the caller.
 */
export function checkPodTemplate(
  { metadata, spec }: PodTemplateSpec,
  path: Path,
  report: Report,
  allowedRestartPolicies: readonly string[],
): void {
  const here = [...path, 'spec'];
  checkLabelsAndAnnotations(metadata ?? {}, [...path, 'metadata'], report);
  const { restartPolicy = 'Always' } = spec;
  if (!allowedRestartPolicies.includes(restartPolicy))
    report([...here, 'restartPolicy'], 'Invalid', unsupported(restartPolicy, allowedRestartPolicies));
  // Pods that are always replaced must not end by themselves.
  if (spec.activeDeadlineSeconds !== undefined && !allowedRestartPolicies.includes('Never'))
    report([...here, 'activeDeadlineSeconds'], 'Invalid', forbidden('must not be specified'));
  checkPodSpec(spec, here, report);
}

/** A pod specification after its defaults are set. */
export function checkPodSpec(spec: PodSpec, path: Path, report: Report): void {
  const scope = scopeOf(spec);
  checkVolumes(spec, path, scope, report);
  checkContainers(spec, path, scope, report);
  checkPodResources(spec, path, report);
  checkOverhead(spec.overhead, [...path, 'overhead'], report);
  checkPodSecurity(spec, path, report);
  checkOperatingSystem(spec, path, report);
  checkScheduling(spec, path, report);
  checkPodNetwork(spec, path, report);
  checkAccount(spec, path, report);
  const { terminationGracePeriodSeconds: grace = 0, activeDeadlineSeconds: deadline } = spec;
  holds(grace < 0 ? 'must be greater than or equal to 0' : undefined, grace, [...path, 'terminationGracePeriodSeconds'], report);
  holdsIfGiven(deadline, (seconds) => checkRange(seconds, 1, MAX_INT32), [...path, 'activeDeadlineSeconds'], report);
}

function checkAccount({ serviceAccount, serviceAccountName }: PodSpec, path: Path, report: Report): void {
  holdsIfGiven(serviceAccountName, checkDnsSubdomain, [...path, 'serviceAccountName'], report);
  // The old name of the field is dropped with the defaults where both say the same.
  if (serviceAccount !== undefined)
    report(
      [...path, 'serviceAccount'],
      'Invalid',
      invalid(serviceAccount, 'must be the same as `serviceAccountName`, of which it is the old name'),
    );
}
