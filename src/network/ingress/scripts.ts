// Plans as scripts for the network container (busybox sh). Files first, so that whatever starts the proxy next starts it right; then the
// running proxy: by its runtime socket for pods, certificates and answers to ACME servers, by a reload for the rest. Every script may be
// run again, and may break off anywhere. Pure text.
import { digestOf } from '../../model/hash.ts';
import { STATE_DIRECTORY } from '../node-container.ts';
import { serverName } from './backend-text.ts';
import { DEFAULT_CERTIFICATE } from './certificate-list.ts';
import type { BackendPlan, IngressPlan } from './plan.ts';
import type { Slot } from './slots.ts';
import type { IngressState } from './state.ts';

/** Where the proxy's files and sockets are. */
export const INGRESS_DIRECTORY = `${STATE_DIRECTORY}/ingress`;
/** The service runs while this file is there. */
export const INGRESS_FLAG = `${STATE_DIRECTORY}/ingress.enabled`;

/** How scripts end, beside 0. */
export const EXIT_REFUSED = 3;
export const EXIT_STALE = 4;
export const EXIT_NOT_STARTED = 5;

const END = 'HOLDFAST_END_OF_FILE';
/** How much fits into one line of a socket's commands. */
const MAX_COMMANDS_LENGTH = 8000;

const write = (path: string, content: string): string =>
  `cat > "${path}" <<'${END}'\n${content}${content.endsWith('\n') || content === '' ? '' : '\n'}${END}`;

/** Words that the scripts share: asking the sockets, and the processes of before a reload that still serve connections. */
const prelude = (directory: string): string => `d=${directory}
ask() { socat -t10 - "UNIX-CONNECT:$d/$1" 2>/dev/null; }
pid_now() { echo 'show info' | ask admin.sock | sed -n 's/^Pid: //p'; }
old_pids() { echo 'show proc' | ask master.sock | sed -n '/^# old workers/,$p' | sed -n 's/^\\([0-9][0-9]*\\) .*/\\1/p'; }
`;

/**
 * Puts a whole plan in the place of what is there: checks it, and reloads the proxy, or starts it. Ends with EXIT_REFUSED and the proxy's
 * words when the configuration cannot be used, and the old one goes on; with EXIT_NOT_STARTED when the proxy does not come up.
 * `defaultCertificate` is kept when there is none yet.
 */
export function applyScript(
  plan: IngressPlan,
  defaultCertificate: string,
  directory = INGRESS_DIRECTORY,
  flag = INGRESS_FLAG,
): string {
  const files = [
    ...plan.files,
    ['maps/acme.map', mapText(plan.challenges)] as const,
    ...plan.certificates,
    ...[...plan.backends].map(([name, { text }]) => [backendFile(name), text] as const),
  ];
  return `${prelude(directory)}umask 077
mkdir -p "$d" && cd "$d" || exit 1
[ -s default.pem ] || { ${write('default.new', defaultCertificate)}
mv default.new default.pem; }
rm -rf next && mkdir -p next/backends next/maps next/certificates || exit 1
cp default.pem next/${DEFAULT_CERTIFICATE}
${files.map(([name, content]) => write(`next/${name}`, content)).join('\n')}
if ! haproxy -c -f next/haproxy.cfg -f next/backends > check.log 2>&1; then cat check.log; rm -rf next; exit ${EXIT_REFUSED}; fi
i=0; while [ -e "${plan.revision}.$i" ]; do i=$((i+1)); done
mv next "${plan.revision}.$i" && ln -sfn "${plan.revision}.$i" current.new && mv -T current.new current || exit 1
rm -f problem serving
before=$(pid_now)
: > ${flag}
wake 2>/dev/null
if [ -n "$before" ]; then echo reload | ask master.sock >/dev/null; fi
n=0; now=
while [ $n -lt 150 ]; do
  now=$(pid_now)
  [ -n "$now" ] && [ "$now" != "$before" ] && break
  now=; [ -e problem ] && break
  n=$((n+1)); sleep 0.1
done
for x in *.[0-9]*/; do [ "$x" = "$(readlink current)/" ] || rm -rf "$x"; done
[ -n "$now" ] && { readlink current > serving; echo "SERVING $now"; exit 0; }
cat problem 2>/dev/null
exit ${EXIT_NOT_STARTED}
`;
}

/** Ends the proxy and forgets its configuration: nothing is served any more, and its ports are free. */
export function stopScript(directory = INGRESS_DIRECTORY, flag = INGRESS_FLAG): string {
  return `rm -f ${flag}
wake 2>/dev/null
cd ${directory} 2>/dev/null || exit 0
rm -rf current next problem serving *.[0-9]*/
exit 0
`;
}

