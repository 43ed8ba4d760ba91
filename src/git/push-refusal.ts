// Why a server does not take a push, for people.
import { withoutCredentials } from './location.ts';

/** Of what a server says beside its verdict. */
const MAX_WORDS = 400;

/** The server's verdict on a ref, and what its hooks say beside it. */
export function refusalOf(verdict: string, said: string): string {
  const words = withoutCredentials(said)
    .split(/[\r\n]+/)
    .filter((line) => !/^(To |error: failed to push|hint:|Pushing to )/.test(line))
    .map((line) =>
      line
        .replace(/^remote:/, '')
        // oxlint-disable-next-line no-control-regex
        .replace(/[\u0000-\u001f\u007f]/g, '')
        .trim(),
    )
    .filter((line) => line !== '')
    .join('; ')
    .slice(0, MAX_WORDS);
  return words === '' ? verdict : `${verdict} (it says: ${words})`;
}
