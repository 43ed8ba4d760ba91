// Notices as each receiver takes them. Pure.
import type { TEMPLATE_NAMES } from '../../model/notification.ts';
import type { Notice, NotificationEvent } from '../../model/resource.ts';
import type { Post } from './courier.ts';
import type { NotificationTarget } from './target.ts';

/** Discord refuses longer ones; others cut them. */
const MAX_TEXT_LENGTH = 1_900;
/** Notices that a summary has a line of. */
const NAMED_NOTICES = 10;
const SHORT_ID_LENGTH = 7;

const WORDS: Readonly<Record<NotificationEvent, string>> = {
  live: 'is live',
  'rolled-back': 'was rolled back',
  held: 'is held: nothing that runs was touched',
  failed: 'has failed',
  drift: 'drifted',
  'source-unready': 'cannot follow its repository',
  suspended: 'is suspended: nothing is synced',
  resumed: 'is no longer suspended',
  recovered: 'has recovered',
};

/** ntfy's own numbers: 3 is the default, 4 is high. */
const PRIORITY: Readonly<Record<NotificationEvent, number>> = {
  live: 3,
  recovered: 3,
  suspended: 3,
  resumed: 3,
  drift: 3,
  held: 4,
  'source-unready': 4,
  'rolled-back': 4,
  failed: 5,
};

function valuesOf(
  application: string,
  { event, commit, outcome, reason }: Notice,
): Record<(typeof TEMPLATE_NAMES)[number], string> {
  return {
    application,
    event,
    commit: commit?.id.slice(0, SHORT_ID_LENGTH) ?? '',
    author: commit?.author.replace(/ *<[^>]*>$/, '') ?? '',
    message: commit?.subject ?? '',
    outcome: outcome ?? event,
    reason,
  };
}

function lineOf(application: string, notice: Notice, template: string | undefined): string {
  const values = valuesOf(application, notice);
  if (template !== undefined)
    return template.replace(/\$\{(\w+)\}/g, (whole, name: string) =>
      name in values ? values[name as keyof typeof values] : whole,
    );
  const commit = notice.commit === undefined ? '' : ` ${values.commit} "${values.message}" by ${values.author}`;
  const reason = notice.reason === '' ? '' : `: ${notice.reason}`;
  return `${application}${commit} ${WORDS[notice.event]}${reason}`;
}

/** The text of one notice or of several. */
export function textOf(application: string, notices: readonly Notice[], missed: number, template?: string): string {
  const [only] = notices;
  if (only !== undefined && notices.length === 1 && missed === 0) return shortened(lineOf(application, only, template));
  const counts = new Map<string, number>();
  for (const { event } of notices) counts.set(event, (counts.get(event) ?? 0) + 1);
  const told = [...counts].map(([event, count]) => `${count} ${event}`).join(', ');
  const lost = missed === 0 ? '' : `, and ${missed} earlier ones that are no longer known`;
  // The newest says most.
  const lines = notices
    .slice(-NAMED_NOTICES)
    .toReversed()
    .map((notice) => `- ${lineOf(application, notice, template)}`);
  return shortened([`${application}: ${notices.length} notifications in one (${told}${lost})`, ...lines].join('\n'));
}

function shortened(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH - 1)}…`;
}

/** Everything of the notices for a program. */
function jsonOf(application: string, notices: readonly Notice[], missed: number, text: string): object {
  const all = notices.map(({ number, event, at, commit, outcome, reason }) => ({
    number,
    event,
    at,
    application,
    commit: commit ?? null,
    outcome: outcome ?? null,
    reason,
  }));
  return { ...all.at(-1), text, notices: all, missed };
}

/** The request that tells a receiver; its address comes from elsewhere. */
export function postOf(
  { type, template, to = [], from = '' }: NotificationTarget,
  application: string,
  notices: readonly Notice[],
  missed: number,
): Post {
  const text = textOf(application, notices, missed, template);
  const json = (body: object): Post => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (type === 'webhook') return json(jsonOf(application, notices, missed, text));
  // Slack's own rule: these three, and no others.
  if (type === 'slack') return json({ text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') });
  // A commit's subject must not call everybody.
  if (type === 'discord') return json({ content: text, allowed_mentions: { parse: [] } });
  if (type === 'email') {
    const [only] = notices;
    const what = only !== undefined && notices.length === 1 ? WORDS[only.event] : `${notices.length} notifications`;
    const subject = `Holdfast: ${application} ${what.split(':')[0]}`;
    return { headers: { from, to: to.join(','), subject }, body: `${text}\n` };
  }
  const priority = Math.max(...notices.map(({ event }) => PRIORITY[event]));
  return {
    headers: { 'content-type': 'text/plain; charset=utf-8', title: `Holdfast: ${application}`, priority: String(priority) },
    body: text,
  };
}
