// What the network container has to have for the name server: scripts of busybox sh that start it, keep its zones in line with
// /state/records, and mend it, all without the controller.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import { PRELUDE_PATH, PROGRAM_DIRECTORY } from '../boot/init.ts';
import type { BootPart } from '../boot/parts.ts';
import { type ContainerFile, STATE_DIRECTORY } from '../node-container.ts';
import type { NodeNetwork } from '../node-network.ts';
import { forwardersConf, namedConf, rndcConf } from './named-conf.ts';
import { OCTETS, zoneProgram } from './zone-files.ts';
import { zonesOf } from './zones.ts';

/** Functions of the scripts here and of those that recordsScript makes. */
export const DNS_LIBRARY = `${PROGRAM_DIRECTORY}/names`;
const NAMED_CONF = `${PROGRAM_DIRECTORY}/named.conf`;
const RNDC_CONF = `${PROGRAM_DIRECTORY}/rndc.conf`;
const ZONE_PROGRAM = `${PROGRAM_DIRECTORY}/zones.awk`;

/** In memory: everything here is made from the state at each start, and no update waits for a busy disk. */
const WORK_DIRECTORY = '/dev/shm/holdfast-names';
const FORWARDERS_MARK = 'UPSTREAMS';
const MAX_RESOLVERS = 8;
const WORKERS = 2;
/** Questions in a row, one with each check, without an answer, before the server is killed. */
const MAX_SILENT_CHECKS = 3;
const ANSWER_SECONDS = 2;
/** How often, 50 ms apart, an update is tried again while the server starts; and how often it may say no, since it has not loaded all. */
const MAX_UPDATE_TRIES = 40;
const MAX_REFUSALS = 5;
/** How often, 50 ms apart, is asked whether zones that were made anew are loaded. */
const MAX_TRIES = 100;

