// What is told to a forge, and what must be there for it.
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commitStatusOptionList, commitStatusOptions, type RawCommitStatusOptions } from '../../src/cli/commit-status-options.ts';
import { FORGES } from '../../src/signals/statuses/place.ts';

function read(argv: readonly string[], env: Readonly<Record<string, string>> = {}): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of commitStatusOptionList()) command.addOption(option);
  command.parse(argv, { from: 'user' });
  return commitStatusOptions(command.opts<RawCommitStatusOptions>(), env);
}

const env = { HOLDFAST_COMMIT_STATUS_TOKEN: 'T' };

test('nothing, unless there is a token; a file wins over the environment', () => {
  expect(read([])).toEqual({});
  expect(read([], { HOLDFAST_COMMIT_STATUS_TOKEN: '' })).toEqual({});
  expect(read([], env)).toEqual({ commitStatusToken: 'T' });
  expect(read(['--commit-status-token-file', '/t'], env)).toEqual({ commitStatusTokenFile: '/t' });
});

test.each(FORGES)('%s is a forge', (forge) => {
  expect(read(['--commit-status-forge', forge], env)).toEqual({ commitStatusToken: 'T', commitStatusForge: forge });
});

test('what means nothing is refused', () => {
  expect(() => read(['--commit-status-forge', 'cvs'], env)).toThrow('Allowed choices are github, gitlab, gitea');
  expect(() => read(['--commit-status-forge', 'gitea'])).toThrow('--commit-status-forge needs a token');
  expect(() => read(['--commit-status-api', 'https://x'])).toThrow('--commit-status-api needs a token');
});
