// Puts endpoints into slices with as few changes as can be: what is in a slice stays in it, what is new goes where something changes
// anyway, and only slices that differ are written. Pure.
import type { Action } from '../../model/action.ts';
import { canonicalJson, hashOf } from '../../model/hash.ts';
import {
  controllerReference,
  displayKey,
  type Endpoint,
  type EndpointSlice,
  type EndpointSlicePort,
  keyOf,
  type Stored,
  type StoredOf,
} from '../../model/resource.ts';
import { isSameData } from '../../store/frozen.ts';

type Slice = StoredOf<'EndpointSlice'>;

/** As long as those that Kubernetes appends. */
const SUFFIX_LENGTH = 5;

/** Endpoints that serve the same ports. */
export interface PortGroup {
  readonly addressType: EndpointSlice['addressType'];
  readonly ports: readonly EndpointSlicePort[];
  readonly endpoints: readonly Endpoint[];
}

/** What all slices of one owner have in common. */
export interface SliceMold {
  /** A Service, or the Endpoints that are mirrored: their names begin with its name. */
  readonly owner: Stored;
  readonly labels: Readonly<Record<string, string>>;
  /** All of them; absent: those that a slice has stay. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** At most so many endpoints in one slice. */
  readonly maxEndpoints: number;
  /** Whether there is a slice of this name in the namespace. */
  readonly isTaken: (name: string) => boolean;
}

/** A slice as it is to be; without `slice` it has to be made. */
interface Draft {
  readonly slice?: Slice;
  readonly group: PortGroup;
  endpoints: Endpoint[];
  hasChanged: boolean;
}

/**
 * What turns the slices of an owner into those that hold exactly these groups. Without any endpoint one empty slice is left, which tells that
 * the owner has been looked at. The same wishes again yield nothing.
 */
export function planSlices(existing: readonly Slice[], groups: readonly PortGroup[], mold: SliceMold): Action[] {
  const unclaimed = new Map<string, Slice[]>();
  for (const slice of existing) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    const same = unclaimed.get(key);
    if (same === undefined) unclaimed.set(key, [slice]);
    else same.push(slice);
  }
  const drafts: Draft[] = [];
  const surplus: Slice[] = [];
  for (const group of groups) {
    const key = groupKey(group.addressType, group.ports);
    for (const draft of packGroup(unclaimed.get(key) ?? [], group, mold.maxEndpoints)) {
      if (draft.endpoints.length > 0) drafts.push(draft);
      else if (draft.slice !== undefined) surplus.push(draft.slice);
    }
    unclaimed.delete(key);
  }
  for (const slices of unclaimed.values()) surplus.push(...slices);
  if (drafts.length === 0) drafts.push(placeholder(surplus));
  return carryOut(drafts, surplus, mold);
}

/** Ports in another order are the same ports. */
function groupKey(addressType: string, ports: readonly EndpointSlicePort[]): string {
  return `${addressType} ${ports.map(canonicalJson).toSorted().join()}`;
}

/** What makes two endpoints the same one, whatever their conditions are. */
function endpointKey({ addresses, hostname = '', targetRef }: Endpoint): string {
  return `${addresses.join()} ${hostname} ${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''} ${targetRef?.uid ?? ''}`;
}

function packGroup(slices: readonly Slice[], group: PortGroup, maxEndpoints: number): Draft[] {
  const missing = new Map<string, Endpoint>();
  for (const endpoint of group.endpoints) {
    const key = endpointKey(endpoint);
    if (!missing.has(key)) missing.set(key, endpoint);
  }
  const drafts = slices.map((slice) => keepIn(slice, group, missing, maxEndpoints));
  const left = [...missing.values()];
  // Where something changes anyway, the fullest first.
  const changing = drafts.filter(({ hasChanged }) => hasChanged).sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const draft of changing) draft.endpoints.push(...left.splice(0, maxEndpoints - draft.endpoints.length));
  // Else the one that they fill best, if they fit at all.
  const fitting = drafts
    .filter(({ endpoints, hasChanged }) => !hasChanged && endpoints.length + left.length <= maxEndpoints)
    .sort((a, b) => b.endpoints.length - a.endpoints.length);
  if (left.length > 0) fitting[0]?.endpoints.push(...left.splice(0));
  while (left.length > 0) drafts.push({ group, endpoints: left.splice(0, maxEndpoints), hasChanged: true });
  return drafts;
}

