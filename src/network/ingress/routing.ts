// The table of routes as maps of the proxy, and the rules of a frontend that ask them: for the host itself, then for its wildcard, then for
// all hosts; each time exact paths, then expressions, then the longest prefix.
//
// A host is always looked up as a whole before anything is looked up by host and path in one: a name that is in a map has no slash, so nobody
// moves the border between the two. Most requests have a host and a path that are written as in the maps; `ordinary` asks for these first,
// with as few steps as their routes need, and what it does not find is asked for again by `others`, by host and path as they are meant.
import type { Route } from '../../model/ingress/routes.ts';
import { escapedRegex, quoted } from './words.ts';

/** A route and the backend that it leads to. */
export interface RoutedBackend {
  readonly route: Pick<Route, 'host' | 'match' | 'path'>;
  readonly backend: string;
}

/** Maps by file name: `KEY VALUE` on each line. */
export interface RouteMaps {
  /** Hosts: the backend where all requests go to one, else how their paths are compared. */
  readonly hosts: string;
  /** Of the others a key is host and path in one. */
  readonly exact: string;
  readonly regex: string;
  readonly prefix: string;
}

export interface Routing {
  readonly maps: RouteMaps;
  /** Rules that end a request's rules when they have found its backend; others come to no wrong end, and go on. */
  readonly ordinary: readonly string[];
  /** Rules that find the backend by the variables txn.host and txn.path; it is in txn.route then, which else names no backend. */
  readonly others: readonly string[];
}

/** ACLs that the rules need. */
export const ROUTING_ACLS = [
  // Paths that may be compared only after something was done to them.
  "acl odd path -m reg '%|//|/[.]'",
  // What is shorter is one of the words below.
  'acl routed var(txn.route) -m len 2:',
] as const;

/** Words of maps/hosts.map that are no backends. */
const BY_PATH = '/';
const BY_EXPRESSION = '~';
const UNKNOWN = '.';

/** The wildcard that a host, or host and path, may be for. */
const WILDCARD = 'regsub(^[^./]+[.],*.)';

type Level = 'host' | 'wildcard' | 'all';
type Kind = 'exact' | 'prefix' | 'regex';
type Kinds = Readonly<Record<Level, ReadonlySet<Kind> | undefined>>;

/** Maps and rules of all routes. `defaultHosts`: hosts that have a default backend of their own, in maps/defaults.map. */
export function routingOf(routes: readonly RoutedBackend[], defaultHosts: ReadonlySet<string>): Routing {
  const hosts = new Map<string, RoutedBackend[]>();
  for (const one of routes) hosts.set(one.route.host, [...(hosts.get(one.route.host) ?? []), one]);
  const lines: Record<Kind, { length: number; line: string }[]> = { exact: [], regex: [], prefix: [] };
  const kinds: Record<Level, Set<Kind> | undefined> = { host: undefined, wildcard: undefined, all: undefined };
  const hostLines: string[] = [];
  for (const [host, its] of hosts) {
    const ofLevel = (kinds[levelOf(host)] ??= new Set());
    const [first] = its;
    if (host !== '' && its.length === 1 && first?.route.match === 'Prefix' && first.route.path === '') {
      hostLines.push(`${host} ${first.backend}\n`);
      continue;
    }
    const hasExpressions = its.some(({ route }) => route.match === 'Regex');
    if (host !== '') hostLines.push(`${host} ${hasExpressions ? BY_EXPRESSION : BY_PATH}\n`);
    for (const one of its) {
      const { kind, ...line } = pathLine(one, hasExpressions);
      lines[kind].push(line);
      ofLevel.add(kind);
    }
  }
  const text = (kind: Kind): string =>
    lines[kind]
      .toSorted((one, other) => other.length - one.length || (one.line < other.line ? -1 : one.line > other.line ? 1 : 0))
      .map(({ line }) => `${line}\n`)
      .join('');
  return {
    maps: { hosts: hostLines.toSorted().join(''), exact: text('exact'), regex: text('regex'), prefix: text('prefix') },
    ordinary: ordinaryRules(kinds),
    others: otherRules(kinds, new Set([...defaultHosts].map(levelOf))),
  };
}

function levelOf(host: string): Level {
  return host === '' ? 'all' : host.startsWith('*') ? 'wildcard' : 'host';
}

