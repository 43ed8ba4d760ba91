// What annotations ask for an Ingress beside its routes: plain data that the planner of the proxy renders. Types and their absence only.

/** What is spoken to the pods. The last two are HTTP/2. */
export type BackendProtocol = 'HTTP' | 'HTTPS' | 'GRPC' | 'GRPCS';

/** Who may come in, by name and password (RFC 7617). */
export interface BasicAuth {
  /** The Secret, in the namespace of the Ingress unless it says another. */
  readonly secret: { readonly namespace: string | undefined; readonly name: string };
  /** Whether each key of the Secret is a user and its value the hash; else its key `auth` is an htpasswd file. */
  readonly isMap: boolean;
}

/** Answers to browsers about pages of other origins (Fetch standard, "CORS protocol"). */
export interface Cors {
  readonly origins: readonly string[];
  readonly methods: string;
  readonly headers: string;
  readonly exposed: string | undefined;
  readonly hasCredentials: boolean;
  readonly maxAgeSeconds: number;
}

/** The cookie that keeps a client with its pod. */
export interface AffinityCookie {
  readonly name: string;
  readonly maxAgeSeconds: number | undefined;
  readonly path: string | undefined;
  readonly isSecure: boolean;
  readonly sameSite: 'None' | 'Lax' | 'Strict' | undefined;
}

/** All that annotations ask for; an absent one asks for nothing. */
export interface IngressSettings {
  /** Whether requests without TLS to a host that has a certificate are sent there. */
  readonly redirectsToTls: boolean;
  /** … to a host without one too. */
  readonly forcesTls: boolean;
  /** The path to ask the pods for; `$1` is the first group of the route's path. */
  readonly rewriteTarget?: string;
  /** Whether the paths are regular expressions. */
  readonly usesRegex: boolean;
  /** Where `/` of the hosts is sent. */
  readonly appRoot?: string;
  readonly maxBodyBytes?: number;
  readonly readTimeoutSeconds?: number;
  readonly sendTimeoutSeconds?: number;
  readonly connectTimeoutSeconds?: number;
  readonly auth?: BasicAuth;
  readonly realm: string;
  /** The networks that may come in. */
  readonly sources?: readonly string[];
  /** Networks that may not. */
  readonly deniedSources?: readonly string[];
  readonly protocol: BackendProtocol;
  readonly cors?: Cors;
  /** Every request is sent there. `$request_uri` is the path and query of the request. */
  readonly redirect?: { readonly location: string; readonly code: number };
  readonly affinity?: AffinityCookie;
  readonly requestsPerSecond?: number;
}

export const DEFAULT_SETTINGS: IngressSettings = {
  redirectsToTls: true,
  forcesTls: false,
  usesRegex: false,
  realm: 'Authentication Required',
  protocol: 'HTTP',
};
