// Values of Secrets do not reach a terminal unless somebody asks for them.
import type { Outcome, OutcomeAction } from '../sync/outcome.ts';

/** What stands in for a value. */
export const HIDDEN = '(hidden)';

/** A copy in which every value of every Secret, also of Secrets inside (revisions, lists), is replaced. Keys stay. */
export function withoutSecretValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretValues);
  if (typeof value !== 'object' || value === null) return value;
  const isSecret = 'kind' in value && value.kind === 'Secret';
  const isApplication = 'kind' in value && value.kind === 'Application';
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecret && (key === 'data' || key === 'stringData')
        ? hideValues(inner)
        : withoutSecretValues(isApplication && key === 'spec' ? withoutAddresses(inner) : inner),
    ]),
  );
}

/** The spec of an Application without the addresses of its receivers: whoever knows one can often write there. */
export function withoutAddresses(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null || !('notifications' in spec) || !Array.isArray(spec.notifications)) return spec;
  const hidden = spec.notifications.map((receiver: unknown) =>
    typeof receiver === 'object' && receiver !== null && 'url' in receiver ? { ...receiver, url: HIDDEN } : receiver,
  );
  return { ...spec, notifications: hidden };
}

function hideValues(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return HIDDEN;
  return Object.fromEntries(Object.keys(data).map((key) => [key, HIDDEN]));
}

/** Whether a field of this action holds a Secret's value. */
export function isHiddenField(action: Pick<OutcomeAction, 'kind'>, path: string): boolean {
  return action.kind === 'Secret' && /^(data|stringData)\b/.test(path);
}

/** The outcome for printing, with all applications below it. */
export function redactOutcome(outcome: Outcome): Outcome {
  const { applications, ...own } = outcome;
  const shown = { ...own, actions: own.actions.map(redactAction) };
  return applications === undefined ? shown : { ...shown, applications: applications.map(redactOutcome) };
}

/** The action for printing. The plan hides values already; this holds even when it forgets one. */
export function redactAction(action: OutcomeAction): OutcomeAction {
  if (action.kind !== 'Secret') return action;
  return {
    ...action,
    fields: action.fields.map((field) =>
      isHiddenField(action, field.path)
        ? {
            ...field,
            ...('old' in field ? { old: hide(field.old) } : {}),
            ...('new' in field ? { new: hide(field.new) } : {}),
          }
        : field,
    ),
  };
}

function hide(value: unknown): unknown {
  return value === undefined ? undefined : HIDDEN;
}
