// Notices in the words and the form of each receiver.
import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../src/model/resource.ts';
import { postOf, textOf } from '../../../src/signals/notify/messages.ts';
import { annsCommit } from '../../support/applications.ts';

const live: Notice = {
  number: 3,
  event: 'live',
  at: '2026-01-01T12:00:00Z',
  commit: { ...annsCommit, subject: '<!channel> & more' },
  outcome: 'live',
  reason: 'everything is healthy',
};
const held: Notice = { ...live, number: 4, event: 'held', commit: annsCommit, outcome: 'preflight-failed', reason: 'no image' };
const away: Notice = { number: 5, event: 'source-unready', at: '2026-01-01T12:01:00Z', reason: 'no route' };
const url = 'https://example.com/x';

describe('a text', () => {
  test.each<readonly [string, Notice, string]>([
    ['live', live, 'shop 1a2b3c4 "<!channel> & more" by Ann Lee is live: everything is healthy'],
    ['held', held, 'shop 1a2b3c4 "Three replicas" by Ann Lee is held: nothing that runs was touched: no image'],
    ['of no commit', away, 'shop cannot follow its repository: no route'],
  ])('%s', (_name, notice, text) => {
    expect(textOf('shop', [notice], 0)).toBe(text);
  });

  test('by a template, in which a value is no template', () => {
    const all = '${application}|${event}|${commit}|${author}|${message}|${outcome}|${reason}|${nothing}';
    const sly = { ...held, reason: '${author}' };
    expect(textOf('shop', [sly], 0, all)).toBe('shop|held|1a2b3c4|Ann Lee|Three replicas|preflight-failed|${author}|${nothing}');
    expect(textOf('shop', [away], 0, all)).toBe('shop|source-unready||||source-unready|no route|${nothing}');
  });

  test('of several, the newest first', () => {
    expect(textOf('shop', [live, held, away], 2, '${event}')).toBe(
      [
        'shop: 3 notifications in one (1 live, 1 held, 1 source-unready, and 2 earlier ones that are no longer known)',
        '- source-unready',
        '- held',
        '- live',
      ].join('\n'),
    );
  });

  test('has an end', () => {
    const long = textOf('shop', [{ ...away, reason: 'x'.repeat(10_000) }], 0);
    expect([long.length, long.at(-1)]).toEqual([1_900, '…']);
  });
});

describe('a request', () => {
  test('of a mail has people and a subject that nobody else writes', () => {
    const to = ['ops@example.com', 'ann@example.com'];
    const mail = { type: 'email', to, from: 'hf@example.com', template: '${event} ${message}' } as const;
    const headers = { from: 'hf@example.com', to: 'ops@example.com,ann@example.com', subject: 'Holdfast: shop is live' };
    expect(postOf(mail, 'shop', [live], 0)).toEqual({ headers, body: 'live <!channel> & more\n' });
    expect(postOf({ type: 'email', to }, 'shop', [held], 0).headers).toEqual({
      ...headers,
      from: '',
      subject: 'Holdfast: shop is held',
    });
    expect(postOf(mail, 'shop', [live, held], 1).headers).toEqual({ ...headers, subject: 'Holdfast: shop 2 notifications' });
  });

  test('of a webhook has everything', () => {
    const { headers, body } = postOf({ type: 'webhook', url }, 'shop', [live, away], 1);
    expect(headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual({
      number: 5,
      event: 'source-unready',
      at: '2026-01-01T12:01:00Z',
      application: 'shop',
      commit: null,
      outcome: null,
      reason: 'no route',
      text: textOf('shop', [live, away], 1),
      notices: [
        { number: 3, event: 'live', at: live.at, application: 'shop', commit: live.commit, outcome: 'live', reason: live.reason },
        { number: 5, event: 'source-unready', at: away.at, application: 'shop', commit: null, outcome: null, reason: 'no route' },
      ],
      missed: 1,
    });
  });

  test('of Slack calls nobody', () => {
    const { body } = postOf({ type: 'slack', url, template: '${message}' }, 'shop', [live], 0);
    expect(JSON.parse(body)).toEqual({ text: '&lt;!channel&gt; &amp; more' });
  });

  test('of Discord calls nobody', () => {
    const { body } = postOf({ type: 'discord', url, template: '@everyone ${message}' }, 'shop', [live], 0);
    expect(JSON.parse(body)).toEqual({ content: '@everyone <!channel> & more', allowed_mentions: { parse: [] } });
  });

  test('of ntfy is its text, with the greatest urgency of all', () => {
    expect(postOf({ type: 'ntfy', url, template: '${event}' }, 'shop', [live], 0)).toEqual({
      headers: { 'content-type': 'text/plain; charset=utf-8', title: 'Holdfast: shop', priority: '3' },
      body: 'live',
    });
    expect(postOf({ type: 'ntfy', url }, 'shop', [live, { ...held, event: 'failed' }], 0).headers).toMatchObject({
      priority: '5',
    });
  });
});
