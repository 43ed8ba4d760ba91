// An Application that declares another one: what its schema cannot say.
import type { Application } from '../../model/resource.ts';
import { parseVersionRange } from '../../model/semver.ts';
import { duplicate, forbidden, invalid, type Report } from '../report.ts';
import { didYouMean } from '../suggest.ts';
import { checkNotifications } from '../variables/notifications.ts';
import { checkPolicy } from '../variables/policy.ts';
import { checkRevertSource } from '../variables/revert.ts';
import { isVariableName, VARIABLE_NAME_RULE } from '../variables/template.ts';
import { checkDnsLabel, checkDnsSubdomain } from './syntax.ts';

/** Ways to say which commit is followed: one of them at most. */
const REVISIONS = ['branch', 'tag', 'semver', 'commit'] as const;

/** A declared application; one that configures its own path is judged where it is read. */
export function checkApplication({ metadata, spec }: Application, report: Report): void {
  const { name = '' } = metadata;
  // Records of it have its name and more.
  const nameFault = checkDnsSubdomain(name) === undefined ? checkDnsLabel(name) : undefined;
  if (nameFault !== undefined) report(['metadata', 'name'], 'Invalid', invalid(metadata.name, nameFault));
  checkPath(spec.path, report);
  checkSource(spec.source, report);
  const { targetNamespace, dependsOn = [] } = spec;
  const fault = targetNamespace === undefined ? undefined : checkDnsLabel(targetNamespace);
  if (fault !== undefined) report(['spec', 'targetNamespace'], 'Invalid', invalid(targetNamespace, fault));
  const named = new Set<string>();
  for (const [index, { name }] of dependsOn.entries()) {
    const here = ['spec', 'dependsOn', index, 'name'] as const;
    if (name === metadata.name) report(here, 'Invalid', invalid(name, 'an application cannot wait for itself'));
    else if (named.has(name)) report(here, 'Duplicate', duplicate(name));
    named.add(name);
  }
  if ((spec.substituteFrom ?? []).length > 0) report(['spec', 'substituteFrom'], 'UnsupportedField', SUBSTITUTE_FROM);
  if (spec.strictSubstitution !== undefined) report(['spec', 'strictSubstitution'], 'UnsupportedField', SUBSTITUTE_FROM);
  for (const variable of Object.keys(spec.substitute ?? {}))
    if (!isVariableName(variable)) report(['spec', 'substitute', variable], 'Invalid', invalid(variable, VARIABLE_NAME_RULE));
  checkNotifications(spec.notifications ?? [], report);
  checkPolicy(spec, report);
  checkRevertSource(spec, report);
  checkVerify(spec, report);
}

/** Whose commits these are is said by another repository's, or it is said by nobody. */
function checkVerify({ verify, source, rollback }: Application['spec'], report: Report): void {
  if (verify === undefined) return;
  const here = ['spec', 'verify'];
  if (source?.repository === undefined)
    report(
      here,
      'Invalid',
      forbidden(
        'may only be specified with `source.repository`: a commit cannot say who may sign it. Give the keys to "holdfast reconcile" with --verify-keys',
      ),
    );
  const { push, pullRequest } = rollback?.revert ?? {};
  if (push !== undefined || (pullRequest !== undefined && verify.mode === 'all'))
    report(['spec', 'rollback', 'revert'], 'Invalid', forbidden('Holdfast signs no commits, and spec.verify wants them signed'));
}

const SUBSTITUTE_FROM =
  'where variables come from belongs to the path that is read: put it into an Application of that path, one without path and source';

function checkPath(path: string, report: Report): void {
  if (path.startsWith('/'))
    report(['spec', 'path'], 'Invalid', invalid(path, 'a path begins at the root of the repository: leave out the first "/"'));
  else if (path.split('/').includes('..')) report(['spec', 'path'], 'Invalid', invalid(path, 'must not contain ".."'));
}

function checkSource(source: Application['spec']['source'], report: Report): void {
  if (source === undefined) return;
  const given = REVISIONS.filter((field) => source[field] !== undefined);
  for (const field of given.slice(1))
    report(
      ['spec', 'source', field],
      'Invalid',
      forbidden(`${given[0] ?? ''} says already what is followed; leave out one of them`),
    );
  for (const field of given)
    if (source[field] === '') report(['spec', 'source', field], 'Invalid', invalid('', 'must not be empty'));
  const { repository, semver, commit, secretRef } = source;
  if (semver !== undefined && semver !== '' && parseVersionRange(semver) === undefined)
    report(
      ['spec', 'source', 'semver'],
      'Invalid',
      invalid(semver, 'is not a range of versions, such as ">=1.2.0 <2.0.0" or "^1.4"'),
    );
  if (commit !== undefined && commit !== '' && !/^[0-9a-fA-F]{4,40}$/.test(commit))
    report(
      ['spec', 'source', 'commit'],
      'Invalid',
      invalid(commit, 'is not the hash of a commit: 4 to 40 of the characters 0-9 and a-f'),
    );
  if (secretRef !== undefined && repository === undefined)
    report(
      ['spec', 'source', 'secretRef'],
      'Invalid',
      forbidden('may only be specified with `repository`: the same repository has its credentials'),
    );
  if (repository !== undefined) checkRepository(repository, report);
}

function checkRepository(repository: string, report: Report): void {
  const path = ['spec', 'source', 'repository'];
  const isUrl = /^(https?|ssh|git\+ssh|ssh\+git|file):\/\//i.test(repository);
  const isShort = /^[^/:\s]+@[^/:\s]+:.+$/.test(repository);
  if (!isUrl && !isShort)
    report(
      path,
      'Invalid',
      invalid(repository, `must be a URL (https://, http://, ssh://, file://) or user@host:path${nearestScheme(repository)}`),
    );
  else if (isUrl && /^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(repository))
    // The value holds a password: it is not told.
    report(path, 'Invalid', 'a URL must not hold a password: put it into a Secret and name that with secretRef');
}

const nearestScheme = (text: string): string =>
  text.includes('://') ? didYouMean(text.slice(0, text.indexOf('://')), ['https', 'http', 'ssh', 'file']) : '';
