// What a host says of itself before anything is chosen for it: which ranges are in use, where it is reached, whom it asks for names. Pure.
import { ROUTE_PROTOCOL } from './fabric-names.ts';

/** What is known of a host. What it does not tell is absent. */
export interface ReadHostFacts {
  /** Ranges of its routes and addresses, without those of the fabric itself. */
  readonly ranges: readonly string[];
  readonly resolver: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  /** The address that it has towards the world, or else the first that is not its loopback's. */
  readonly address?: string;
}

/** A script for the network container of a node; `readHostFacts` reads what it prints. */
export const HOST_FACTS_SCRIPT = `export PATH=/usr/sbin:/usr/bin:/sbin:/bin
[ ! -x /usr/sbin/ip ] || ip() { /usr/sbin/ip "$@"; }
ip -4 route show table all | grep -v ' proto ${ROUTE_PROTOCOL} ' | grep -v ' proto ${ROUTE_PROTOCOL}$' | sed 's/^/route /'
ip -4 -o addr show scope global | sed 's/^/addr /'
ip -4 route get 192.0.2.1 2>/dev/null | sed -n '1s/.* src \\([0-9.]*\\).*/source \\1/p'
sed 's/^/resolv /' /etc/resolv.conf
exit 0
`;

const ROUTE = /^route (?:unicast )?(\d[\d.]*(?:\/\d+)?) dev (?!lo )/;
const ADDRESS = /^addr \d+: (\S+) +inet ([\d.]+)\//;

/** Reads what HOST_FACTS_SCRIPT printed. */
export function readHostFacts(output: string): ReadHostFacts {
  const lines = output.split('\n');
  const routed = lines.flatMap((line) => ROUTE.exec(line)?.[1] ?? []);
  const addresses = lines.flatMap((line) => {
    const [, device = '', address = ''] = ADDRESS.exec(line) ?? [];
    return device === '' || device === 'lo' ? [] : [address];
  });
  const source = lines.flatMap((line) => /^source ([\d.]+)$/.exec(line)?.[1] ?? [])[0];
  const address = source ?? addresses[0];
  return {
    ranges: [...new Set([...routed.map(whole), ...addresses.map(whole)])],
    resolver: readResolver(lines.flatMap((line) => (line.startsWith('resolv ') ? [line.slice('resolv '.length)] : []))),
    ...(address === undefined ? {} : { address }),
  };
}

function whole(range: string): string {
  return range.includes('/') ? range : `${range}/32`;
}

/** The lines of a resolver file (resolv.conf(5)): the last search list counts. */
function readResolver(lines: readonly string[]): ReadHostFacts['resolver'] {
  const words = lines.map((line) => line.trim().split(/\s+/));
  const of = (key: string): readonly (readonly string[])[] => words.flatMap(([first, ...rest]) => (first === key ? [rest] : []));
  const searches = words.findLast(([first]) => first === 'search' || first === 'domain')?.slice(1) ?? [];
  return {
    servers: of('nameserver').flatMap(([server = '']) => (server === '' ? [] : [server])),
    searches: searches.filter((domain) => domain !== '.'),
    options: of('options').flat(),
  };
}
