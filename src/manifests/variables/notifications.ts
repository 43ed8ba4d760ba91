// The receivers of notifications that an Application declares: what their schema cannot say.
import { TEMPLATE_NAMES } from '../../model/notification.ts';
import type { ApplicationSpec } from '../../model/resource.ts';
import { invalid, type Report } from '../report.ts';
import { didYouMean } from '../suggest.ts';

type Receivers = NonNullable<ApplicationSpec['notifications']>;

/** As many as anybody could want; each is a request per commit. */
const MAX_RECEIVERS = 20;

/** Tells what is wrong. No message holds an address. */
export function checkNotifications(receivers: Receivers, report: Report): void {
  if (receivers.length > MAX_RECEIVERS)
    report(['spec', 'notifications'], 'Invalid', `there are ${receivers.length} receivers, and ${MAX_RECEIVERS} at most`);
  for (const [index, { url, urlFrom, template }] of receivers.entries()) {
    const here = ['spec', 'notifications', index] as const;
    if ((url === undefined) === (urlFrom === undefined))
      report(here, 'Invalid', 'exactly one of url and urlFrom says where the receiver is');
    if (url !== undefined && !isAddress(url))
      report([...here, 'url'], 'Invalid', 'must be an address that begins with http:// or https://');
    for (const [, name = ''] of (template ?? '').matchAll(/\$\{([^}]*)\}/g)) {
      if (TEMPLATE_NAMES.some((each) => each === name)) continue;
      const message = invalid(`\${${name}}`, `a template has ${TEMPLATE_NAMES.map((each) => `\${${each}}`).join(', ')}.`);
      report([...here, 'template'], 'Invalid', `${message}${didYouMean(name, TEMPLATE_NAMES)}`);
    }
  }
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
