// Cells that would be too long: how kubectl shortens them.
import type { Service } from '../../model/resource.ts';
import { printable } from '../phrases.ts';

/** Things that are shown of many. */
const SHOWN = 3;
/** Longer texts of load balancers are cut, unless the table is wide. */
const MAX_BALANCER_CHARACTERS = 16;

/** `a,b,c + 2 more...` */
export function firstFew(items: readonly string[]): string {
  const shown = printable(items.slice(0, SHOWN).join(','));
  return items.length > SHOWN ? `${shown} + ${items.length - SHOWN} more...` : shown;
}

/** Where a load balancer is reached; empty for nowhere yet. The text is as it is in the object. */
export function balancerText(status: Pick<NonNullable<Service['status']>, 'loadBalancer'> | undefined, isWide: boolean): string {
  const text = (status?.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip)).join(',');
  const isCut = !isWide && text.length > MAX_BALANCER_CHARACTERS;
  return isCut ? `${text.slice(0, MAX_BALANCER_CHARACTERS - 3)}...` : text;
}
