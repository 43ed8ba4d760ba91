// Why there is no connection over ssh, and what to do: from what the program said and how it ended. Pure.

/** How an `ssh` ended. `error`: it never began. */
export interface SshEnd {
  readonly error?: Error;
  /** Its standard error. */
  readonly said: string;
  readonly code: number | null;
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    'its host key is not the known one: put the right one into known_hosts, for example with ssh-keyscan',
  ],
  [
    /Permission denied \(/i,
    'the key is not accepted: is it in ssh-agent or in ~/.ssh/config, and in authorized_keys over there?',
  ],
  [
    /docker(: command)?:? not found|command not found/i,
    'there is no docker command on the other side, for the user that logs in',
  ],
  [/is not a docker command|unknown command.*dial-stdio/i, 'the docker command on the other side is older than 18.09'],
  [/permission denied while trying to connect/i, 'the user over there may not use the engine: add it to the group docker'],
  [/Could not resolve hostname/i, 'there is no such host'],
];

/** One sentence. */
export function sshFault({ error, said, code }: SshEnd): string {
  if (error !== undefined)
    return 'code' in error && error.code === 'ENOENT'
      ? 'there is no ssh program on this machine: install the client of OpenSSH'
      : `ssh cannot be started: ${error.message}`;
  const lines = said
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Warning: Permanently added') && !/^@+/.test(line));
  const last = lines.at(-1) ?? (code === null ? 'ssh was ended' : `ssh ended with exit code ${code}`);
  const advice = ADVICE.find(([words]) => words.test(said))?.[1] ?? (code === 127 ? ADVICE[2]?.[1] : undefined);
  return advice === undefined ? last : `${last} (${advice})`;
}
