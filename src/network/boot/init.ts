// What runs in the network container as process 1: it programs the kernel from /state without asking anybody, keeps the daemons running, and
// looks every two seconds whether what was programmed is still there. It knows neither rules nor names nor routes: those are files.
import { STATE_DIRECTORY } from '../node-container.ts';
import { RUN_DIRECTORY } from './shell.ts';

/** Below it is all that is written into the container before it starts. */
export const PROGRAM_DIRECTORY = '/holdfast';
/** Where the scripts of the network's parts lie: `boot.d` and the like. Those of one part have one name in all of them. */
export const BOOT_SCRIPTS = `${PROGRAM_DIRECTORY}/boot.d`;
export const CHECK_SCRIPTS = `${PROGRAM_DIRECTORY}/check.d`;
export const UNINSTALL_SCRIPTS = `${PROGRAM_DIRECTORY}/uninstall.d`;
export const SERVICE_SCRIPTS = `${PROGRAM_DIRECTORY}/services`;
export const INIT_PATH = `${PROGRAM_DIRECTORY}/init`;
export const APPLY_PATH = `${PROGRAM_DIRECTORY}/apply`;
/** Until when (seconds of uptime) nothing is programmed, because it was taken away. */
export const TAKEN_AWAY_PATH = `${RUN_DIRECTORY}/taken-away`;
export const PRELUDE_PATH = `${PROGRAM_DIRECTORY}/prelude`;

const CHECK_SECONDS = 2;
/** A check that takes longer is given up, and counts as a fault; sooner where scripts of the controller wait for it. */
const CHECK_END_SECONDS = 30;
const LOCKED_CHECK_END_SECONDS = 5;
/** A daemon that ran as long is started again at once; else after a pause that doubles. */
const STEADY_SECONDS = 10;
const MAX_PAUSE_SECONDS = 30;
/** What a daemon has to end after SIGTERM. */
const SERVICE_END_SECONDS = 5;

/**
 * `apply boot` runs all boot scripts in order; `apply check` all checks, and the boot script of a part whose check fails or says something, also
 * when it is asked again while nobody changes anything. It leads a process group of its own, as whoever takes the lock must.
 */
export const APPLY_SCRIPT = `#!/bin/sh
. ${PRELUDE_PATH}

# Runs the script in a shell of its own, which cannot hurt this one. What it says goes into the log.
boot() {
  (unlock; cd /; . "${BOOT_SCRIPTS}/$1") </dev/null || log "\${1%.sh}: ended with exit code $?"
}

# Not while it was taken away.
is_there() {
  read -r now rest </proc/uptime
  [ ! -e ${TAKEN_AWAY_PATH} ] || [ "\${now%.*}" -ge "$(cat ${TAKEN_AWAY_PATH})" ]
}

# is_well SECONDS CHECK: whether it ends with 0 and says nothing. One that does not end is given up, whatever it has begun: nothing waits for its output.
is_well() {
  timeout -s KILL "$1" sh -c '. ${PRELUDE_PATH}; cd /; . "$0"' "$2" </dev/null >$run/said 2>&1 9>&-
  code=$?
  said=$(cat $run/said)
  [ $code = 0 ] && [ -z "$said" ]
}

case $1 in
  boot)
    lock
    for file in ${BOOT_SCRIPTS}/*.sh; do [ ! -e "$file" ] || boot "\${file##*/}"; done
    ;;
  check)
    is_there || exit 0
    # Without the lock, so that no change waits for a look at what is well.
    faulty=''
    for file in ${CHECK_SCRIPTS}/*.sh; do [ ! -e "$file" ] || is_well ${CHECK_END_SECONDS} "$file" || faulty="$faulty $file"; done
    [ -n "$faulty" ] || exit 0
    # Who holds it changes what is looked at; there is a next time.
    try_lock 100 || exit 0
    is_there || exit 0
    for file in $faulty; do
      ! is_well ${LOCKED_CHECK_END_SECONDS} "$file" || continue
      name=\${file##*/}
      log "\${name%.sh}: \${said:-not as it was programmed}: programming it again"
      [ ! -e "${BOOT_SCRIPTS}/$name" ] || boot "$name"
    done
    ;;
esac
`;

