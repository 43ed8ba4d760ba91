// Where a receiver is. The address is looked up for each message and goes nowhere else.
import { APPLICATION_ANNOTATION } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { NotDelivered, OWN_MAIL_SERVER } from './courier.ts';
import type { NotificationTarget } from './target.ts';

/** The address. Throws NotDelivered when there is none; its message does not tell it. */
export function addressOf({ type, url, urlFrom }: NotificationTarget, application: string, store: StoreReader): string {
  const isMail = type === 'email';
  if (isMail && url === undefined && urlFrom === undefined) return OWN_MAIL_SERVER;
  const text = urlFrom === undefined ? (url ?? '') : secretText(urlFrom.secretKeyRef, application, store);
  if (URL.canParse(text) && (isMail ? /^smtps?:$/ : /^https?:$/).test(new URL(text).protocol)) return text;
  const where = urlFrom === undefined ? 'url' : `the key ${urlFrom.secretKeyRef.key} of Secret ${urlFrom.secretKeyRef.name}`;
  throw new NotDelivered(`${where} is no ${isMail ? 'smtp:// or smtps://' : 'http:// or https://'} address`);
}

function secretText(
  { name, key, namespace = 'default' }: { readonly name: string; readonly key: string; readonly namespace?: string },
  application: string,
  store: StoreReader,
): string {
  const secret = store.get('Secret', namespace, name);
  const isOurs = secret?.metadata.annotations?.[APPLICATION_ANNOTATION] === application;
  // Whoever may write an Application must not be able to send other people's Secrets around.
  if (secret === undefined || !isOurs)
    throw new NotDelivered(`the Secret ${name} of namespace ${namespace} is not among what this application has applied`);
  const value = secret.data?.[key];
  if (value === undefined) throw new NotDelivered(`the Secret ${name} has no key ${key}`);
  return Buffer.from(value, 'base64').toString('utf8').trim();
}
