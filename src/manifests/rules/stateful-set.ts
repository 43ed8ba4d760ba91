// Rules for StatefulSets (Kubernetes, pkg/apis/apps/validation).
import type { StatefulSet, StatefulSetSpec, VolumeClaimTemplate } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, type Report, required } from '../report.ts';
import { checkCount, checkShare } from './amount.ts';
import { checkClaim } from './claim.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkLabelsAndAnnotations } from './metadata.ts';
import { checkDns1035Label } from './names.ts';
import { checkDnsLabel } from './syntax.ts';
import { checkSelectorAndTemplate } from './workload.ts';

/** A StatefulSet after its defaults are set. */
export function checkStatefulSet({ spec }: StatefulSet, report: Report): void {
  checkCount(spec.replicas, ['spec', 'replicas'], report);
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  checkCount(spec.revisionHistoryLimit, ['spec', 'revisionHistoryLimit'], report);
  checkCount(spec.ordinals?.start, ['spec', 'ordinals', 'start'], report);
  holdsIfGiven(spec.serviceName, checkDns1035Label, ['spec', 'serviceName'], report);
  checkUpdates(spec, report);
  const claims = checkClaims(spec.volumeClaimTemplates, report);
  checkSelectorAndTemplate({ selector: spec.selector, template: withClaims(spec, claims) }, 'StatefulSet', report);
}

function checkUpdates({ updateStrategy }: StatefulSetSpec, report: Report): void {
  const path = ['spec', 'updateStrategy', 'rollingUpdate'];
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (rollingUpdate === undefined) return;
  if (type === 'OnDelete') {
    report(path, 'Invalid', invalid(rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
    return;
  }
  checkCount(rollingUpdate.partition, [...path, 'partition'], report);
  const { maxUnavailable } = rollingUpdate;
  if (maxUnavailable === undefined) return;
  const where = [...path, 'maxUnavailable'];
  if (checkShare(maxUnavailable, where, report) === 0) report(where, 'Invalid', invalid(maxUnavailable, 'cannot be 0'));
}

/** The names of the claims that are right. */
function checkClaims(claims: readonly VolumeClaimTemplate[] | undefined, report: Report): string[] {
  const names = new Set<string>();
  for (const [{ metadata = {}, spec }, path] of eachOf(claims, ['spec', 'volumeClaimTemplates'])) {
    const where = [...path, 'metadata', 'name'];
    const { name } = metadata;
    if (name === undefined) report(where, 'Required', required());
    else if (holds(checkDnsLabel(name), name, where, report)) {
      if (names.has(name)) report(where, 'Duplicate', duplicate(name));
      names.add(name);
    }
    checkLabelsAndAnnotations(metadata, [...path, 'metadata'], report);
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec } as const;
    checkClaim(claim, below(path, report));
  }
  return [...names];
}

const below =
  (base: Path, report: Report): Report =>
  (path, ...fault) =>
    report([...base, ...path], ...fault);

/** The template with its claims as volumes: mounts may name them, and they go before volumes of the same name. */
function withClaims({ template }: StatefulSetSpec, claims: readonly string[]): StatefulSetSpec['template'] {
  const volumes = template.spec.volumes ?? [];
  const others = claims.filter((claim) => !volumes.some(({ name }) => name === claim));
  if (others.length === 0) return template;
  const added = others.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...volumes, ...added] } };
}
