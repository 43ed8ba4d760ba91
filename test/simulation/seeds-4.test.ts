import { simulateShare } from './simulate.ts';

simulateShare(3, 4);