/** On a host with an expression all prefixes are expressions too, so that the longest wins, whatever it is. */
function pathLine({ route, backend }: RoutedBackend, hasExpressions: boolean): { kind: Kind; length: number; line: string } {
  const { host, match, path } = route;
  if (match === 'Exact') return { kind: 'exact', length: 0, line: `${host}${path} ${backend}` };
  if (!hasExpressions) return { kind: 'prefix', length: 0, line: `${host}${path}/ ${backend}` };
  const pattern = match === 'Regex' ? `(?i:${path})` : `${escapedRegex(path)}(?:/|$)`;
  return { kind: 'regex', length: path.length, line: `^${escapedRegex(host)}${pattern} ${backend}` };
}

const ALLOW = 'http-request allow if routed';
const hostLookup = `map_str(maps/hosts.map,${UNKNOWN})`;

function ordinaryRules({ host, wildcard, all }: Kinds): readonly string[] {
  const rules: string[] = [];
  if (host !== undefined) rules.push(setRoute(`var(txn.host),${hostLookup}`, 'unless odd'), ...byPath(host, 'base'), ALLOW);
  if (wildcard !== undefined) {
    // Only a name that is written as in the maps is none of the hosts themselves when they do not have it.
    const condition = host === undefined ? 'unless odd' : `if ${isRoute(UNKNOWN)} { var(txn.host) -m reg ^[a-z0-9.-]+$ }`;
    rules.push(setRoute(`var(txn.host),${WILDCARD},${hostLookup}`, condition), ...byPath(wildcard, `base,${WILDCARD}`), ALLOW);
  }
  if (all !== undefined && rules.length === 0) rules.push(...forAllHosts(all, 'path', 'if !odd !routed'), ALLOW);
  return rules;
}

function otherRules({ host, wildcard, all }: Kinds, defaults: ReadonlySet<Level>): readonly string[] {
  const hasWildcards = wildcard !== undefined || defaults.has('wildcard');
  const ofDefaults = (name: string): string => setRoute(`var(${name}),map_str(maps/defaults.map)`, 'unless routed');
  return [
    ...(host === undefined
      ? []
      : [setRoute(`var(txn.host),${hostLookup}`, ''), ...byPath(host, 'var(txn.host),concat(,txn.path)')]),
    ...(hasWildcards ? [`http-request set-var(txn.wildcard) ${quoted(`var(txn.host),${WILDCARD}`)} unless routed`] : []),
    ...(wildcard === undefined
      ? []
      : [
          setRoute(`var(txn.wildcard),${hostLookup}`, 'unless routed'),
          ...byPath(wildcard, 'var(txn.wildcard),concat(,txn.path)'),
        ]),
    ...(all === undefined ? [] : forAllHosts(all, 'var(txn.path)', 'unless routed')),
    ...(defaults.has('host') ? [ofDefaults('txn.host')] : []),
    ...(defaults.has('wildcard') ? [ofDefaults('txn.wildcard')] : []),
  ];
}

/** For hosts that hosts.map has one of its words for. `key` is host and path in one. */
function byPath(kinds: ReadonlySet<Kind>, key: string): readonly string[] {
  return [
    ...(kinds.has('exact') ? [setRoute(lookup('exact', key), `if ${isRoute(BY_PATH, BY_EXPRESSION)}`)] : []),
    ...(kinds.has('regex') ? [setRoute(lookup('regex', key), `if ${isRoute(BY_EXPRESSION)}`)] : []),
    ...(kinds.has('prefix') ? [setRoute(lookup('prefix', key), `if ${isRoute(BY_PATH)}`)] : []),
  ];
}

function forAllHosts(kinds: ReadonlySet<Kind>, key: string, condition: string): readonly string[] {
  return (['exact', 'regex', 'prefix'] as const)
    .filter((kind) => kinds.has(kind))
    .map((kind) => setRoute(lookup(kind, key), condition));
}

function lookup(kind: Kind, key: string): string {
  if (kind === 'prefix') return `${key},concat(/),map_beg(maps/prefix.map)`;
  return `${key},${kind === 'exact' ? 'map_str' : 'map_reg'}(maps/${kind}.map)`;
}

function isRoute(...words: readonly string[]): string {
  return `{ var(txn.route) -m str ${words.join(' ')} }`;
}

/** Leaves txn.route as it is when nothing is found. */
function setRoute(expression: string, condition: string): string {
  return `http-request set-var(txn.route) ${quoted(expression)}${condition === '' ? '' : ` ${condition}`}`;
}
