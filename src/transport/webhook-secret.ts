// The secret that webhooks have to know, from the environment or from a file, which is read anew for each call: a rotated secret needs no restart.
import { readFileSync } from 'node:fs';
import type { SignalChoices } from '../cli/signal-options.ts';
import type { HookSecret } from '../signals/hooks/hook-desk.ts';

const NONE =
  'webhooks are refused, because there is no secret: start Holdfast with --webhook-secret-file or HOLDFAST_WEBHOOK_SECRET';

/** Where to ask for the secret. */
export function webhookSecret({ webhookSecret: given, webhookSecretFile: file }: SignalChoices): () => HookSecret {
  if (file === undefined) {
    const fixed: HookSecret = given === undefined ? { ok: false, reason: NONE } : { ok: true, secret: given };
    return () => fixed;
  }
  return () => {
    try {
      const secret = readFileSync(file, 'utf8').trim();
      return secret === ''
        ? { ok: false, reason: `the file ${file} with the secret of webhooks is empty` }
        : { ok: true, secret };
    } catch {
      return { ok: false, reason: `the file ${file} with the secret of webhooks cannot be read` };
    }
  };
}