/**
 * Process 1. A service is a script that becomes its daemon (`exec named -f …`). It runs while /state/NAME.enabled exists; its process is in
 * /run/holdfast/NAME.pid. The shell waits in `read`, so that an idle container costs nothing but the checks.
 */
export const INIT_SCRIPT = `#!/bin/sh
. ${PRELUDE_PATH}
mkdir -p $run
# Of the run before. Not the lock: a script of the controller may hold it already.
rm -f $run/*.pid $run/*.running $run/wake $run/taken-away
mkdir -p ${STATE_DIRECTORY}/rules ${STATE_DIRECTORY}/records ${STATE_DIRECTORY}/memory /run/named
mkfifo $run/wake
exec 8<>$run/wake
uptime() { read -r now rest </proc/uptime; now=\${now%.*}; }

serve() {
  (
    exec 8>&-
    sh -c 'echo $$ >"$0/$1.pid"; exec sh "$2/$1"' $run "$1" ${SERVICE_SCRIPTS} </dev/null
    code=$?
    rm -f "$run/$1.pid" "$run/$1.running"
    log "$1: ended with exit code $code"
    echo ended >$run/wake
  ) &
}

# Starts what should run and does not, in its time; ends what should not.
services() {
  uptime
  for file in ${SERVICE_SCRIPTS}/*; do
    [ -e "$file" ] || continue
    name=\${file##*/}
    eval "begun=\\\${begun_$name:-} next=\\\${next_$name:-0} pause=\\\${pause_$name:-0} ending=\\\${ending_$name:-}"
    if [ ! -e "$run/$name.running" ]; then
      ending=''
      if [ -n "$begun" ]; then
        if [ $((now - begun)) -ge ${STEADY_SECONDS} ]; then pause=0; else pause=$((pause * 2 + 1)); fi
        [ "$pause" -le ${MAX_PAUSE_SECONDS} ] || pause=${MAX_PAUSE_SECONDS}
        next=$((now + pause)) begun=''
      fi
      if [ ! -e "${STATE_DIRECTORY}/$name.enabled" ]; then
        next=0 pause=0
      elif [ "$now" -ge "$next" ]; then
        begun=$now
        : >"$run/$name.running"
        serve "$name"
      fi
    elif [ ! -e "${STATE_DIRECTORY}/$name.enabled" ]; then
      if [ -n "$ending" ] && [ $((now - ending)) -ge ${SERVICE_END_SECONDS} ]; then
        tell "$name" KILL
      elif [ -z "$ending" ]; then
        # Not before it has its number.
        ! tell "$name" TERM || ending=$now
      fi
    fi
    eval "begun_$name=\\$begun next_$name=\\$next pause_$name=\\$pause ending_$name=\\$ending"
  done
}

finish() {
  trap '' TERM
  tries=0
  for file in ${SERVICE_SCRIPTS}/*; do tell "\${file##*/}" TERM; done
  while [ $tries -lt 20 ]; do
    set -- $run/*.pid
    [ -e "$1" ] || break
    usleep 50000
    tries=$((tries + 1))
  done
  exit 0
}
trap finish TERM INT

uptime
begun_at=$now
setsid sh ${APPLY_PATH} boot
services
uptime
log "programmed in $((now - begun_at)) s from $(ls ${STATE_DIRECTORY}/rules | wc -l) files of rules"
while :; do
  line=''
  read -r -t ${CHECK_SECONDS} line <&8
  # The end of a daemon is no reason to look at the kernel.
  [ "$line" = ended ] || setsid sh ${APPLY_PATH} check
  services
done
`;
