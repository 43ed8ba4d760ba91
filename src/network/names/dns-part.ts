// What the network container has to have for the name server: scripts of busybox sh that start it, keep its zones in line with
// /state/records, and mend it, all without the controller.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import { PRELUDE_PATH } from '../boot/init.ts';
import type { BootPart } from '../boot/parts.ts';
import { type ContainerFile, STATE_DIRECTORY } from '../node-container.ts';
import type { NodeNetwork } from '../node-network.ts';
import { DNS_LIBRARY, dnsLibrary, NAMED_CONF, RNDC_CONF, WORK_DIRECTORY, ZONE_PROGRAM } from './dns-library.ts';
import { namedConf, rndcConf } from './named-conf.ts';
import { zoneProgram } from './zone-files.ts';

const WORKERS = 2;
const ANSWER_SECONDS = 2;
/** Lists the addresses among which the server's own is. */
const ADDRESS_QUESTION = 'address show dev lo';

/** The name server's part of the network container. It changes with the node's DNS address and with the ranges alone. */
export function dnsPart(node: NodeNetwork): BootPart {
  const file = (path: string, content: string): ContainerFile => ({ path, mode: 0o644, content });
  return {
    name: 'dns',
    order: 20,
    boot: dnsBootScript(node),
    check: dnsCheckScript(node),
    questions: [ADDRESS_QUESTION],
    uninstall: dnsUninstallScript(node),
    service: dnsServiceScript(),
    files: [
      file(DNS_LIBRARY, dnsLibrary(node)),
      file(NAMED_CONF, namedConf(node, WORK_DIRECTORY)),
      file(RNDC_CONF, rndcConf(node, WORK_DIRECTORY)),
      file(ZONE_PROGRAM, zoneProgram(node)),
    ],
  };
}

/** Has the server run; also mends it when a check says that it is not as it should be. The check's own tests tell what to mend. */
export function dnsBootScript({ dnsAddress }: NodeNetwork): string {
  return `. ${DNS_LIBRARY}
mkdir -p ${STATE_DIRECTORY}/records
: >${STATE_DIRECTORY}/dns.enabled
names_address || ip address add ${dnsAddress}/32 dev lo scope host
if names_is_running; then
  if names_is_silent; then
    rm -f $run/dns.silent
    kill -9 "$(cat $run/dns.pid)"
  else
    names_is_forwarding || { names_forward; kill -HUP "$(cat $run/dns.pid)"; }
    names_is_current || names_mend_aside
  fi
fi
wake
`;
}

/** Says what is wrong with a server that runs; nothing when it is well. One that does not run is started by init. */
export function dnsCheckScript({ dnsAddress }: NodeNetwork): string {
  return `[ -e ${STATE_DIRECTORY}/dns.enabled ] || exit 0
. ${DNS_LIBRARY}
case \${seen-$(ip -4 -o ${ADDRESS_QUESTION})} in *' inet ${dnsAddress}/32 '*) ;; *) echo 'the address ${dnsAddress} was gone' ;; esac
names_is_running && [ -e $names/applied ] || exit 0
names_is_forwarding || echo "the host has other resolvers: $(names_upstreams)"
names_is_current || names_is_mending || echo 'there are records that it has not got'
if nslookup -retry=1 -timeout=${ANSWER_SECONDS} -type=txt dns-version.${CLUSTER_DOMAIN}. ${dnsAddress} >/dev/null 2>&1; then
  [ ! -e $run/dns.silent ] || rm -f $run/dns.silent
else
  echo >>$run/dns.silent
  ! names_is_silent || echo 'it does not answer'
fi
exit 0
`;
}

/** Becomes the server, with zones as the state has them at this moment. */
export function dnsServiceScript(): string {
  return `. ${PRELUDE_PATH}
. ${DNS_LIBRARY}
rm -f $run/dns.silent
# What it says before it has read its configuration goes nowhere else.
if grep -q 'fatal error' $names/log 2>/dev/null; then tail -n 4 $names/log; fi
rm -f $names/log
names_prepare
rm -f $names/applied $names/behind $names/missed
names_moment >$names/starting
names_build $(date +%s) || exit 1
mv $names/starting $names/applied
exec /usr/sbin/named -n ${WORKERS} -u $user -f -L $names/log -c $names/named.conf
`;
}

/** Ends the server and takes its address away. */
export function dnsUninstallScript({ dnsAddress }: NodeNetwork): string {
  return `rm -f ${STATE_DIRECTORY}/dns.enabled
ip address del ${dnsAddress}/32 dev lo 2>/dev/null || true
`;
}
