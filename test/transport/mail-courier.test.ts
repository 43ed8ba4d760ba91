// Notifications by mail, over real connections.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { MailChoices } from '../../src/cli/mail-options.ts';
import { OWN_MAIL_SERVER } from '../../src/signals/notify/courier.ts';
import { openCourier } from '../../src/transport/mail-courier.ts';
import { type Certificates, makeCertificates } from '../support/git-server-http.ts';
import { openSmtpServer, type SmtpServer, type SmtpServerOptions } from '../support/smtp-server.ts';

const ANN = { name: 'ann@example.com', password: 'T0K3N' };
const headers = { from: 'holdfast@example.com', to: 'ops@example.com,ann@example.com', subject: 'Holdfast: shop is live' };
const post = { headers, body: 'shop é is live\n.\nend\n' };

let certificate: Certificates;
let server: SmtpServer;
beforeAll(async () => {
  certificate = await makeCertificates();
});
afterAll(async () => {
  await certificate.remove();
});
afterEach(async () => {
  await server.close();
});

const open = async (options: SmtpServerOptions = {}): Promise<void> => {
  server = await openSmtpServer({ certificate, ...options });
};
const deliver = (
  url: string,
  choices: MailChoices & { caFile?: string } = {},
  signal = new AbortController().signal,
  from = headers.from,
) => openCourier(choices).deliver(url, { ...post, headers: { ...headers, from } }, signal);
const at = (protocol = 'smtp', user = ''): string => `${protocol}://${user}127.0.0.1:${server.port}`;
const trusted = () => ({ caFile: certificate.caFile });

test('a mail arrives as it is', async () => {
  await open();
  await deliver(at());
  const [mail] = server.mails;
  expect(mail).toMatchObject({ from: 'holdfast@example.com', to: ['ops@example.com', 'ann@example.com'], isEncrypted: false });
  expect(mail?.data).toMatch(/^Subject: Holdfast: shop is live$/m);
  expect(mail?.data).toMatch(/^To: ops@example.com, ann@example.com$/m);
  expect(mail?.data).toContain('shop =C3=A9 is live\n.\nend');
});

test.each(['start', 'always'] as const)('encrypted (%s), with a password', async (tls) => {
  await open({ tls, user: ANN });
  await deliver(at(tls === 'always' ? 'smtps' : 'smtp', 'ann%40example.com:T0K3N@'), trusted(), undefined, '');
  expect(server.mails).toMatchObject([{ from: 'ann@example.com', user: 'ann@example.com', isEncrypted: true }]);
});

test('the server of the command line, with a password that is read each time', async () => {
  await open({ tls: 'start', user: ANN });
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'));
  const smtpPasswordFile = join(folder, 'password');
  const choices = { smtpUrl: at('smtp', 'ann%40example.com@'), smtpPasswordFile, ...trusted() };
  await expect(deliver(OWN_MAIL_SERVER, choices)).rejects.toThrow('the file of --smtp-password-file cannot be read');
  writeFileSync(smtpPasswordFile, 'WR0NG');
  await expect(deliver(OWN_MAIL_SERVER, choices)).rejects.toThrow('the mail server does not accept user and password (535)');
  writeFileSync(smtpPasswordFile, `${ANN.password}\n`);
  await deliver(OWN_MAIL_SERVER, choices);
  expect(server.mails).toHaveLength(1);
  await expect(deliver(OWN_MAIL_SERVER)).rejects.toThrow('no mail server is named: start Holdfast with --smtp-url');
  rmSync(folder, { recursive: true });
});

test('nobody hears a password before it is encrypted', async () => {
  await open({ user: ANN });
  await expect(deliver(at('smtp', 'ann%40example.com:T0K3N@'))).rejects.toMatchObject({
    code: 'NOT_DELIVERED',
    message: expect.stringContaining('the mail server does not encrypt'),
  });
  expect(server.said.filter((line) => line.startsWith('AUTH'))).toEqual([]);
});

test.each(['start', 'always'] as const)('nor a server that cannot prove who it is (%s)', async (tls) => {
  await open({ tls, user: ANN });
  const url = at(tls === 'always' ? 'smtps' : 'smtp', 'ann%40example.com:T0K3N@');
  await expect(deliver(url)).rejects.toThrow(/its certificate is signed by nobody who is known|the mail server does not encrypt/);
  expect(server.said.filter((line) => line.startsWith('AUTH'))).toEqual([]);
});

test.each<[string, string, string]>([
  ['MAIL', '550 T0K3N', 'the mail server does not take this sender or receiver (550)'],
  ['RCPT ann@example.com', '550 no such user T0K3N', 'the mail server does not take 1 of the receivers'],
  ['.', '554 T0K3N', 'the mail server does not take the message (554)'],
  ['GREETING', '554 T0K3N', 'it does not speak as a mail server does (554)'],
])('what it refuses (%s: %s) is told without its words', async (command, answer, message) => {
  await open();
  server.answers.set(command, answer);
  await expect(deliver(at())).rejects.toMatchObject({ code: 'NOT_DELIVERED', message });
});

test('a connection that is cut, and nobody there', async () => {
  await open();
  server.answers.set('DATA', 'cut');
  await expect(deliver(at())).rejects.toMatchObject({ code: 'NOT_DELIVERED' });
  await server.close();
  await expect(deliver(at())).rejects.toMatchObject({ code: 'NOT_DELIVERED', message: 'nobody listens there' });
});

test('who never answers is left when the time is over', async () => {
  await open();
  server.answers.set('EHLO', 'hang');
  const aborter = new AbortController();
  const sending = deliver(at(), {}, aborter.signal);
  const isHeard = async (): Promise<void> => {
    while (server.said.length === 0) await new Promise((resolve) => setImmediate(resolve));
    aborter.abort(new Error('over'));
  };
  void isHeard();
  await expect(sending).rejects.toThrow('over');
});
