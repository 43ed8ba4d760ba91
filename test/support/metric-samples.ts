// Prometheus' text format, read back.

/** Values by name with labels in the order of their names: `name{a="b",c="d"}`. Throws for a line that is none of the format. */
export function metricSamples(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ') || line.startsWith('# TYPE ')) continue;
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const parsed = value === undefined ? undefined : value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
    if (name === undefined || parsed === undefined || (Number.isNaN(parsed) && value?.toLowerCase() !== 'nan'))
      throw new Error(`not a sample: ${line}`);
    const sorted = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([label]) => label).sort();
    samples.set(sorted.length === 0 ? name : `${name}{${sorted.join(',')}}`, parsed);
  }
  return samples;
}
