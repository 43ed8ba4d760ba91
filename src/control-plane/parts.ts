// What a control plane is made of: its node, and the adapters that the composition root, or a simulation, gives it.
import type { LoaderOptions } from '../manifests/load.ts';
import type { NodeParts } from '../node/node-plane.ts';
import type { Metrics } from '../signals/metrics/metrics.ts';
import type { Courier } from '../signals/notify/courier.ts';
import type { Reverting } from '../signals/reverts/reverter.ts';
import type { StatusTelling } from '../signals/statuses/reporter.ts';
import type { OpenDeclaredSource } from '../sources/declared-source.ts';
import type { CommitSource } from '../sync/commit-source.ts';
import type { OrderDesk } from '../sync/gates/orders.ts';
import type { PlanAgreement } from '../sync/ports.ts';
import type { Notary } from '../sync/receipts/receipt.ts';

/** A control plane with the node that it runs on. */
export interface ControlPlaneParts extends NodeParts {
  readonly application: { readonly name: string; readonly repo: string; readonly path: string };
  /** Who asks for certificates of Ingresses, and whom; nobody does when absent. */
  readonly acme?: { readonly email: string; readonly directoryUrl: string };
  readonly source: CommitSource;
  /** Where measurements go; nothing is measured when absent. */
  readonly metrics?: Metrics;
  /** What a commit must be planned as; any plan will do when absent. */
  readonly agreed?: PlanAgreement;
  /** Who signs receipts; there are none when absent. */
  readonly notary?: Notary;
  /** Who takes notifications out; nobody is told anything when absent. */
  readonly courier?: Courier;
  /** How forges are told of commits; none is when absent. */
  readonly statuses?: StatusTelling;
  /** How repositories go back after a rollback; none does when absent. */
  readonly reverting?: Reverting;
  /** What people say beside Git; nobody says anything when absent. */
  readonly orders?: OrderDesk;
  /** For how long what commits remove can be brought back, where an application does not say. */
  readonly softDelete?: string | undefined;
  /** How manifests are read: keys, variables, what can be fetched. */
  readonly loading?: LoaderOptions;
  readonly once: boolean;
  /** How often the source is asked. */
  readonly intervalMs: number;
  /** Until when a commit must be healthy. */
  readonly timeoutMs: number;
  /** Opens the sources of applications that this one declares; without it, none of them can be read. */
  readonly openDeclared?: OpenDeclaredSource;
  /** Whether a commit may not say otherwise: the person at the command line has spoken. */
  readonly isTimeoutFixed?: boolean;
}
