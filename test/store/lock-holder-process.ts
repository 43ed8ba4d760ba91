// A process that takes the lock, says so, and waits to be killed.
import { acquireProcessLock } from '../../src/store/process-lock.ts';

const [, , path] = process.argv;
const lock = acquireProcessLock(path ?? '', 'holdfast reconcile --repo /srv/app');
process.stdout.write(lock.ok ? 'held\n' : `refused ${lock.holder}\n`);
setInterval(() => {}, 60_000);
