// The few calls of the Docker Engine API that the scripts need, over plain HTTP. No dependencies: it runs before packages exist.
import { request } from 'node:http';

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/** The engine that the environment names, as the docker command reads it. */
export function hostOfEnvironment() {
  return process.env.DOCKER_HOST || DEFAULT_HOST;
}

/**
 * One call. `host` is unix:///path or tcp://host:port; TLS and ssh are not for scripts. Resolves with status and body whatever the status;
 * rejects when no engine answers.
 */
export function callEngine(
  host,
  method,
  path,
  { body, headers = {}, contentType = 'application/json', timeoutMs = 120_000 } = {},
) {
  return new Promise((resolve, reject) => {
    const call = request(
      { ...addressOf(host), method, path, headers: { Host: 'docker', 'Content-Type': contentType, ...headers } },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }));
      },
    );
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`${host} did not answer within ${timeoutMs / 1000} s`)));
    call.on('error', reject);
    call.end(body);
  });
}

/** A call with JSON in and out; rejects with the engine's words on a status of 400 or more. */
export async function dockerRequest(host, method, path, body) {
  const answer = await callEngine(host, method, path, body === undefined ? {} : { body: JSON.stringify(body) });
  const text = answer.body.toString();
  if (answer.status >= 400) throw new Error(`${method} ${path}: status ${answer.status}: ${text.trim()}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Does an engine answer there, and may we use it? Resolves with undefined, or with the reason why not. */
export async function whyNoEngine(host) {
  try {
    const { status } = await callEngine(host, 'GET', '/_ping', { timeoutMs: 3000 });
    return status === 200 ? undefined : `${host} answers with status ${status}`;
  } catch (error) {
    return `${host}: ${error.code ?? error.message}`;
  }
}

function addressOf(host) {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const { hostname, port, protocol } = new URL(host);
  if (protocol !== 'tcp:') throw new Error(`${host}: scripts use unix:// or tcp:// only`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || 2375 };
}
