// The forms that Kubernetes gives to names, labels, keys and numbers, in its own words (apimachinery, util/validation).
// Every function returns what is wrong, or undefined.

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const labelPattern = whole(label);
const subdomainPattern = whole(subdomain);
const qualifiedPattern = whole(qualifiedName);
const labelValuePattern = whole(labelValue);

/** What is wrong with a value, or undefined when nothing is. */
export type Fault = string | undefined;

const atMost = (limit: number): string => `must be no more than ${limit} characters`;

/** Names of containers, volumes and namespaces. */
export function checkDnsLabel(name: string): Fault {
  if (name.length > 63) return atMost(63);
  if (labelPattern.test(name)) return undefined;
  return `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;
}

/** Names of most objects. */
export function checkDnsSubdomain(name: string): Fault {
  if (name.length > 253) return atMost(253);
  if (subdomainPattern.test(name)) return undefined;
  return `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`;
}

/** Keys of labels and annotations: a name, and before it perhaps a prefix and a slash. */
export function checkQualifiedName(key: string): Fault {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const form = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedName}')`;
  if (parts.length > 2)
    return `a qualified name ${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  if (parts.length === 2) {
    if (parts[0] === '') return 'prefix part must be non-empty';
    const prefixFault = checkDnsSubdomain(parts[0] ?? '');
    if (prefixFault !== undefined) return `prefix part ${prefixFault}`;
  }
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return `name part ${atMost(63)}`;
  return qualifiedPattern.test(name) ? undefined : `name part ${form}`;
}

/** Values of labels. */
export function checkLabelValue(value: string): Fault {
  if (value.length > 63) return atMost(63);
  if (labelValuePattern.test(value)) return undefined;
  return `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValue}')`;
}

/** Keys of ConfigMaps and Secrets: they become names of files. */
export function checkDataKey(key: string): Fault {
  if (key.length > 253) return atMost(253);
  if (!/^[-._a-zA-Z0-9]+$/.test(key))
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
  if (key === '.') return "must not be '.'";
  if (key === '..') return "must not be '..'";
  return key.startsWith('..') ? "must not start with '..'" : undefined;
}

/** Names of environment variables. */
export function checkEnvName(name: string): Fault {
  return /^[ -<>-~]+$/.test(name)
    ? undefined
    : "a valid environment variable name must consist only of printable ASCII characters other than '='";
}

/** Names of ports. */
export function checkPortName(name: string): Fault {
  if (name.length > 15) return 'must be no more than 15 characters';
  if (!/^[-a-z0-9]+$/.test(name)) return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  if (!/[a-z]/.test(name)) return 'must contain at least one letter (a-z)';
  if (name.includes('--')) return 'must not contain consecutive hyphens';
  return name.startsWith('-') || name.endsWith('-') ? 'must not begin or end with a hyphen' : undefined;
}

/** Numbers of ports. */
export function checkPortNumber(port: number): Fault {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? undefined : 'must be between 1 and 65535, inclusive';
}

/** Addresses, IPv4 or IPv6. */
export function checkIp(address: string): Fault {
  const parts = address.split('.');
  const isV4 = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  const groups = address.split('::');
  const words = groups.flatMap((group) => (group === '' ? [] : group.split(':')));
  const isV6 =
    address.includes(':') &&
    words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)) &&
    (groups.length === 2 ? words.length < 8 : groups.length === 1 && words.length === 8);
  return isV4 || isV6 ? undefined : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
}

/** Base64 with padding, as Go reads it: line breaks do not count. */
export function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/[\r\n]/g, ''));
}

/** Paths below a mount: relative, and without a step upwards. */
export function checkLocalPath(path: string): Fault {
  if (path.startsWith('/')) return 'must be a relative path';
  return path.split('/').includes('..') ? "must not contain '..'" : undefined;
}

/** Paths below a mount that do not hide what is kept there by Kubernetes itself: as local paths, and not beginning with two dots. */
export function checkUnreservedPath(path: string): Fault {
  return checkLocalPath(path) ?? (path.startsWith('..') ? "must not start with '..'" : undefined);
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctl = `(${segment}[\\./])*${segment}`;
const sysctlPattern = whole(sysctl);

/** Names of kernel parameters. */
export function checkSysctlName(name: string): Fault {
  return name.length <= 253 && sysctlPattern.test(name)
    ? undefined
    : `must have at most 253 characters and match regex ^${sysctl}$`;
}

const searchDomain = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const searchPattern = whole(`${searchDomain}(\\.${searchDomain})*`);

/** Search domains of a resolver: a dot alone, or a subdomain in which underscores are allowed and which may end with a dot. */
export function checkSearchDomain(domain: string): Fault {
  if (domain === '.') return undefined;
  const name = domain.endsWith('.') ? domain.slice(0, -1) : domain;
  if (name.length > 253) return atMost(253);
  return searchPattern.test(name)
    ? undefined
    : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')";
}

/** Names of HTTP headers. */
export function checkHeaderName(name: string): Fault {
  return /^[-A-Za-z0-9]+$/.test(name)
    ? undefined
    : "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
}

/** Whole numbers between two bounds. */
export function checkRange(value: number, lowest: number, highest: number): Fault {
  return value >= lowest && value <= highest ? undefined : `must be between ${lowest} and ${highest}, inclusive`;
}

/** Numbers of users and groups. */
export function checkId(id: number): Fault {
  return checkRange(id, 0, 2147483647);
}

/** Mode bits of a file. */
export function checkMode(mode: number): Fault {
  return mode >= 0 && mode <= 0o777 ? undefined : 'must be a number between 0 and 0777 (octal), both inclusive';
}
