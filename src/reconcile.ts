#!/usr/bin/env node
// The command `reconcile`, the same as `holdfast reconcile`.
import { main } from './holdfast.ts';

await main(['reconcile', ...process.argv.slice(2)]);
