// Options for the port on which webhooks come in and metrics are read.
import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { UsageFault } from './usage-fault.ts';

/** What commander collected. */
export interface RawSignalOptions {
  listen?: ListenAddress;
  webhookSecretFile?: string;
}

/** Where to listen. */
export interface ListenAddress {
  /** An IP address. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** What is listened to; absent where nothing is. */
export interface SignalChoices {
  readonly listen?: ListenAddress;
  /** At most one of the two: the secret of webhooks itself, from the environment, or a file with it. */
  readonly webhookSecret?: string;
  readonly webhookSecretFile?: string;
}

const MAX_PORT = 65_535;
const FORM = 'give a port of this machine, for example 8080, or an address with it, for example 0.0.0.0:8080 or [::1]:8080';

/** The address; undefined for a text that is none. */
function addressOf(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const named = bracketed ?? plain ?? '127.0.0.1';
  const host = named === 'localhost' ? '127.0.0.1' : named;
  const isRight = digits !== '' && port <= MAX_PORT && isIP(host) !== 0 && (bracketed === undefined || isIP(host) === 6);
  return isRight ? { host, port } : undefined;
}

/** The options, for a command that runs a controller. */
export function signalOptionList(): readonly Option[] {
  return [
    new Option(
      '--listen <[host:]port>',
      'where to take webhooks and show metrics; host: 127.0.0.1 unless given (env HOLDFAST_LISTEN)',
    ).argParser((text) => {
      const address = addressOf(text);
      if (address === undefined) throw new InvalidArgumentError(`${FORM.charAt(0).toUpperCase()}${FORM.slice(1)}.`);
      return address;
    }),
    new Option('--webhook-secret-file <file>', 'file with the secret of webhooks (or env HOLDFAST_WEBHOOK_SECRET)'),
  ];
}

/**
 * The entries that are there. What only the environment says is left alone by a run that ends by itself. Throws UsageFault for what cannot mean
 * anything.
 */
export function signalOptions(
  raw: RawSignalOptions & { readonly once?: true },
  env: Readonly<Record<string, string | undefined>>,
): SignalChoices {
  const { webhookSecretFile } = raw;
  if (raw.once === true) {
    if (raw.listen !== undefined) throw new UsageFault('--listen is for a controller that stays: leave --once out, or --listen');
    return {};
  }
  const listen = raw.listen ?? addressFrom(env['HOLDFAST_LISTEN']);
  if (listen === undefined) {
    if (webhookSecretFile === undefined) return {};
    throw new UsageFault('--webhook-secret-file needs --listen: nobody can call otherwise');
  }
  if (webhookSecretFile !== undefined) return { listen, webhookSecretFile };
  const webhookSecret = env['HOLDFAST_WEBHOOK_SECRET'];
  return { listen, ...(webhookSecret === undefined || webhookSecret === '' ? {} : { webhookSecret }) };
}

function addressFrom(text: string | undefined): ListenAddress | undefined {
  if (text === undefined || text === '') return undefined;
  const address = addressOf(text);
  if (address === undefined) throw new UsageFault(`HOLDFAST_LISTEN is "${text}": ${FORM}`);
  return address;
}
