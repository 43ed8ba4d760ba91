// Options of a node, as a kubelet's configuration has them: what pods may ask of it, and what none may exceed.
import { type Command, InvalidArgumentError, Option } from 'commander';

/** What commander collected. */
export interface RawNodeOptions {
  seccompProfiles?: string;
  allowedUnsafeSysctls?: readonly string[];
  podPidsLimit?: number;
}

/** What whoever runs the node chose; absent where nobody did. */
export interface NodeChoices {
  /** Folder of seccomp profiles. */
  readonly seccompProfiles?: string;
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly podPidsLimit?: number;
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
  return command
    .option('--seccomp-profiles <folder>', 'where pods find seccomp profiles of type Localhost')
    .addOption(
      new Option('--allowed-unsafe-sysctls <names>', 'kernel parameters that pods may set beside the safe ones').argParser(
        namesOption,
      ),
    )
    .addOption(
      new Option('--pod-pids-limit <number>', 'most processes of a container (default: no limit)').argParser(limitOption),
    );
}

/** The entries that are there. */
export function nodeOptions({ seccompProfiles, allowedUnsafeSysctls, podPidsLimit }: RawNodeOptions): NodeChoices {
  return {
    ...(seccompProfiles === undefined ? {} : { seccompProfiles }),
    ...(allowedUnsafeSysctls === undefined ? {} : { allowedUnsafeSysctls }),
    ...(podPidsLimit === undefined ? {} : { podPidsLimit }),
  };
}
