// The command `reconcile`, the same as `holdfast reconcile`.
import { main } from './holdfast.ts';

void main(['reconcile', ...process.argv.slice(2)]);
