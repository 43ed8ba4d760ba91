// The step that sets images: `images` gives the images of containers another name, tag or digest.
import { isPlainObject } from '../../schema/admit.ts';
import { configOf } from '../default-config.ts';
import type { Build, BuildResource, BuildStep, FieldSpec, PlainMap } from '../resource.ts';
import { visitSpecs } from './field-specs.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { entriesAt, refuseUnknown, reportInvalid, requiredTextOf, type Settings, textOf } from './settings.ts';

const entryFields = ['name', 'newName', 'newTag', 'digest', 'tagSuffix'];

/** Sets the images of a layer's `images`, one entry after the other, in all objects. */
export const setImages: BuildStep = (resources, layer, build) => {
  const specs = configOf(layer).images;
  for (const settings of entriesAt(layer, 'images', build)) {
    refuseUnknown(settings, entryFields);
    setImage(settings, resources, build, specs);
  }
};

/**
 * Sets what one entry asks for. An image is meant when its name, without tag and digest, is the entry's; as in kustomize the name is a
 * regular expression, and a container is looked at twice, in the fields of the specs and in every list called `containers` or
 * `initContainers`, which shows when a suffix is added to a tag.
 */
export function setImage(
  settings: Settings,
  resources: readonly BuildResource[],
  build: Build,
  specs: readonly FieldSpec[],
): void {
  const name = requiredTextOf(settings, 'name');
  const change: Change = {
    newName: textOf(settings, 'newName'),
    newTag: textOf(settings, 'newTag'),
    digest: textOf(settings, 'digest'),
    tagSuffix: textOf(settings, 'tagSuffix'),
  };
  if (name === undefined) return;
  const alone = compilePattern(name);
  const pattern =
    'fault' in alone
      ? alone
      : compilePattern(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$`);
  if ('fault' in pattern) {
    reportInvalid(settings, ['name'], name, `is not a regular expression that is supported: ${pattern.fault}`);
    return;
  }
  const field = entryFields.slice(1).findLast((key) => textOf(settings, key) !== '') ?? 'name';
  const place = settings.locate([field]);
  let isUsed = false;
  const update = (holder: PlainMap, key: string): void => {
    const image = holder[key];
    if (typeof image !== 'string' || !isMatch(pattern, image)) return;
    isUsed = true;
    const changed = changeImage(image, change);
    if (changed === image) return;
    holder[key] = changed;
    build.origins.mark(holder, key, place);
  };
  for (const { value } of resources) {
    // What a CustomResourceDefinition calls containers are fields of a schema.
    if (value['kind'] === 'CustomResourceDefinition') continue;
    visitContainers(value, update);
    visitSpecs(value, specs, update);
  }
  if (!isUsed) settings.report([], 'NoEffect', `no container has the image "${name}"`, 'note');
}

const isMatch = (pattern: Pattern, image: string): boolean => pattern.isIn(image);

/** The `image` of every item of a list of containers, wherever it is. */
function visitContainers(node: unknown, update: (holder: PlainMap, key: string) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) visitContainers(item, update);
    return;
  }
  if (!isPlainObject(node)) return;
  for (const [key, entry] of Object.entries(node)) {
    visitContainers(entry, update);
    if ((key !== 'containers' && key !== 'initContainers') || !Array.isArray(entry)) continue;
    for (const item of entry as unknown[]) if (isPlainObject(item) && Object.hasOwn(item, 'image')) update(item, 'image');
  }
}

interface Change {
  readonly newName: string;
  readonly newTag: string;
  readonly digest: string;
  readonly tagSuffix: string;
}

/** A new tag or digest takes the place of both. */
function changeImage(image: string, { newName, newTag, digest, tagSuffix }: Change): string {
  const parts = splitImage(image);
  const name = newName === '' ? parts.name : newName;
  if (newTag !== '' || digest !== '') return joinImage(name, newTag, digest);
  if (tagSuffix !== '') return joinImage(name, parts.tag + tagSuffix, '');
  return joinImage(name, parts.tag, parts.digest);
}

function joinImage(name: string, tag: string, digest: string): string {
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
}

/** A colon before the first slash belongs to the registry's port. */
function splitImage(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const slash = Math.max(0, image.indexOf('/'));
  const at = image.indexOf('@', slash);
  const colon = image.indexOf(':', slash);
  const digest = at === -1 ? '' : image.slice(at + 1);
  if (colon === -1 || (at !== -1 && at < colon)) return { name: at === -1 ? image : image.slice(0, at), tag: '', digest };
  return { name: image.slice(0, colon), tag: image.slice(colon + 1, at === -1 ? undefined : at), digest };
}
