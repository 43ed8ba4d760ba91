// Has certificates issued by an ACME server (RFC 8555) and keeps them as Secrets. What to ask for is planned by the network room; the proxies
// answer the server's questions, which reach them through the store. One server at a time, one order after the other.
import { type Authorization, crypto as acmeCrypto, Client } from 'acme-client';
import { valueOf } from '../model/ingress/certificates.ts';
import type { Resource, Secret, Stored, StoredOf } from '../model/resource.ts';
import { type Attempt, type CertificateOrder, ISSUED_ANNOTATION, planCertificates } from '../network/ingress/certificates.ts';
import { CHALLENGES } from '../network/ingress/challenges.ts';
import { eventWrites } from '../runtime/events.ts';
import { type Report } from '../runtime/report.ts';
import { watchStore } from '../runtime/watch-store.ts';
import type { Store, Write } from '../store/store.ts';
import { type Clock, sleep } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import type { Logger } from '../system/logger.ts';

const ACCOUNT_NAME = 'holdfast-acme-account';
/** What the proxies of all nodes need to hear of an answer. */
const SPREAD_MS = 2_000;
const SHORTEST_WAIT_MS = 1_000;
/** How long the server may take for one order, with the pauses that it asks for. */
export const ORDER_DEADLINE_MS = 10 * 60_000;

export interface AcmeOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly email: string;
  readonly directoryUrl: string;
  /** How long to wait for the proxies; two seconds when absent. */
  readonly spreadMs?: number;
}

/** A certificate with its chain, and its key: PEM. */
interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Asks for certificates until it is stopped. */
export class AcmeIssuer {
  readonly #options: AcmeOptions;
  readonly #aborter = new AbortController();
  readonly #attempts = new Map<string, Attempt>();
  /** Whether answers that an earlier controller left are gone. */
  #isClean = false;
  /** What cannot be done is told once. */
  readonly #said = new Set<string>();
  #wake: () => void = () => {};
  #done: Promise<unknown> = Promise.resolve();

  constructor(options: AcmeOptions) {
    this.#options = options;
  }

