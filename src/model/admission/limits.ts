// LimitRanges (Kubernetes, "Limit Ranges"): the defaults that they give to containers, and the bounds that they hold pods and claims to. The
// messages are Kubernetes' own.
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, PodSpec, ResourceAmounts } from '../generated.ts';
import { containersOf } from '../workload.ts';
import { type Amounts, amountOf, amountsOf, formatAmount, type Quantities, quantitiesIn } from './amounts.ts';
import { podAmounts } from './pod-resources.ts';

/** Annotation of a pod: what it was given by LimitRanges. */
export const LIMIT_RANGER_ANNOTATION = 'kubernetes.io/limit-ranger';

/** A pod's spec with the defaults of the LimitRanges, and the annotation that tells of them; undefined when they gave nothing. */
export function withLimitDefaults(
  spec: PodSpec,
  limitRanges: readonly LimitRange[],
): { readonly spec: PodSpec; readonly told: string | undefined } {
  const told: string[] = [];
  let next = spec;
  for (const { spec: limits } of limitRanges) {
    const items = (limits?.limits ?? []).filter(({ type }) => type === 'Container');
    const defaults = {
      limits: Object.assign({}, ...items.map((item) => item.default)) as ResourceAmounts,
      requests: Object.assign({}, ...items.map((item) => item.defaultRequest)) as ResourceAmounts,
    };
    const fill = (container: Container, word: string): Container => withDefaults(container, defaults, word, told);
    const [first, ...others] = next.containers;
    const containers: PodSpec['containers'] = [fill(first, 'container'), ...others.map((each) => fill(each, 'container'))];
    const init = next.initContainers?.map((each) => fill(each, 'init container'));
    next = { ...next, containers, ...(init === undefined ? {} : { initContainers: init }) };
  }
  return told.length === 0 ? { spec, told: undefined } : { spec: next, told: `LimitRanger plugin set: ${told.join('; ')}` };
}

function withDefaults(
  container: Container,
  defaults: { readonly limits: ResourceAmounts; readonly requests: ResourceAmounts },
  word: string,
  told: string[],
): Container {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const missing = (from: ResourceAmounts, has: Quantities): string[] => {
    const given = new Set(quantitiesIn(has).map(([name]) => name));
    return quantitiesIn(from).flatMap(([name]) => (given.has(name) ? [] : [name]));
  };
  // Where only a limit is written, it is the request too (Kubernetes, "Requests and limits"): that has been filled in before.
  const [ofRequests, ofLimits] = [missing(defaults.requests, { ...limits, ...requests }), missing(defaults.limits, limits)];
  if (ofRequests.length > 0) told.push(`${ofRequests.join(', ')} request for ${word} ${container.name}`);
  if (ofLimits.length > 0) told.push(`${ofLimits.join(', ')} limit for ${word} ${container.name}`);
  if (ofRequests.length + ofLimits.length === 0) return container;
  const resources = {
    ...container.resources,
    limits: { ...limits, ...picked(defaults.limits, ofLimits) },
    requests: { ...requests, ...picked(defaults.requests, ofRequests) },
  };
  return { ...container, resources };
}

function picked(amounts: ResourceAmounts, names: readonly string[]): ResourceAmounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => names.includes(name)));
}

/** What of a pod the LimitRanges forbid. */
export function podLimitFaults(spec: PodSpec, limitRanges: readonly LimitRange[]): readonly string[] {
  return itemsOf(limitRanges).flatMap((item) => {
    if (item.type === 'Container')
      return containersOf(spec).flatMap(({ resources }) =>
        faultsOf(item, { ...resources?.limits, ...resources?.requests }, resources?.limits ?? {}),
      );
    if (item.type !== 'Pod') return [];
    return amountFaults(item, podAmounts(spec, 'requests'), podAmounts(spec, 'limits'), (amounts, name) =>
      formatAmount(name, amounts[name] ?? 0),
    );
  });
}

/** What of a claim the LimitRanges forbid. */
export function claimLimitFaults({ spec }: PersistentVolumeClaim, limitRanges: readonly LimitRange[]): readonly string[] {
  return itemsOf(limitRanges).flatMap((item) => {
    if (item.type !== 'PersistentVolumeClaim') return [];
    const { requests = {} } = spec.resources;
    return faultsOf({ ...item, maxLimitRequestRatio: {} }, requests, requests);
  });
}

function itemsOf(limitRanges: readonly LimitRange[]): readonly LimitRangeItem[] {
  return limitRanges.flatMap(({ spec }) => spec?.limits ?? []);
}

function faultsOf(item: LimitRangeItem, requests: Quantities, limits: Quantities): readonly string[] {
  const [asked, allowed] = [amountsOf(requests), amountsOf(limits)];
  const written = new Map([
    [asked, new Map(quantitiesIn(requests))],
    [allowed, new Map(quantitiesIn(limits))],
  ]);
  return amountFaults(item, asked, allowed, (amounts, name) => String(written.get(amounts)?.get(name)));
}

function amountFaults(
  { type, min, max, maxLimitRequestRatio }: LimitRangeItem,
  requests: Amounts,
  limits: Amounts,
  show: (amounts: Amounts, name: string) => string,
): readonly string[] {
  const faults: string[] = [];
  const storage = type === 'PersistentVolumeClaim';
  for (const [name, bound] of quantitiesIn(min)) {
    const [request, limit, enforced] = [requests[name], limits[name], amountOf(name, bound)];
    const rule = `minimum ${name} usage per ${type} is ${bound}`;
    if (request === undefined) faults.push(`${rule}.  No request is specified`);
    else if (request < enforced) faults.push(`${rule}, but request is ${show(requests, name)}`);
    else if (!storage && limit !== undefined && limit < enforced) faults.push(`${rule}, but limit is ${show(limits, name)}`);
  }
  for (const [name, bound] of quantitiesIn(max)) {
    const [request, limit, enforced] = [requests[name], limits[name], amountOf(name, bound)];
    const rule = `maximum ${name} usage per ${type} is ${bound}`;
    if (limit === undefined) faults.push(`${rule}.  No ${storage ? 'request' : 'limit'} is specified`);
    else if (limit > enforced) faults.push(`${rule}, but ${storage ? 'request' : 'limit'} is ${show(limits, name)}`);
    else if (request !== undefined && request > enforced) faults.push(`${rule}, but request is ${show(requests, name)}`);
  }
  for (const [name, bound] of quantitiesIn(maxLimitRequestRatio)) {
    const [request = 0, limit = 0] = [requests[name], limits[name]];
    const rule = `${name} max limit to request ratio per ${type} is ${bound}`;
    if (request === 0) faults.push(`${rule}, but no request is specified or request is 0`);
    else if (limit === 0) faults.push(`${rule}, but no limit is specified or limit is 0`);
    else if (limit / request > Number(bound)) faults.push(`${rule}, but provided ratio is ${(limit / request).toFixed(6)}`);
  }
  return faults;
}
