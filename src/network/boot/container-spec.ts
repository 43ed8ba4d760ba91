// What a node's network container is made of: init and the scripts of all parts. Pure.
import type { ContainerFile, NodeContainerSpec } from '../node-container.ts';
import type { NodeNetwork } from '../node-network.ts';
import { fabricPart } from './fabric.ts';
import { APPLY_PATH, APPLY_SCRIPT, INIT_PATH, INIT_SCRIPT, PRELUDE_PATH, QUESTIONS_PATH } from './init.ts';
import { type BootPart, partFiles } from './parts.ts';
import { rulesPart } from './rules.ts';
import { SHELL_PRELUDE } from './shell.ts';

const MODE = 0o755;
const TEXT_MODE = 0o644;

/**
 * The container of a node. `parts` come to those of rules and fabric. Anything that changes here makes the container anew, so that only what the
 * node is made with may come in: no peers, no Services.
 */
export function networkContainerSpec(
  { cluster }: Pick<NodeNetwork, 'cluster'>,
  image: string,
  parts: readonly BootPart[] = [],
): NodeContainerSpec {
  const all = [fabricPart, rulesPart(cluster), ...parts];
  const questions = all.flatMap((part) => part.questions ?? []).map((line) => `${line}\n`);
  const init: readonly ContainerFile[] = [
    { path: PRELUDE_PATH, mode: TEXT_MODE, content: SHELL_PRELUDE },
    { path: INIT_PATH, mode: MODE, content: INIT_SCRIPT },
    { path: APPLY_PATH, mode: MODE, content: APPLY_SCRIPT },
    { path: QUESTIONS_PATH, mode: TEXT_MODE, content: questions.join('') },
  ];
  return { image, files: [...init, ...all.flatMap(partFiles)], command: [INIT_PATH] };
}
