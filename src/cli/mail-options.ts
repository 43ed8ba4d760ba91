// Options for the mail server through which notifications go that name none themselves.
import { Option } from 'commander';
import { UsageFault } from './usage-fault.ts';

/** What commander collected. */
export interface RawMailOptions {
  smtpUrl?: string;
  smtpPasswordFile?: string;
}

/** The mail server; absent where there is none. */
export interface MailChoices {
  /** `smtps://[user@]host[:port]`, or `smtp://`, without a password. */
  readonly smtpUrl?: string;
  /** At most one of the two: the password itself, from the environment, or a file with it. */
  readonly smtpPassword?: string;
  readonly smtpPasswordFile?: string;
}

/** The options, for a command that runs a controller. */
export function mailOptionList(): readonly Option[] {
  return [
    new Option('--smtp-url <url>', 'mail server of notifications, such as smtps://user@mail.example.com (env HOLDFAST_SMTP_URL)'),
    new Option('--smtp-password-file <file>', 'file with the password for it (or env HOLDFAST_SMTP_PASSWORD)'),
  ];
}

/** The entries that are there. Throws UsageFault for what cannot mean anything. */
export function mailOptions(raw: RawMailOptions, env: Readonly<Record<string, string | undefined>>): MailChoices {
  const given = raw.smtpUrl ?? env['HOLDFAST_SMTP_URL'] ?? '';
  const { smtpPasswordFile } = raw;
  if (given === '') {
    if (smtpPasswordFile === undefined) return {};
    throw new UsageFault('--smtp-password-file needs --smtp-url: a mail server to say it to');
  }
  const name = raw.smtpUrl === undefined ? 'HOLDFAST_SMTP_URL' : '--smtp-url';
  const smtpUrl = checked(given, name);
  const password = env['HOLDFAST_SMTP_PASSWORD'] ?? '';
  const isSecret = smtpPasswordFile !== undefined || password !== '';
  if (isSecret && new URL(smtpUrl).username === '')
    throw new UsageFault(`${name} needs the user whose password there is: smtps://USER@…`);
  if (smtpPasswordFile !== undefined) return { smtpUrl, smtpPasswordFile };
  return { smtpUrl, ...(password === '' ? {} : { smtpPassword: password }) };
}

function checked(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new UsageFault(`${name} has to be a mail server: smtps://USER@HOST, or smtp:// for one that begins without TLS`);
  if (url.password !== '')
    throw new UsageFault(`${name} must not have a password: give --smtp-password-file or HOLDFAST_SMTP_PASSWORD`);
  return text;
}
