// How a call of a port ends.
import { FaultError } from '../../src/system/fault-error.ts';

/** The fault that a call ends in, or `success`. What is no fault of a port goes on. */
export async function faultOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'success';
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
}
