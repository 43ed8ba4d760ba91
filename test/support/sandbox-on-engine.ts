// The image of sandboxes on an engine, real or not.
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { type SandboxImage, sandboxImage } from '../../src/kubelet/images/sandbox-image.ts';

/** The engine has the image afterwards. It is not imported twice: the same bytes imported again are another image to Docker. */
export async function ensureSandboxImage(engine: ContainerEngine): Promise<SandboxImage> {
  const { signal } = new AbortController();
  const image = sandboxImage((await engine.info(signal)).architecture);
  const { reference, files, entrypoint } = image;
  if ((await engine.image(reference, signal)) === undefined) await engine.importImage(reference, files, { entrypoint }, signal);
  return image;
}
