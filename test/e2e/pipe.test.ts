// Output that nobody reads to its end, as with `holdfast get pods | head -1`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, '../../dist/main.js');

test.each(['reconcile --help', 'validate examples-repo', 'help'])('%s ends quietly when its reader has gone', (args) => {
  // The reader ends before node has started.
  const { stderr, status } = spawnSync('sh', ['-c', `"${process.execPath}" "${main}" ${args} | true`], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
});