/** Tells what the container holds, for readState. */
export function stateScript(directory = INGRESS_DIRECTORY): string {
  return `cd ${directory} 2>/dev/null || exit 0
[ -e current/haproxy.cfg ] || exit 0
# A reload that did not come to its end is done again.
echo "revision $(cat serving 2>/dev/null || echo unknown)"
cd current && sha256sum certificates/*.pem
sed 's/^/challenge /' maps/acme.map
for x in backends/*.cfg; do [ -e "$x" ] && sed -n '/^backend /p;/^  server /p' "$x"; done
exit 0
`;
}

/**
 * What differs between what is held and a plan of the same revision: pods, certificates, answers to ACME servers. Undefined when nothing
 * does. Ends with EXIT_STALE when the running proxy did not take it: then \`applyScript\` does.
 */
export function ingressEndpointScript(
  before: IngressState,
  after: IngressPlan,
  directory = INGRESS_DIRECTORY,
): string | undefined {
  const files: string[] = [];
  const commands: string[] = [];
  for (const [name, backend] of after.backends) {
    const changed = slotCommands(name, before.backends.get(name) ?? [], backend);
    if (changed.length === 0) continue;
    commands.push(...changed);
    files.push(replace(backendFile(name), backend.text));
  }
  const isProven = mapText(before.challenges) === mapText(after.challenges);
  if (!isProven) files.push(replace('maps/acme.map', mapText(after.challenges)));
  if (!isProven) commands.push(...challengeCommands(before.challenges, after.challenges));
  const certificates = [...after.certificates].filter(([file, pem]) => before.certificates.get(file) !== digestOf(pem));
  if (files.length === 0 && certificates.length === 0) return undefined;
  return `${prelude(directory)}umask 077
cd "$d/current" || exit ${EXIT_STALE}
${[...files, ...certificates.map(([file, pem]) => replace(file, pem))].join('\n')}
good() { while read -r line; do case "$line" in *"No such"*|*nknown*|*"not found"*|*rror*|*annot*|*"Can't"*|*nvalid*) echo "$line"; return 1;; esac; done; }
[ -n "$(pid_now)" ] || { echo 'the proxy does not answer'; exit ${EXIT_STALE}; }
old=$(old_pids)
${lines(commands).map(sent).join('\n')}
${certificates.map(([file, pem]) => certificateCommands(file, pem)).join('\n')}
exit 0
`;
}

/** The current process must take it; those of before a reload get it for the connections that they still have. */
function sent(line: string): string {
  const old = line
    .split('; ')
    .map((command) => `@!$p ${command}`)
    .join('; ');
  return `echo "${line}" | ask admin.sock | good || exit ${EXIT_STALE}
for p in $old; do echo "${old}" | ask master.sock >/dev/null; done`;
}

function certificateCommands(file: string, pem: string): string {
  return `{ echo "set ssl cert ${file} <<"; cat <<'${END}'
${pem.trim()}

${END}
} | ask admin.sock | good && echo "commit ssl cert ${file}" | ask admin.sock | good || exit ${EXIT_STALE}`;
}

/** Moves pods in and out of places: an address first, so that nobody is sent to the one of before. */
function slotCommands(name: string, before: readonly Slot[], { slots }: BackendPlan): string[] {
  return slots.flatMap((slot, index) => {
    const old = before[index];
    const server = `${name}/${serverName(index)}`;
    const isMoved = slot.address !== '' && (old?.address !== slot.address || old.port !== slot.port);
    if (!isMoved && old?.state === slot.state) return [];
    // A place that is given to another pod must not be in use while its address changes.
    const address = isMoved
      ? [`set server ${server} state maint`, `set server ${server} addr ${slot.address} port ${slot.port}`]
      : [];
    const weight = slot.state === 'ready' ? [`set server ${server} weight 1`] : [];
    return [...address, ...weight, `set server ${server} state ${slot.state}`];
  });
}

function challengeCommands(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const gone = [...before.keys()].filter((token) => after.get(token) !== before.get(token));
  const added = [...after].filter(([token, answer]) => before.get(token) !== answer);
  return [
    ...gone.map((token) => `del map maps/acme.map ${challengePath(token)}`),
    ...added.map(([token, answer]) => `add map maps/acme.map ${challengePath(token)} ${answer}`),
  ];
}

function challengePath(token: string): string {
  return `/.well-known/acme-challenge/${token}`;
}

function mapText(challenges: ReadonlyMap<string, string>): string {
  return [...challenges].map(([token, answer]) => `${challengePath(token)} ${answer}\n`).join('');
}

/** Commands as lines that the socket can take. */
function lines(commands: readonly string[]): readonly string[] {
  const result: string[] = [];
  let line = '';
  for (const command of commands) {
    if (line.length + command.length > MAX_COMMANDS_LENGTH) {
      result.push(line);
      line = '';
    }
    line += line === '' ? command : `; ${command}`;
  }
  return line === '' ? result : [...result, line];
}

/** A file that is whole at every moment; its name must not end in .cfg before it is. */
function replace(path: string, content: string): string {
  return `${write(`${path}.new`, content)}\nmv "${path}.new" "${path}"`;
}

function backendFile(name: string): string {
  return `backends/${name}.cfg`;
}
