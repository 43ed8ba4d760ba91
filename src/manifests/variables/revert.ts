// What an Application wants written to its repository after a rollback: what its schema cannot say of it.
import { MAIL_ADDRESS } from '../../model/notification.ts';
import type { ApplicationSpec } from '../../model/resource.ts';
import { REVERT_TITLE_NAMES } from '../../model/sync-policy.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { didYouMean } from '../suggest.ts';

const HERE: Path = ['spec', 'rollback', 'revert'];
/** A cautious choice of what Git takes (git-check-ref-format); the hash of a commit follows it. */
const BRANCH = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const NO_BRANCH = /\.\.|\/\/|\/\.|\.\/|\.lock\//;

/** Tells what is wrong with the policy itself. */
export function checkRevert({ enabled, revert }: NonNullable<ApplicationSpec['rollback']>, report: Report): void {
  if (revert === undefined) return;
  const { push, pullRequest, author } = revert;
  if (enabled === false)
    report(HERE, 'Invalid', forbidden('nothing is rolled back with `enabled: false`, and so nothing is reverted'));
  if ((push === undefined) === (pullRequest === undefined))
    report(HERE, 'Invalid', 'exactly one of push and pullRequest says how the commit gets into the repository');
  const { title, branch } = pullRequest ?? {};
  if (title !== undefined) checkTitle(title, report);
  if (branch !== undefined && (!BRANCH.test(branch) || NO_BRANCH.test(branch)))
    report(
      [...HERE, 'pullRequest', 'branch'],
      'Invalid',
      invalid(branch, 'must be what the name of a branch can begin with, such as "holdfast/revert-"'),
    );
  if (author === undefined) return;
  if (!MAIL_ADDRESS.test(author.email))
    report(
      [...HERE, 'author', 'email'],
      'Invalid',
      invalid(author.email, 'must be a bare mail address, such as ops@example.com'),
    );
  // oxlint-disable-next-line no-control-regex
  if (author.name.trim() === '' || /[<>\u0000-\u001f]/.test(author.name))
    report([...HERE, 'author', 'name'], 'Invalid', invalid(author.name, 'must be a name on one line, without < and >'));
}

function checkTitle(title: string, report: Report): void {
  const place = [...HERE, 'pullRequest', 'title'];
  if (title.trim() === '') report(place, 'Required', required());
  for (const [, name = ''] of title.matchAll(/\$\{([^}]*)\}/g)) {
    if (REVERT_TITLE_NAMES.some((each) => each === name)) continue;
    const message = invalid(`\${${name}}`, `a title has ${REVERT_TITLE_NAMES.map((each) => `\${${each}}`).join(', ')}.`);
    report(place, 'Invalid', `${message}${didYouMean(name, REVERT_TITLE_NAMES)}`);
  }
}

/** Tells when a declared application follows what no commit can be put on. */
export function checkRevertSource({ rollback, source = {} }: ApplicationSpec, report: Report): void {
  if (rollback?.revert === undefined) return;
  for (const field of ['tag', 'semver', 'commit'] as const)
    if (source[field] !== undefined)
      report(HERE, 'Invalid', forbidden(`spec.source.${field} is followed, and a commit can be put on a branch alone`));
  if (/^file:/i.test(source.repository ?? ''))
    report(HERE, 'Invalid', forbidden('nothing is written to a repository of the machine on which Holdfast runs'));
}
