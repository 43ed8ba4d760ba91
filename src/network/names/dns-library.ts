// What all scripts of the name server share: functions of busybox sh that make its zones of the records in the container's state, keep it in line with
// them, and tell it of changes. They need no controller.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import { PRELUDE_PATH, PROGRAM_DIRECTORY } from '../boot/init.ts';
import { STATE_DIRECTORY } from '../node-container.ts';
import type { NodeNetwork } from '../node-network.ts';
import { forwardersConf, KEY_NAME } from './named-conf.ts';
import { OCTETS } from './zone-files.ts';
import { zonesOf } from './zones.ts';

/** Functions of the scripts here and of those that recordsScript makes. */
export const DNS_LIBRARY = `${PROGRAM_DIRECTORY}/names`;
export const NAMED_CONF = `${PROGRAM_DIRECTORY}/named.conf`;
export const RNDC_CONF = `${PROGRAM_DIRECTORY}/rndc.conf`;
export const ZONE_PROGRAM = `${PROGRAM_DIRECTORY}/zones.awk`;

/** In memory: everything here is made from the state at each start, and no update waits for a busy disk. */
export const WORK_DIRECTORY = '/dev/shm/holdfast-names';
const FORWARDERS_MARK = 'UPSTREAMS';
const MAX_RESOLVERS = 8;
/** Questions in a row, one with each check, without an answer, before the server is killed. */
const MAX_SILENT_CHECKS = 3;
/** How often, 50 ms apart, is asked whether the server has all records, when nobody knows what it has. */
const MAX_SYNC_TRIES = 40;
/** What the server may take to answer an update. */
const UPDATE_SECONDS = 5;
/** How often, 50 ms apart, it may say no: it answers SERVFAIL while it has something else to do. */
const MAX_REFUSALS = 5;
/** How often, 50 ms apart, is asked whether a server is in line again that is nearly so. */
const MAX_WAITS = 5;
/** How often, 50 ms apart, is asked whether zones that were made anew are loaded. */
const MAX_TRIES = 100;
/** How often, 100 ms apart, zones are made anew in vain before the server is ended, to read them at its next start. */
const MAX_MENDS = 20;

