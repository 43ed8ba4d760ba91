// Gives each of vitest's workers a Docker Engine of its own, where there are several.
const engines = (process.env['HOLDFAST_TEST_ENGINES'] ?? '').split(' ').filter((host) => host !== '');
/** From 1 on, at most as many as there are workers. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? 1);
const mine = engines[(worker - 1) % Math.max(1, engines.length)];
if (mine !== undefined) process.env['DOCKER_HOST'] = mine;
