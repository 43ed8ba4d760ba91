// Rules for webhooks (Kubernetes, pkg/apis/admissionregistration/validation, and apiserver, pkg/util/webhook).
import type {
  MatchCondition,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
  WebhookService,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, type Report, required, tooMany, unsupported } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { checkSelector } from './metadata.ts';
import { checkDns1035Label, checkFullyQualifiedName } from './names.ts';
import { checkDnsSubdomain, checkPortNumber, checkQualifiedName, type Fault } from './syntax.ts';

const LONGEST_TIMEOUT_SECONDS = 30;
const MAX_CONDITIONS = 64;
const reviewVersions = ['v1', 'v1beta1'];
const sideEffectsAllowed = ['None', 'NoneOnDryRun'];

/** A configuration after its defaults are set. */
export function checkWebhooks({ webhooks }: ValidatingWebhookConfiguration | MutatingWebhookConfiguration, report: Report): void {
  const names = new Set<string>();
  for (const [webhook, here] of eachOf<ValidatingWebhook | MutatingWebhook>(webhooks, ['webhooks'])) {
    checkWebhook(webhook, here, report);
    if (names.has(webhook.name)) report([...here, 'name'], 'Duplicate', duplicate(webhook.name));
    names.add(webhook.name);
  }
}

function checkWebhook(webhook: ValidatingWebhook | MutatingWebhook, path: Path, report: Report): void {
  const { name, clientConfig, sideEffects, timeoutSeconds, namespaceSelector, objectSelector } = webhook;
  holds(checkFullyQualifiedName(name), name, [...path, 'name'], report);
  for (const [rule, here] of eachOf(webhook.rules, [...path, 'rules'])) checkRule(rule, here, report);
  if (!sideEffectsAllowed.includes(sideEffects))
    report([...path, 'sideEffects'], 'Invalid', unsupported(sideEffects, sideEffectsAllowed));
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > LONGEST_TIMEOUT_SECONDS))
    report([...path, 'timeoutSeconds'], 'Invalid', invalid(timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'));
  for (const [field, selector] of Object.entries({ namespaceSelector, objectSelector }))
    if (selector !== undefined) checkSelector(selector, [...path, field], report);
  checkClientConfig(clientConfig, [...path, 'clientConfig'], report);
  checkConditions(webhook.matchConditions, [...path, 'matchConditions'], report);
  checkReviewVersions(webhook.admissionReviewVersions, [...path, 'admissionReviewVersions'], report);
}

/** Versions of the review that is sent: labels, none twice, and one that an API server speaks. */
function checkReviewVersions(versions: readonly string[], path: Path, report: Report): void {
  const seen = new Set<string>();
  for (const [version, here] of eachOf(versions, path)) {
    holds(seen.has(version) ? 'duplicate version' : checkDns1035Label(version), version, here, report);
    seen.add(version);
  }
  if (!versions.some((version) => reviewVersions.includes(version)))
    report(path, 'Invalid', invalid(versions, `must include at least one of ${reviewVersions.join(', ')}`));
}

function checkRule({ operations, apiGroups, apiVersions, resources }: RuleWithOperations, path: Path, report: Report): void {
  const lists = { operations, 'API groups': apiGroups, 'API versions': apiVersions };
  const fields: Readonly<Record<string, string>> = { 'API groups': 'apiGroups', 'API versions': 'apiVersions' };
  for (const [name, values] of Object.entries(lists))
    if (values.length > 1 && (values as readonly string[]).includes('*'))
      report([...path, fields[name] ?? name], 'Invalid', invalid(values, `if '*' is present, must not specify other ${name}`));
  for (const [version, here] of eachOf(apiVersions, [...path, 'apiVersions']))
    if (version === '') report(here, 'Required', required());
  checkResources(resources, [...path, 'resources'], report);
}

/** `*` is every kind, `pods/*` every part of a kind, and `*` before a slash that part of every kind: none beside what it covers. */
function checkResources(resources: readonly string[], path: Path, report: Report): void {
  const wholes = new Set<string>();
  const parts = new Set<string>();
  for (const [resource, here] of eachOf(resources, path)) {
    if (resource === '') report(here, 'Required', required());
    const slash = resource.indexOf('/');
    if (slash === -1) continue;
    const [kind, part] = [resource.slice(0, slash), resource.slice(slash + 1)];
    if (wholes.has(kind)) report(here, 'Invalid', invalid(resource, `if '${kind}/*' is present, must not specify ${resource}`));
    if (parts.has(part)) report(here, 'Invalid', invalid(resource, `if '*/${part}' is present, must not specify ${resource}`));
    if (part === '*') wholes.add(kind);
    if (kind === '*') parts.add(part);
  }
  if (resources.length > 1 && resources.includes('*/*'))
    report(path, 'Invalid', invalid(resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && resources.some((resource) => resource !== '*' && !resource.includes('/')))
    report(path, 'Invalid', invalid(resources, "if '*' is present, must not specify other resources without subresources"));
}

function checkConditions(conditions: readonly MatchCondition[] | undefined, path: Path, report: Report): void {
  if (conditions !== undefined && conditions.length > MAX_CONDITIONS)
    report(path, 'Invalid', tooMany(conditions.length, MAX_CONDITIONS));
  const names = new Set<string>();
  for (const [{ name }, here] of eachOf(conditions, path)) {
    holds(checkQualifiedName(name), name, [...here, 'name'], report);
    if (names.has(name)) report([...here, 'name'], 'Duplicate', duplicate(name));
    names.add(name);
  }
}

/** Who is called: exactly one of URL and Service. Of a webhook, or of a conversion. */
export function checkClientConfig({ url, service }: WebhookClientConfig, path: Path, report: Report): void {
  if ((url === undefined) === (service === undefined))
    report(path, 'Required', required('exactly one of url or service is required'));
  else if (url !== undefined) checkUrl(url, [...path, 'url'], report);
  else if (service !== undefined) checkService(service, [...path, 'service'], report);
}

function checkUrl(text: string, path: Path, report: Report): void {
  const form = '; desired format: https://host[/path]';
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  const [, scheme = '', authority = '', query = '', fragment = ''] = parts ?? [];
  const user = authority.lastIndexOf('@');
  if (scheme !== 'https') report(path, 'Invalid', invalid(scheme, `'https' is the only allowed URL scheme${form}`));
  if (authority.slice(user + 1) === '') report(path, 'Invalid', invalid('', `host must be provided${form}`));
  if (user !== -1) report(path, 'Invalid', 'Invalid value: user information is not permitted in the URL');
  if (fragment !== '') report(path, 'Invalid', invalid(fragment, 'fragments are not permitted in the URL'));
  if (query !== '') report(path, 'Invalid', invalid(query, 'query parameters are not permitted in the URL'));
}

function checkService({ path: route = '', port = 443 }: WebhookService, path: Path, report: Report): void {
  const portFault = checkPortNumber(port);
  if (portFault !== undefined) report([...path, 'port'], 'Invalid', invalid(port, `port is not valid: ${portFault}`));
  if (route !== '' && route !== '/') holds(checkRoute(route), route, [...path, 'path'], report);
}

function checkRoute(route: string): Fault {
  if (!route.startsWith('/')) return "must start with a '/'";
  const steps = route.replace(/\/$/, '').slice(1).split('/');
  for (const [index, step] of steps.entries()) {
    if (step === '') return `segment[${index}] may not be empty`;
    const fault = checkDnsSubdomain(step);
    if (fault !== undefined) return `segment[${index}]: ${fault}`;
  }
  return undefined;
}
