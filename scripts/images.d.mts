export const BUSYBOX: string;
export function ensureTestImages(host?: string): Promise<void>;
