// Which mail server notifications go through.
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { mailOptionList, mailOptions, type RawMailOptions } from '../../src/cli/mail-options.ts';

function read(argv: readonly string[], env: Readonly<Record<string, string>> = {}): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of mailOptionList()) command.addOption(option);
  command.parse(argv, { from: 'user' });
  return mailOptions(command.opts<RawMailOptions>(), env);
}

const smtpUrl = 'smtps://ann@mail.example';

test('a server, with a password from a file or the environment', () => {
  expect(read([])).toEqual({});
  expect(read(['--smtp-url', 'smtp://localhost:25'])).toEqual({ smtpUrl: 'smtp://localhost:25' });
  expect(read([], { HOLDFAST_SMTP_URL: smtpUrl, HOLDFAST_SMTP_PASSWORD: 'p' })).toEqual({ smtpUrl, smtpPassword: 'p' });
  const argv = ['--smtp-url', smtpUrl, '--smtp-password-file', '/p'];
  expect(read(argv, { HOLDFAST_SMTP_PASSWORD: 'p' })).toEqual({ smtpUrl, smtpPasswordFile: '/p' });
});

test.each<[string[], Record<string, string>, string]>([
  [['--smtp-url', 'mail.example'], {}, '--smtp-url has to be a mail server: smtps://USER@HOST'],
  [[], { HOLDFAST_SMTP_URL: 'https://mail.example' }, 'HOLDFAST_SMTP_URL has to be a mail server'],
  [['--smtp-url', 'smtps://ann:T0K3N@mail.example'], {}, '--smtp-url must not have a password: give --smtp-password-file'],
  [['--smtp-password-file', '/p'], {}, '--smtp-password-file needs --smtp-url'],
  [['--smtp-url', 'smtps://mail.example', '--smtp-password-file', '/p'], {}, '--smtp-url needs the user'],
])('%j %j is refused', (argv, env, message) => {
  expect(() => read(argv, env)).toThrow(message);
});
