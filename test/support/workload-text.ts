// Manifests of workloads as text, for tests of their rules and conversions.
import { loadText, told } from './manifest-text.ts';

/** The first lines of an object, up to its metadata. */
export function headOf(kind: string, apiVersion: string, name = 'x'): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
}

/** A pod template, indented by two: labels `app: x`, one container, and more lines of the pod. */
export function templateText(pod = '', labels = '{app: x}'): string {
  return `  template:\n    metadata: {labels: ${labels}}\n    spec:\n${pod}      containers: [{name: c, image: "i:1"}]\n`;
}

/** What is wrong with a text: without notes, and without what is right and not supported yet. */
export function faultsOf(text: string): string[] {
  return told(loadText(text)).filter((line) => !/^(?:note|error Unsupported)/.test(line));
}

/** The only object of a text with its defaults, whether its kind is refused or not. */
export function resourceOf(text: string): unknown {
  return loadText(text).manifests[0]?.resource;
}
