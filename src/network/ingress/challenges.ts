// Answers for ACME servers (RFC 8555, section 8.3). They lie in the store while they are asked for, so that the proxies of all nodes have them.
import { valueOf } from '../../model/ingress/certificates.ts';
import type { StoreReader } from '../../store/store.ts';

/** The Secret with the answers, by token; in the namespace that is always there. */
export const CHALLENGES = { namespace: 'default', name: 'holdfast-acme-challenges' } as const;

/** The answers: by token, the key authorization. */
export function challengesIn(store: StoreReader): ReadonlyMap<string, string> {
  const secret = store.get('Secret', CHALLENGES.namespace, CHALLENGES.name);
  if (secret === undefined) return new Map();
  const answers = Object.keys(secret.data ?? {}).map((token): [string, string] => [token, valueOf(secret, token) ?? '']);
  return new Map(answers.filter(([token, answer]) => /^[\w-]+$/.test(token) && /^[\w.-]+$/.test(answer)));
}
