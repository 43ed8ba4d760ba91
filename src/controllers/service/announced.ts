// Which nodes answer for the addresses of a load balancer, as its status and its events tell it. The nodes themselves come to the same answer from the
// same store.
import type { Action } from '../../model/action.ts';
import type { Announcer } from '../../model/announcement.ts';
import { findCondition, withCondition } from '../../model/conditions.ts';
import type { Condition, ServiceStatus } from '../../model/resource.ts';
import type { Plan } from '../../runtime/controller.ts';

/** True while nodes answer for its addresses in the hosts' own subnets; absent where none is to. */
const ANNOUNCED = 'LoadBalancerAnnounced';

/** The status with what is known of who answers, and an event when that is another one than before (MetalLB, "nodeAssigned"). */
export function planAnnounced(status: ServiceStatus, announcers: ReadonlyMap<string, Announcer>, now: number): Plan<'Service'> {
  const old = findCondition(status.conditions, ANNOUNCED);
  if (announcers.size === 0) {
    const { conditions, ...others } = status;
    const kept = withoutAnnounced(conditions);
    return { actions: [], status: kept.length === 0 ? others : { ...others, conditions: kept } };
  }
  const next = conditionOf(announcers);
  const isNews = old?.message !== next.message;
  return {
    actions: isNews ? eventsOf(old, next) : [],
    status: { ...status, conditions: withCondition(status.conditions, next, now) },
  };
}

/** Conditions without the one that tells who answers. */
export function withoutAnnounced(conditions: readonly Condition[] = []): Condition[] {
  return conditions.filter(({ type }) => type !== ANNOUNCED);
}

type Announced = Pick<Condition, 'type' | 'status'> & { readonly reason: string; readonly message: string };

function conditionOf(announcers: ReadonlyMap<string, Announcer>): Announced {
  const lines = [...announcers].map(([address, announcer]) => {
    const text = 'node' in announcer ? `announcing from node "${announcer.node}" with protocol "layer2"` : announcer.nobody;
    return announcers.size === 1 ? text : `${address}: ${text}`;
  });
  const isWhole = [...announcers.values()].every((announcer) => 'node' in announcer);
  return {
    type: ANNOUNCED,
    status: isWhole ? 'True' : 'False',
    reason: isWhole ? 'NodeAssigned' : 'NoNode',
    message: lines.join('; '),
  };
}

/** That nobody answers is worth a word where somebody did: a router may lead the pool to the nodes. */
function eventsOf(old: Condition | undefined, { status, message }: Announced): readonly Action[] {
  if (status === 'True') return [{ type: 'report', severity: 'Normal', reason: 'nodeAssigned', message }];
  return old?.status === 'True' ? [{ type: 'report', severity: 'Warning', reason: 'nodeUnassigned', message }] : [];
}
