// Rules for what containers and pods need and may use (Kubernetes, validateResourceRequirements).
import { parseQuantity } from '../../model/quantity.ts';
import type { ContainerResizePolicy, PodSpec, Quantity, ResourceList, ResourceRequirements } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, invalid, notFound, type Report, required, unsupported } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { plainAmount, totalRequests } from './pod-total.ts';
import { checkQuantity } from './quantity.ts';
import { mayExceed } from './resource-name.ts';
import { checkDnsLabel, checkQualifiedName } from './syntax.ts';

const HUGE_PAGES = 'hugepages-';
/** How many names a message lists. */
const MAX_NAMES_TOLD = 10;

const amountsOf = (list: ResourceList | undefined): [string, Quantity][] => Object.entries(list ?? {});

/** Amounts of Kubernetes itself, in contrast to those that somebody else hands out. */
function isNative(resource: string): boolean {
  return !resource.includes('/') || resource.includes('kubernetes.io/');
}

/** The amounts of a container, and the claims that it uses. */
export function checkResources(
  requirements: ResourceRequirements,
  path: Path,
  claims: ReadonlySet<string>,
  report: Report,
): void {
  checkAmounts(requirements, path, report);
  checkClaimUses(requirements.claims, [...path, 'claims'], claims, report);
}

/** The resources of a whole pod: at least what its containers request, and no container may have a higher limit. */
export function checkPodResources(spec: PodSpec, path: Path, report: Report): void {
  const { resources } = spec;
  if (resources === undefined) return;
  const here = [...path, 'resources'];
  if (resources.claims !== undefined)
    report([...here, 'claims'], 'Invalid', forbidden('claims cannot be set for Resources at pod-level'));
  checkAmounts(resources, here, report);
  const limitOf = new Map(amountsOf(resources.limits));
  for (const list of ['limits', 'requests'] as const)
    for (const [resource, amount] of amountsOf(resources[list])) {
      // A request that was taken from its limit has been judged with it.
      if (list === 'requests' && limitOf.get(resource) === amount) continue;
      if (!['cpu', 'memory'].includes(resource) && !resource.startsWith(HUGE_PAGES))
        report([...here, list, resource], 'Invalid', unsupported(resource, ['cpu', HUGE_PAGES, 'memory']));
    }
  const requestOf = new Map(amountsOf(resources.requests));
  for (const [resource, total] of totalRequests(spec)) {
    const request = requestOf.get(resource);
    if (request === undefined || (parseQuantity(request) ?? 0) >= total) continue;
    const fault = `must be greater than or equal to aggregate container requests of ${plainAmount(resource, total)}`;
    report([...here, 'requests', resource], 'Invalid', invalid(request, fault));
  }
  for (const [container, place] of eachOf(spec.containers, [...path, 'containers']))
    for (const [resource, limit] of amountsOf(container.resources?.limits)) {
      const highest = limitOf.get(resource);
      if (highest === undefined || (parseQuantity(limit) ?? 0) <= (parseQuantity(highest) ?? 0)) continue;
      report(
        [...place, 'resources', 'limits', resource],
        'Invalid',
        invalid(limit, `must be less than or equal to pod limits of ${highest}`),
      );
    }
}

function checkAmounts({ limits, requests }: ResourceRequirements, path: Path, report: Report): void {
  const limitOf = new Map(amountsOf(limits));
  const valid = new Set<string>();
  for (const [resource, limit] of limitOf)
    if (checkAmount(resource, limit, [...path, 'limits', resource], report)) valid.add(resource);
  for (const [resource, request] of amountsOf(requests)) {
    const limit = limitOf.get(resource);
    const here = [...path, 'requests', resource];
    // A request that was taken from its limit has been judged with it.
    if (limit === request) continue;
    if (!checkAmount(resource, request, here, report)) continue;
    if (limit === undefined) {
      if (!mayExceed(resource))
        report([...path, 'limits', resource], 'Required', required('Limit must be set for non overcommitable resources'));
      continue;
    }
    if (!valid.has(resource)) continue;
    const excess = (parseQuantity(request) ?? 0) - (parseQuantity(limit) ?? 0);
    const relation = mayExceed(resource) ? 'less than or equal to' : 'equal to';
    if (excess > 0 || (excess < 0 && !mayExceed(resource)))
      report(here, 'Invalid', invalid(request, `must be ${relation} ${resource} limit of ${limit}`));
  }
  const named = [...limitOf.keys(), ...amountsOf(requests).map(([resource]) => resource)];
  if (named.some((resource) => resource.startsWith(HUGE_PAGES)) && !named.includes('cpu') && !named.includes('memory'))
    report(path, 'Invalid', forbidden('HugePages require cpu or memory'));
}

