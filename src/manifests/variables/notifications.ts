// The receivers of notifications that an Application declares: what their schema cannot say.
import { MAIL_ADDRESS, TEMPLATE_NAMES } from '../../model/notification.ts';
import type { ApplicationSpec } from '../../model/resource.ts';
import { invalid, type Report, required } from '../report.ts';
import { didYouMean } from '../suggest.ts';

type Receivers = NonNullable<ApplicationSpec['notifications']>;
type Receiver = Receivers[number];
type Place = readonly ['spec', 'notifications', number];

/** As many as anybody could want; each is a request per commit. */
const MAX_RECEIVERS = 20;

/** Tells what is wrong. No message holds an address. */
export function checkNotifications(receivers: Receivers, report: Report): void {
  if (receivers.length > MAX_RECEIVERS)
    report(['spec', 'notifications'], 'Invalid', `there are ${receivers.length} receivers, and ${MAX_RECEIVERS} at most`);
  for (const [index, receiver] of receivers.entries()) {
    const here = ['spec', 'notifications', index] as const;
    if (receiver.type === 'email') checkMail(receiver, here, report);
    else checkHttp(receiver, here, report);
    for (const [, name = ''] of (receiver.template ?? '').matchAll(/\$\{([^}]*)\}/g)) {
      if (TEMPLATE_NAMES.some((each) => each === name)) continue;
      const message = invalid(`\${${name}}`, `a template has ${TEMPLATE_NAMES.map((each) => `\${${each}}`).join(', ')}.`);
      report([...here, 'template'], 'Invalid', `${message}${didYouMean(name, TEMPLATE_NAMES)}`);
    }
  }
}

function checkHttp({ url, urlFrom, to, from }: Receiver, here: Place, report: Report): void {
  if ((url === undefined) === (urlFrom === undefined))
    report(here, 'Invalid', 'exactly one of url and urlFrom says where the receiver is');
  if (url !== undefined && !hasProtocol(url, /^https?:$/))
    report([...here, 'url'], 'Invalid', 'must be an address that begins with http:// or https://');
  for (const [name, value] of Object.entries({ to, from }))
    if (value !== undefined) report([...here, name], 'Invalid', 'only mails have it: type: email');
}

function checkMail({ url, urlFrom, to, from }: Receiver, here: Place, report: Report): void {
  if (url !== undefined && urlFrom !== undefined)
    report(here, 'Invalid', 'at most one of url and urlFrom says where the mail server is');
  if (url !== undefined && !hasProtocol(url, /^smtps?:$/))
    report([...here, 'url'], 'Invalid', 'must be a mail server that begins with smtps:// or smtp://');
  if (to === undefined) report(here, 'Required', required('to: who receives the mails'));
  for (const [index, address] of (to ?? []).entries())
    if (!MAIL_ADDRESS.test(address)) report([...here, 'to', index], 'Invalid', invalid(address, NO_ADDRESS));
  if (from !== undefined && !MAIL_ADDRESS.test(from)) report([...here, 'from'], 'Invalid', invalid(from, NO_ADDRESS));
}

const NO_ADDRESS = 'must be a bare mail address, such as ops@example.com';

function hasProtocol(text: string, protocol: RegExp): boolean {
  return URL.canParse(text) && protocol.test(new URL(text).protocol) && new URL(text).hostname !== '';
}
