export function hostOfEnvironment(): string;
export function callEngine(
  host: string,
  method: string,
  path: string,
  options?: { body?: string | Uint8Array; headers?: Readonly<Record<string, string>>; contentType?: string; timeoutMs?: number },
): Promise<{ status: number; body: Buffer }>;
export function dockerRequest(host: string, method: string, path: string, body?: object): Promise<unknown>;
export function whyNoEngine(host: string): Promise<string | undefined>;
