// Health in words. Judging it is another matter, and loads more.
import { displayKey } from '../../model/resource.ts';
import type { ObjectHealth } from './health.ts';

/** `deployment/web: pod web-5d9c-x2k4q, container app: CrashLoopBackOff …` */
export function healthLine(health: ObjectHealth): string {
  return `${health.role === undefined ? '' : `${health.role} `}${displayKey(health.key)}: ${health.message}`;
}
