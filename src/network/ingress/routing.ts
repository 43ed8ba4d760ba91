// The table of routes as maps of the proxy, and the rules of the frontend that ask them: for the host itself, then for its wildcard, then for
// all hosts; each time exact paths, then expressions, then the longest prefix.
import type { Route } from '../../model/ingress/routes.ts';
import { escapedRegex, quoted } from './words.ts';

/** A route and the backend that it leads to. */
export interface RoutedBackend {
  readonly route: Pick<Route, 'host' | 'match' | 'path'>;
  readonly backend: string;
}

/** Maps by file name: `KEY VALUE` on each line. A key is host and path in one. */
export interface RouteMaps {
  readonly exact: string;
  readonly regex: string;
  readonly prefix: string;
}

type Level = 'host' | 'wildcard' | 'all';

/** The maps of all routes. On a host with an expression all prefixes are expressions too, so that the longest wins, whatever it is. */
export function routeMaps(routes: readonly RoutedBackend[]): RouteMaps {
  const patternHosts = new Set(routes.filter(({ route }) => route.match === 'Regex').map(({ route }) => route.host));
  const lines: Record<keyof RouteMaps, { length: number; line: string }[]> = { exact: [], regex: [], prefix: [] };
  for (const { route, backend } of routes) {
    const { host, match, path } = route;
    const key = `${host}${path}`;
    if (match === 'Exact') lines.exact.push({ length: 0, line: `${key} ${backend}` });
    else if (!patternHosts.has(host)) lines.prefix.push({ length: 0, line: `${key}/ ${backend}` });
    else {
      const pattern = match === 'Regex' ? `(?i:${path})` : `${escapedRegex(path)}(?:/|$)`;
      lines.regex.push({ length: path.length, line: `^${escapedRegex(host)}${pattern} ${backend}` });
    }
  }
  const text = (name: keyof RouteMaps): string =>
    lines[name]
      .toSorted((one, other) => other.length - one.length || (one.line < other.line ? -1 : one.line > other.line ? 1 : 0))
      .map(({ line }) => `${line}\n`)
      .join('');
  return { exact: text('exact'), regex: text('regex'), prefix: text('prefix') };
}

/** Rules that set txn.route to the backend of a request, for maps that are not empty and the kinds of hosts that there are. */
export function routingRules(maps: RouteMaps, hosts: ReadonlySet<string>): readonly string[] {
  return levelsOf(hosts).flatMap((level) => [
    ...lookup(maps.exact, level, 'txn.path', '', 'map_str(maps/exact.map)'),
    ...lookup(maps.regex, level, 'txn.path', '', 'map_reg(maps/regex.map)'),
    ...lookup(maps.prefix, level, 'txn.path', '/', 'map_beg(maps/prefix.map)'),
  ]);
}

/** Rules that set txn.route to the default backend of a request's host. */
export function defaultRules(hosts: ReadonlySet<string>): readonly string[] {
  return levelsOf(hosts)
    .filter((level) => level !== 'all')
    .map((level) => setRoute(`var(${level === 'host' ? 'txn.host' : 'txn.wildcard'}),map_str(maps/defaults.map)`));
}

function levelsOf(hosts: ReadonlySet<string>): readonly Level[] {
  const all = [...hosts];
  return [
    ...(all.some((host) => host !== '' && !host.startsWith('*')) ? ['host' as const] : []),
    ...(all.some((host) => host.startsWith('*')) ? ['wildcard' as const] : []),
    ...(hosts.has('') ? ['all' as const] : []),
  ];
}

function lookup(map: string, level: Level, path: string, end: string, converter: string): readonly string[] {
  if (map === '') return [];
  if (level === 'all') return [setRoute(`var(${path})${end === '' ? '' : `,concat(${end})`},${converter}`)];
  return [setRoute(`var(${level === 'host' ? 'txn.host' : 'txn.wildcard'}),concat(,${path},${end}),${converter}`)];
}

function setRoute(expression: string): string {
  return `http-request set-var(txn.route) ${quoted(expression)} if !{ var(txn.route) -m found }`;
}
