export const NETWORK_IMAGE: string;
export function ensureNetworkImage(host?: string): Promise<string>;
