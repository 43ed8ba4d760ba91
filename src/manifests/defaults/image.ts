// What Kubernetes reads out of an image reference when it sets defaults.

/** Whether an image reference means the tag `latest`: no tag and no digest, or the tag itself. */
export function pullsLatest(image: string): boolean {
  const [name = '', digest] = image.split('@', 2);
  const tag = /:([^/:]*)$/.exec(name)?.[1];
  return tag === 'latest' || (tag === undefined && digest === undefined);
}
