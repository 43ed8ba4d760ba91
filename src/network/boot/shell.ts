// What every script in the network container begins with: those that the controller sends and those that run at boot. Shell of busybox.

/** Where things are that end with the container: pid files `<service>.pid`, the lock, and what wakes init. */
export const RUN_DIRECTORY = '/run/holdfast';
/** What a script waits at most for the one before it. A script that runs longer is ended when another one waits. */
const MAX_SCRIPT_SECONDS = 60;

/**
 * Beside the usual programs a script has:
 * `log TEXT`, a line for the log of the container;
 * `wake`, for services and checks to be looked after now and not within two seconds;
 * `tell SERVICE [SIGNAL]`, a signal for the daemon of a service when it runs, else it fails; without a signal it only tells whether it runs;
 * `lock` and `unlock`: who changes the kernel or /state holds the lock. Scripts of the controller and of the boot are run with it held.
 * Whoever takes it has to lead a process group, since a holder that never ends is killed with its group.
 */
export const SHELL_PRELUDE = `export PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022
run=${RUN_DIRECTORY}
# busybox would take its own small one.
[ ! -x /usr/sbin/ip ] || ip() { /usr/sbin/ip "$@"; }
log() { echo "$*" >/proc/1/fd/1; }
wake() { [ ! -p $run/wake ] || echo wake >$run/wake; }
tell() {
  pid=''
  read -r pid 2>/dev/null <"$run/$1.pid"
  # An empty one would be the whole group of this shell.
  [ "\${pid:-0}" -gt 1 ] && kill "-\${2:-0}" "$pid" 2>/dev/null
}
# try_lock TRIES, 10 ms apart. Not every flock can wait for a time.
try_lock() {
  exec 9>>$run/lock
  tries=0
  until flock -n 9; do
    [ $tries -lt $1 ] || return 1
    tries=$((tries + 1))
    usleep 10000
  done
  echo $$ >$run/holder
}
lock() {
  until try_lock $((${MAX_SCRIPT_SECONDS} * 100)); do
    holder=$(cat $run/holder)
    log "a script ran for ${MAX_SCRIPT_SECONDS} s and was ended"
    [ "\${holder:-0}" -le 1 ] || kill -9 "-$holder"
  done
}
unlock() { exec 9>&-; }
`;
