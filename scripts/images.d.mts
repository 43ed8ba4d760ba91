export const BUSYBOX: string;
export function ensureTestImages(host?: string, options?: { mayPull?: boolean }): Promise<void>;
export function ensureApplicationImage(name: 'nginx' | 'redis' | 'postgres', host?: string): Promise<string>;
