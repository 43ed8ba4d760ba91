// What the plug of a node is made of: a program that waits, in the image of the network container. Everything else comes by its session. Pure.
import type { NodeContainerSpec } from '../node-container.ts';

/** The plug's container. It has nothing of its own, not even files: a script finds all that it needs in the kernel. */
export function plugContainerSpec(image: string): NodeContainerSpec {
  return { image, files: [], command: ['/bin/tail', '-f', '/dev/null'] };
}
