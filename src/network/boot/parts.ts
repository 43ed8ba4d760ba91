// What the parts of the network (fabric, rules, names, Ingress) have in the network container: scripts that run without the controller. Pure.
import type { ContainerFile } from '../node-container.ts';
import { BOOT_SCRIPTS, CHECK_SCRIPTS, SERVICE_SCRIPTS, UNINSTALL_SCRIPTS } from './init.ts';

/** One part. All scripts are of busybox sh and begin with SHELL_PRELUDE. They are run with the lock held; a check is asked again with it before it counts. */
export interface BootPart {
  /** Letters of `[a-z]`. */
  readonly name: string;
  /** Two digits: boot scripts run in this order, those that take away in the opposite one. */
  readonly order: number;
  /** Programs what the files below /state say, whether it is programmed already or not. */
  readonly boot?: string;
  /**
   * Says nothing and ends with 0 when all is as it was programmed; else `boot` is run again. Run every two seconds on every host: it must be cheap,
   * which is to start few programs. `$seen` is what `ip -4 -o` answers to the questions of all parts; unset, the check asks by itself.
   */
  readonly check?: string;
  /** What `check` wants to know of addresses and routes, such as `address show dev lo`: asked once for all parts. */
  readonly questions?: readonly string[];
  /** Takes everything of the part out of the kernel. Harmless when nothing is there. */
  readonly uninstall?: string;
  /**
   * Becomes a daemon in the foreground by `exec`. It runs while /state/NAME.enabled exists, is started again when it dies, gets SIGTERM when the
   * flag goes, and has its process in /run/holdfast/NAME.pid. `wake` in a script makes this happen at once and not within two seconds.
   */
  readonly service?: string;
  /** Further files. */
  readonly files?: readonly ContainerFile[];
}

const MODE = 0o755;

/** The files of a part. */
export function partFiles({ name, order, boot, check, uninstall, service, files = [] }: BootPart): readonly ContainerFile[] {
  const script = `${String(order).padStart(2, '0')}-${name}.sh`;
  const scripts: readonly (readonly [string, string | undefined])[] = [
    [`${BOOT_SCRIPTS}/${script}`, boot],
    [`${CHECK_SCRIPTS}/${script}`, check],
    [`${UNINSTALL_SCRIPTS}/${script}`, uninstall],
    [`${SERVICE_SCRIPTS}/${name}`, service],
  ];
  return [...scripts.flatMap(([path, content]) => (content === undefined ? [] : [{ path, mode: MODE, content }])), ...files];
}
