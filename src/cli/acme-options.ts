// Options for certificates by ACME: who asks, and whom.
import { InvalidArgumentError, Option } from 'commander';
import { UsageFault } from './usage-fault.ts';

/** What commander collected. */
export interface RawAcmeOptions {
  acmeEmail?: string;
  acmeDirectory?: string;
}

/** Who asks for certificates, and whom; absent where nobody is asked. */
export interface AcmeChoices {
  readonly acme?: { readonly email: string; readonly directoryUrl: string };
}

/** Where everybody gets certificates for nothing. */
const DEFAULT_DIRECTORY = 'https://acme-v02.api.letsencrypt.org/directory';

/** The options, for a command that runs a controller. */
export function acmeOptionList(): readonly Option[] {
  return [
    new Option('--acme-email <address>', 'ask for certificates of Ingresses by ACME, with an account of this address').argParser(
      (text) => {
        if (/^[^\s@]+@[^\s@]+$/.test(text)) return text;
        throw new InvalidArgumentError('Give an e-mail address.');
      },
    ),
    new Option('--acme-directory <url>', "the ACME server's directory (default: Let's Encrypt)").argParser((text) => {
      if (/^https?:\/\/\S+$/.test(text)) return text;
      throw new InvalidArgumentError('Give the https:// address of a directory.');
    }),
  ];
}

/** The entry that is there. Throws UsageFault for a directory without an account. */
export function acmeOptions({ acmeEmail, acmeDirectory }: RawAcmeOptions): AcmeChoices {
  if (acmeEmail !== undefined) return { acme: { email: acmeEmail, directoryUrl: acmeDirectory ?? DEFAULT_DIRECTORY } };
  if (acmeDirectory !== undefined) throw new UsageFault('--acme-directory needs --acme-email, the address of the account');
  return {};
}
