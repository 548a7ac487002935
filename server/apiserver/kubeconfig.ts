// Kubeconfigs with everything inside.
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  server: string;
  /** PEM. */
  caCertificate: string;
  /** Name of the context and of its cluster. */
  context: string;
  user: string;
  namespace?: string;
  credentials: { certificate: string; key: string } | { token: string };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** YAML of a kubeconfig with one context, which is the current one. */
export function renderKubeconfig(options: KubeconfigOptions): string {
  const { server, caCertificate, context, user, namespace, credentials } = options;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: context, cluster: { server, 'certificate-authority-data': base64(caCertificate) } }],
      contexts: [{ name: context, context: { cluster: context, user, ...(namespace ? { namespace } : {}) } }],
      'current-context': context,
      users: [
        {
          name: user,
          user:
            'token' in credentials
              ? { token: credentials.token }
              : {
                  'client-certificate-data': base64(credentials.certificate),
                  'client-key-data': base64(credentials.key),
                },
        },
      ],
    },
    { lineWidth: 0 },
  );
}
