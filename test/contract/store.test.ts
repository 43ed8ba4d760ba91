import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { storeContract } from './store.contract.ts';

storeContract('memory', async (options) => {
  const store = openMemoryStore(options);
  return { store, dispose: () => store.close() };
});

storeContract('SQLite', async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  const store = openSqliteStore({ ...options, path: join(folder, 'store.db'), key: new Uint8Array(32).fill(7) });
  return {
    store,
    async dispose() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