/** What of a slice is still wanted, as it is now; takes it off what is missing. */
function keepIn(slice: Slice, group: PortGroup, missing: Map<string, Endpoint>, maxEndpoints: number): Draft {
  const before = slice.endpoints ?? [];
  const endpoints: Endpoint[] = [];
  let hasChanged = false;
  for (const old of before) {
    const key = endpointKey(old);
    const wanted = missing.get(key);
    if (wanted === undefined || endpoints.length === maxEndpoints) hasChanged = true;
    else {
      missing.delete(key);
      const isSame = isSameData(old, wanted);
      hasChanged ||= !isSame;
      endpoints.push(isSame ? old : wanted);
    }
  }
  return { slice, group, endpoints, hasChanged };
}

function placeholder(surplus: Slice[]): Draft {
  const empty: PortGroup = { addressType: 'IPv4', ports: [], endpoints: [] };
  const position = surplus.findIndex(({ addressType }) => addressType === empty.addressType);
  const slice = position < 0 ? undefined : surplus.splice(position, 1)[0];
  return { ...(slice === undefined ? {} : { slice }), group: empty, endpoints: [], hasChanged: true };
}

function carryOut(drafts: readonly Draft[], surplus: Slice[], mold: SliceMold): Action[] {
  const actions: Action[] = [];
  const given = new Set<string>();
  const owner = displayKey(keyOf(mold.owner));
  for (const draft of drafts) {
    const slice = draft.slice ?? takeOver(surplus, draft.group.addressType);
    const message = `${owner} has other endpoints`;
    if (slice === undefined) {
      const resource = newSlice(draft, mold, given);
      actions.push({ type: 'create', resource, reason: 'EndpointsChanged', message, isQuiet: true });
      continue;
    }
    const next = changedSlice(slice, draft, mold);
    if (!isSameData(slice, next))
      actions.push({ type: 'update', resource: next, reason: 'EndpointsChanged', message, isQuiet: true });
  }
  for (const slice of surplus) {
    const message = `${owner} needs it no longer`;
    const { uid } = slice.metadata;
    actions.push({ type: 'delete', key: keyOf(slice), uid, reason: 'EndpointsChanged', message, isQuiet: true });
  }
  return actions;
}

/** A slice that nobody needs becomes one that somebody needs: one write instead of two. The type of the addresses cannot change. */
function takeOver(surplus: Slice[], addressType: EndpointSlice['addressType']): Slice | undefined {
  const position = surplus.findIndex((slice) => slice.addressType === addressType);
  return position < 0 ? undefined : surplus.splice(position, 1)[0];
}

function changedSlice(slice: Slice, { group, endpoints }: Draft, { owner, labels, annotations }: SliceMold): Slice {
  const { annotations: had, ...metadata } = slice.metadata;
  const isOrderOnly = groupKey(slice.addressType, slice.ports ?? []) === groupKey(group.addressType, group.ports);
  return {
    ...slice,
    metadata: {
      ...metadata,
      labels: { ...labels },
      ...annotationsOf(annotations ?? had),
      ownerReferences: [controllerReference(owner)],
    },
    ports: isOrderOnly ? (slice.ports ?? []) : [...group.ports],
    endpoints,
  };
}

function annotationsOf(annotations: Readonly<Record<string, string>> = {}): { annotations?: Record<string, string> } {
  return Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } };
}

function newSlice({ group, endpoints }: Draft, mold: SliceMold, given: Set<string>): EndpointSlice {
  const { owner, labels, annotations } = mold;
  const name = freeName(group, mold, given);
  given.add(name);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...labels },
      ...annotationsOf(annotations),
      ownerReferences: [controllerReference(owner)],
    },
    addressType: group.addressType,
    ports: [...group.ports],
    endpoints,
  };
}

/** The same plan made twice collides instead of making two. */
function freeName({ addressType, ports }: PortGroup, { owner, isTaken }: SliceMold, given: ReadonlySet<string>): string {
  const { name, uid } = owner.metadata;
  for (let attempt = 0; ; attempt++) {
    const candidate = `${name}-${hashOf({ uid, addressType, ports, attempt }, SUFFIX_LENGTH)}`;
    if (!given.has(candidate) && !isTaken(candidate)) return candidate;
  }
}
