// Hash suffixes of generated ConfigMaps and Secrets, by the examples of kustomize's documentation and of Kubernetes' page about kustomize.
import { expect, test } from 'vitest';
import { buildText } from '../../support/kustomize-cases.ts';

type Case = readonly [title: string, name: string, files: string];

const shown: readonly Case[] = [
  [
    'literals (kustomize, Tasks, build metadata)',
    'my-java-server-env-vars-c68g99m4hf',
    `configMapGenerator:
  - name: my-java-server-env-vars
    literals: ["JAVA_HOME=/opt/java/jdk", "JAVA_TOOL_OPTIONS=-agentlib:hprof"]
`,
  ],
  [
    'a namespace (kustomize, Tasks, namespaces and names)',
    'my-config-m2mg5mb749',
    `namespace: my-namespace
configMapGenerator: [{name: my-config, literals: [FOO=BAR]}]
`,
  ],
  [
    'a suffix (kustomize, Tasks, namespaces and names)',
    'my-config-bar-m2mg5mb749',
    `nameSuffix: -bar
configMapGenerator: [{name: my-config, literals: [FOO=BAR]}]
`,
  ],
  [
    'a Secret of literals (kustomize, Tasks, Secret generator)',
    'db-user-pass-t8d2d65755',
    `secretGenerator: [{name: db-user-pass, literals: [username=admin, 'password=S!B\\*d$zDsb=']}]
`,
  ],
  [
    'a Secret of a file (kustomize, Tasks, Secret generator)',
    'db-user-pass-gf9bgh225c',
    `secretGenerator: [{name: db-user-pass, files: [credentials.txt]}]
=== credentials.txt
username=admin
password=S!B\\*d$zDsb=
`,
  ],
  [
    'an env file (Kubernetes, declarative management with kustomize)',
    'example-configmap-1-42cfbf598f',
    `configMapGenerator: [{name: example-configmap-1, envs: [.env]}]
=== .env
FOO=Bar
`,
  ],
];

// The pages show a hash of an older kustomize with these, and say that the output is similar.
const similar: readonly Case[] = [
  [
    'a base and an overlay that merges, with a prefix and a suffix (kustomize, examples, combining configs)',
    'dev-my-configmap-v1-9d99dmg778',
    `resources: [base]
namePrefix: dev-
nameSuffix: -v1
configMapGenerator: [{name: my-configmap, behavior: merge, files: [plumbing.properties, secret.properties]}]
=== plumbing.properties
port=30000
=== secret.properties
dbpassword=mothersMaidenName
=== base/kustomization.yaml
configMapGenerator: [{name: my-configmap, files: [common.properties]}]
=== base/common.properties
color=blue
height=10m
`,
  ],
  [
    'a file (kustomize, Tasks, ConfigMap generator)',
    'my-application-properties-tcgd99d22m',
    `configMapGenerator: [{name: my-application-properties, files: [application.properties]}]
=== application.properties
FOO=Bar`,
  ],
  [
    'an env file (kustomize, Tasks, ConfigMap generator)',
    'tracing-options-gb9kc5dt24',
    `configMapGenerator: [{name: tracing-options, envs: [tracing.env]}]
=== tracing.env
ENABLE_TRACING=true
SAMPLER_TYPE=probabilistic
SAMPLER_PARAMETERS=0.1
`,
  ],
  [
    'a file (Kubernetes, declarative management with kustomize)',
    'example-configmap-1-g4hk9g2ff8',
    `configMapGenerator: [{name: example-configmap-1, files: [application.properties]}]
=== application.properties
FOO=Bar
`,
  ],
  [
    'a literal (Kubernetes, declarative management with kustomize)',
    'example-configmap-2-42cfbf598f',
    `configMapGenerator: [{name: example-configmap-2, literals: [FOO=Bar]}]
`,
  ],
  [
    'a Secret of a file (Kubernetes, declarative management with kustomize)',
    'example-secret-1-2kdd8ckcc7',
    `secretGenerator: [{name: example-secret-1, files: [password.txt]}]
=== password.txt
username=admin
password=secret
`,
  ],
  [
    'a Secret of literals (Kubernetes, declarative management with kustomize)',
    'example-secret-2-8c5228dkb9',
    `secretGenerator: [{name: example-secret-2, literals: [username=admin, password=secret]}]
`,
  ],
];

async function namesOf(files: string): Promise<unknown[]> {
  const { objects, problems } = await buildText(`=== kustomization.yaml\n${files}`);
  expect(problems).toEqual([]);
  return objects.map(({ value }) => (value as { metadata: { name: string } }).metadata.name);
}

test.each(shown)('the documented hash: %s', async (_title, name, files) => {
  expect(await namesOf(files)).toEqual([name]);
});

test.each(similar)('the documented example with the hash of kustomize 5: %s', async (_title, name, files) => {
  expect(await namesOf(files)).toEqual([name]);
});
