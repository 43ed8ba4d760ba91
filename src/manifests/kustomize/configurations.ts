// Reads the `configurations` of a layer.
import { formatPath } from '../place.ts';
import { mergeConfigs, noConfig, readConfig } from './config.ts';
import { defaultConfig } from './default-config.ts';
import { loadLayerFile, reportAt } from './layer-files.ts';
import type { Build, KustomizationFile, TransformerConfig } from './resource.ts';

/** What is built in, with what the files that a layer names under `configurations` add. */
export async function readLayerConfig(layer: KustomizationFile, build: Build): Promise<TransformerConfig> {
  const paths = (layer.value['configurations'] ?? []) as readonly string[];
  let config = noConfig;
  for (const [index, name] of paths.entries()) {
    const at = ['configurations', index];
    const file = await loadLayerFile(name, layer, at, build);
    if (file === undefined) continue;
    const { objects, problems } = await build.context.readObjects(file);
    build.problems.push(...problems);
    const [source] = objects;
    if (source === undefined) continue;
    const own = readConfig(source, (path, reason, message) => {
      build.problems.push({ severity: 'error', reason, ...source.locate(path), field: formatPath(path), message });
    });
    const merged = mergeConfigs(config, own);
    const conflict = merged.conflict ?? mergeConfigs(defaultConfig, own).conflict;
    if (conflict !== undefined) {
      const message = `conflicting field specs: ${conflict.path} is both to be made and not to be made where it is missing`;
      reportAt(layer, at, 'Conflict', message, build);
    }
    config = merged.config;
  }
  return config === noConfig ? defaultConfig : mergeConfigs(defaultConfig, config).config;
}