/** The name server's part of the network container. It changes with the node's DNS address and with the ranges alone. */
export function dnsPart(node: NodeNetwork): BootPart {
  const file = (path: string, content: string): ContainerFile => ({ path, mode: 0o644, content });
  return {
    name: 'dns',
    order: 20,
    boot: dnsBootScript(node),
    check: dnsCheckScript(node),
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
    names_is_current || names_rebuild || kill "$(cat $run/dns.pid)"
  fi
fi
wake
`;
}

/** Says what is wrong with a server that runs; nothing when it is well. One that does not run is started by init. */
export function dnsCheckScript({ dnsAddress }: NodeNetwork): string {
  return `. ${DNS_LIBRARY}
[ -e ${STATE_DIRECTORY}/dns.enabled ] || exit 0
names_address || echo 'the address ${dnsAddress} was gone'
names_is_running && [ -e $names/applied ] || exit 0
names_is_forwarding || echo "the host has other resolvers: $(names_upstreams)"
names_is_current || echo 'there are records that it has not got'
if timeout ${ANSWER_SECONDS} nslookup -type=txt dns-version.${CLUSTER_DOMAIN}. ${dnsAddress} >/dev/null 2>&1; then
  rm -f $run/dns.silent
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
rm -f $names/applied
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

function dnsLibrary(node: NodeNetwork): string {
  const zones = zonesOf(node).join(' ');
  return `names=${WORK_DIRECTORY}
# Without rights of its own, where the image knows such a user.
user=root
for each in nobody bind; do ! grep -q "^$each:" /etc/passwd || user=$each; done

names_address() { ip -o -4 address show dev lo 2>/dev/null | grep -q ' ${node.dnsAddress}/32 '; }
names_is_running() { [ -e $run/dns.pid ] && kill -0 "$(cat $run/dns.pid)"; } 2>/dev/null
names_is_silent() { [ "$(wc -l 2>/dev/null <$run/dns.silent)" -ge ${MAX_SILENT_CHECKS} ]; } 2>/dev/null
# When the last file of records came, changed or went: each is written aside and moved. Not by find -newer, which counts whole seconds.
names_moment() { stat -c '%y %i' ${STATE_DIRECTORY}/records; }
names_is_current() { [ ! -e $names/behind ] && [ "$(names_moment)" = "$(cat $names/applied)" ]; }
names_begin() { names_moment >$names/applying; }

# The resolvers of the host, which Docker gives to a container on the host's network.
names_upstreams() {
  awk '
    ${OCTETS}
    function six(text) { return text ~ /^[0-9a-fA-F:]+$/ && text ~ /:.*:/ && text !~ /:::/ && text !~ /::.*::/ && text !~ /[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]/ }
    $1 == "nameserver" && $2 != "${node.dnsAddress}" && (octets($2) || six($2)) && !seen[$2]++ && ++n <= ${MAX_RESOLVERS} { print $2 }
  ' /etc/resolv.conf 2>/dev/null
}
names_is_forwarding() { [ "$(names_upstreams)" = "$(cat $names/upstreams 2>/dev/null)" ]; }
names_forward() {
  names_upstreams >$names/upstreams
  if [ -s $names/upstreams ]; then
    echo '${forwardersConf([FORWARDERS_MARK]).trim()}' | sed "s/${FORWARDERS_MARK}/$(tr '\\n' ' ' <$names/upstreams | sed 's/ $//; s/ /; /g')/" >$names/forwarders
  else
    echo '${forwardersConf([]).trim()}' >$names/forwarders
    log 'dns: the host has no resolver in /etc/resolv.conf: names outside of the cluster are refused'
  fi
}

names_prepare() {
  mkdir -p $names
  if [ ! -s $names/key ]; then
    (umask 077; printf 'key "holdfast" { algorithm hmac-sha256; secret "%s"; };\\n' "$(head -c 32 /dev/urandom | base64)" >$names/key)
  fi
  cp ${NAMED_CONF} $names/named.conf
  names_forward
  chown -R $user $names || user=root
}

# names_build SERIAL: zone files as the records are now.
names_build() {
  rm -rf $names/new
  mkdir $names/new
  rm -f $names/behind
  find ${STATE_DIRECTORY}/records -name '*.zone' -type f -print0 | xargs -0 awk 1 /dev/null | awk -v directory=$names/new -v serial="$1" -f ${ZONE_PROGRAM} || return 1
  chown $user $names/new/*
  rm -f $names/*.jnl
  mv $names/new/* $names/
}

# Brings a server that runs in line with all records; it goes on answering meanwhile.
names_rebuild() {
  log 'dns: making the zones anew'
  names_begin
  names_control freeze >/dev/null || return 1
  serial=$(names_control zonestatus ${CLUSTER_DOMAIN} | sed -n 's/^serial: //p')
  next=$(date +%s)
  [ "$next" -gt "\${serial:-0}" ] || next=$((serial + 1))
  names_build "$next" && names_control thaw >/dev/null || return 1
  for zone in ${zones}; do
    tries=0
    until names_control zonestatus $zone | grep -q "^serial: $next$"; do
      tries=$((tries + 1))
      [ $tries -lt ${MAX_TRIES} ] || return 1
      usleep 50000
    done
  done
  mv $names/applying $names/applied
}
names_control() { timeout 10 /usr/sbin/rndc -c ${RNDC_CONF} "$@" 2>&1; }

# names_update: the messages for nsupdate on standard input. Waits for a server that is being started; makes all zones anew when it says no.
names_update() {
  cat >$run/names-update
  tries=0 said='it does not run'
  while [ $tries -lt ${MAX_UPDATE_TRIES} ]; do
    if [ -e $names/applied ] && names_is_running; then
      names_begin
      if said=$(nsupdate -v -t 5 -k $names/key $run/names-update 2>&1); then
        [ -e $names/behind ] || { mv $names/applying $names/applied; return; }
        names_rebuild && return
      elif [ $tries -ge ${MAX_REFUSALS} ]; then
        case $said in *'update failed'*) names_rebuild && return ;; esac
      fi
    fi
    tries=$((tries + 1))
    usleep 50000
  done
  : >$names/behind
  echo "the name server did not take the records: $said"
  return 1
}

# names_sync: all records, when nobody knows what the server has. Waits for one that is being started.
names_sync() {
  tries=0
  until [ -e $names/applied ] && names_is_running && names_rebuild; do
    tries=$((tries + 1))
    if [ $tries -ge ${MAX_UPDATE_TRIES} ]; then
      : >$names/behind
      echo 'the name server did not take the records'
      return 1
    fi
    usleep 50000
  done
}
`;
}