/** The text of DNS_LIBRARY for a node. */
export function dnsLibrary(node: NodeNetwork): string {
  const zones = zonesOf(node).join(' ');
  return `names=${WORK_DIRECTORY} user=''
# The server has no rights of its own, where the image knows such a user.
names_user() {
  [ -z "$user" ] || return 0
  user=root
  for each in nobody bind; do ! grep -q "^$each:" /etc/passwd || user=$each; done
}

names_address() { ip -o -4 address show dev lo 2>/dev/null | grep -q ' ${node.dnsAddress}/32 '; }
names_is_running() { tell dns; }
names_is_silent() { [ "$(wc -l 2>/dev/null <$run/dns.silent)" -ge ${MAX_SILENT_CHECKS} ]; } 2>/dev/null
# When the last file of records came, changed or went: each is written aside and moved. Not by find -newer, which counts whole seconds.
names_moment() { stat -c '%y %i' ${STATE_DIRECTORY}/records; }
names_is_current() { [ ! -e $names/behind ] && moment='' && read -r moment <$names/applied && [ "$(names_moment)" = "$moment" ]; }

# The resolvers of the host, which Docker gives to a container on the host's network, on one line.
names_upstreams() {
  awk '
    ${OCTETS}
    function six(text) { return text ~ /^[0-9a-fA-F:]+$/ && text ~ /:.*:/ && text !~ /:::/ && text !~ /::.*::/ && text !~ /[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]/ }
    $1 == "nameserver" && $2 != "${node.dnsAddress}" && (octets($2) || six($2)) && !seen[$2]++ && ++n <= ${MAX_RESOLVERS} { printf "%s%s", gap, $2; gap = " " }
  ' /etc/resolv.conf 2>/dev/null
}
names_is_forwarding() {
  known=''
  read -r known 2>/dev/null <$names/upstreams
  [ "$(names_upstreams)" = "$known" ]
}
names_forward() {
  upstreams=$(names_upstreams)
  echo "$upstreams" >$names/upstreams
  if [ -n "$upstreams" ]; then
    echo '${forwardersConf([FORWARDERS_MARK]).trim()}' | sed "s/${FORWARDERS_MARK}/$(echo "$upstreams" | sed 's/ /; /g')/" >$names/forwarders
  else
    echo '${forwardersConf([]).trim()}' >$names/forwarders
    log 'dns: the host has no resolver in /etc/resolv.conf: names outside of the cluster are refused'
  fi
}

names_prepare() {
  names_user
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
  names_user
  rm -rf $names/new
  mkdir $names/new
  find ${STATE_DIRECTORY}/records -name '*.zone' -type f -print0 | xargs -0 awk 1 /dev/null | awk -v directory=$names/new -v serial="$1" -f ${ZONE_PROGRAM} || return 1
  chown $user $names/new/*
  rm -f $names/*.jnl
  mv $names/new/* $names/
}

# Brings a server that runs in line with all records; it goes on answering meanwhile.
names_rebuild() {
  log 'dns: making the zones anew'
  names_moment >$names/applying
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

# The same, without the lock of scripts: none waits for it. No update is sent while the mark is there, and who has left one out says so: then once
# more, with the lock, so that it comes to an end however often records change. A server that is being started reads all records by itself.
names_mend() {
  exec 5>>$names/lock
  flock -n 5 || return 0
  mends=0
  while [ $mends -lt ${MAX_MENDS} ]; do
    : >$names/behind
    rm -f $names/missed
    if ! names_is_running; then
      rm -f $names/behind
      return 0
    elif [ -e $names/applied ] && names_rebuild; then
      rm -f $names/behind
      [ -e $names/missed ] || return 0
      lock
    else
      mends=$((mends + 1))
      usleep 100000
    fi
  done
  rm -f $names/behind
  tell dns TERM
}
names_is_mending() { [ -e $names/lock ] && ! flock -n $names/lock true; }
names_mend_aside() {
  : >$names/behind
  setsid sh -c '. ${PRELUDE_PATH}; . ${DNS_LIBRARY}; names_mend' </dev/null >/dev/null 2>&1 5>&- 6>&- 7>&- 9>&- &
}

# One nsupdate is kept, since its start takes ten times as long as an update. It reads from one pipe and answers into another; both are open at both
# ends, so that nobody waits for the other to come.
names_asker() {
  pid='' program=''
  read -r pid 2>/dev/null <$names/asker && read -r program 2>/dev/null </proc/$pid/comm
  if [ "$program" != nsupdate ]; then
    rm -f $names/asked $names/told
    mkfifo -m 600 $names/asked $names/told || return 1
    setsid nsupdate -v -t ${UPDATE_SECONDS} -k $names/key 0<>$names/asked 1<>$names/told 2>&1 5>&- 6>&- 7>&- 9>&- &
    echo $! >$names/asker
  fi
  exec 7<>$names/asked 6<>$names/told
}
# It ends with whatever it has not said yet.
names_drop_asker() {
  exec 6>&- 7>&-
  read -r pid 2>/dev/null <$names/asker && kill -9 "$pid" 2>/dev/null
  rm -f $names/asker $names/asked $names/told
}
# names_ask MESSAGE: by the one that is kept. What is left in the pipe is the rest of what it said to the one before.
names_ask() {
  printf '%s\\nanswer\\n' "$1" >&7
  while read -r -t ${UPDATE_SECONDS} line <&6; do
    case $line in
      ';; ->>HEADER<<- opcode: UPDATE, status: NOERROR,'*) return 0 ;;
      ';; ->>HEADER'*) return 1 ;;
      '' | Answer: | ';;'* | ';'[!' ']* | ${KEY_NAME}.*) ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# names_insist MESSAGE: by one that says in its own words what is wrong.
names_insist() {
  refusals=0
  until said=$(printf '%s\\n' "$1" | nsupdate -v -t ${UPDATE_SECONDS} -k $names/key 2>&1); do
    refusals=$((refusals + 1))
    case $said in *'update failed'*) [ $refusals -lt ${MAX_REFUSALS} ] || return 1 ;; *) return 1 ;; esac
    usleep 50000
  done
}

# What was not sent is among the records that the server gets all together, by who is at it already or when it starts.
names_miss() {
  : >$names/behind
  : >$names/missed
  if names_is_running; then names_mend_aside; else wake; fi
}

# names_update MESSAGE…: sends the records to the server. Waits for nothing but its answer: one that does not take them is mended aside.
names_update() {
  waits=0 said='it does not run'
  while [ -e $names/behind ]; do
    : >$names/missed
    # It may have become whole just before that.
    [ $waits -lt ${MAX_WAITS} ] || { echo 'the name server has not got the records yet: it is being brought in line'; return 1; }
    waits=$((waits + 1))
    usleep 50000
  done
  if [ -e $names/applied ] && names_is_running; then
    names_asker
    for message; do
      names_ask "$message" && continue
      names_drop_asker
      names_insist "$message" || { names_miss; break; }
      names_asker
    done
    exec 6>&- 7>&-
  else
    names_miss
  fi
  [ ! -e $names/behind ] || { echo "the name server did not take the records: $said"; return 1; }
  names_moment >$names/applied
}

# names_sync: all records, when nobody knows what the server has. Waits for it, for a while; one that is being started reads them all.
names_sync() {
  ! names_is_running || names_miss
  tries=0
  until names_is_whole && names_control status >/dev/null; do
    tries=$((tries + 1))
    if [ $tries -ge ${MAX_SYNC_TRIES} ]; then
      echo 'the name server has not got the records yet'
      return 1
    fi
    usleep 50000
  done
}
# names_catch_up: whether it has all records by now, without waiting.
names_catch_up() {
  names_is_whole && return
  if names_is_running; then names_mend_aside; else wake; fi
  echo 'the name server has not got the records yet'
  return 1
}
names_is_whole() { names_is_running && [ -e $names/applied ] && names_is_current; } 2>/dev/null
`;
}
