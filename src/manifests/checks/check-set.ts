// What only a whole set shows: references that lead nowhere, selectors that select nothing, and objects that get in each other's way. An
// error is what certainly cannot work or what Kubernetes would refuse; what may well be meant is a note. Guesses nothing: every answer
// follows from the manifests and from what is known to be there besides.
import type { Manifest } from '../load.ts';
import type { Problem } from '../problem.ts';
import { checkAdmission } from './admission.ts';
import { checkApplications } from './applications.ts';
import { checkAutoscaling } from './autoscaling.ts';
import { checkBalancerPorts } from './balancer-ports.ts';
import { checkClaims } from './claims.ts';
import { checkDefaultClasses } from './default-classes.ts';
import { checkHostPorts } from './host-ports.ts';
import { checkIngresses } from './ingress.ts';
import { type Check, type Finding, ObjectSet, problemsOf, type Surroundings } from './object-set.ts';
import { checkOwnership } from './ownership.ts';
import { checkPodSelectors } from './pod-selectors.ts';
import { checkReferences } from './references.ts';
import { checkRoutes } from './routes.ts';
import { checkServiceNumbers, checkServiceTargets, checkWrittenEndpoints } from './services.ts';
import { checkStorageClasses } from './storage-classes.ts';

const checks: readonly Check[] = [
  checkReferences,
  checkServiceTargets,
  checkServiceNumbers,
  checkWrittenEndpoints,
  checkPodSelectors,
  checkAutoscaling,
  checkHostPorts,
  checkBalancerPorts,
  checkRoutes,
  checkIngresses,
  checkClaims,
  checkOwnership,
  checkDefaultClasses,
  checkStorageClasses,
  checkAdmission,
  checkApplications,
];

const nothing: Surroundings = { exists: () => undefined, hasPods: () => false, hasLimits: () => false };

/**
 * Judges a set of objects that are applied together; sorted by place, whatever the order of the manifests. `surroundings` tell
 * what is there beside the set: what runs already, or nothing for a set that has to stand alone. An object of the set hides an existing one
 * of the same name. Costs time in proportion to the set; a manifest that was judged before costs a fraction.
 */
export function checkSet(manifests: readonly Manifest[], surroundings: Surroundings = nothing): Problem[] {
  const findings: Finding[] = [];
  const set = new ObjectSet(manifests, surroundings);
  for (const check of checks) check(set, (finding) => findings.push(finding));
  return problemsOf(findings);
}
