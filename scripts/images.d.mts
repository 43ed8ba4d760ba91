export const BUSYBOX: string;
export function ensureTestImages(host?: string): Promise<void>;
export function ensureApplicationImage(name: 'nginx' | 'redis' | 'postgres', host?: string): Promise<string>;
