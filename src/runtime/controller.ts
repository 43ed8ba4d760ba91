// What a controller is. The loop in this room runs every one of them; it knows no kind.
import type { Action } from '../model/action.ts';
import type { Kind, ResourceKey, ResourceOf, Stored, StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';

/** The complete decision of one pass over one object. Carrying it out makes no choices; doing it twice is harmless. */
export interface Plan<K extends Kind> {
  readonly actions: readonly Action[];
  /** The whole new status; absent to leave it as it is. Written once, after the actions, and only when it differs. */
  readonly status?: NonNullable<StatusOf<K>>;
  /**
   * The status to write in the place of `status` when admission refuses an object that the actions create: the message is Kubernetes' own
   * (`pods "web-x" is forbidden: …`) and differs from try to try.
   */
  readonly whenRefused?: (message: string) => NonNullable<StatusOf<K>>;
  /** Plan again after this time, even if nothing happens. */
  readonly checkAgainAfterMs?: number;
}

/** The status type of a kind. */
export type StatusOf<K extends Kind> = ResourceOf<K> extends { status?: infer S } ? S : never;

/** Brings objects of one kind, or of several that it treats alike, towards what they declare. */
export interface Controller<K extends Kind, Observed> {
  /** Kebab-case name: the component of its events. */
  readonly name: string;
  readonly kind: K | readonly K[];
  /**
   * Which keys of this controller's kinds a change of another object concerns. Called for every change in the store, with the store
   * after the change, and with what the object was before; absent when it is new or gone.
   */
  wakes(changed: Stored, store: StoreReader, before?: Stored): readonly ResourceKey[];
  /** Reads all that the plan needs. */
  observe(store: StoreReader, resource: StoredOf<K>): Observed;
  /** Decides. Pure: `now` is epoch milliseconds, `suffix` yields five random characters for generated names. */
  plan(resource: StoredOf<K>, observed: Observed, now: number, suffix: () => string): Plan<K>;
}

/** The kinds that a controller works on. */
export function kindsOf<K extends Kind>({ kind }: { readonly kind: K | readonly K[] }): readonly K[] {
  return typeof kind === 'string' ? [kind] : kind;
}
