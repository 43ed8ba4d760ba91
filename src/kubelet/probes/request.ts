// Where a probe or a hook sends its request. Pure.
import type { Container, HttpGetAction } from '../../model/resource.ts';

/** A port by number, or by its name in the container; undefined when the container has none of that name. */
export function portNumber(container: Container, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find((each) => each.name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}

/** The URL of a GET. */
export function urlOf({ scheme = 'HTTP', path = '/' }: HttpGetAction, host: string, port: number): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${scheme.toLowerCase()}://${authority}${path.startsWith('/') ? path : `/${path}`}`;
}
