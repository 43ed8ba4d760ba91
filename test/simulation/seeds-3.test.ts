import { simulateShare } from './simulate.ts';

simulateShare(2, 4);
