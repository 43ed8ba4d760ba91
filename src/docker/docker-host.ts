// Where a Docker Engine listens, read from Docker's own environment variables. Pure.

/** TLS towards an engine: ca.pem, cert.pem and key.pem lie in this directory. */
export interface DockerTls {
  readonly directory: string;
}

/** An engine that the docker command of another machine reaches. What is absent is what the user's ssh configuration says. */
export interface SshHost {
  readonly type: 'ssh';
  readonly hostname: string;
  readonly user?: string;
  readonly port?: number;
  /** The engine's socket over there; absent: where the docker command over there finds it. */
  readonly socket?: string;
}

/** Address of a Docker Engine. */
export type DockerHost =
  | SshHost
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'tcp'; readonly hostname: string; readonly port: number; readonly tls?: DockerTls };

/** Docker's environment variables that say where the engine is. */
export interface DockerEnvironment {
  readonly DOCKER_HOST?: string | undefined;
  readonly DOCKER_TLS_VERIFY?: string | undefined;
  readonly DOCKER_CERT_PATH?: string | undefined;
  readonly HOME?: string | undefined;
}

export type ParsedDockerHost =
  | { readonly ok: true; readonly host: DockerHost }
  | { readonly ok: false; readonly message: string };

const DEFAULT_SOCKET = '/var/run/docker.sock';
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

/** Reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as the docker command does; refuses what is not supported, with the reason. */
export function parseDockerHost(environment: DockerEnvironment): ParsedDockerHost {
  const text = (environment.DOCKER_HOST ?? '').trim();
  if (text === '') return unix(DEFAULT_SOCKET);
  const scheme = /^([a-z]+):\/\//.exec(text)?.[1];
  if (scheme === 'unix') return unix(text.slice('unix://'.length) || DEFAULT_SOCKET);
  if (scheme === 'tcp') return tcp(text, environment);
  if (scheme === 'ssh') return ssh(text);
  return refuse(text, 'expected unix:///path/of/socket, tcp://host:port or ssh://user@host');
}

function unix(path: string): ParsedDockerHost {
  if (path.startsWith('/')) return { ok: true, host: { type: 'unix', path } };
  return refuse(`unix://${path}`, 'the path of the socket must be absolute: unix:///path/of/socket');
}

function tcp(text: string, environment: DockerEnvironment): ParsedDockerHost {
  const parts = /^tcp:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]@]+))(?::(\d{1,5}))?\/?$/.exec(text);
  const hostname = parts?.[1] ?? parts?.[2];
  if (hostname === undefined) return refuse(text, 'expected tcp://host:port');
  const isTls = (environment.DOCKER_TLS_VERIFY ?? '') !== '';
  const port = parts?.[3] === undefined ? (isTls ? TLS_PORT : PLAIN_PORT) : Number(parts[3]);
  if (port < 1 || port > 65_535) return refuse(text, `${port} is not a port`);
  if (!isTls) return { ok: true, host: { type: 'tcp', hostname, port } };
  const directory = environment.DOCKER_CERT_PATH || (environment.HOME && `${environment.HOME}/.docker`);
  if (!directory)
    return refuse(text, 'DOCKER_TLS_VERIFY is set, but DOCKER_CERT_PATH does not say where ca.pem, cert.pem and key.pem are');
  return { ok: true, host: { type: 'tcp', hostname, port, tls: { directory } } };
}

function ssh(text: string): ParsedDockerHost {
  const parts = /^ssh:\/\/(?:([^@/:[\]]+)(:[^@/]*)?@)?(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]@]+))(?::(\d{1,5}))?(\/.*)?$/.exec(text);
  const [, user, password, address, name, portText, path = ''] = parts ?? [];
  const hostname = address ?? name;
  if (hostname === undefined) return refuse(text, 'expected ssh://user@host or ssh://user@host:port');
  if (password !== undefined) return refuse(text.replace(password, ''), 'a password cannot be given: use a key');
  // ssh and a shell over there read them.
  if (hostname.startsWith('-') || user?.startsWith('-') === true || !/^[A-Za-z0-9._%:-]+$/.test(hostname))
    return refuse(text, 'that is no name of a host or a user');
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) return refuse(text, `${port} is not a port`);
  const isPath = path !== '' && path !== '/';
  if (isPath && !/^[A-Za-z0-9._/-]+$/.test(path))
    return refuse(text, 'the path of the socket over there has signs that a shell reads');
  const said = { ...(user && { user }), ...(port && { port }), ...(isPath && { socket: path }) };
  return { ok: true, host: { type: 'ssh', hostname, ...said } };
}

function refuse(text: string, reason: string): ParsedDockerHost {
  return { ok: false, message: `DOCKER_HOST ${JSON.stringify(text)}: ${reason}` };
}

/** The address as a person writes it. */
export function describeDockerHost(host: DockerHost): string {
  if (host.type === 'unix') return `unix://${host.path}`;
  const hostname = host.hostname.includes(':') ? `[${host.hostname}]` : host.hostname;
  if (host.type === 'tcp') return `tcp://${hostname}:${host.port}`;
  const { user, port, socket = '' } = host;
  return `ssh://${user === undefined ? '' : `${user}@`}${hostname}${port === undefined ? '' : `:${port}`}${socket}`;
}
