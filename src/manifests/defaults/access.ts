// The defaults of bindings, webhooks and what is added to the Kubernetes API (Kubernetes, pkg/apis/rbac and admissionregistration,
// apiextensions-apiserver and kube-aggregator, defaults.go).
import type {
  APIService,
  ClusterRoleBinding,
  CustomResourceDefinition,
  MutatingWebhookConfiguration,
  RoleBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../model/resource.ts';

const GROUP = 'rbac.authorization.k8s.io';
const HTTPS_PORT = 443;

/** The group of roles, users and groups; service accounts are in the core group, which has no name. */
export function defaultRoleBinding({ roleRef, subjects }: RoleBinding | ClusterRoleBinding): void {
  roleRef.apiGroup ??= GROUP;
  for (const subject of subjects ?? []) if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= GROUP;
}

function defaultWebhook(webhook: ValidatingWebhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  if (webhook.clientConfig.service !== undefined) webhook.clientConfig.service.port ??= HTTPS_PORT;
}

/** Policies, selectors and timeouts. */
export function defaultValidatingWebhooks({ webhooks }: ValidatingWebhookConfiguration): void {
  for (const webhook of webhooks ?? []) defaultWebhook(webhook);
}

/** As for validating ones, and whether a webhook is called again. */
export function defaultMutatingWebhooks({ webhooks }: MutatingWebhookConfiguration): void {
  for (const webhook of webhooks ?? []) {
    defaultWebhook(webhook);
    webhook.reinvocationPolicy ??= 'Never';
  }
}

/** Names that follow from the kind, and the conversion. */
export function defaultCustomResourceDefinition({ spec }: CustomResourceDefinition): void {
  spec.names.singular ??= spec.names.kind.toLowerCase();
  spec.names.listKind ??= `${spec.names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service !== undefined) service.port ??= HTTPS_PORT;
}

/** The port of the Service. */
export function defaultApiService({ spec }: APIService): void {
  if (spec.service !== undefined) spec.service.port ??= HTTPS_PORT;
}
