// Events go an hour after they were told the last time, as Kubernetes' API server lets them (--event-ttl). That there are never too many at
// once is for whoever tells them: src/runtime/events.ts.
import { keyOf } from '../../model/resource.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { Controller } from '../../runtime/controller.ts';
import { EVENT_LIFE_MS } from '../../runtime/events.ts';

export const eventController: Controller<'Event', undefined> = {
  name: 'event-controller',
  kind: 'Event',
  wakes: () => [],
  observe: () => undefined,
  plan(event, _observed, now) {
    const leftMs = fromRfc3339(event.lastTimestamp) + EVENT_LIFE_MS - now;
    if (leftMs > 0) return { actions: [], checkAgainAfterMs: leftMs };
    const { uid } = event.metadata;
    return {
      actions: [{ type: 'delete', key: keyOf(event), uid, isQuiet: true, reason: 'Expired', message: 'an hour has passed' }],
    };
  },
};
