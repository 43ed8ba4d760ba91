// What a Docker Engine answers while a small commit is reconciled, and nothing behind it: containers that are started run. The build runs commands
// against it for the code that they need. Not for tests: it refuses nothing.
import { createServer } from 'node:http';

const API = '1.41';
const STARTED_AT = '2026-01-01T00:00:00.000000000Z';
const IMAGE = { Id: `sha256:${'1'.repeat(64)}`, Os: 'linux', Size: 1, Config: {}, RootFS: { Type: 'layers', Layers: [] } };

/** Answers at the socket until it is closed. */
export async function pretendEngine(socketPath) {
  const containers = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url.replace(/^\/v[\d.]+/, ''), 'http://docker');
    const isJson = request.headers['content-type']?.includes('json') === true && chunks.length > 0;
    const body = isJson ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const [status, answer] = answerTo(`${request.method} ${url.pathname}`, url.searchParams.get('name'), body, containers);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Api-Version': API });
    // Events: a stream in which nothing happens.
    if (url.pathname === '/events') response.flushHeaders();
    else response.end(answer === undefined ? undefined : JSON.stringify(answer));
  });
  await new Promise((resolve) => server.listen(socketPath, resolve));
  return {
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Status and body. */
function answerTo(call, name, body, containers) {
  const [, id = '', verb = ''] = /^\w+ \/containers\/([^/]+)\/?(\w*)/.exec(call) ?? [];
  const found = [...containers.values()].find(({ Id, Name }) => Id === id || Name === `/${id}`);
  if (call === 'GET /info') return [200, info()];
  if (call === 'GET /containers/json') return [200, [...containers.values()].map(listed)];
  if (call === 'POST /containers/create') return [201, created(name, body, containers)];
  if (call === 'GET /networks') return [200, []];
  if (call === 'POST /networks/create') return [201, { Id: '1'.repeat(64) }];
  if (call === 'GET /volumes') return [200, { Volumes: [] }];
  if (call === 'POST /volumes/create') return [201, {}];
  if (call.startsWith('GET /images/')) return [200, { ...IMAGE, Architecture: architecture(), RepoTags: [] }];
  if (call.startsWith('GET /networks/') || call.startsWith('GET /volumes/')) return [404, { message: 'no such thing' }];
  if (id === '') return [200, {}];
  if (found === undefined) return [404, { message: 'no such container' }];
  if (verb === 'start') Object.assign(found.State, { Status: 'running', Running: true, Pid: 1, StartedAt: STARTED_AT });
  if (call.startsWith('DELETE')) containers.delete(found.Id);
  return verb === 'json' ? [200, found] : [204, undefined];
}

function created(name, { HostConfig = {}, NetworkingConfig, ...config }, containers) {
  const Id = `${containers.size + 1}`.padStart(64, '0');
  const mode = HostConfig.NetworkMode ?? 'bridge';
  const networks = NetworkingConfig?.EndpointsConfig ?? { [mode]: {} };
  const address = { IPAddress: `10.0.0.${containers.size + 2}`, Gateway: '10.0.0.1' };
  containers.set(Id, {
    Id,
    Name: `/${name}`,
    Image: IMAGE.Id,
    Created: STARTED_AT,
    Config: config,
    HostConfig,
    State: { Status: 'created', Running: false, Pid: 0, ExitCode: 0, StartedAt: '0001-01-01T00:00:00Z' },
    NetworkSettings: {
      Networks: Object.fromEntries(Object.entries(networks).map(([network, its]) => [network, { ...its, ...address }])),
    },
    Mounts: [],
  });
  return { Id, Warnings: [] };
}

function listed({ Id, Name, Config, State }) {
  return { Id, Names: [Name], Image: Config.Image, ImageID: IMAGE.Id, Labels: Config.Labels ?? {}, State: State.Status };
}

function info() {
  const Architecture = architecture() === 'amd64' ? 'x86_64' : 'aarch64';
  return { ID: 'none', Name: 'none', ServerVersion: '20.10.24', OSType: 'linux', Architecture, NCPU: 2, MemTotal: 2 ** 33 };
}

function architecture() {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