  /** Begins. What a controller left behind that was killed while it asked is taken away. */
  start(): void {
    const { store, clock, logger } = this.#options;
    const concerns = new Set(['Ingress', 'IngressClass', 'Secret']);
    const watch = watchStore({
      store,
      clock,
      logger,
      signal: this.#aborter.signal,
      onRelist: () => this.#wake(),
      onEvent: ({ resource }) => {
        if (concerns.has(resource.kind)) this.#wake();
      },
    });
    this.#done = Promise.all([watch.done, this.#run()]);
  }

  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the certificates were stopped'));
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#aborter;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      let waitMs = SHORTEST_WAIT_MS;
      try {
        const nextMs = await this.#pass();
        waitMs = Math.max(SHORTEST_WAIT_MS, nextMs - clock.now());
      } catch (error) {
        if (!signal.aborted) logger.warn({ error }, 'certificates could not be looked after');
      }
      const cancel = clock.after(waitMs, () => this.#wake());
      await woken;
      cancel();
    }
  }

  /** Asks for all that is due; yields when to look again. */
  async #pass(): Promise<number> {
    const { store, clock } = this.#options;
    if (!this.#isClean) await this.#forgetAnswers();
    this.#isClean = true;
    const { orders, unprovable, nextMs } = planCertificates({
      ingresses: store.list('Ingress'),
      classes: store.list('IngressClass'),
      secret: (namespace, name) => store.get('Secret', namespace, name),
      attempts: this.#attempts,
      now: clock.now(),
    });
    for (const { ingress, message } of unprovable) {
      const said = `${ingress.metadata.uid} ${message}`;
      if (!this.#said.has(said)) await this.#tell(ingress, 'Warning', 'CertificateNotIssued', message);
      this.#said.add(said);
    }
    for (const order of orders) if (!this.#aborter.signal.aborted) await this.#order(order);
    return orders.length > 0 ? clock.now() : nextMs;
  }

  async #order(order: CertificateOrder): Promise<void> {
    const { clock, logger, directoryUrl } = this.#options;
    const key = `${order.namespace}/${order.secretName}`;
    try {
      const ask = (signal: AbortSignal): Promise<Issued> => this.#issue(order.hosts, signal);
      const what = `asking for a certificate for ${order.hosts.join(', ')}`;
      const { certificate, privateKey } = await withDeadline(clock, what, ORDER_DEADLINE_MS, ask, this.#aborter.signal);
      await this.#keep(order, certificate, privateKey);
      this.#attempts.delete(key);
      const message = `Secret "${order.secretName}" has a certificate for ${order.hosts.join(', ')} (${order.reason})`;
      await this.#tell(order.ingress, 'Normal', 'CertificateIssued', message);
    } catch (error) {
      if (this.#aborter.signal.aborted) return;
      const failures = (this.#attempts.get(key)?.failures ?? 0) + 1;
      this.#attempts.set(key, { failures, lastMs: clock.now() });
      logger.warn({ error, secret: key }, 'a certificate was not issued');
      const why = error instanceof Error ? error.message : String(error);
      await this.#tell(
        order.ingress,
        'Warning',
        'CertificateNotIssued',
        `${directoryUrl} gave no certificate for ${order.hosts.join(', ')}: ${why}`,
      );
    }
  }

  /** The client knows no signals: one that was given up goes on in vain, and ends with its next proof. */
  async #issue(hosts: readonly string[], signal: AbortSignal): Promise<Issued> {
    const { directoryUrl, email, clock, spreadMs = SPREAD_MS } = this.#options;
    const client = new Client({ directoryUrl, accountKey: await this.#accountKey() });
    const [privateKey, csr] = await acmeCrypto.createCsr({ altNames: [...hosts] }, await acmeCrypto.createPrivateEcdsaKey());
    const certificate = await client.auto({
      csr,
      email,
      termsOfServiceAgreed: true,
      challengePriority: ['http-01'],
      // A host behind a router often cannot reach itself by its own name, and the server can.
      skipChallengeVerification: true,
      challengeCreateFn: async (_authorization: Authorization, { type, token }, answer) => {
        if (type !== 'http-01') throw new Error('the server asks for a proof other than over HTTP');
        signal.throwIfAborted();
        await this.#setChallenge(token, answer);
        await sleep(clock, spreadMs, signal);
      },
      challengeRemoveFn: (_authorization: Authorization, { token }) => this.#setChallenge(token, undefined),
    });
    return { certificate, privateKey: privateKey.toString() };
  }

  /** The key of the account is made once. */
  async #accountKey(): Promise<string> {
    const { store } = this.#options;
    const secret = store.get('Secret', CHALLENGES.namespace, ACCOUNT_NAME);
    const known = secret === undefined ? undefined : valueOf(secret, 'key');
    if (known !== undefined) return known;
    const key = (await acmeCrypto.createPrivateEcdsaKey()).toString();
    await this.#put(CHALLENGES.namespace, ACCOUNT_NAME, () => ({ type: 'Opaque', data: { key: encoded(key) } }));
    return key;
  }

  async #forgetAnswers(): Promise<void> {
    const { namespace, name } = CHALLENGES;
    const left = this.#options.store.get('Secret', namespace, name)?.data ?? {};
    if (Object.keys(left).length > 0) await this.#put(namespace, name, () => ({ type: 'Opaque', data: {} }));
  }

  #setChallenge(token: string, answer: string | undefined): Promise<void> {
    return this.#put(CHALLENGES.namespace, CHALLENGES.name, (before) => {
      const { [token]: _, ...others } = before?.data ?? {};
      return { type: 'Opaque', data: answer === undefined ? others : { ...others, [token]: encoded(answer) } };
    });
  }

  #keep({ namespace, secretName }: CertificateOrder, certificate: string, privateKey: string): Promise<void> {
    const { directoryUrl } = this.#options;
    return this.#put(namespace, secretName, (before) => {
      if (before !== undefined && before.metadata.annotations?.[ISSUED_ANNOTATION] === undefined)
        throw new Error(`Secret "${secretName}" was made by somebody else meanwhile`);
      return {
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': encoded(certificate), 'tls.key': encoded(privateKey) },
        annotation: directoryUrl,
      };
    });
  }

  /** Writes a Secret whatever it was before. */
  async #put(
    namespace: string,
    name: string,
    make: (before: StoredOf<'Secret'> | undefined) => { type: string; data: Record<string, string>; annotation?: string },
  ): Promise<void> {
    const { store } = this.#options;
    for (let tries = 0; tries < 5; tries += 1) {
      const before = store.get('Secret', namespace, name);
      const { type, data, annotation } = make(before);
      const annotations = annotation === undefined ? {} : { annotations: { [ISSUED_ANNOTATION]: annotation } };
      const resource: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, ...annotations }, type, data };
      const write: Write =
        before === undefined
          ? { op: 'create', resource }
          : {
              op: 'update',
              resource: { ...resource, metadata: { ...before.metadata, ...annotations } } satisfies Stored<Secret>,
            };
      if ((await store.write([write])).ok) return;
    }
    throw new Error(`Secret "${name}" could not be written`);
  }

  async #tell(about: StoredOf<'Ingress'>, severity: Report['severity'], reason: string, message: string): Promise<void> {
    const { store, clock } = this.#options;
    const report: Report = { reason, message, severity, component: 'acme' };
    const live: Resource | undefined = store.get('Ingress', about.metadata.namespace ?? 'default', about.metadata.name);
    if (live !== undefined) await store.write(eventWrites(store, about, report, clock.now()));
  }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
