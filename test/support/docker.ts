// A real Docker Engine for tests: the one of DOCKER_HOST. Without one a test fails; `npm test` provides it.

import { callEngine, dockerRequest, hostOfEnvironment, whyNoEngine } from '../../scripts/engine-api.mjs';
import { BUSYBOX, ensureTestImages } from '../../scripts/images.mjs';
import { ensureNetworkImage as ensureImage } from '../../scripts/network-image.mjs';
import { createDockerEngine } from '../../src/docker/docker-engine.ts';
import { type DockerHost, parseDockerHost } from '../../src/docker/docker-host.ts';
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL } from '../../src/kubelet/labels.ts';
import { systemClock } from '../../src/system/clock.ts';

export { BUSYBOX };

/** A name for a cluster of one test, so that tests on one engine do not meet. */
export function uniqueCluster(prefix: string): string {
  return `${prefix}-${process.pid}-${process.hrtime.bigint().toString(36).slice(-6)}`;
}

/** The engine of the environment. Throws when the environment names none that could be used. */
export function testDockerHost(): DockerHost {
  const parsed = parseDockerHost({ DOCKER_HOST: hostOfEnvironment() });
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.host;
}

/** The engine as the cluster sees it. */
export async function testEngine(cluster: string): Promise<ContainerEngine> {
  const reason = await whyNoEngine(hostOfEnvironment());
  if (reason !== undefined) throw new Error(`these tests need a Docker Engine: ${reason}. Run them by \`npm test -- FILE\``);
  return createDockerEngine({ cluster, host: testDockerHost(), clock: systemClock() });
}

/** A call of the engine's API behind Holdfast's back, as a person with the docker command would do it. Fails on a status of 400 or more. */
export function byHand(method: string, path: string, body?: object): Promise<unknown> {
  return dockerRequest(hostOfEnvironment(), method, path, body);
}

/** Removes all containers, networks and volumes that carry a label, such as `holdfast.dev/cluster=NAME`. */
export async function removeLabelled(label: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const host = hostOfEnvironment();
  const read = async (path: string): Promise<unknown> => JSON.parse((await callEngine(host, 'GET', path)).body.toString());
  const containers = (await read(`/containers/json?all=1&filters=${filters}`)) as { Id: string }[];
  await Promise.all(containers.map(({ Id }) => callEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`)));
  const networks = (await read(`/networks?filters=${filters}`)) as { Id: string }[];
  for (const { Id } of networks) await callEngine(host, 'DELETE', `/networks/${Id}`);
  const { Volumes } = (await read(`/volumes?filters=${filters}`)) as { Volumes: { Name: string }[] | null };
  for (const { Name } of Volumes ?? []) await callEngine(host, 'DELETE', `/volumes/${Name}`);
}

/** Removes all that a cluster made on the engine. */
export async function cleanUp(cluster: string): Promise<void> {
  await removeLabelled(`${CLUSTER_LABEL}=${cluster}`);
  // That of a controller that was killed.
  await removeLabelled(`holdfast.dev/lock-of=${cluster}`);
}

/** The engine has the image that tests run, and returns its reference. */
export async function ensureBusybox(): Promise<string> {
  await ensureTestImages(hostOfEnvironment());
  return BUSYBOX;
}

/** The engine has the image of the network container; returns its reference. */
export async function ensureNetworkImage(): Promise<string> {
  return await ensureImage(hostOfEnvironment());
}
