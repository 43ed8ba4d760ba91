// Receivers of notifications: who they are, and how they are called without giving away where they are.
import { createHash } from 'node:crypto';
import type { ApplicationSpec, NotificationTargetStatus } from '../../model/resource.ts';

/** One entry of `spec.notifications`. */
export type NotificationTarget = NonNullable<ApplicationSpec['notifications']>[number];

/** The same for the same form and address, whatever else is changed. */
export function targetId({ type, url, urlFrom, to, from }: NotificationTarget): string {
  return createHash('sha256')
    .update(JSON.stringify([type, url, urlFrom, ...(type === 'email' ? [to, from] : [])]))
    .digest('hex')
    .slice(0, 12);
}

/** The receiver for people: who receives mails, the host, or where its address is. Addresses themselves often are secrets. */
export function targetName({ type, url, urlFrom, to = [] }: NotificationTarget): string {
  if (type === 'email') return to.length > 1 ? `${to[0]} and ${to.length - 1} more` : (to[0] ?? 'nobody');
  if (urlFrom !== undefined) return `Secret ${urlFrom.secretKeyRef.name}, key ${urlFrom.secretKeyRef.key}`;
  return url === undefined || !URL.canParse(url) ? 'an address that is none' : new URL(url).host;
}

/**
 * What is kept of each receiver. One that is new hears of what happens from now on; one that was taken out is forgotten, and so is a second one
 * that is the same.
 */
export function withTargets(
  known: readonly NotificationTargetStatus[],
  targets: readonly NotificationTarget[],
  lastNumber: number,
): NotificationTargetStatus[] {
  const byId = new Map(
    targets.map((target): [string, NotificationTargetStatus] => {
      const id = targetId(target);
      const old = known.find((each) => each.id === id);
      return [id, old ?? { id, type: target.type, to: targetName(target), toldUpTo: lastNumber, sentAt: [] }];
    }),
  );
  return [...byId.values()];
}
