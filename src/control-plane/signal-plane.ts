// The signals of a controller, put together: the port on which webhooks come in, the metrics that are read there, and what both need of the
// control plane. Decides nothing.
import type { SignalChoices } from '../cli/signal-options.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import { healthRoutes } from '../signals/health-routes.ts';
import { type HookListener, hookRoute } from '../signals/hooks/hook-desk.ts';
import { WakeGate } from '../signals/hooks/wake-gate.ts';
import type { Metrics } from '../signals/metrics/metrics.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';
import { listenForSignals } from '../transport/signal-listener.ts';
import { webhookSecret } from '../transport/webhook-secret.ts';
import type { ControlPlane } from './control-plane.ts';

/** What is woken, and measured when it is asked for. */
export interface SignalledPlane {
  readonly plane: Pick<ControlPlane, 'followed' | 'queueDepths' | 'unready'>;
}

export interface Signals {
  /** For the parts that are measured. */
  readonly metrics: Metrics;
  /** Where it listens, for people. */
  readonly listening: string;
  /** From now on webhooks wake this. */
  attach(signalled: SignalledPlane): void;
  /** Takes nothing more, and closes the port. Harmless twice. */
  close(): Promise<void>;
}

const STARTING = 'the controller is starting';

/** Opens the port, if one is wanted. Throws UsageFault when it cannot be had, or the secret cannot be read. */
export async function openSignals(
  choices: SignalChoices,
  { version, clock, logger }: { readonly version: string; readonly clock: Clock; readonly logger: Logger },
): Promise<Signals | undefined> {
  const { listen } = choices;
  if (listen === undefined) return undefined;
  const { createPrometheus } = await import('../transport/prometheus.ts');
  const secret = webhookSecret(choices);
  const first = secret();
  if (!first.ok && choices.webhookSecretFile !== undefined) throw new UsageFault(first.reason);
  let attached: SignalledPlane | undefined;
  const gates = wakeGates(clock, (name) =>
    attached?.plane
      .followed()
      .find((each) => each.name === name)
      ?.look(),
  );
  const { metrics, route } = createPrometheus({
    version,
    logger,
    refresh: (measures) => {
      for (const [queue, depth] of Object.entries(attached?.plane.queueDepths() ?? {}))
        measures.set('holdfast_work_queue_depth', { queue }, depth);
    },
  });
  const listeners = (): readonly HookListener[] | undefined => {
    if (attached === undefined) return undefined;
    return attached.plane.followed().map(({ name, source }) => ({
      application: name,
      repository: source.description,
      revision: source.revision,
      wake: () => gates.wake(name),
    }));
  };
  const hooks = hookRoute({
    secret,
    listeners,
    now: () => clock.now(),
    onDelivery: (forge, result, reason) => {
      metrics.count('holdfast_webhook_deliveries_total', { forge, result });
      logger.info({ component: 'signals', forge, result, reason }, 'webhook');
    },
  });
  const routes = [hooks, route, ...healthRoutes(() => attached?.plane.unready() ?? [STARTING])];
  const listener = await listenForSignals({ ...listen, routes, logger });
  const refused = first.ok ? '' : `; ${first.reason}`;
  return {
    metrics,
    listening: `listening on ${listener.url}${refused}`,
    attach: (signalled) => {
      attached = signalled;
    },
    close: async () => {
      gates.stop();
      await listener.close();
    },
  };
}

/** A gate for each application: a storm of pushes to one repository does not hold up another. */
function wakeGates(clock: Clock, look: (application: string) => void) {
  const gates = new Map<string, WakeGate>();
  return {
    wake: (application: string): void => {
      const gate = gates.get(application) ?? new WakeGate(clock, () => look(application));
      gates.set(application, gate);
      gate.wake();
    },
    stop: (): void => {
      for (const gate of gates.values()) gate.stop();
    },
  };
}
