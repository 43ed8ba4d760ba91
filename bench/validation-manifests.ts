// Manifests as people write them, for the measurement of reading: block style, comments, several documents to a file.

/** Files of the set. */
export const FILES = 10_000;

const deployment = (name: string, version: number): string => `# The front end of ${name}.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/version: "${version}"
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      terminationGracePeriodSeconds: 20
      containers:
        - name: app
          image: registry.example.com/team/${name}:1.${version}.0
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          envFrom:
            - configMapRef:
                name: ${name}
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 5
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
            initialDelaySeconds: 10
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          volumeMounts:
            - name: config
              mountPath: /etc/app
              readOnly: true
      volumes:
        - name: config
          configMap:
            name: ${name}
            defaultMode: 0444
`;

const configMap = (name: string, version: number): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  mode: "on"
  version: "${version}"
  app.conf: |
    listen = 8080
    workers = 4
    upstream = backend.${name}.svc
`;

const claim = (name: string): string => `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: ${name}-data
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
`;

const secret = (name: string): string => `apiVersion: v1
kind: Secret
metadata:
  name: ${name}-secret
stringData:
  user: ${name}
  password: not-a-real-one
`;

/** One file: six in ten are a Deployment with its ConfigMap, the others are small. */
export function validationFile(index: number, version: number): readonly [path: string, text: string] {
  const name = `app-${index}`;
  const path = `team-${index % 50}/${name}.yaml`;
  const kind = index % 10;
  if (kind < 6) return [path, `${deployment(name, version)}---\n${configMap(name, version)}`];
  if (kind === 6) return [path, claim(name)];
  if (kind === 7) return [path, secret(name)];
  return [path, configMap(name, version)];
}
