// Options of a node, as a kubelet's configuration has them: what pods may ask of it, what none may exceed, and their network.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_SERVICE_PREFIX, rangeProblem } from '../model/cluster-ranges.ts';
import { formatAddress, parseAddress } from '../model/ipv4.ts';
import { type AcmeChoices, acmeOptionList, acmeOptions, type RawAcmeOptions } from './acme-options.ts';
import { UsageFault } from './usage-fault.ts';

/** What commander collected. */
export interface RawNodeOptions extends RawAcmeOptions {
  seccompProfiles?: string;
  allowedUnsafeSysctls?: readonly string[];
  podPidsLimit?: number;
  network?: NetworkMode;
  sandboxNetwork?: SandboxNetwork;
  podRange?: string;
  serviceRange?: string;
  nodeAddress?: string;
  ingressPorts?: NonNullable<NodeChoices['ingressPorts']>;
}

/**
 * Whether Holdfast gives pods their addresses and names, with all that builds on it (`auto`), or leaves that to the engine (`none`): there are no
 * Services, Ingresses and NetworkPolicies then.
 */
export type NetworkMode = 'auto' | 'none';

/** Whether sandboxes are plugged into the network of pods where that can be (`auto`), or have Docker's network (`docker`). */
export type SandboxNetwork = 'auto' | 'docker';

/** What whoever runs the node chose; absent where nobody did. */
export interface NodeChoices extends AcmeChoices {
  /** Folder of seccomp profiles. */
  readonly seccompProfiles?: string;
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly podPidsLimit?: number;
  /** Absent: `auto`. */
  readonly network?: NetworkMode;
  /** Absent: `auto`. */
  readonly sandboxNetwork?: SandboxNetwork;
  /** Ranges as `10.244.0.0/16`. */
  readonly podRange?: string;
  readonly serviceRange?: string;
  /** The address at which other hosts reach this one. */
  readonly nodeAddress?: string;
  /** Ports of the host on which Ingresses are served; absent: 80 and 443. */
  readonly ingressPorts?: { readonly httpPort: number; readonly httpsPort: number };
}

const MAX_PORT = 65_535;

function rangeOption(maxPrefix?: number): (text: string) => string {
  return (text) => {
    const problem = rangeProblem(text, maxPrefix);
    if (problem !== undefined) throw new InvalidArgumentError(`${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`);
    return text;
  };
}

function addressOption(text: string): string {
  const address = parseAddress(text);
  if (address === undefined || formatAddress(address) !== text || text.startsWith('127.') || address === 0)
    throw new InvalidArgumentError('Give the IPv4 address at which other hosts reach this one, for example 192.168.7.4.');
  return text;
}

function portsOption(text: string): NonNullable<NodeChoices['ingressPorts']> {
  const [httpPort = 0, httpsPort = 0, ...rest] = text.split(',').map((port) => (/^[1-9]\d{0,4}$/.test(port) ? Number(port) : 0));
  const isPort = (port: number): boolean => port > 0 && port <= MAX_PORT;
  if (rest.length > 0 || !isPort(httpPort) || !isPort(httpsPort) || httpPort === httpsPort)
    throw new InvalidArgumentError('Give the ports for http and https, for example 8080,8443.');
  return { httpPort, httpsPort };
}

function namesOption(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (!names.every((name) => /^[a-z0-9][-_.a-z0-9]*\*?$/.test(name)))
    throw new InvalidArgumentError('Give names with commas between them, for example kernel.msg*,net.core.somaxconn.');
  return names;
}

function limitOption(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a number of processes, for example 1024.');
  return Number(text);
}

/** Adds what a node allows and limits. */
export function addNodeOptions(command: Command): Command {
  for (const option of acmeOptionList()) command.addOption(option);
  return command
    .option('--seccomp-profiles <folder>', 'where pods find seccomp profiles of type Localhost')
    .addOption(
      new Option('--allowed-unsafe-sysctls <names>', 'kernel parameters that pods may set beside the safe ones').argParser(
        namesOption,
      ),
    )
    .addOption(
      new Option('--pod-pids-limit <number>', 'most processes of a container (default: no limit)').argParser(limitOption),
    )
    .addOption(
      new Option(
        '--network <mode>',
        'auto, or none to leave addresses and names of pods to Docker (env HOLDFAST_NETWORK, default: auto)',
      ).choices(['auto', 'none']),
    )
    .addOption(
      new Option(
        '--sandbox-network <mode>',
        'auto, or docker to have Docker connect every pod, which takes longer (env HOLDFAST_SANDBOX_NETWORK, default: auto)',
      ).choices(['auto', 'docker']),
    )
    .addOption(
      new Option(
        '--pod-range <range>',
        'where addresses of pods are from (default: 10.244.0.0/16, or another free one)',
      ).argParser(rangeOption()),
    )
    .addOption(
      new Option(
        '--service-range <range>',
        'where addresses of Services are from (default: 10.96.0.0/16, or another free one)',
      ).argParser(rangeOption(MAX_SERVICE_PREFIX)),
    )
    .addOption(
      new Option('--node-address <address>', 'where other hosts reach this one (default: its own address)').argParser(
        addressOption,
      ),
    )
    .addOption(
      new Option('--ingress-ports <http,https>', 'ports of the host that serve Ingresses (default: 80,443)').argParser(
        portsOption,
      ),
    );
}

/** The entries that are there. Throws UsageFault for a variable of the environment that makes no sense. */
export function nodeOptions(raw: RawNodeOptions, env: Readonly<Record<string, string | undefined>>): NodeChoices {
  const { seccompProfiles, allowedUnsafeSysctls, podPidsLimit, podRange, serviceRange, nodeAddress, ingressPorts } = raw;
  const network = raw.network ?? oneOf('HOLDFAST_NETWORK', ['auto', 'none'], env);
  const sandboxNetwork = raw.sandboxNetwork ?? oneOf('HOLDFAST_SANDBOX_NETWORK', ['auto', 'docker'], env);
  return {
    ...(seccompProfiles === undefined ? {} : { seccompProfiles }),
    ...(allowedUnsafeSysctls === undefined ? {} : { allowedUnsafeSysctls }),
    ...(podPidsLimit === undefined ? {} : { podPidsLimit }),
    ...(network === undefined ? {} : { network }),
    ...(sandboxNetwork === undefined ? {} : { sandboxNetwork }),
    ...(podRange === undefined ? {} : { podRange }),
    ...(serviceRange === undefined ? {} : { serviceRange }),
    ...(nodeAddress === undefined ? {} : { nodeAddress }),
    ...(ingressPorts === undefined ? {} : { ingressPorts }),
    ...acmeOptions(raw),
  };
}

function oneOf<T extends string>(
  name: string,
  choices: readonly [T, T],
  env: Readonly<Record<string, string | undefined>>,
): T | undefined {
  const text = env[name] ?? '';
  const chosen = choices.find((choice) => choice === text);
  if (text !== '' && chosen === undefined)
    throw new UsageFault(`${name} is "${text}", but only ${choices.join(' and ')} are known`);
  return chosen;
}
