// A small mail server over node:net: it speaks SMTP (RFC 5321) with STARTTLS (RFC 3207) and AUTH (RFC 4954) as far as a client needs it, keeps what it
// was given, and can be told to be in trouble.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type SecureContextOptions, TLSSocket } from 'node:tls';

/** A message as it came in. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text. */
  readonly data: string;
  readonly user: string | undefined;
  readonly isEncrypted: boolean;
}

export interface SmtpServerOptions {
  /** Who may log in; anybody may send without when absent. */
  readonly user?: { readonly name: string; readonly password: string };
  readonly certificate?: Pick<SecureContextOptions, 'key' | 'cert'>;
  /** `start`: STARTTLS is offered. `always`: TLS from the first byte. */
  readonly tls?: 'start' | 'always';
}

export interface SmtpServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** All that clients have said, by line; what they said in TLS too. */
  readonly said: readonly string[];
  /** What a command is answered with; `cut`: nothing, and the connection is; `hang`: nothing. */
  answers: Map<string, string>;
  close(): Promise<void>;
}

/** Listens on a port of this machine. */
export async function openSmtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const said: string[] = [];
  const answers = new Map<string, string>();
  const open = new Set<Socket>();
  const serve = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    new Session(socket, options, { mails, said, answers }).greet();
  };
  const server = options.tls === 'always' ? createTlsServer({ ...options.certificate }, serve) : createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    said,
    answers,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Kept {
  readonly mails: ReceivedMail[];
  readonly said: string[];
  readonly answers: ReadonlyMap<string, string>;
}

class Session {
  #socket: Socket;
  readonly #options: SmtpServerOptions;
  readonly #kept: Kept;
  #buffer = '';
  #isEncrypted: boolean;
  #user: string | undefined;
  #from = '';
  #to: string[] = [];
  #data: string[] | undefined;

  constructor(socket: Socket, options: SmtpServerOptions, kept: Kept) {
    this.#socket = socket;
    this.#options = options;
    this.#kept = kept;
    this.#isEncrypted = options.tls === 'always';
    this.#listen();
  }

  greet(): void {
    this.#answer('GREETING', '220 mail.example ESMTP');
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer += chunk.toString('utf8');
      for (let end = this.#buffer.indexOf('\r\n'); end >= 0; end = this.#buffer.indexOf('\r\n')) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 2);
        this.#hear(line);
      }
    });
  }

  #hear(line: string): void {
    if (this.#data !== undefined) {
      if (line !== '.') this.#data.push(line.replace(/^\.\./, '.'));
      else this.#take(this.#data);
      return;
    }
    this.#kept.said.push(line);
    const command = (line.split(/[ :]/)[0] ?? '').toUpperCase();
    if (command === 'EHLO') this.#answer(command, this.#extensions());
    else if (command === 'STARTTLS') this.#startTls();
    else if (command === 'AUTH') this.#logIn(line);
    else if (command === 'MAIL') this.#begin(line);
    else if (command === 'RCPT') {
      if (this.#answer(`RCPT ${addressIn(line)}`, '250 ok')) this.#to.push(addressIn(line));
    } else if (command === 'DATA') {
      if (this.#answer(command, '354 go on')) this.#data = [];
    } else if (command === 'QUIT') this.#socket.end('221 bye\r\n');
    else this.#answer(command, '250 ok');
  }

  #extensions(): string {
    const all = ['mail.example'];
    if (this.#options.tls === 'start' && !this.#isEncrypted) all.push('STARTTLS');
    if (this.#options.user !== undefined) all.push('AUTH PLAIN');
    return all.map((each, index) => `250${index === all.length - 1 ? ' ' : '-'}${each}`).join('\r\n');
  }

  #startTls(): void {
    const isOffered = this.#options.tls === 'start' && !this.#isEncrypted;
    if (!this.#answer('STARTTLS', isOffered ? '220 go on' : '502 not here') || !isOffered) return;
    const secureContext = createSecureContext({ ...this.#options.certificate });
    this.#socket.removeAllListeners('data');
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#socket.on('error', () => this.#socket.destroy());
    this.#isEncrypted = true;
    this.#listen();
  }

  #logIn(line: string): void {
    const [, name, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString('utf8')
      .split('\0');
    const { user } = this.#options;
    const isRight = name === user?.name && password === user?.password;
    if (isRight) this.#user = name;
    this.#answer('AUTH', isRight ? '235 welcome' : `535 the password ${password} is wrong`);
  }

  #begin(line: string): void {
    if (this.#options.user !== undefined && this.#user === undefined) return void this.#answer('MAIL', '530 log in first');
    if (!this.#answer('MAIL', '250 ok')) return;
    this.#from = addressIn(line);
    this.#to = [];
  }

  #take(data: readonly string[]): void {
    this.#data = undefined;
    const mail = { from: this.#from, to: this.#to, data: data.join('\n'), user: this.#user, isEncrypted: this.#isEncrypted };
    if (this.#answer('.', '250 queued')) this.#kept.mails.push(mail);
  }

  /** Whether it was the usual answer. */
  #answer(command: string, usual: string): boolean {
    const scripted = this.#kept.answers.get(command);
    if (scripted === 'hang') return false;
    if (scripted === 'cut') this.#socket.destroy();
    else this.#socket.write(`${scripted ?? usual}\r\n`);
    return scripted === undefined;
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
