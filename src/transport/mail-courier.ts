// Notifications by mail, by nodemailer, which is loaded with the first of them. A password goes only to who has proved to be the mail server.
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { MailChoices } from '../cli/mail-options.ts';
import { type Courier, NotDelivered, OWN_MAIL_SERVER, type Post } from '../signals/notify/courier.ts';
import { httpCourier, whyOf } from './courier.ts';

/** Until there is a connection, and of silence on it: before the time for a message is over. */
const PATIENCE_MS = 9_000;

/** What the library says in a word, as people say it. */
const WORDS: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server does not accept user and password',
  EENVELOPE: 'the mail server does not take this sender or receiver',
  EMESSAGE: 'the mail server does not take the message',
  ETLS: 'the mail server does not encrypt, or cannot prove who it is',
  EPROTOCOL: 'it does not speak as a mail server does',
  ETIMEDOUT: 'the mail server does not answer',
  EDNS: 'there is no such mail server',
};

/** Mail servers, and everybody else by http(s). */
export function openCourier(choices: MailChoices & { readonly caFile?: string }): Courier {
  const http = httpCourier();
  return {
    deliver: (url, post, signal) =>
      /^smtps?:/.test(url) ? sendMail(url, post, choices, signal) : http.deliver(url, post, signal),
  };
}

async function sendMail(
  url: string,
  { headers, body }: Post,
  choices: MailChoices & { readonly caFile?: string },
  signal: AbortSignal,
): Promise<void> {
  const server = url === OWN_MAIL_SERVER ? ownServer(choices) : serverOf(url);
  const { createTransport } = await import('nodemailer');
  const { host, port, secure, user, password } = server;
  const transport = createTransport({
    host,
    port,
    secure,
    // Whoever has a password says it to nobody before it is encrypted.
    requireTLS: !secure && password !== undefined,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...(choices.caFile === undefined ? {} : { tls: { ca: [...rootCertificates, certificates(choices.caFile)] } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    dnsTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { from = '', to = '', subject = '' } = headers;
  const sender = from !== '' ? from : user?.includes('@') === true ? user : `holdfast@${host}`;
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  try {
    const sending = transport.sendMail({ from: sender, to: to.split(','), subject, text: body });
    const { rejected } = await Promise.race([sending, aborted]);
    if (rejected.length > 0) throw new NotDelivered(`the mail server does not take ${rejected.length} of the receivers`);
  } catch (error) {
    if (signal.aborted || error instanceof NotDelivered) throw error;
    throw new NotDelivered(wordsOf(error));
  } finally {
    transport.close();
  }
}

interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user?: string;
  readonly password?: string;
}

function ownServer({ smtpUrl, smtpPassword, smtpPasswordFile }: MailChoices): MailServer {
  if (smtpUrl === undefined)
    throw new NotDelivered('no mail server is named: start Holdfast with --smtp-url, or give url or urlFrom');
  const server = serverOf(smtpUrl);
  const password = smtpPasswordFile === undefined ? smtpPassword : passwordIn(smtpPasswordFile);
  return password === undefined ? server : { ...server, password };
}

/** The file is read anew each time: a password that was changed needs no restart. */
function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new NotDelivered('the file of --smtp-password-file cannot be read');
  }
}

function serverOf(url: string): MailServer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const named = port === '' ? (secure ? 465 : 587) : Number(port);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: named,
    secure,
    ...(username === '' ? {} : { user: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

function certificates(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch {
    throw new NotDelivered('the file of --ca-file cannot be read');
  }
}

/** Nothing of what the server said is handed on: it may repeat what it was told. */
function wordsOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const answer: unknown = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined;
  const told = typeof code === 'string' ? WORDS[code] : undefined;
  if (told !== undefined) return typeof answer === 'number' ? `${told} (${answer})` : told;
  return code === 'ESOCKET' || code === 'ECONNECTION' ? whyOf(causeOf(error)) : whyOf(error);
}

/** The library puts its own word over that of the system; what the system said is in the call. */
function causeOf(error: unknown): unknown {
  const text = error instanceof Error ? error.message : '';
  if (/certificate/i.test(text)) return Object.assign(new Error(text), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  const [code] = /\b(?:E[A-Z]{4,}|CERT_[A-Z_]+|DEPTH_[A-Z_]+|UNABLE_[A-Z_]+)\b/.exec(text) ?? [];
  return code === undefined ? error : Object.assign(new Error('the connection failed'), { code });
}
