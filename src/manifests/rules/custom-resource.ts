// Rules for CustomResourceDefinitions and APIServices (Kubernetes, apiextensions-apiserver and kube-aggregator), as far as a repository
// that is shared with a cluster meets them: names, versions and conversion. The schemas of the custom resources are not judged.
import type {
  APIService,
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceVersion,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkDns1035Label } from './names.ts';
import { checkDnsSubdomain, checkPortNumber } from './syntax.ts';
import { checkClientConfig } from './webhook.ts';

const MAX_GROUP_PRIORITY = 20000;
const MAX_VERSION_PRIORITY = 1000;

/** A definition after its defaults are set. */
export function checkCustomResourceDefinition({ metadata, spec }: CustomResourceDefinition, report: Report): void {
  const { group, names } = spec;
  if (metadata.name !== undefined && metadata.name !== `${names.plural}.${group}`)
    report(['metadata', 'name'], 'Invalid', invalid(metadata.name, 'must be spec.names.plural+"."+spec.group'));
  if (holds(checkDnsSubdomain(group), group, ['spec', 'group'], report) && !group.includes('.'))
    report(['spec', 'group'], 'Invalid', invalid(group, 'should be a domain with at least one dot'));
  checkVersions(spec, report);
  checkNames(names, ['spec', 'names'], report);
  checkConversion(spec, report);
}

function checkVersions({ versions, preserveUnknownFields }: CustomResourceDefinitionSpec, report: Report): void {
  const here = ['spec', 'versions'];
  for (const [version, place] of eachOf(versions, here)) {
    holds(checkDns1035Label(version.name), version.name, [...place, 'name'], report);
    checkVersion(version, place, report);
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    report(here, 'Invalid', 'Invalid value: must contain unique version names');
  if (versions.filter(({ storage }) => storage).length !== 1)
    report(here, 'Invalid', 'Invalid value: must have exactly one version marked as storage version');
  if (preserveUnknownFields === true)
    report(
      ['spec', 'preserveUnknownFields'],
      'Invalid',
      invalid(true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'),
    );
}

function checkVersion(
  { schema, deprecated, deprecationWarning, subresources }: CustomResourceVersion,
  path: Path,
  report: Report,
): void {
  if (schema?.openAPIV3Schema === undefined)
    report([...path, 'schema', 'openAPIV3Schema'], 'Required', required('schemas are required'));
  if (deprecationWarning !== undefined && deprecated !== true)
    report([...path, 'deprecationWarning'], 'Invalid', invalid(deprecationWarning, 'can only be set for deprecated versions'));
  const here = [...path, 'subresources', 'scale'];
  const { specReplicasPath: wanted = '.spec.x', statusReplicasPath: actual = '.status.x' } = subresources?.scale ?? {};
  if (!wanted.startsWith('.spec.'))
    report([...here, 'specReplicasPath'], 'Invalid', invalid(wanted, 'should be a json path under .spec'));
  if (!actual.startsWith('.status.'))
    report([...here, 'statusReplicasPath'], 'Invalid', invalid(actual, 'should be a json path under .status'));
}

function checkNames(names: CustomResourceDefinitionSpec['names'], path: Path, report: Report): void {
  for (const field of ['plural', 'singular'] as const) holdsIfGiven(names[field], checkDns1035Label, [...path, field], report);
  for (const field of ['kind', 'listKind'] as const) {
    const name = names[field];
    const fault = name === undefined ? undefined : checkDns1035Label(name.toLowerCase());
    if (fault !== undefined)
      report([...path, field], 'Invalid', invalid(name, `may have mixed case, but should otherwise match: ${fault}`));
  }
  if (names.kind === names.listKind)
    report([...path, 'listKind'], 'Invalid', invalid(names.listKind, 'kind and listKind may not be the same'));
  for (const field of ['shortNames', 'categories'] as const)
    for (const [name, here] of eachOf(names[field], [...path, field])) holds(checkDns1035Label(name), name, here, report);
}

function checkConversion({ conversion }: CustomResourceDefinitionSpec, report: Report): void {
  const here = ['spec', 'conversion'];
  const { strategy = 'None', webhook } = conversion ?? {};
  if (strategy === 'None') {
    if (webhook !== undefined)
      report([...here, 'webhook'], 'Invalid', forbidden('should not be set when strategy is not set to Webhook'));
  } else if (webhook?.clientConfig === undefined)
    report([...here, 'webhook', 'clientConfig'], 'Required', required('required when strategy is set to Webhook'));
  else {
    checkClientConfig(webhook.clientConfig, [...here, 'webhook', 'clientConfig'], report);
    for (const [version, place] of eachOf(webhook.conversionReviewVersions, [...here, 'webhook', 'conversionReviewVersions']))
      holds(checkDns1035Label(version), version, place, report);
  }
}

/** A version of a group and who serves it, after its defaults are set. */
export function checkApiService({ metadata, spec }: APIService, report: Report): void {
  const { group = '', version = '', service, caBundle, insecureSkipTLSVerify } = spec;
  const name = `${version}.${group}`;
  if (metadata.name !== undefined && metadata.name !== name)
    report(
      ['metadata', 'name'],
      'Invalid',
      invalid(metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`),
    );
  if (group !== '') holds(checkDnsSubdomain(group), group, ['spec', 'group'], report);
  else if (version !== 'v1')
    report(['spec', 'group'], 'Required', required('only v1 may have an empty group and it better be legacy kube'));
  holds(checkDns1035Label(version), version, ['spec', 'version'], report);
  const { groupPriorityMinimum, versionPriority } = spec;
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MAX_GROUP_PRIORITY)
    report(['spec', 'groupPriorityMinimum'], 'Invalid', invalid(groupPriorityMinimum, 'must be positive and less than 20000'));
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY)
    report(['spec', 'versionPriority'], 'Invalid', invalid(versionPriority, 'must be positive and less than 1000'));
  if (service !== undefined) {
    holdsIfGiven(service.port, checkPortNumber, ['spec', 'service', 'port'], report);
    if (insecureSkipTLSVerify === true && caBundle !== undefined)
      report(['spec', 'insecureSkipTLSVerify'], 'Invalid', invalid(true, 'may not be true if caBundle is present'));
    return;
  }
  if (caBundle !== undefined) report(['spec', 'caBundle'], 'Invalid', 'Invalid value: local APIServices may not have a caBundle');
  if (insecureSkipTLSVerify === true)
    report(['spec', 'insecureSkipTLSVerify'], 'Invalid', invalid(true, 'local APIServices may not have insecureSkipTLSVerify'));
}
