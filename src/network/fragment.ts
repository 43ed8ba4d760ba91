// What the planners of this room make of one object: a fragment of a node's data plane, as plain data. The node's state is the frame, which
// stands as long as the node is the same, and the union of all fragments; what is sent is the difference of two unions (see
// plan-change.ts). Types only.

/** Rules of one fragment in the node's nftables table (nft(8)). The table, its base chains, maps and sets come from the frame. */
export interface Rules {
  /** Regular chains by name: their rules in order, as nft reads them after `add rule ip TABLE CHAIN`. Names carry what makes them unique. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /**
   * Named maps and sets that only this fragment declares, by name: what stands between the braces of their declaration, each property ended by
   * `;`. One whose type says `KEY : VALUE` is a map. Fragments with a higher id may have elements of them, and may jump to chains of this one,
   * as long as they change whenever these come or go.
   */
  readonly sets: ReadonlyMap<string, string>;
  /**
   * Elements of maps and sets, by the name of the map: key → value as nft reads them; an empty value in sets. Several fragments may have the
   * same element. When they have another value for the same key, that of the fragment with the lowest id holds.
   */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /**
   * Where flows of protocols without connections may lead (see services/flows.ts): `udp 10.96.0.7 53` → `10.244.1.3 5353`. When this
   * changes, flows that lead elsewhere are forgotten, so that their next packet is translated anew.
   */
  readonly flows?: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Records of one fragment (RFC 1035, RFC 2782), each a whole line with a fully qualified name: `web.shop.svc.cluster.local. 5 IN A 10.96.0.7`.
 * Several fragments may hold the same line.
 */
export type Records = ReadonlySet<string>;

/** What one object contributes to a node. */
export interface Fragment {
  readonly rules: Rules;
  readonly records: Records;
  /** What a lost store has to know of the object again, as one line of JSON; absent for nothing. */
  readonly memory?: string;
}

/** Fragments by their id: `service/shop/web`, `policies/shop`, `pods/shop/10.244.0.16`. At most 250 characters of `[a-z0-9./-]`. */
export type Fragments = ReadonlyMap<string, Fragment>;

export const NO_RULES: Rules = { chains: new Map(), sets: new Map(), elements: new Map() };
export const NO_RECORDS: Records = new Set();

/**
 * What the frame of a node has of one planner: lines of the bodies of the cluster's two tables, as nft reads them between the braces of
 * `table FAMILY hf-CLUSTER`. A chain begins with a line `chain NAME {` and ends with a line `}`; it belongs to one planner.
 */
export interface TableBodies {
  readonly ip: readonly string[];
  readonly bridge?: readonly string[];
}
