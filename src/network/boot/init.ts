// What runs in the network container as process 1: it programs the kernel from /state without asking anybody, keeps the daemons running, and
// looks every two seconds whether what was programmed is still there. It knows neither rules nor names nor routes: those are files. What a look
// costs is starting programs, on every host and for ever: it starts none of its own.
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
/** What the checks of all parts want to know of addresses and routes, for one `ip -batch`. */
export const QUESTIONS_PATH = `${PROGRAM_DIRECTORY}/questions`;

const CHECK_SECONDS = 2;
/** A look that takes longer is given up: then each check is asked by itself. One that takes longer counts as a fault; scripts of the controller wait. */
const LOOK_END_SECONDS = 30;
const CHECK_END_SECONDS = 5;
/** A daemon that ran as long is started again at once; else after a pause that doubles. */
const STEADY_SECONDS = 10;
const MAX_PAUSE_SECONDS = 30;
/** What a daemon has to end after SIGTERM. */
const SERVICE_END_SECONDS = 5;

/** Seconds of uptime in `now`; and whether anything is programmed: not for a while after it was taken away. */
const CLOCK = `uptime() { read -r now rest </proc/uptime; now=\${now%.*}; }
is_there() { uptime; [ ! -e ${TAKEN_AWAY_PATH} ] || [ "$now" -ge "$(cat ${TAKEN_AWAY_PATH})" ]; }
`;

/**
 * `apply boot` runs all boot scripts in order; `apply check FILE…` asks these checks while nobody changes anything, and runs the boot script
 * of a part whose check fails or says something. It leads a process group of its own, as whoever takes the lock must.
 */
export const APPLY_SCRIPT = `#!/bin/sh
. ${PRELUDE_PATH}
${CLOCK}
# Runs the script in a shell of its own, which cannot hurt this one. What it says goes into the log.
boot() {
  (unlock; cd /; . "${BOOT_SCRIPTS}/$1") </dev/null || log "\${1%.sh}: ended with exit code $?"
}

# Whether the check ends with 0 and says nothing. One that does not end is given up, whatever it has begun: nothing waits for its output.
is_well() {
  timeout -s KILL ${CHECK_END_SECONDS} sh -c '. ${PRELUDE_PATH}; cd /; . "$0"' "$1" </dev/null >$run/said 2>&1 9>&-
  code=$?
  said=$(cat $run/said)
  [ $code = 0 ] && [ -z "$said" ]
}

what=$1
shift
case $what in
  boot)
    lock
    for file in ${BOOT_SCRIPTS}/*.sh; do [ ! -e "$file" ] || boot "\${file##*/}"; done
    ;;
  check)
    is_there || exit 0
    # Who holds it changes what is looked at; there is a next time.
    try_lock 100 || exit 0
    is_there || exit 0
    for file; do
      ! is_well "$file" || continue
      name=\${file##*/}
      log "\${name%.sh}: \${said:-not as it was programmed}: programming it again"
      [ ! -e "${BOOT_SCRIPTS}/$name" ] || boot "$name"
    done
    ;;
esac
`;

/** The part of process 1 that looks whether all is as it was programmed. Without the lock, so that no change waits for a look at what is well. */
const LOOKING = `looks=0 looker='' again=''
# Looks, in a fork of this shell that nobody waits for. It tells at its end which checks ended with another code than 0 or said something.
look() {
  is_there || return
  looks=$((looks + 1)) looking_since=$now again=''
  (
    cd /
    # By its path, which saves a fork; where there is none, each check asks by itself.
    seen=$(/usr/sbin/ip -4 -o -batch ${QUESTIONS_PATH} 2>/dev/null) || unset seen
    faulty=''
    for file in ${CHECK_SCRIPTS}/*.sh; do
      [ ! -e "$file" ] || { (. "$file") >$run/look 2>&1 8>&- && [ ! -s $run/look ]; } || faulty="$faulty $file"
    done
    echo "looked $looks$faulty" >&8
  ) </dev/null &
  looker=$!
}

# looked FILE…: the look has ended, and these are to be asked again.
looked() {
  wait $looker
  looker=''
  [ $# = 0 ] || setsid sh ${APPLY_PATH} check "$@"
  [ -z "$again" ] || look
}

# One that does not end is given up, whatever it has begun, and what it may have told already.
end_look() {
  uptime
  [ -n "$looker" ] && [ $((now - looking_since)) -ge ${LOOK_END_SECONDS} ] || return
  kill -9 $looker
  looks=$((looks + 1))
  looked ${CHECK_SCRIPTS}/*.sh
}
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
${CLOCK}${LOOKING}
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
  case $line in
    # The end of a daemon is no reason to look at the kernel.
    ended) ;;
    "looked $looks"*) looked \${line#"looked $looks"} ;;
    # Of a look that was given up.
    looked*) ;;
    *) if [ -z "$looker" ]; then look; elif [ -n "$line" ]; then again=yes; fi ;;
  esac
  end_look
  services
done
`;