/** One amount by its name: its form, and whole numbers for what cannot be divided. */
function checkAmount(resource: string, quantity: Quantity, path: Path, report: Report): boolean {
  const nameFault = checkQualifiedName(resource);
  if (!holds(nameFault, resource, path, report)) return false;
  if (!isNative(resource) && (resource.startsWith('requests.') || checkQualifiedName(`requests.${resource}`) !== undefined)) {
    report(path, 'Invalid', invalid(resource, "doesn't follow extended resource name standard"));
    return false;
  }
  if (!checkQuantity(quantity, path, report)) return false;
  const value = parseQuantity(quantity) ?? 0;
  if (!isNative(resource) && Math.round(value * 1000) % 1000 !== 0) {
    report(path, 'Invalid', invalid(quantity, 'must be an integer'));
    return false;
  }
  if (!resource.startsWith(HUGE_PAGES)) return true;
  const size = parseQuantity(resource.slice(HUGE_PAGES.length)) ?? 0;
  const isMultiple = size > 0 && value % size === 0;
  if (!isMultiple) report(path, 'Invalid', invalid(quantity, `${quantity} is not positive integer multiple of ${resource}`));
  return isMultiple;
}

/** What the runtime of a pod takes for itself. */
export function checkOverhead(overhead: ResourceList | undefined, path: Path, report: Report): void {
  for (const [resource, quantity] of amountsOf(overhead)) checkAmount(resource, quantity, [...path, resource], report);
}

function checkClaimUses(uses: ResourceRequirements['claims'], path: Path, claims: ReadonlySet<string>, report: Report): void {
  const seen = new Set<string>();
  const seenInPart = new Set<string>();
  const some = [...claims].toSorted().slice(0, MAX_NAMES_TOLD).join(', ');
  const known = claims.size === 0 ? ' which is empty' : `: ${some}${claims.size > MAX_NAMES_TOLD ? ', …' : ''}`;
  for (const [{ name, request }, here] of eachOf(uses, path)) {
    if (request !== undefined) holds(checkDnsLabel(request), request, [...here, 'request'], report);
    const key = request === undefined ? name : `${name}/${request}`;
    // All requests of a claim, and one of them again, are the same use twice.
    const isTwice = seen.has(name) || seen.has(key) || (request === undefined && seenInPart.has(name));
    if (isTwice) report(here, 'Duplicate', duplicate(seen.has(name) ? name : key));
    seen.add(key);
    if (request !== undefined) seenInPart.add(name);
    if (!claims.has(name))
      report([...here, 'name'], 'NotFound', `${notFound(name)}: must be one of the names in pod.spec.resourceClaims${known}`);
  }
}

/** What a change of resources means for a container that runs. */
export function checkResizePolicy(
  policies: readonly ContainerResizePolicy[] | undefined,
  path: Path,
  podRestartPolicy: string | undefined,
  report: Report,
): void {
  const seen = new Set<string>();
  for (const [{ resourceName, restartPolicy }, here] of eachOf(policies, path)) {
    if (seen.has(resourceName)) report([...here, 'resourceName'], 'Duplicate', duplicate(resourceName));
    seen.add(resourceName);
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      report(
        [...here, 'restartPolicy'],
        'Invalid',
        invalid(restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"),
      );
  }
}
