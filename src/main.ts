#!/usr/bin/env node
// The command `holdfast`.
import { main } from './holdfast.ts';

await main(process.argv.slice(2));
