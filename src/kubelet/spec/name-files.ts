// The files by which programs of a plugged pod know names, as Docker makes them for containers on its networks. They lie beside the termination logs,
// in the sandbox's own scratch volume, are written when the sandbox is plugged in, and all containers of the pod share them. Pure.
import { posix } from 'node:path';
import type { Container, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen, Mount } from '../engine/container-engine.ts';
import { podNames, sandboxNamespaces } from './namespaces.ts';
import { podResolver, type ResolverFacts, resolverText } from './resolver.ts';
import { isBare } from './sandbox-way.ts';
import { TERMINATION_DIRECTORY } from './termination-log.ts';

/** The directory of the sandbox that has them. */
export const NAME_FILES_DIRECTORY = TERMINATION_DIRECTORY;
/** Where containers have them, by name. */
const PLACES = { hosts: '/etc/hosts', hostname: '/etc/hostname', 'resolv.conf': '/etc/resolv.conf' } as const;

/** What every hosts file of Docker's begins with. */
const COMMON_HOSTS = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'ff00::0\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** Texts by name. Undefined when the pod's resolver is the engine's: then it cannot be plugged in. */
export function nameFiles(
  pod: StoredOf<'Pod'>,
  address: string,
  facts: ResolverFacts,
): Readonly<Record<keyof typeof PLACES, string>> | undefined {
  const resolver = podResolver(pod, facts);
  if (resolver === undefined) return undefined;
  const { hostname, hosts = [] } = sandboxNamespaces(pod, '');
  const { domain } = podNames(pod);
  const [name = ''] = (hostname ?? '').split('.');
  const whole = domain === '' || hostname?.endsWith(`.${domain}`) === true ? (hostname ?? '') : `${hostname}.${domain}`;
  const own = `${address}\t${whole === name ? name : `${whole} ${name}`}`;
  const lines = [...COMMON_HOSTS, ...hosts.map((host) => `${host.ip}\t${host.name}`), own];
  return {
    hosts: lines.map((line) => `${line}\n`).join(''),
    hostname: `${hostname}\n`,
    'resolv.conf': resolverText(resolver),
  };
}

/** The mounts of a container in a plugged sandbox; none in others. What the pod mounts there itself stays. */
export function nameFileMounts(container: Container, sandbox: ContainerSeen): readonly Mount[] {
  const volume = sandbox.scratchVolumes?.[NAME_FILES_DIRECTORY];
  if (!isBare(sandbox) || volume === undefined) return [];
  const taken = new Set(container.volumeMounts?.map(({ mountPath }) => posix.join(mountPath, '.')));
  const readOnly = container.securityContext?.readOnlyRootFilesystem === true;
  return Object.entries(PLACES).flatMap(([subPath, target]): Mount[] =>
    taken.has(target) ? [] : [{ type: 'volume', volume, target, readOnly, subPath, isSubPathPlain: true }],
  );
}
