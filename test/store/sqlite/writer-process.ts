// A process that writes as fast as it can, says every write that was acknowledged, and waits to be killed.
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemIds } from '../../../src/system/ids.ts';

const [, , path, from] = process.argv;
const store = openSqliteStore({ path: path ?? '', clock: systemClock(), ids: systemIds(), key: new Uint8Array(32).fill(7) });
for (let number = Number(from); ; number++) {
  const name = `m${number}`;
  const metadata = { name, namespace: 'default' };
  const result = await store.write([
    { op: 'create', resource: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { n: String(number) } } },
    { op: 'create', resource: { apiVersion: 'v1', kind: 'Secret', metadata, data: { n: 'eA==' } } },
  ]);
  if (!result.ok) throw new Error(result.message);
  // The pipe is synchronous: when the call returns, the line has left this process.
  process.stdout.write(`${number} ${result.revision}\n`);
}
