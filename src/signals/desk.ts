// The room of signals: what others tell us (a push), and what we tell others (measurements, notifications). This file is the desk where requests
// over HTTP arrive: it decides by path and method who answers. Nothing that comes in is trusted for more than waking somebody who looks for
// himself. Pure: sockets, files and time are arguments.

/** The head of a request. */
export interface SignalRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface SignalAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who answers wants to see the body first. */
export interface WantsBody {
  readonly maxBytes: number;
  /** Called when the body is longer; the rest of it is not read. */
  tooLong(): SignalAnswer;
  answer(body: Uint8Array): SignalAnswer | Promise<SignalAnswer>;
}

/** What answers for one path, or for all below one. */
export interface SignalRoute {
  /** `/metrics`; or `/hooks/` for all that begins so. */
  readonly path: string;
  readonly methods: readonly string[];
  open(request: SignalRequest): SignalAnswer | WantsBody | Promise<SignalAnswer>;
}

/** An answer of JSON, one line. */
export function jsonAnswer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): SignalAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}

/** An answer of text. */
export function textAnswer(status: number, text: string): SignalAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}

/** Sends a request to whom it concerns: 404 for an unknown path, 405 for a method that the path does not have. */
export function dispatch(
  routes: readonly SignalRoute[],
  request: SignalRequest,
): SignalAnswer | WantsBody | Promise<SignalAnswer> {
  const route = routes.find(({ path }) => (path.endsWith('/') ? request.path.startsWith(path) : request.path === path));
  if (route === undefined) {
    const known = routes.map(({ path }) => (path.endsWith('/') ? `${path}…` : path)).join(', ');
    return jsonAnswer(404, { result: 'unknown-path', message: `there is nothing here; there are ${known}` });
  }
  if (route.methods.includes(request.method)) return route.open(request);
  const allowed = route.methods.join(', ');
  return jsonAnswer(405, { result: 'wrong-method', message: `only ${allowed}` }, { allow: allowed });
}
