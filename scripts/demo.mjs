// The main job on real input, step by step: a small shop is deployed from Git, changed, broken, taken back, reverted, healed, cleaned up.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages, root } from './setup.mjs';

const cluster = 'demo';
const stepDeadlineMs = 90_000;
const bold = (text) => (process.stdout.isTTY ? `\u001B[1m${text}\u001B[0m` : text);
const say = (text) => console.log(text);
let step = 0;
const title = (text) => say(`\n${bold(`${++step}. ${text}`)}`);

ensurePackages();
const { ensureBuilt } = await import('./build.mjs');
ensureBuilt();
const { withEngine, dockerRequest } = await import('./engine.mjs');
const { ensureTestImages } = await import('./images.mjs');

process.exitCode = await withEngine(async (dockerHost) => {
  await ensureTestImages(dockerHost);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-'));
  const demo = new Demo(folder, dockerHost);
  try {
    await demo.play();
    return 0;
  } catch (error) {
    say(`\nThe demo failed: ${error.message}`);
    return 1;
  } finally {
    await demo.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  }
});
